"""Peaks and what they collapse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, bindparam, case, delete, func, select, update

from bot.model.ids import AccountId, BrandId, ChannelId, ConversationId, ItemId, Moment, PeakId
from bot.model.item import UNDECIDED, ItemState
from bot.model.peak import Cluster, Peak, Rolling, RollKind, Sample
from bot.store.connection import Connection
from bot.store.schema import author, card, card_ref, conversation, item, peak, peak_item, practice
from bot.store.statement import Statement
from bot.store.upsert import Upsert

MOST_CLUSTERS = 5
MOST_SAMPLES = 3
MOST_THREADS = 3

_OPEN = Statement(
    select(peak).where(peak.c.channel_id == bindparam("channel_id"), peak.c.ended_at.is_(None))
)
_GET = Statement(select(peak).where(peak.c.id == bindparam("id")))
_BEGIN = Upsert(peak, lambda begun: begun.on_conflict_do_nothing().returning(peak.c.id))
_JOIN = Upsert(peak_item, lambda joined: joined.on_conflict_do_nothing())
_END = Statement(update(peak).where(peak.c.id == bindparam("b_id"), peak.c.ended_at.is_(None)))
_RECENT_REFS = select(card_ref.c.id).where(
    card_ref.c.channel_id == bindparam("channel_id"),
    card_ref.c.at > bindparam("since"),
    card_ref.c.card_id.not_in(select(practice.c.card_id)),
)
_IN_CHANNEL = Statement(
    select(func.count()).select_from(_RECENT_REFS.limit(bindparam("most")).subquery())
)
_UNDER_POST = Statement(
    select(func.count()).select_from(
        _RECENT_REFS.join(card, card.c.id == card_ref.c.card_id)
        .join(item, (item.c.id == card.c.subject_id) & (card.c.kind == "item"))
        .where(item.c.conversation_id == bindparam("conversation_id"))
        .limit(bindparam("most"))
        .subquery()
    )
)
_OF_PEAK = peak_item.c.peak_id == bindparam("peak_id")
_SINCE = Statement(select(func.count()).where(_OF_PEAK, peak_item.c.at > bindparam("since")))
_IS_UNDECIDED = item.c.state.in_([state.value for state in sorted(UNDECIDED)])
_JOINED = peak_item.join(item, item.c.id == peak_item.c.item_id)
_UNDECIDED_COUNT = func.sum(case((_IS_UNDECIDED, 1), else_=0))
_ACCOUNTS = Statement(select(item.c.account_id).select_from(_JOINED).where(_OF_PEAK).distinct())
_CLUSTERS = Statement(
    select(
        peak_item.c.cluster,
        func.max(peak_item.c.label).label("label"),
        func.count().label("count"),
        _UNDECIDED_COUNT.label("undecided"),
    )
    .select_from(_JOINED)
    .where(_OF_PEAK)
    .group_by(peak_item.c.cluster)
    .order_by(func.count().desc(), peak_item.c.cluster)
)
_SAMPLES = Statement(
    select(item.c.id, item.c.text, item.c.permalink, author.c.handle, author.c.display_name)
    .select_from(_JOINED.join(author, author.c.id == item.c.author_id))
    .where(_OF_PEAK, peak_item.c.cluster == bindparam("cluster"))
    .order_by(item.c.id)
    .limit(MOST_SAMPLES)
)
_THREADS = Statement(
    select(
        func.max(conversation.c.title).label("title"),
        func.count().label("count"),
        func.min(item.c.published_at).label("first"),
    )
    .select_from(_JOINED.join(conversation, conversation.c.id == item.c.conversation_id))
    .where(_OF_PEAK)
    .group_by(item.c.conversation_id)
    .order_by(func.count().desc(), func.min(item.c.id))
    .limit(MOST_THREADS)
)


def _undecided(of_cluster: ColumnElement[bool]) -> Statement[Any]:
    return Statement(
        select(item.c.id)
        .select_from(_JOINED)
        .where(_OF_PEAK, of_cluster, _IS_UNDECIDED, item.c.id > bindparam("after"))
        .order_by(item.c.id)
        .limit(bindparam("limit"))
    )


_UNDECIDED_OF = _undecided(peak_item.c.cluster == bindparam("cluster"))


_IS_QUIET = item.c.state == ItemState.QUIET.value
_QUIET_OF = Statement(
    select(item.c.id)
    .select_from(_JOINED)
    .where(_OF_PEAK, _IS_QUIET, item.c.id > bindparam("after"))
    .order_by(item.c.id)
    .limit(bindparam("limit"))
)
_QUIET_COUNT = Statement(select(func.count()).select_from(_JOINED).where(_OF_PEAK, _IS_QUIET))
_QUIET_PAGE = Statement(
    select(item.c.id, item.c.text, item.c.permalink, author.c.handle, author.c.display_name)
    .select_from(_JOINED.join(author, author.c.id == item.c.author_id))
    .where(_OF_PEAK, _IS_QUIET)
    .order_by(item.c.id.desc())
    .limit(bindparam("limit"))
    .offset(bindparam("offset"))
)
_QUIET_REASONS = Statement(
    select(peak_item.c.label, func.count().label("count"))
    .select_from(_JOINED)
    .where(_OF_PEAK, _IS_QUIET)
    .group_by(peak_item.c.label)
)
_HAS = Statement(
    select(peak_item.c.item_id).where(_OF_PEAK, peak_item.c.item_id == bindparam("item_id"))
)
_LEAVE = Statement(
    delete(peak_item).where(
        peak_item.c.peak_id == bindparam("b_peak_id"), peak_item.c.item_id == bindparam("b_item_id")
    )
)
_TURN = Statement(update(peak).where(peak.c.id == bindparam("b_id")))


@dataclass(frozen=True, slots=True)
class Thread:
    """`first` is when the first of its items was published."""

    title: str
    count: int
    first: Moment


class Peaks:
    def __init__(self, connection: Connection) -> None:
        self._c = connection

    def going_on(self, channel_id: ChannelId) -> list[Peak]:
        return [_peak(r) for r in self._c.execute(_OPEN, {"channel_id": channel_id})]

    def get(self, peak_id: PeakId) -> Peak:
        return _peak(self._c.execute(_GET, {"id": peak_id}).one())

    def begin(
        self,
        brand_id: BrandId,
        channel_id: ChannelId | None,
        rolling: Rolling,
        at: Moment,
    ) -> PeakId | None:
        """None when another transaction began the same one first."""
        terms = {
            "brand_id": brand_id,
            "channel_id": channel_id,
            "kind": rolling.kind.value,
            "about": rolling.about,
            "started_at": at,
        }
        row = self._c.execute(_BEGIN[self._c.dialect.name], terms).first()
        return None if row is None else PeakId(row.id)

    def join(self, peak_id: PeakId, item_id: ItemId, cluster: tuple[str, str], at: Moment) -> None:
        key, label = cluster
        terms = {"peak_id": peak_id, "item_id": item_id, "at": at, "cluster": key, "label": label}
        self._c.execute(_JOIN[self._c.dialect.name], terms)

    def end(self, peak_id: PeakId, at: Moment) -> bool:
        return self._c.execute(_END, {"b_id": peak_id, "ended_at": at}).rowcount == 1

    def cards_in(self, channel_id: ChannelId, since: int, most: int) -> int:
        """Cards that came to a channel after `since`, counted up to `most`."""
        terms = {"channel_id": channel_id, "since": since, "most": most}
        return int(self._c.execute(_IN_CHANNEL, terms).scalar_one())

    def cards_under(
        self, channel_id: ChannelId, conversation_id: ConversationId, since: int, most: int
    ) -> int:
        """As `cards_in`, of the items of one conversation."""
        terms = {"channel_id": channel_id, "since": since, "most": most}
        found = self._c.execute(_UNDER_POST, terms | {"conversation_id": conversation_id})
        return int(found.scalar_one())

    def joined_since(self, peak_id: PeakId, since: int) -> int:
        """Items that the peak collapsed after `since`."""
        found = self._c.execute(_SINCE, {"peak_id": peak_id, "since": since})
        return int(found.scalar_one())

    def clusters(self, peak_id: PeakId) -> list[Cluster]:
        """Largest first, each with its first items as samples; of the small ones only numbers."""
        rows = self._c.execute(_CLUSTERS, {"peak_id": peak_id}).all()
        return [
            Cluster(
                key=r.cluster,
                label=r.label,
                count=int(r.count),
                undecided=int(r.undecided or 0),
                samples=self._samples(peak_id, r.cluster) if place < MOST_CLUSTERS else (),
            )
            for place, r in enumerate(rows)
        ]

    def threads(self, peak_id: PeakId) -> list[Thread]:
        """The posts under which most of it happens."""
        rows = self._c.execute(_THREADS, {"peak_id": peak_id})
        return [Thread(r.title, int(r.count), Moment(r.first)) for r in rows]

    def accounts(self, peak_id: PeakId) -> frozenset[AccountId]:
        """Those that any of it came to."""
        found = self._c.execute(_ACCOUNTS, {"peak_id": peak_id}).scalars()
        return frozenset(AccountId(number) for number in found)

    def undecided(self, peak_id: PeakId, cluster: str, after: int, limit: int) -> list[ItemId]:
        """Items of a cluster that nobody decided yet, with ids above `after`."""
        terms = {"peak_id": peak_id, "cluster": cluster, "after": after, "limit": limit}
        return [ItemId(number) for number in self._c.execute(_UNDECIDED_OF, terms).scalars()]

    def _samples(self, peak_id: PeakId, cluster: str) -> Sequence[Sample]:
        rows = self._c.execute(_SAMPLES, {"peak_id": peak_id, "cluster": cluster})
        return tuple(map(_sample, rows))

    # What needs no reply

    def count_quiet(self, peak_id: PeakId) -> int:
        """Items of the card that nobody decided about."""
        return int(self._c.execute(_QUIET_COUNT, {"peak_id": peak_id}).scalar_one())

    def quiet(self, peak_id: PeakId, after: int, limit: int) -> list[ItemId]:
        """As `undecided`, of the whole card, without those that somebody opened."""
        terms = {"peak_id": peak_id, "after": after, "limit": limit}
        return [ItemId(number) for number in self._c.execute(_QUIET_OF, terms).scalars()]

    def quiet_page(self, peak_id: PeakId, limit: int, offset: int) -> Sequence[Sample]:
        """The newest first."""
        terms = {"peak_id": peak_id, "limit": limit, "offset": offset}
        return tuple(map(_sample, self._c.execute(_QUIET_PAGE, terms)))

    def quiet_reasons(self, peak_id: PeakId) -> dict[str, int]:
        """The rule that set them aside -> how many."""
        rows = self._c.execute(_QUIET_REASONS, {"peak_id": peak_id})
        return {str(r.label): int(r.count) for r in rows}

    def has(self, peak_id: PeakId, item_id: ItemId) -> bool:
        """Whether the item is on this card."""
        terms = {"peak_id": peak_id, "item_id": item_id}
        return self._c.execute(_HAS, terms).first() is not None

    def leave(self, peak_id: PeakId, item_id: ItemId) -> bool:
        """The item is not on this card any more; False when it was not before."""
        terms = {"b_peak_id": peak_id, "b_item_id": item_id}
        return self._c.execute(_LEAVE, terms).rowcount == 1

    def turn_to(self, peak_id: PeakId, page: int) -> None:
        self._c.execute(_TURN, {"b_id": peak_id, "page": page})


def _sample(r: Any) -> Sample:
    return Sample(ItemId(r.id), r.display_name or r.handle, r.text, r.permalink)


def _peak(r: Any) -> Peak:
    return Peak(
        id=PeakId(r.id),
        brand_id=BrandId(r.brand_id),
        channel_id=None if r.channel_id is None else ChannelId(r.channel_id),
        rolling=Rolling(RollKind(r.kind), r.about),
        page=r.page,
        started_at=Moment(r.started_at),
        ended_at=None if r.ended_at is None else Moment(r.ended_at),
    )
