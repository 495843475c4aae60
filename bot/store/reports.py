"""What a report counts, in one pass of SQL for each question over what came in.

Items are looked up by number, for which there is an index: an item that came later has a higher
one, but for what is written at the same moment. So a stretch of time begins at a number that is
found by halving, an hour early to be sure, and the times decide.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
)

from bot.model.audience import Sight
from bot.model.ids import HOUR, AccountId, BrandId, Moment
from bot.model.item import ItemKind, ItemState
from bot.model.publication import PublicationState
from bot.model.report import FirstReplies, Stretch
from bot.model.triage import Intent, Risk
from bot.store.among import among
from bot.store.connection import Connection
from bot.store.schema import attempt, item, item_label, label, post, post_variant, publication
from bot.store.seen import item_is_seen, seen_by
from bot.store.statement import Statement
from bot.store.stored_triage import INTENTS, RISKS

_CAME = and_(
    item.c.brand_id == bindparam("brand_id"),
    item.c.id >= bindparam("lowest"),
    item.c.received_at >= bindparam("since"),
    item.c.received_at < bindparam("until"),
    item.c.state != ItemState.MUTED.value,
    among(item.c.account_id, "accounts"),
)
_HIGHEST = Statement(select(func.max(item.c.id)))
_FROM = Statement(
    select(item.c.id, item.c.received_at)
    .where(item.c.id >= bindparam("id"))
    .order_by(item.c.id)
    .limit(1)
)
# a network's clock may be ahead of ours
_WROTE = case(
    (item.c.published_at < item.c.received_at, item.c.published_at), else_=item.c.received_at
)
_HOUR = ((item.c.received_at - bindparam("since")) // HOUR).label("hour")
_STORED = {"sqlite": "json_extract(item.triage, '$[{}]')", "postgresql": "item.triage ->> {}"}


class _Questions:
    """The statements about what came, or about as much of it as somebody may see."""

    def __init__(self, came: ColumnElement[bool]) -> None:
        self.counts = Statement(
            select(item.c.kind, item.c.account_id, item.c.state, func.count().label("many"))
            .where(came)
            .group_by(item.c.kind, item.c.account_id, item.c.state)
        )
        self.first = _first(came)
        self.goals = _goals(came)
        self.busiest = Statement(
            select(_HOUR, func.count().label("many"))
            .where(came)
            .group_by(_HOUR)
            .order_by(func.count().desc(), _HOUR)
            .limit(1)
        )
        self.called = Statement(
            select(label.c.name, func.count().label("many"))
            .select_from(item)
            .join(item_label, item_label.c.item_id == item.c.id)
            .join(label, label.c.id == item_label.c.label_id)
            .where(came)
            .group_by(label.c.id, label.c.name)
        )
        self.said = {dialect: _said(came, dialect) for dialect in _STORED}


def _first(came: ColumnElement[bool]) -> Statement[Select[*tuple[Any, ...]]]:
    waits = (
        select((item.c.answered_at - _WROTE).label("waited"))
        .where(came, item.c.answered_at.is_not(None), item.c.follows_id.is_(None))
        .subquery()
    )
    ranked = select(
        waits.c.waited,
        func.row_number().over(order_by=waits.c.waited).label("place"),
        func.count().over().label("many"),
    ).subquery()
    middle, tail = (ranked.c.many + 1) // 2, (ranked.c.many * 9 + 9) // 10
    return Statement(
        select(ranked.c.waited, ranked.c.place, ranked.c.many)
        .where(or_(ranked.c.place == middle, ranked.c.place == tail))
        .order_by(ranked.c.place)
    )


def _goals(came: ColumnElement[bool]) -> Statement[Select[*tuple[Any, ...]]]:
    in_time = case((item.c.answered_at <= item.c.due_at, 1), else_=0)
    is_late = func.coalesce(item.c.answered_at, bindparam("now")) > item.c.due_at
    nobody_waits = [ItemState.CLOSED.value, ItemState.GONE.value]
    return Statement(
        select(
            func.sum(in_time).label("in_time"),
            func.sum(case((is_late, 1), else_=0)).label("late"),
        ).where(came, item.c.due_at.is_not(None), item.c.state.not_in(nobody_waits))
    )


def _said(came: ColumnElement[bool], dialect: str) -> Statement[Select[*tuple[Any, ...]]]:
    intents = literal_column(_STORED[dialect].format(5), String)
    risks = literal_column(_STORED[dialect].format(7), String)
    return Statement(
        select(intents.label("intents"), risks.label("risks"), func.count().label("many"))
        .where(came)
        .group_by(intents, risks)
    )


_WHOLE = _Questions(_CAME)
_SEEN = _Questions(and_(_CAME, item_is_seen()))
_OUT = (
    select(post_variant.c.post_id, func.max(attempt.c.ended_at).label("ended_at"))
    .select_from(
        post.join(post_variant, post_variant.c.post_id == post.c.id)
        .join(publication, publication.c.variant_id == post_variant.c.id)
        .join(attempt, attempt.c.publication_id == publication.c.id)
    )
    .where(
        post.c.brand_id == bindparam("brand_id"),
        publication.c.state == PublicationState.PUBLISHED.value,
        among(publication.c.account_id, "accounts"),
    )
    .group_by(publication.c.id, post_variant.c.post_id)
    .subquery()
)
_POSTS = Statement(
    select(func.count(_OUT.c.post_id.distinct())).where(
        _OUT.c.ended_at >= bindparam("since"), _OUT.c.ended_at < bindparam("until")
    )
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a report is of: these accounts of a brand, during this stretch."""

    brand_id: BrandId
    accounts: Sequence[AccountId]
    stretch: Stretch
    sight: Sight | None = None
    """What the reader sees of it; None is all."""

    @property
    def questions(self) -> _Questions:
        return _WHOLE if self.sight is None else _SEEN


