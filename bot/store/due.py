"""Due rows: `due_at` is the whole queue.

Ready is due now; delayed is due later; leased is due when the lease ends; retried is due after
its back-off; recurring is due again after `every`; a dead letter has no `due_at` but an error.
`claim` only grows and fences everything that a task commits: a task that lost its lease matches
no row. `attempt` counts tries, and a wait that was nobody's fault gives it back.

On PostgreSQL the server's clock decides, so that hosts with different clocks agree.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import delete, update

from bot.model.due import DeadLetter, DueRow, Lane, NewDue
from bot.model.ids import DueId, Moment
from bot.ports import Clock
from bot.store import due_statements as named
from bot.store.connection import Connection
from bot.store.places import Places
from bot.store.schema import due


class DueRows:
    """`taken` are the rows that this process took up: as they were written, or by claiming them
    (`bot.store.places`).

    `is_stirred`: something else changed what is due, so the loops should look.
    """

    def __init__(self, connection: Connection, clock: Clock, places: Places | None = None) -> None:
        self.taken: list[DueRow] = []
        self.is_stirred = False
        self._places = places
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
        if not rows:
            return
        now = self._clock.now()
        leases = [self._place_for(row, now) for row in rows]
        self._take_up([pair for pair in zip(rows, leases, strict=True) if pair[1] is not None])
        waiting = [_columns(r, now) for r, lease in zip(rows, leases, strict=True) if lease is None]
        if waiting:
            self.is_stirred = True
            self._c.execute(named.ADD[self._dialect], waiting)

    def _place_for(self, row: NewDue, now: Moment) -> int | None:
        """The lease of a row that may be taken up as it is written; None when it has to wait."""
        if self._places is None or row.due_at > now:
            return None
        return self._places.take(row.lane)

    def _take_up(self, rows: Sequence[tuple[NewDue, int | None]]) -> None:
        """Write them as claimed by this process."""
        if not rows or self._places is None:
            return
        now = self._clock.now()
        common = {"clock": self._moment(), "b_owner": self._places.owner}
        terms = [{**_columns(row, now), "b_wait": lease, **common} for row, lease in rows]
        for one in terms:
            del one["due_at"]
        at_hand = {row.key: row.at_hand for row, _lease in rows}
        found = self._c.execute(self._by_clock.take_up[self._dialect], terms)
        taken = [_row(r, at_hand[r.key]) for r in found]
        self.taken += taken
        left = Counter(row.lane for row, _lease in rows)
        left.subtract(row.lane for row in taken)
        for lane in left.elements():  # their keys exist
            self._places.leave(lane)

    def leave_places(self) -> None:
        """The transaction failed: nothing was taken up."""
        for row in self.taken:
            if self._places is not None:
                self._places.leave(row.lane)

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
        rows = sorted(map(_row, taken), key=lambda row: (row.due_at, row.id))
        if self._places is not None and self._places.owner == owner:
            self._places.occupy(rows)
            self.taken += rows
        return rows

    def renew(self, owner: str, rows: Collection[DueRow], lease: int) -> set[DueId]:
        """Push the leases of rows still ours; those not in the answer were lost."""
        terms = _held(owner, rows) | {"b_wait": lease, "clock": self._moment()}
        return {DueId(row.id) for row in self._c.execute(self._by_clock.renew, terms)}

    def keep(self, row: DueRow, lease: int) -> bool:
        """Push the lease of one row in the transaction of its task. False when fenced off."""
        terms = _ours(row) | {"b_wait": lease, "clock": self._moment()}
        return self._c.execute(self._by_clock.keep, terms).rowcount == 1

    def keep_all(self, rows: Sequence[DueRow], lease: int) -> list[bool]:
        """As `keep` for many rows, in one statement."""
        if not rows:
            return []
        terms = _fenced(rows) | {"b_wait": lease, "clock": self._moment()}
        kept = {(r.id, r.claim) for r in self._c.execute(self._by_clock.keep_all, terms)}
        return [(row.id, row.claim) in kept for row in rows]

    def note(self, row: DueRow, arg: Mapping[str, Any]) -> bool:
        """What whoever claims the row after us is to know of it. False when fenced off."""
        return self._c.execute(named.NOTE, _ours(row) | {"arg": dict(arg)}).rowcount == 1

    def is_claimed_by_other(self, row: DueRow, owner: str) -> bool:
        """True when the row still exists and its lease is somebody else's now."""
        found = self._c.execute(named.OWNER, {"id": row.id}).one_or_none()
        return found is not None and found.owner not in {None, owner}

    def finish(self, rows: Sequence[DueRow]) -> list[bool]:
        """As `done` for rows that do not recur, in one statement."""
        if not rows:
            return []
        gone = {(r.id, r.claim) for r in self._c.execute(named.FINISH_ALL, _fenced(rows))}
        return [(row.id, row.claim) in gone for row in rows]

    def done(self, row: DueRow) -> bool:
        """Finish: a recurring row is due again, any other is gone. False when fenced off."""
        if row.every is None:
            return self._c.execute(named.FINISH, _ours(row)).rowcount == 1
        terms = _ours(row) | {"b_wait": row.every, "clock": self._moment()}
        self.is_stirred = True
        return self._c.execute(self._by_clock.recur, terms).rowcount == 1

    def again(self, row: DueRow, wait: int, *, error: str = "", counts: bool = True) -> bool:
        """Due again in `wait` milliseconds; `counts=False` gives the attempt back."""
        self.is_stirred = True
        statement = self._by_clock.again if counts else self._by_clock.again_uncounted
        terms: dict[str, Any] = {"b_wait": max(0, wait), "clock": self._moment(), "error": error}
        return self._c.execute(statement, _ours(row) | terms).rowcount == 1

    def at_once(self, row: DueRow) -> bool:
        """As `again` without a wait and uncounted, but taken up again where there is a place."""
        lease = None if self._places is None else self._places.take(row.lane)
        if self._places is None or lease is None:
            return self.again(row, 0, counts=False)
        terms = _ours(row) | {"b_wait": lease, "clock": self._moment()}
        terms["b_owner"] = self._places.owner
        taken = [_row(r) for r in self._c.execute(self._by_clock.at_once, terms)]
        self.taken += taken
        if not taken:
            self._places.leave(row.lane)
        return bool(taken)

    def recovered(self, row: DueRow) -> bool:
        """It works, and goes on: forget how often it failed. True when there was an error."""
        return self._c.execute(named.RECOVERED, _ours(row)).rowcount == 1

    def errors(self, kind: str) -> dict[str, str]:
        """By key, what is wrong with rows of a kind; those in order are left out."""
        return {r.key: r.error for r in self._c.execute(named.ERRORS, {"kind": kind})}

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
        self.is_stirred = True
        self._c.execute(self._by_clock.pull_in, {"b_slack": slack, "clock": self._moment()})

    def hurry(self, key: str, at: Moment) -> None:
        """An unclaimed row becomes due at `at`, earlier or later than it was."""
        self.is_stirred = True
        self._c.execute(named.HURRY, {"b_key": key, "due_at": int(at)})

    def hurry_like(self, prefix: str, at: Moment) -> None:
        """As `hurry` for every key that begins with `prefix`."""
        self.is_stirred = True
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
        self.is_stirred = True
        terms: dict[str, Any] = {"clock": self._moment()}
        if kinds is None:
            return self._c.execute(self._by_clock.release, terms).rowcount
        terms["b_kinds"] = list(kinds)
        return self._c.execute(self._by_clock.release_kinds, terms).rowcount

    def hand_back(self, owner: str, rows: Collection[DueRow]) -> None:
        """Give up leases whose request cannot have left; the attempt is given back."""
        self.is_stirred = True
        terms = _held(owner, rows) | {"clock": self._moment()}
        self._c.execute(self._by_clock.hand_back, terms)

    def dead_letters(self) -> list[DeadLetter]:
        rows = self._c.execute(named.DEAD_LETTERS).all()
        return [DeadLetter(DueId(r.id), r.kind, r.key, r.error, r.attempt, r.arg) for r in rows]

    def revive(self, due_id: DueId) -> bool:
        self.is_stirred = True
        terms = {"b_id": due_id, "clock": self._moment()}
        return self._c.execute(self._by_clock.revive, terms).rowcount == 1

    def discard(self, due_id: DueId) -> bool:
        return self._c.execute(named.DISCARD, {"b_id": due_id}).rowcount == 1

    def depth(self) -> dict[Lane, int]:
        """Rows waiting or leased per lane, for metrics."""
        return {Lane(lane): int(count) for lane, count in self._c.execute(named.DEPTH)}

    def put(self, row: NewDue) -> None:
        """Write this row over whatever has its key, and fence off who works on the old one."""
        self.is_stirred = True
        self._c.execute(named.PUT[self._dialect], _columns(row, self._clock.now()))


def _columns(row: NewDue, now: Moment) -> dict[str, Any]:
    return {
        "kind": row.kind,
        "key": row.key,
        "lane": int(row.lane),
        "due_at": int(row.due_at),
        "arg": dict(row.arg),
        "every": row.every,
        "max_attempts": row.max_attempts,
        "created_at": int(now),
    }


def _fenced(rows: Collection[DueRow]) -> dict[str, Any]:
    return {
        "b_ids": [row.id for row in rows],
        "b_held": [f"{row.id}:{row.claim}" for row in rows],
    }


def _ours(row: DueRow) -> dict[str, Any]:
    return {"b_id": row.id, "b_claim": row.claim}


def _held(owner: str, rows: Collection[DueRow]) -> dict[str, Any]:
    return {**_fenced(rows), "b_owner": owner}


def _row(raw: Any, at_hand: object = None) -> DueRow:
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
        at_hand=at_hand,
    )
