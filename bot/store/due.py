"""Due rows: `due_at` is the whole queue.

Ready is due now; delayed is due later; leased is due when the lease ends; retried is due after
its back-off; recurring is due again after `every`; a dead letter has no `due_at` but an error.
`claim` only grows and fences everything that a task commits: a task that lost its lease matches
no row. `attempt` counts tries, and a wait that was nobody's fault gives it back.

On PostgreSQL the server's clock decides, so that hosts with different clocks agree.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    cast,
    delete,
    func,
    insert,
    literal,
    select,
    union_all,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from bot.model.due import DeadLetter, DueRow, Lane, NewDue
from bot.model.ids import DueId, Moment
from bot.ports import Clock
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


class DueRows:
    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._c = connection
        self._clock = clock
        self._is_postgres = connection.dialect.name == "postgresql"

    def _now(self) -> ColumnElement[int]:
        if not self._is_postgres:
            return literal(int(self._clock.now()), BigInteger)
        seconds = func.extract("epoch", func.clock_timestamp())
        skew = int(getattr(self._clock, "skew", 0))
        return cast(seconds * 1000, BigInteger) + skew

    def add(self, rows: Sequence[NewDue]) -> None:
        """Write rows; one whose key exists already is left as it is."""
        if not rows:
            return
        dialect = postgresql if self._is_postgres else sqlite
        now = int(self._clock.now())
        statement = dialect.insert(due).on_conflict_do_nothing(index_elements=["key"])
        self._c.execute(
            statement,
            [
                {
                    "kind": row.kind,
                    "key": row.key,
                    "lane": int(row.lane),
                    "due_at": int(row.due_at),
                    "arg": dict(row.arg),
                    "every": row.every,
                    "max_attempts": row.max_attempts,
                    "created_at": now,
                }
                for row in rows
            ],
        )

    def ready(self, lanes: Collection[Lane]) -> tuple[set[Lane], Moment | None]:
        """Which lanes have a row that is due, and when the first of the other rows will be.

        One look into the index per lane, however many rows wait.
        """
        if not lanes:
            return set(), None
        now = self._c.execute(select(self._now())).scalar_one()
        firsts = [
            select(literal(int(lane)).label("lane"), func.min(due.c.due_at).label("first")).where(
                due.c.lane == int(lane), due.c.due_at.is_not(None)
            )
            for lane in lanes
        ]
        first = {Lane(lane): at for lane, at in self._c.execute(union_all(*firsts)) if at}
        later = [at for at in first.values() if at > now]
        ready = {lane for lane, at in first.items() if at <= now}
        return ready, Moment(min(later)) if later else None

    def claim(
        self, lane: Lane, limit: int, *, lease: int, owner: str, running: Collection[DueId]
    ) -> list[DueRow]:
        """Take up to `limit` ready rows of a lane for `lease` milliseconds.

        `running` are rows this process works on: a clock that jumps must not hand them out twice.
        """
        chosen = (
            select(due.c.id)
            .where(due.c.lane == int(lane), due.c.due_at <= self._now())
            .order_by(due.c.due_at, due.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        if running:
            chosen = chosen.where(due.c.id.not_in(list(running)))
        taken = self._c.execute(
            update(due)
            .where(due.c.id.in_(chosen.scalar_subquery()))
            .values(
                due_at=self._now() + lease,
                attempt=due.c.attempt + 1,
                claim=due.c.claim + 1,
                owner=owner,
            )
            .returning(*_ROW)
        ).all()
        return sorted((_row(r) for r in taken), key=lambda row: (row.due_at, row.id))

    def renew(self, owner: str, ids: Collection[DueId], lease: int) -> set[DueId]:
        """Push the leases of rows still ours; those not in the answer were lost."""
        kept = self._c.execute(
            update(due)
            .where(due.c.id.in_(list(ids)), due.c.owner == owner)
            .values(due_at=self._now() + lease)
            .returning(due.c.id)
        )
        return {DueId(row.id) for row in kept}

    def keep(self, row: DueRow, lease: int) -> bool:
        """Push the lease of one row in the transaction of its task. False when fenced off."""
        mine = (due.c.id == row.id) & (due.c.claim == row.claim) & due.c.owner.is_not(None)
        kept = update(due).where(mine).values(due_at=self._now() + lease)
        return self._c.execute(kept).rowcount == 1

    def is_claimed_by_other(self, row: DueRow, owner: str) -> bool:
        """True when the row still exists and its lease is somebody else's now."""
        wanted = select(due.c.owner).where(due.c.id == row.id)
        found = self._c.execute(wanted).one_or_none()
        return found is not None and found.owner not in {None, owner}

    def done(self, row: DueRow) -> bool:
        """Finish: a recurring row is due again, any other is gone. False when fenced off."""
        mine = (due.c.id == row.id) & (due.c.claim == row.claim)
        if row.every is None:
            return self._c.execute(delete(due).where(mine)).rowcount == 1
        again = (
            update(due)
            .where(mine)
            .values(due_at=self._now() + row.every, attempt=0, owner=None, error="")
        )
        return self._c.execute(again).rowcount == 1

    def again(self, row: DueRow, wait: int, *, error: str = "", counts: bool = True) -> bool:
        """Due again in `wait` milliseconds; `counts=False` gives the attempt back."""
        values: dict[str, Any] = {
            "due_at": self._now() + max(0, wait),
            "owner": None,
            "error": error,
        }
        if not counts:
            values["attempt"] = due.c.attempt - 1
        mine = (due.c.id == row.id) & (due.c.claim == row.claim)
        return self._c.execute(update(due).where(mine).values(values)).rowcount == 1

    def bury(self, row: DueRow, error: str) -> bool:
        """A dead letter: never due until a person says so."""
        mine = (due.c.id == row.id) & (due.c.claim == row.claim)
        values = {"due_at": None, "owner": None, "error": error}
        return self._c.execute(update(due).where(mine).values(values)).rowcount == 1

    def retime(self, key: str, every: int | None) -> None:
        """How often a recurring row comes back, should the configuration say otherwise now."""
        other = (due.c.key == key) & (due.c.every != every)
        self._c.execute(update(due).where(other).values(every=every))

    def hurry(self, key: str, at: Moment) -> None:
        """An unclaimed row becomes due at `at`, earlier or later than it was."""
        waiting = (due.c.key == key) & due.c.owner.is_(None) & due.c.due_at.is_not(None)
        self._c.execute(update(due).where(waiting).values(due_at=int(at)))

    def hurry_like(self, prefix: str, at: Moment) -> None:
        """As `hurry` for every key that begins with `prefix`."""
        waiting = due.c.key.startswith(prefix, autoescape=True) & due.c.owner.is_(None)
        self._c.execute(
            update(due).where(waiting, due.c.due_at.is_not(None)).values(due_at=int(at))
        )

    def drop(self, key: str) -> None:
        self._c.execute(delete(due).where(due.c.key == key))

    def drop_unlisted(self, kind: str, keys: Collection[str]) -> None:
        """Forget recurring rows of a kind that are no longer wanted."""
        self._c.execute(delete(due).where(due.c.kind == kind, due.c.key.not_in(list(keys))))

    def release(self, kinds: Collection[str] | None = None) -> int:
        """Make every leased row ready at once: their workers are known to be dead."""
        leased = due.c.owner.is_not(None) & due.c.due_at.is_not(None)
        if kinds is not None:
            leased &= due.c.kind.in_(list(kinds))
        return self._c.execute(
            update(due).where(leased).values(due_at=self._now(), owner=None)
        ).rowcount

    def hand_back(self, owner: str, ids: Collection[DueId]) -> None:
        """Give up leases whose request cannot have left; the attempt is given back."""
        mine = due.c.id.in_(list(ids)) & (due.c.owner == owner)
        self._c.execute(
            update(due)
            .where(mine)
            .values(due_at=self._now(), owner=None, attempt=due.c.attempt - 1)
        )

    def dead_letters(self) -> list[DeadLetter]:
        rows = self._c.execute(
            select(due).where(due.c.due_at.is_(None)).order_by(due.c.id).limit(100)
        ).all()
        return [DeadLetter(DueId(r.id), r.kind, r.key, r.error, r.attempt) for r in rows]

    def revive(self, due_id: DueId) -> bool:
        dead = (due.c.id == due_id) & due.c.due_at.is_(None)
        values: Mapping[str, Any] = {"due_at": self._now(), "attempt": 0, "error": ""}
        return self._c.execute(update(due).where(dead).values(values)).rowcount == 1

    def discard(self, due_id: DueId) -> bool:
        dead = (due.c.id == due_id) & due.c.due_at.is_(None)
        return self._c.execute(delete(due).where(dead)).rowcount == 1

    def depth(self) -> dict[Lane, int]:
        """Rows waiting or leased per lane, for metrics."""
        rows = self._c.execute(
            select(due.c.lane, func.count()).where(due.c.due_at.is_not(None)).group_by(due.c.lane)
        )
        return {Lane(lane): int(count) for lane, count in rows}

    def put(self, row: NewDue) -> None:
        """Replace whatever has this key (an unclaimed leftover) with this row."""
        self._c.execute(delete(due).where(due.c.key == row.key))
        self._c.execute(
            insert(due).values(
                kind=row.kind,
                key=row.key,
                lane=int(row.lane),
                due_at=int(row.due_at),
                arg=dict(row.arg),
                every=row.every,
                max_attempts=row.max_attempts,
                created_at=int(self._clock.now()),
            )
        )


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
