"""Statements of the due table, by name.

Those that read the clock come twice. Of SQLite the clock is the moment that is passed in; of
PostgreSQL it is the server's, plus the skew that is passed in, so that hosts with different
clocks agree. Both take it as the parameter `clock`.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    bindparam,
    cast,
    delete,
    func,
    literal,
    select,
    union_all,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from bot.model.due import Lane
from bot.store.schema import due

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
        not_running = due.c.id.not_in(bindparam("b_running", expanding=True))
        self.claim = taking.where(due.c.id.in_(ready.scalar_subquery())).returning(*_ROW)
        self.claim_others = taking.where(
            due.c.id.in_(ready.where(not_running).scalar_subquery())
        ).returning(*_ROW)
        self.renew = (
            update(due)
            .where(
                due.c.id.in_(bindparam("b_ids", expanding=True)),
                due.c.owner == bindparam("b_owner"),
            )
            .values(due_at=now + wait)
            .returning(due.c.id)
        )
        self.keep = update(due).where(_OURS, due.c.owner.is_not(None)).values(due_at=now + wait)
        self.recur = (
            update(due).where(_OURS).values(due_at=now + wait, attempt=0, owner=None, error="")
        )
        self.again = update(due).where(_OURS).values(due_at=now + wait, owner=None)
        self.again_uncounted = self.again.values(attempt=due.c.attempt - 1)
        self.release = update(due).where(_LEASED).values(due_at=now, owner=None)
        self.release_kinds = self.release.where(
            due.c.kind.in_(bindparam("b_kinds", expanding=True))
        )
        self.hand_back = (
            update(due)
            .where(
                due.c.id.in_(bindparam("b_ids", expanding=True)),
                due.c.owner == bindparam("b_owner"),
            )
            .values(due_at=now, owner=None, attempt=due.c.attempt - 1)
        )
        far = now + due.c.every + bindparam("b_slack", type_=BigInteger)
        self.pull_in = (
            update(due).where(due.c.owner.is_(None), due.c.due_at > far).values(due_at=now)
        )
        self.revive = update(due).where(_DEAD).values(due_at=now, attempt=0, error="")
        # One look into the index per lane, however many rows wait.
        self.firsts = union_all(
            *(
                select(
                    literal(int(lane)).label("lane"),
                    func.min(due.c.due_at).label("first"),
                    now.label("now"),
                ).where(due.c.lane == int(lane), due.c.due_at.is_not(None))
                for lane in Lane
            )
        )


_SERVER_CLOCK = cast(func.extract("epoch", func.clock_timestamp()) * 1000, BigInteger)
CLOCK_STATEMENTS = {
    "sqlite": ClockStatements(bindparam("clock", type_=BigInteger)),
    "postgresql": ClockStatements(_SERVER_CLOCK + bindparam("clock", type_=BigInteger)),
}

ADD = {
    "sqlite": sqlite.insert(due).on_conflict_do_nothing(index_elements=["key"]),
    "postgresql": postgresql.insert(due).on_conflict_do_nothing(index_elements=["key"]),
}


def _put(made: postgresql.Insert | sqlite.Insert) -> postgresql.Insert | sqlite.Insert:
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


PUT = {"sqlite": _put(sqlite.insert(due)), "postgresql": _put(postgresql.insert(due))}
FINISH = delete(due).where(_OURS)
BURY = update(due).where(_OURS).values(due_at=None, owner=None)
OWNER = select(due.c.owner).where(due.c.id == bindparam("id"))
HURRY = update(due).where(_KEY, _WAITING)
DROP = delete(due).where(_KEY)
DISCARD = delete(due).where(_DEAD)
DEAD_LETTERS = select(due).where(due.c.due_at.is_(None)).order_by(due.c.id).limit(1_000)
DEPTH = select(due.c.lane, func.count()).where(due.c.due_at.is_not(None)).group_by(due.c.lane)
