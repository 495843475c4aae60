"""Statements of the due table, by name.

Those that read the clock come twice. Of SQLite the clock is the moment that is passed in; of
PostgreSQL it is the server's, plus the skew that is passed in, so that hosts with different
clocks agree. Both take it as the parameter `clock`.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    String,
    bindparam,
    cast,
    delete,
    func,
    literal,
    select,
    union_all,
    update,
)
from sqlalchemy.dialects import sqlite

from bot.model.due import Lane
from bot.store.among import among
from bot.store.schema import due
from bot.store.statement import Statement
from bot.store.upsert import Upsert

_ROW = (
    due.c.id,
    due.c.kind,
    due.c.key,
    due.c.lane,
    due.c.due_at,
    due.c.arg,
    due.c.every,
    due.c.attempt,
    due.c.max_attempts,
    due.c.claim,
)
_OURS = (due.c.id == bindparam("b_id")) & (due.c.claim == bindparam("b_claim"))
"""The fence: a task that lost its lease matches no row."""

_ALL_OURS = among(due.c.id, "b_ids") & among(
    cast(due.c.id, String) + ":" + cast(due.c.claim, String), "b_held"
)
"""The same fence for many rows at once: the key finds them; `b_held` are their `id:claim`."""

_HELD = _ALL_OURS & (due.c.owner == bindparam("b_owner"))
"""Who gave its lease back has none to keep."""

_KEY = due.c.key == bindparam("b_key")
_WAITING = due.c.owner.is_(None) & due.c.due_at.is_not(None)
_LEASED = due.c.owner.is_not(None) & due.c.due_at.is_not(None)
_DEAD = (due.c.id == bindparam("b_id")) & due.c.due_at.is_(None)


class ClockStatements:
    """The statements that compare with the clock, or count from it."""

    def __init__(self, now: ColumnElement[int]) -> None:
        wait = bindparam("b_wait", type_=BigInteger)
        ready = (
            select(due.c.id)
            .where(due.c.lane == bindparam("b_lane"), due.c.due_at <= now)
            .order_by(due.c.due_at, due.c.id)
            .limit(bindparam("b_limit"))
            .with_for_update(skip_locked=True)
        )
        taking = update(due).values(
            due_at=now + wait,
            attempt=due.c.attempt + 1,
            claim=due.c.claim + 1,
            owner=bindparam("b_owner"),
        )
        not_running = ~among(due.c.id, "b_running")
        self.claim = Statement(taking.where(due.c.id.in_(ready.scalar_subquery())).returning(*_ROW))
        self.claim_others = Statement(
            taking.where(due.c.id.in_(ready.where(not_running).scalar_subquery())).returning(*_ROW)
        )
        self.take_up = Upsert(
            due,
            lambda added: (
                added.values(due_at=now + wait, attempt=1, claim=1, owner=bindparam("b_owner"))
                .on_conflict_do_nothing(index_elements=["key"])
                .returning(*_ROW)
            ),
        )
        # A row that is locked is being finished or kept just now: whoever waits for it may be what
        # its transaction waits for.
        held = select(due.c.id).where(_HELD).with_for_update(skip_locked=True)
        self.renew = Statement(
            update(due)
            .where(due.c.id.in_(held.scalar_subquery()))
            .values(due_at=now + wait)
            .returning(due.c.id)
        )
        self.keep = Statement(
            update(due).where(_OURS, due.c.owner.is_not(None)).values(due_at=now + wait)
        )
        self.keep_all = Statement(
            update(due)
            .where(_ALL_OURS, due.c.owner.is_not(None))
            .values(due_at=now + wait)
            .returning(due.c.id, due.c.claim)
        )
        self.recur = Statement(
            update(due).where(_OURS).values(due_at=now + wait, attempt=0, owner=None, error="")
        )

        self.again = Statement(update(due).where(_OURS).values(due_at=now + wait, owner=None))
        self.again_uncounted = Statement(self.again.core.values(attempt=due.c.attempt - 1))
        self.at_once = Statement(
            update(due)
            .where(_OURS)
            .values(due_at=now + wait, claim=due.c.claim + 1, owner=bindparam("b_owner"), error="")
            .returning(*_ROW)
        )
        self.release = Statement(update(due).where(_LEASED).values(due_at=now, owner=None))
        self.release_kinds = Statement(self.release.core.where(among(due.c.kind, "b_kinds")))
        self.hand_back = Statement(
            update(due).where(_HELD).values(due_at=now, owner=None, attempt=due.c.attempt - 1)
        )

        far = now + due.c.every + bindparam("b_slack", type_=BigInteger)
        self.pull_in = Statement(
            update(due).where(due.c.owner.is_(None), due.c.due_at > far).values(due_at=now)
        )

        self.revive = Statement(update(due).where(_DEAD).values(due_at=now, attempt=0, error=""))
        # One look into the index per lane, however many rows wait.
        self.firsts = Statement(
            union_all(
                *(
                    select(
                        literal(int(lane)).label("lane"),
                        func.min(due.c.due_at).label("first"),
                        now.label("now"),
                    ).where(due.c.lane == int(lane), due.c.due_at.is_not(None))
                    for lane in Lane
                )
            )
        )


_SERVER_CLOCK = cast(func.extract("epoch", func.clock_timestamp()) * 1000, BigInteger)
CLOCK_STATEMENTS = {
    "sqlite": ClockStatements(bindparam("clock", type_=BigInteger)),
    "postgresql": ClockStatements(_SERVER_CLOCK + bindparam("clock", type_=BigInteger)),
}

ADD = Upsert(due, lambda added: added.on_conflict_do_nothing(index_elements=["key"]))


def _put(made: sqlite.Insert) -> sqlite.Insert:
    """Over whatever has the key; the claim grows, so whoever works on the old row is fenced off."""
    new = made.excluded
    return made.on_conflict_do_update(
        index_elements=["key"],
        set_={
            "kind": new.kind,
            "lane": new.lane,
            "due_at": new.due_at,
            "arg": new.arg,
            "every": new.every,
            "max_attempts": new.max_attempts,
            "attempt": 0,
            "claim": due.c.claim + 1,
            "owner": None,
            "error": "",
        },
    )


PUT = Upsert(due, _put)
FINISH = Statement(delete(due).where(_OURS))
NOTE = Statement(update(due).where(_OURS, due.c.owner.is_not(None)))
FINISH_ALL = Statement(delete(due).where(_ALL_OURS).returning(due.c.id, due.c.claim))
RECOVERED = Statement(update(due).where(_OURS, due.c.error != "").values(error="", attempt=0))
ERRORS = Statement(
    select(due.c.key, due.c.error).where(due.c.kind == bindparam("kind"), due.c.error != "")
)
BURY = Statement(update(due).where(_OURS).values(due_at=None, owner=None))
OWNER = Statement(select(due.c.owner).where(due.c.id == bindparam("id")))
HURRY = Statement(update(due).where(_KEY, _WAITING))
DROP = Statement(delete(due).where(_KEY))
DISCARD = Statement(delete(due).where(_DEAD))
DEAD_LETTERS = Statement(select(due).where(due.c.due_at.is_(None)).order_by(due.c.id).limit(1_000))
DEPTH = Statement(
    select(due.c.lane, func.count()).where(due.c.due_at.is_not(None)).group_by(due.c.lane)
)
