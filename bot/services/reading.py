"""What front ends may see: queue, cards, history, the state of the desk; it changes nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from typing import Any, overload

from bot.cards.card import Card, CardKind
from bot.cards.connecting import ChatStanding, ConnectPage, ConnectQuery
from bot.cards.item_actions import editor_label
from bot.cards.label_choices import LabelsPage, LabelsQuery
from bot.cards.landing import LandingPage, LandingQuery
from bot.cards.pages import (
    CardPage,
    CardQuery,
    DeskPage,
    DeskQuery,
    EditorPage,
    EditorQuery,
    HistoryPage,
    HistoryQuery,
    JustHappenedPage,
    JustHappenedQuery,
    MediaPage,
    MediaQuery,
    MemberRow,
    MessageQuery,
    NumberQuery,
    Page,
    Query,
    QueueFilter,
    QueuePage,
    QueueQuery,
    ReportPage,
    ReportQuery,
    SearchQuery,
)
from bot.cards.retold import retold
from bot.cards.said_before import SaidBeforePage, SaidBeforeQuery
from bot.cards.week import WeekPage, WeekQuery
from bot.model.audience import Sight
from bot.model.draft import Draft
from bot.model.ids import CardToken, EventId, ItemId, Moment
from bot.model.item import Item
from bot.model.member import ChatIdentity, Member, Role, Tongue
from bot.model.signature import signed
from bot.ports import Clock
from bot.services import (
    cardboard,
    chat_joining,
    duties,
    history,
    inventory,
    labelling,
    landing,
    listening,
    pausing,
    reporting,
    rota,
    said_before,
    standing,
    week,
)
from bot.services.deciding import DeskRules, why_not
from bot.services.hand_over_facts import lines_for
from bot.services.lines import Lines
from bot.services.policing import policy_of_reply
from bot.services.searching import wanted_words
from bot.services.sight import events_seen, sees, sight_of, why_hidden
from bot.services.signing import signs
from bot.speech.speech import ENGLISH, Speech, speech_in
from bot.store.cards import CardRow
from bot.store.queue_statements import BY_TIME_LEFT
from bot.store.store import Store
from bot.store.tx import Tx

MOST = 100
"""Cards on one page of the queue."""


class Reading:
    """The viewing half of the `Desk` port. A stranger sees empty pages."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        lines: Lines,
        rules: DeskRules,
        drafter: str,
        troubles: Callable[[], tuple[str, ...]],
    ) -> None:
        self._store = store
        self._clock = clock
        self._lines = lines
        self._rules = rules
        self._drafter = drafter
        self._troubles = troubles

    @overload
    async def view(self, query: QueueQuery, reader: ChatIdentity) -> QueuePage: ...
    @overload
    async def view(self, query: SearchQuery, reader: ChatIdentity) -> QueuePage: ...
    @overload
    async def view(self, query: CardQuery, reader: ChatIdentity) -> CardPage: ...
    @overload
    async def view(self, query: MessageQuery, reader: ChatIdentity) -> CardPage: ...
    @overload
    async def view(self, query: HistoryQuery, reader: ChatIdentity) -> HistoryPage: ...
    @overload
    async def view(self, query: SaidBeforeQuery, reader: ChatIdentity) -> SaidBeforePage: ...
    @overload
    async def view(self, query: LabelsQuery, reader: ChatIdentity) -> LabelsPage: ...
    @overload
    async def view(self, query: EditorQuery, reader: ChatIdentity) -> EditorPage: ...
    @overload
    async def view(self, query: NumberQuery, reader: ChatIdentity) -> CardPage: ...
    @overload
    async def view(self, query: DeskQuery, reader: ChatIdentity) -> DeskPage: ...
    @overload
    async def view(self, query: JustHappenedQuery, reader: ChatIdentity) -> JustHappenedPage: ...
    @overload
    async def view(self, query: LandingQuery, reader: ChatIdentity) -> LandingPage: ...
    @overload
    async def view(self, query: ConnectQuery, reader: ChatIdentity) -> ConnectPage: ...
    @overload
    async def view(self, query: MediaQuery, reader: ChatIdentity) -> MediaPage: ...
    @overload
    async def view(self, query: ReportQuery, reader: ChatIdentity) -> ReportPage: ...
    @overload
    async def view(self, query: WeekQuery, reader: ChatIdentity) -> WeekPage: ...

    async def view(self, query: Query, reader: ChatIdentity) -> Any:
        return await self._store.read(lambda tx: self._page(tx, query, reader))

    def _page(self, tx: Tx, query: Query, reader: ChatIdentity) -> Page:
        member = tx.people.who(reader)
        if member is None:
            return _empty(query)
        match query:
            case QueueQuery():
                return self._queue(tx, query, member)
            case SearchQuery():
                return self._search(tx, query, member)
            case CardQuery() | MessageQuery() | NumberQuery():
                return self._card_page(tx, query, member)
            case EditorQuery() | LabelsQuery():
                return self._form(tx, query, member)
            case HistoryQuery():
                return self._history(tx, query, member)
            case SaidBeforeQuery():
                return self._said_before(tx, query, member)
            case DeskQuery():
                return self._desk(tx, member)
            case JustHappenedQuery(limit=limit):
                return _just_happened(tx, limit, member)
            case WeekQuery():
                return week.page(tx, member, query, self._lines, self._rules, self._clock.now())
            case LandingQuery() | ConnectQuery() | ReportQuery() | MediaQuery():
                return self._beside(tx, query, member)

    def _beside(
        self, tx: Tx, query: LandingQuery | ConnectQuery | ReportQuery | MediaQuery, member: Member
    ) -> Page:
        """What shows no cards."""
        match query:
            case LandingQuery():
                return landing.page(tx, member, query, self._rules)
            case ConnectQuery(account=slug):
                return _connect_page(tx, slug, member)
            case ReportQuery():
                return reporting.page(tx, member, query, self._clock.now())
            case MediaQuery(hash=hash_):
                return MediaPage(*(tx.media.get(hash_) or ("", None)))

    def _queue(self, tx: Tx, query: QueueQuery, member: Member) -> QueuePage:
        now, sight = self._clock.now(), sight_of(tx, member, query.among)
        counts, speech = self._counts(tx, member, sight), speech_of(member)
        limit, offset = min(query.limit, MOST), max(0, query.offset)
        if query.label and query.filter in BY_TIME_LEFT:
            asked = replace(query, limit=limit, offset=offset)
            rows, total = self._called(tx, asked, member, now, sight)
        else:
            whose = (member.brand_id, query.filter, member.id)
            rows = tx.cards.page(*whose, now, limit, offset, sight)
            total = counts[query.filter]
        drawn = cardboard.draw_all(tx, rows, self._lines, self._rules, now, member.tongue)
        cards = tuple(drawn[row.id] for row in rows)
        return QueuePage(cards, counts, total, speech)

    def _called(
        self, tx: Tx, query: QueueQuery, member: Member, now: Moment, sight: Sight | None
    ) -> tuple[list[CardRow], int]:
        """Of a label, and how many there are."""
        brand, queue = member.brand_id, tx.labels.queue
        label = labelling.meant_by(tx, self._rules, brand, speech_of(member), query.label)
        if label is None:
            return [], 0
        total = queue.count(brand, query.filter, label, member.id, now, sight)
        page = (query.limit, query.offset)
        return queue.page(brand, query.filter, label, member.id, now, *page, sight), total

    def _search(self, tx: Tx, query: SearchQuery, member: Member) -> QueuePage:
        brand, wanted = member.brand_id, wanted_words(query.words, speech_of(member))
        sight = sight_of(tx, member, query.among)
        limit, offset = min(query.limit, MOST), max(0, query.offset)
        found = tx.search.find(brand, wanted, limit, offset, sight)
        rows = tx.cards.of_all(CardKind.ITEM, found)
        now, tongue = self._clock.now(), member.tongue
        drawn = cardboard.draw_all(tx, list(rows.values()), self._lines, self._rules, now, tongue)
        cards = tuple(drawn[rows[item_id].id] for item_id in found if item_id in rows)
        counts, total = self._counts(tx, member, sight), tx.search.count(brand, wanted, sight)
        return QueuePage(cards, counts, total, speech_of(member))

    def _counts(self, tx: Tx, member: Member, sight: Sight | None) -> dict[QueueFilter, int]:
        now, brand = self._clock.now(), member.brand_id
        return {one: tx.cards.count(brand, one, member.id, now, sight) for one in QueueFilter}

    def _card_page(
        self, tx: Tx, query: CardQuery | MessageQuery | NumberQuery, member: Member
    ) -> CardPage:
        row = _row_of(tx, query, member)
        if row is None:
            return CardPage(None)
        among = query.among if isinstance(query, CardQuery) else None
        if not sees(tx, sight_of(tx, member, among), row):
            return CardPage(None, refusal=why_hidden(tx, member))
        tongue = member.tongue
        if isinstance(query, CardQuery) and query.place is not None:
            for channel in tx.channels.at(*query.place):
                if channel.brand_id == member.brand_id:
                    tongue = channel.tongue
        card = self._drawn(tx, row, tongue)
        return CardPage(card, inventory.post_form(tx, card))

    def _drawn(self, tx: Tx, row: CardRow, tongue: Tongue) -> Card:
        now = self._clock.now()
        return cardboard.draw(tx, row, self._lines, self._rules, now, tongue)

    def _history(self, tx: Tx, query: HistoryQuery, member: Member) -> HistoryPage:
        found = self._card_page(tx, CardQuery(query.token, among=query.among), member)
        if found.card is None:
            return HistoryPage(None, (), (), (), refusal=found.refusal)
        return history.page(tx, found.card, speech_of(member))

    def _said_before(self, tx: Tx, query: SaidBeforeQuery, member: Member) -> SaidBeforePage:
        found = self._card_page(tx, CardQuery(query.token, among=query.among), member)
        if found.card is None:
            return SaidBeforePage(None, refusal=found.refusal)
        sight = sight_of(tx, member, query.among)
        return said_before.page(tx, found.card, sight, speech_of(member))

    def _form(
        self, tx: Tx, query: EditorQuery | LabelsQuery, member: Member
    ) -> EditorPage | LabelsPage:
        """What somebody is to fill in."""
        if isinstance(query, EditorQuery):
            return self._editor(tx, query.token, member)
        if query.token is None:
            every = labelling.offered(tx, self._rules, member.brand_id, speech_of(member))
            return LabelsPage(None, every, speech=speech_of(member))
        found = self._card_page(tx, CardQuery(query.token), member)
        if found.card is None or found.card.kind is not CardKind.ITEM:
            return LabelsPage(None, refusal=found.refusal)
        return labelling.page(tx, found.card, self._rules, speech_of(member))

    def _editor(self, tx: Tx, token: CardToken, member: Member) -> EditorPage:
        card = self._card_page(tx, CardQuery(token), member).card
        if card is None or card.kind is not CardKind.ITEM:
            return EditorPage(None)
        item = tx.items.get(ItemId(card.number))
        draft = tx.drafts.latest(item.id)
        triage = tx.items.triage(item.id)
        policy = policy_of_reply(tx, item.brand_id, triage, self._rules.policies)
        account = tx.accounts.get(item.account_id)
        return EditorPage(
            card,
            "" if draft is None else self._editable(tx, item, draft, member),
            self._lines.title(account),
            editor_label(policy, member.role, speech_of(member), is_shadow=account.is_shadow),
            speech_of(member),
        )

    def _editable(self, tx: Tx, item: Item, draft: Draft, member: Member) -> str:
        """Its words, as this member would publish them."""
        signing = self._rules.signing
        if not signs(tx, signing, item.brand_id):
            return draft.text
        return signed(draft.text, signing.of(member))

    def _desk(self, tx: Tx, member: Member) -> DeskPage:
        # a chat that is gone is not heard either
        silent = listening.silent_chats(tx) | chat_joining.gone_chats(tx)
        speech = speech_of(member)
        brand = tx.accounts.brand(member.brand_id)
        chats = defaultdict(list, tx.people.known_in(brand.id))
        now = self._clock.now()
        shifts = {one.member_id: one.until for one in tx.duties.on(brand.id) if now < one.until}
        return DeskPage(
            brand=brand.name,
            accounts=tuple(standing.rows(tx, brand.id, self._lines, speech)),
            members=tuple(
                self._member_row(tx, one, tuple(chats[one.id]), shifts.get(one.id))
                for one in tx.people.of_brand(brand.id)
            ),
            holds=tuple(inventory.hold_lines(tx, brand.id, speech)),
            dead_letters=tuple(inventory.dead_letters(tx, brand.id)),
            drafter=retold(speech, self._drafter),
            languages=brand.languages,
            zone=member.tongue.zone or brand.zone,
            channels=tuple(
                inventory.channel_row(one, silent.get(one.chat, ""), speech)
                for one in tx.channels.all_of_brand(brand.id)
            ),
            troubles=tuple(retold(speech, one) for one in self._troubles()),
            saved_replies=tuple(tx.saved_replies.of_brand(brand.id)),
            is_away=member.is_away(now),
            pace=member.pace,
            leaving=tuple(pausing.leaving_lines(tx, brand.id, speech)),
            is_on_shift=member.id in shifts,
            left=lines_for(tx, member, speech),
            oncall=rota.board(tx, self._rules.oncall, self._rules.watch, brand.id, now),
            speech=speech,
        )

    def _member_row(
        self, tx: Tx, one: Member, chats: tuple[str, ...], shift: Moment | None
    ) -> MemberRow:
        now = self._clock.now()
        away = one.away_until if one.is_away(now) else None
        begins = duties.plan_of(tx, self._rules.duties, one).begins(one.slug, now)
        known = (one.slug, one.name, one.role.value, one.is_named, chats)
        return MemberRow(*known, away, shift, begins)


