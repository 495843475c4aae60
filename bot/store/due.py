"""Due rows: `due_at` is the whole queue.

Ready is due now; delayed is due later; leased is due when the lease ends; retried is due after
its back-off; recurring is due again after `every`; a dead letter has no `due_at` but an error.
`claim` only grows and fences everything that a task commits: a task that lost its lease matches
no row. `attempt` counts tries, and a wait that was nobody's fault gives it back.

On PostgreSQL the server's clock decides, so that hosts with different clocks agree.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, delete, update

from bot.model.due import DeadLetter, DueRow, Lane, NewDue
from bot.model.ids import DueId, Moment
from bot.ports import Clock
from bot.store import due_statements as named
from bot.store.schema import due


class DueRows:
    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._c = connection
        self._clock = clock
        self._dialect = connection.dialect.name
        self._by_clock = named.CLOCK_STATEMENTS[self._dialect]

    def _moment(self) -> int:
        """What a statement is told of the clock: on PostgreSQL only how far it is off in tests."""
        if self._dialect == "postgresql":
            return int(getattr(self._clock, "skew", 0))
        return int(self._clock.now())

    def add(self, rows: Sequence[NewDue]) -> None:
        """Write rows; one whose key exists already is left as it is."""
        if rows:
            made = [self._columns(row) for row in rows]
            self._c.execute(named.ADD[self._dialect], made)

    def ready(self, lanes: Collection[Lane]) -> tuple[set[Lane], Moment | None]:
        """Which lanes have a row that is due, and when the first of the other rows will be."""
        firsts = self._c.execute(self._by_clock.firsts, {"clock": self._moment()})
        found = [r for r in firsts if r.first is not None and Lane(r.lane) in lanes]
        later = [r.first for r in found if r.first > r.now]
        ready = {Lane(r.lane) for r in found if r.first <= r.now}
        return ready, Moment(min(later)) if later else None

    def claim(
        self, lane: Lane, limit: int, *, lease: int, owner: str, running: Collection[DueId]
    ) -> list[DueRow]:
        """Take up to `limit` ready rows of a lane for `lease` milliseconds.

        `running` are rows this process works on: a clock that jumps must not hand them out twice.
        """
        terms: dict[str, Any] = {
            "b_lane": int(lane),
            "b_limit": limit,
            "b_wait": lease,
            "b_owner": owner,
            "clock": self._moment(),
        }
        if running:
            others = self._by_clock.claim_others
            taken = self._c.execute(others, terms | {"b_running": list(running)}).all()
        else:
            taken = self._c.execute(self._by_clock.claim, terms).all()
        return sorted((_row(r) for r in taken), key=lambda row: (row.due_at, row.id))

    def renew(self, owner: str, ids: Collection[DueId], lease: int) -> set[DueId]:
        """Push the leases of rows still ours; those not in the answer were lost."""
        terms = {
            "b_ids": list(ids),
            "b_owner": owner,
            "b_wait": lease,
            "clock": self._moment(),
        }
        return {DueId(row.id) for row in self._c.execute(self._by_clock.renew, terms)}

    def keep(self, row: DueRow, lease: int) -> bool:
        """Push the lease of one row in the transaction of its task. False when fenced off."""
        terms = _ours(row) | {"b_wait": lease, "clock": self._moment()}
        return self._c.execute(self._by_clock.keep, terms).rowcount == 1

    def is_claimed_by_other(self, row: DueRow, owner: str) -> bool:
        """True when the row still exists and its lease is somebody else's now."""
        found = self._c.execute(named.OWNER, {"id": row.id}).one_or_none()
        return found is not None and found.owner not in {None, owner}

    def done(self, row: DueRow) -> bool:
        """Finish: a recurring row is due again, any other is gone. False when fenced off."""
        if row.every is None:
            return self._c.execute(named.FINISH, _ours(row)).rowcount == 1
        terms = _ours(row) | {"b_wait": row.every, "clock": self._moment()}
        return self._c.execute(self._by_clock.recur, terms).rowcount == 1

    def again(self, row: DueRow, wait: int, *, error: str = "", counts: bool = True) -> bool:
        """Due again in `wait` milliseconds; `counts=False` gives the attempt back."""
        statement = self._by_clock.again if counts else self._by_clock.again_uncounted
        terms: dict[str, Any] = {"b_wait": max(0, wait), "clock": self._moment(), "error": error}
        return self._c.execute(statement, _ours(row) | terms).rowcount == 1

    def bury(self, row: DueRow, error: str) -> bool:
        """A dead letter: never due until a person says so."""
        return self._c.execute(named.BURY, _ours(row) | {"error": error}).rowcount == 1

    def retime(self, key: str, every: int | None) -> None:
        """How often a recurring row comes back, should the configuration say otherwise now."""
        other = (due.c.key == key) & (due.c.every != every)
        self._c.execute(update(due).where(other).values(every=every))

    def pull_in(self, slack: int = 0) -> None:
        """Recurring rows that wait `slack` milliseconds longer than their `every` are due now.

        That is how they stand after the wall clock was set back: in a future that is far away.
        """
        self._c.execute(self._by_clock.pull_in, {"b_slack": slack, "clock": self._moment()})

    def hurry(self, key: str, at: Moment) -> None:
        """An unclaimed row becomes due at `at`, earlier or later than it was."""
        self._c.execute(named.HURRY, {"b_key": key, "due_at": int(at)})

    def hurry_like(self, prefix: str, at: Moment) -> None:
        """As `hurry` for every key that begins with `prefix`."""
        waiting = due.c.key.startswith(prefix, autoescape=True) & due.c.owner.is_(None)
        self._c.execute(
            update(due).where(waiting, due.c.due_at.is_not(None)).values(due_at=int(at))
        )

    def drop(self, key: str) -> None:
        self._c.execute(named.DROP, {"b_key": key})

    def drop_unlisted(self, kind: str, keys: Collection[str]) -> None:
        """Forget recurring rows of a kind that are no longer wanted."""
        self._c.execute(delete(due).where(due.c.kind == kind, due.c.key.not_in(list(keys))))

    def release(self, kinds: Collection[str] | None = None) -> int:
        """Make every leased row ready at once: their workers are known to be dead."""
        terms: dict[str, Any] = {"clock": self._moment()}
        if kinds is None:
            return self._c.execute(self._by_clock.release, terms).rowcount
        terms["b_kinds"] = list(kinds)
        return self._c.execute(self._by_clock.release_kinds, terms).rowcount

    def hand_back(self, owner: str, ids: Collection[DueId]) -> None:
        """Give up leases whose request cannot have left; the attempt is given back."""
        terms = {"b_ids": list(ids), "b_owner": owner, "clock": self._moment()}
        self._c.execute(self._by_clock.hand_back, terms)

    def dead_letters(self) -> list[DeadLetter]:
        rows = self._c.execute(named.DEAD_LETTERS).all()
        return [DeadLetter(DueId(r.id), r.kind, r.key, r.error, r.attempt, r.arg) for r in rows]

    def revive(self, due_id: DueId) -> bool:
        terms = {"b_id": due_id, "clock": self._moment()}
        return self._c.execute(self._by_clock.revive, terms).rowcount == 1

    def discard(self, due_id: DueId) -> bool:
        return self._c.execute(named.DISCARD, {"b_id": due_id}).rowcount == 1

    def depth(self) -> dict[Lane, int]:
        """Rows waiting or leased per lane, for metrics."""
        return {Lane(lane): int(count) for lane, count in self._c.execute(named.DEPTH)}

    def put(self, row: NewDue) -> None:
        """Write this row over whatever has its key, and fence off who works on the old one."""
        self._c.execute(named.PUT[self._dialect], self._columns(row))

    def _columns(self, row: NewDue) -> dict[str, Any]:
        return {
            "kind": row.kind,
            "key": row.key,
            "lane": int(row.lane),
            "due_at": int(row.due_at),
            "arg": dict(row.arg),
            "every": row.every,
            "max_attempts": row.max_attempts,
            "created_at": int(self._clock.now()),
        }


def _ours(row: DueRow) -> dict[str, Any]:
    return {"b_id": row.id, "b_claim": row.claim}


def _row(raw: Any) -> DueRow:
    return DueRow(
        id=DueId(raw.id),
        kind=raw.kind,
        key=raw.key,
        lane=Lane(raw.lane),
        due_at=Moment(raw.due_at),
        arg=raw.arg,
        every=raw.every,
        attempt=raw.attempt,
        max_attempts=raw.max_attempts,
        claim=raw.claim,
    )
