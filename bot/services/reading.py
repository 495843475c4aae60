"""What front ends may see: queue, cards, history, the state of the desk; it changes nothing."""

from __future__ import annotations

from typing import Any, overload

from bot.cards.card import Card
from bot.cards.pages import (
    CardPage,
    CardQuery,
    DeskPage,
    DeskQuery,
    HistoryPage,
    HistoryQuery,
    JustHappenedPage,
    JustHappenedQuery,
    MediaPage,
    MediaQuery,
    MemberRow,
    Page,
    Query,
    QueueFilter,
    QueuePage,
    QueueQuery,
)
from bot.model.ids import BrandId, EventId, MemberId
from bot.model.member import ChatIdentity, Member
from bot.ports import Clock
from bot.services import cardboard, history, inventory
from bot.services.deciding import DeskRules
from bot.services.lines import Lines
from bot.store.store import Store
from bot.store.tx import Tx

MOST = 100
"""Cards on one page of the queue."""


class Reading:
    """The viewing half of the `Desk` port. A stranger sees empty pages."""

    def __init__(
        self, store: Store, clock: Clock, lines: Lines, rules: DeskRules, drafter: str
    ) -> None:
        self._store = store
        self._clock = clock
        self._lines = lines
        self._rules = rules
        self._drafter = drafter

    @overload
    async def view(self, query: QueueQuery, reader: ChatIdentity) -> QueuePage: ...
    @overload
    async def view(self, query: CardQuery, reader: ChatIdentity) -> CardPage: ...
    @overload
    async def view(self, query: HistoryQuery, reader: ChatIdentity) -> HistoryPage: ...
    @overload
    async def view(self, query: DeskQuery, reader: ChatIdentity) -> DeskPage: ...
    @overload
    async def view(self, query: JustHappenedQuery, reader: ChatIdentity) -> JustHappenedPage: ...
    @overload
    async def view(self, query: MediaQuery, reader: ChatIdentity) -> MediaPage: ...

    async def view(self, query: Query, reader: ChatIdentity) -> Any:
        return await self._store.read(lambda tx: self._page(tx, query, reader))

    def _page(self, tx: Tx, query: Query, reader: ChatIdentity) -> Page:
        member = tx.people.who(reader)
        if member is None:
            return _empty(query)
        match query:
            case QueueQuery():
                return self._queue(tx, query, member)
            case CardQuery(token=token):
                card = self._card(tx, token, member)
                return CardPage(card, None if card is None else inventory.post_form(tx, card))
            case HistoryQuery(token=token):
                card = self._card(tx, token, member)
                if card is None:
                    return HistoryPage(None, (), (), ())
                return history.page(tx, card)
            case DeskQuery():
                return self._desk(tx, member)
            case JustHappenedQuery(limit=limit):
                events = tx.events.just_happened(member.brand_id, min(limit, 200))
                last = events[0].id if events else EventId(0)
                return JustHappenedPage(tuple(history.lines(tx, events, with_subject=True)), last)
            case MediaQuery(hash=hash_):
                found = tx.media.get(hash_)
                return MediaPage("", None) if found is None else MediaPage(*found)

    def _queue(self, tx: Tx, query: QueueQuery, member: Member) -> QueuePage:
        now, brand = self._clock.now(), member.brand_id
        rows = tx.cards.page(
            brand, query.filter, member.id, now, min(query.limit, MOST), max(0, query.offset)
        )
        counts = self._counts(tx, brand, member.id)
        cards = tuple(cardboard.draw(tx, row, self._lines, self._rules, now) for row in rows)
        return QueuePage(cards, counts, counts[query.filter])

    def _counts(self, tx: Tx, brand: BrandId, member_id: MemberId) -> dict[QueueFilter, int]:
        now = self._clock.now()
        return {one: tx.cards.count(brand, one, member_id, now) for one in QueueFilter}

    def _card(self, tx: Tx, token: Any, member: Member) -> Card | None:
        row = tx.cards.by_token(token)
        if row is None or row.brand_id != member.brand_id:
            return None
        return cardboard.draw(tx, row, self._lines, self._rules, self._clock.now())

    def _desk(self, tx: Tx, member: Member) -> DeskPage:
        brand = tx.accounts.brand(member.brand_id)
        accounts = tx.accounts.of_brand(brand.id)
        return DeskPage(
            brand=brand.name,
            accounts=tuple(inventory.account_row(one, self._lines) for one in accounts),
            members=tuple(
                MemberRow(one.slug, one.name, one.role.value)
                for one in tx.people.of_brand(brand.id)
            ),
            holds=tuple(inventory.hold_lines(tx, brand.id)),
            dead_letters=tuple(inventory.dead_letters(tx, brand.id)),
            drafter=self._drafter,
            languages=brand.languages,
            zone=brand.zone,
        )


def _empty(query: Query) -> Page:
    match query:
        case QueueQuery():
            return QueuePage((), dict.fromkeys(QueueFilter, 0), 0)
        case CardQuery():
            return CardPage(None)
        case HistoryQuery():
            return HistoryPage(None, (), (), ())
        case DeskQuery():
            return DeskPage("", (), (), (), (), "", (), "UTC")
        case JustHappenedQuery():
            return JustHappenedPage((), EventId(0))
        case MediaQuery():
            return MediaPage("", None)