def speech_of(member: Member) -> Speech:
    return speech_in(member.tongue.language)


def _connect_page(tx: Tx, slug: str, member: Member) -> ConnectPage:
    refusal, speech = why_not(tx, member, Role.ADMIN), speech_of(member)
    account = tx.accounts.by_slug(member.brand_id, slug) if slug and not refusal else None
    settings = None if account is None else tx.joined.settings(account.id)
    hook = None if account is None else tx.joined.hooks(account.brand_id).get(account.id)
    return ConnectPage(
        refusal,
        settings or {},
        hook,
        f"/hooks/{account.network}/{hook.name}" if account and hook else "",
        {} if refusal else _chats(tx, speech),
        speech,
    )


def _chats(tx: Tx, speech: Speech) -> dict[str, ChatStanding]:
    return {
        name: ChatStanding(
            one.name,
            one.is_connected,
            retold(speech, one.trouble),
            one.is_called,
            one.called_at,
        )
        for name, one in tx.team_chats.all().items()
    }


def _just_happened(tx: Tx, limit: int, member: Member) -> JustHappenedPage:
    events = tx.events.just_happened(member.brand_id, min(limit, 200))
    last = events[0].id if events else EventId(0)
    speech = speech_of(member)
    shown = events_seen(tx, sight_of(tx, member), events)
    happened = history.lines(tx, shown, speech, with_subject=True)
    return JustHappenedPage(tuple(happened), last, speech)