@dataclass(frozen=True, slots=True)
class Came:
    kind: ItemKind
    account_id: AccountId
    state: ItemState
    many: int


class Reports:
    def __init__(self, connection: Connection) -> None:
        self._c = connection

    def came(self, asked: Asked) -> list[Came]:
        """How many items, by kind, account and where they stand."""
        rows = self._c.execute(asked.questions.counts, self._terms(asked))
        return [
            Came(ItemKind(r.kind), AccountId(r.account_id), ItemState(r.state), int(r.many))
            for r in rows
        ]

    def first_replies(self, asked: Asked) -> FirstReplies:
        rows = self._c.execute(asked.questions.first, self._terms(asked)).all()
        if not rows:
            return FirstReplies(0)
        return FirstReplies(int(rows[0].many), int(rows[0].waited), int(rows[-1].waited))

    def goals(self, asked: Asked, now: Moment) -> tuple[int, int]:
        """Replies in time, and those late."""
        row = self._c.execute(asked.questions.goals, {**self._terms(asked), "now": now}).one()
        return int(row.in_time or 0), int(row.late or 0)

    def said(self, asked: Asked) -> tuple[Counter[Intent], Counter[Risk]]:
        intents: Counter[Intent] = Counter()
        risks: Counter[Risk] = Counter()
        said = asked.questions.said[self._c.dialect.name]
        for row in self._c.execute(said, self._terms(asked)):
            for intent in _numbers(row.intents):
                intents[INTENTS[intent]] += int(row.many)
            for risk in _numbers(row.risks):
                risks[RISKS[risk]] += int(row.many)
        return intents, risks

    def called(self, asked: Asked) -> list[tuple[str, int]]:
        """Labels of the team, and how many items have each."""
        rows = self._c.execute(asked.questions.called, self._terms(asked))
        return [(str(r.name), int(r.many)) for r in rows]

    def busiest(self, asked: Asked) -> tuple[Moment, int] | None:
        row = self._c.execute(asked.questions.busiest, self._terms(asked)).one_or_none()
        if row is None:
            return None
        return Moment(asked.stretch.since + int(row.hour) * HOUR), int(row.many)

    def posts(self, asked: Asked) -> int:
        """Planned posts of which a part was published in the stretch."""
        terms = self._terms(replace(asked, sight=None))
        del terms["lowest"]
        return int(self._c.execute(_POSTS, terms).scalar_one())

    def _terms(self, asked: Asked) -> dict[str, object]:
        return {
            "brand_id": asked.brand_id,
            "accounts": list(asked.accounts),
            "since": asked.stretch.since,
            "until": asked.stretch.until,
            "lowest": self._lowest(asked.stretch.since - HOUR),
            **({} if asked.sight is None else seen_by(asked.sight)),
        }

    def _lowest(self, since: int) -> int:
        """The number from which on items came then or later."""
        low, high = 0, int(self._c.execute(_HIGHEST).scalar() or 0) + 1
        while low < high:
            middle = (low + high) // 2
            row = self._c.execute(_FROM, {"id": middle}).one_or_none()
            if row is None or row.received_at >= since:
                high = middle
            else:
                low = int(row.id) + 1
        return low


def _numbers(stored: str | None) -> Iterable[int]:
    """Of a JSON list; none where nothing is stored."""
    return json.loads(stored) if stored else ()