def _row_of(
    tx: Tx, query: CardQuery | MessageQuery | NumberQuery, member: Member
) -> CardRow | None:
    """The card that is meant, should it be one of the member's brand."""
    row: CardRow | None
    match query:
        case CardQuery(token=token):
            row = tx.cards.by_token(token)
        case MessageQuery():
            row = _shown_at(tx, query)
        case NumberQuery(number=number):
            item = tx.items.maybe(ItemId(number))
            row = None if item is None else tx.cards.of(CardKind.ITEM, item.id)
    return row if row is not None and row.brand_id == member.brand_id else None


def _shown_at(tx: Tx, query: MessageQuery) -> CardRow | None:
    for channel in tx.channels.at(query.chat, query.channel):
        ref = tx.card_refs.at(channel.id, query.message)
        if ref is not None:
            return tx.cards.get(ref.card_id)
    return None


def _empty(query: Query) -> Page:
    match query:
        case QueueQuery() | SearchQuery():
            return QueuePage((), dict.fromkeys(QueueFilter, 0), 0)
        case EditorQuery():
            return EditorPage(None)
        case CardQuery() | MessageQuery() | NumberQuery():
            return CardPage(None)
        case HistoryQuery():
            return HistoryPage(None, (), (), ())
        case SaidBeforeQuery():
            return SaidBeforePage(None)
        case LabelsQuery():
            return LabelsPage(None)
        case DeskQuery():
            return DeskPage("", (), (), (), (), "", (), "UTC")
        case JustHappenedQuery():
            return JustHappenedPage((), EventId(0))
        case LandingQuery() | ConnectQuery() | ReportQuery() | WeekQuery() | MediaQuery():
            return _empty_beside(query)


def _empty_beside(
    query: LandingQuery | ConnectQuery | ReportQuery | WeekQuery | MediaQuery,
) -> Page:
    match query:
        case LandingQuery():
            return LandingPage(refusal=ENGLISH.say(landing.ADMINS))
        case ConnectQuery():
            return ConnectPage(ENGLISH.say(landing.ADMINS))
        case ReportQuery():
            return ReportPage(None)
        case WeekQuery():
            return WeekPage()
        case MediaQuery():
            return MediaPage("", None)
