"""Microseconds of processor time that the store's share of each step takes, on SQLite.

    python -m tests.benchmarks.hot_path [items]

Comments go from their arrival to their published reply, each step in commits of its usual size.
The floor is the same statements, recorded, through bare sqlite3 on a database of their own in the
same run; `ratio` is how many times its floor a step costs. A first pass, which compiles the
statements, is not counted. Prints one line of JSON.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import event

from bot.coordination.clock import SystemClock
from bot.model.account import AccountState
from bot.model.approval import ApprovalSubject
from bot.model.draft import DraftOrigin, DraftProposal
from bot.model.due import DueRow, Lane
from bot.model.ids import MINUTE, AccountId, ItemId, MemberId, PublicationId, RemoteId
from bot.model.item import ItemKind, ItemState
from bot.model.network import IncomingItem, RemoteAuthor
from bot.model.publication import OutgoingText, Publication, PublicationState, Receipt, Visibility
from bot.services import drafting, publishing
from bot.services.approvals import publish_due
from bot.services.deciding import DeskRules
from bot.services.intake import Delivery, take
from bot.services.lines import Lines
from bot.services.settling_in import NamedAccount, NamedBrand, Roster, settle_in
from bot.services.triaging import Triaged, Triaging, questions
from bot.store import migrate
from bot.store.database import parse, writing_engine
from bot.store.tx import Tx
from bot.workers.loop import Claim, claim
from tests.fakes.desk_kit import COMPLAINT, TEAM, triager
from tests.fakes.network import NETWORK, FakeNetwork

T = TypeVar("T")
R = TypeVar("R")

ITEMS = 400
WARM = 64
TOGETHER = 16
"""Units that share a commit when the desk is busy."""

SEED = bytes(16)

Statement = tuple[str, Any, bool]
"""SQL, its parameters, and whether they are many sets of them."""


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    seconds: float
    statements: Sequence[Statement]


class Bench:
    """A store with one account, worked by hand in this thread."""

    def __init__(self, path: Path, *, records: bool) -> None:
        self.steps: list[Step] = []
        self._statements: list[Statement] = []
        self._clock = SystemClock()
        self._comments = 0
        migrate.upgrade(f"sqlite:///{path}")
        self._engine = writing_engine(parse(f"sqlite:///{path}"))
        if records:
            event.listen(self._engine, "before_cursor_execute", self._remember)
        account = NamedAccount("one", NETWORK)
        brand = NamedBrand("acme", "Acme", ("en",), (), "UTC", "", TEAM, (account,))
        named = self.step("settle_in", [Roster((brand,))], settle_in, together=1)[0]
        self._account: AccountId = named["acme", "one"].id
        self.step("go_live", [self._account], _go_live)
        self._lines = Lines({self._account: FakeNetwork(self._clock)})

    def _remember(self, *call: Any) -> None:
        _connection, _cursor, sql, terms, _context, many = call
        self._statements.append((sql, terms, many))

    def step(
        self,
        name: str,
        commands: Sequence[T],
        operation: Callable[[Tx, Sequence[T]], Sequence[R]],
        *,
        together: int = TOGETHER,
    ) -> list[R]:
        """Run and time an operation over all commands, so many in a commit."""
        self._statements = []
        answers: list[R] = []
        begin = time.thread_time()
        for start in range(0, len(commands), together):
            with self._engine.connect() as connection, connection.begin():
                part = commands[start : start + together]
                answers += operation(Tx(connection, self._clock), part)
            self._statements.append(("COMMIT", (), False))
        self.steps.append(Step(name, time.thread_time() - begin, self._statements))
        return answers

    def work(self, items: int) -> list[Step]:
        """So many comments, from arrival to published reply; the steps of this pass."""
        first = len(self.steps)
        arrivals = [Delivery(self._account, (self._comment(),)) for _ in range(items)]
        self.step("intake", arrivals, take, together=1)
        rows = self._claimed("claim", Lane.TRIAGE, items)
        numbers = [ItemId(row.arg["item"]) for row in rows]
        asked = self.step("question", numbers, questions, together=1)
        sort = triager().triage
        sorted_ = [
            Triaged(row, one, sort(one.text, languages=one.languages) if one else None)
            for row, one in zip(rows, asked, strict=True)
        ]
        self.step("triage_apply", sorted_, Triaging(self._lines, DeskRules()).apply)
        rows = self._claimed("claim_drafts", Lane.DRAFTS, items)
        self.step("draft_request", rows, self._requests, together=1)
        proposal = DraftProposal("We are sorry.", DraftOrigin.TEMPLATE, "fixed")
        drafted = [drafting.Drafted(row, proposal) for row in rows]
        self.step("draft_keep", drafted, drafting.keep)
        self.step("approve", [ItemId(row.arg["item"]) for row in rows], self._approve)
        rows = self._claimed("claim_publish", Lane.PUBLISH, items)
        self.step("publish_begin", [_begin(row) for row in rows], publishing.begin)
        self.step("publish_settle", [_settle(row) for row in rows], publishing.settle)
        return self.steps[first:]

    def _comment(self) -> IncomingItem:
        self._comments += 1
        number = self._comments
        return IncomingItem(
            remote_id=RemoteId(f"c{number}"),
            kind=ItemKind.COMMENT,
            author=RemoteAuthor(RemoteId(f"u{number % 50}"), f"u{number % 50}", "A Fan"),
            text=COMPLAINT,
            published_at=self._clock.now(),
            permalink=f"https://fakebook.example/{number}",
            thread_remote_id=RemoteId("post-1"),
            thread_title="Our new tea",
        )

    def _claimed(self, name: str, lane: Lane, items: int) -> list[DueRow]:
        claims = [Claim({lane: TOGETHER}, "bench", ())] * (-(-items // TOGETHER))
        found = self.step(name, claims, claim, together=1)
        rows = [row for part in found for row in part]
        assert len(rows) == items, f"{len(rows)} of {items} rows were claimed for {name}"
        return rows

    def _requests(self, tx: Tx, rows: Sequence[DueRow]) -> list[object]:
        return [drafting.request(tx, self._lines, row) for row in rows]

    def _approve(self, tx: Tx, items: Sequence[ItemId]) -> list[None]:
        """What follows from a yes, without the desk's own questions."""
        now, network = tx.now(), FakeNetwork(self._clock)
        for number in items:
            item = tx.items.get(number)
            words = OutgoingText("We are sorry.", now, SEED)
            yes = tx.drafts.approve(
                item.brand_id, ApprovalSubject.REPLY, number, 1, "0" * 64, MemberId(1), now
            )
            queued = tx.publications.add(
                item.brand_id,
                Publication(
                    PublicationId(0), self._account, yes, number, item.revision, None, words.text,
                    network.prepare(words), PublicationState.QUEUED, now, now, None,
                ),
            )  # fmt: skip
            assert queued is not None
            tx.items.set_state(number, ItemState.ANSWERING)
            tx.due.add([publish_due(queued, now)])
        return [None] * len(items)


def _go_live(tx: Tx, accounts: Sequence[AccountId]) -> list[bool]:
    return [tx.accounts.set_state(account, AccountState.LIVE) for account in accounts]


def _begin(row: DueRow) -> publishing.Begin:
    number = PublicationId(row.arg["publication"])
    return publishing.Begin(row, number, MINUTE, MINUTE, SEED.hex())


def _settle(row: DueRow) -> publishing.Settle:
    number = PublicationId(row.arg["publication"])
    receipt = Receipt(RemoteId(f"r{number}"), "https://fakebook.example/r", Visibility.VISIBLE)
    return publishing.Settle(row, number, publishing.Ending.PUBLISHED, receipt=receipt)


def floor(path: Path, steps: Sequence[Step]) -> Iterator[float]:
    """Seconds of processor time of the same statements through the bare driver."""
    migrate.upgrade(f"sqlite:///{path}")
    bare = sqlite3.connect(path, isolation_level=None)
    bare.execute("PRAGMA synchronous=FULL")
    for step in steps:
        begin = time.thread_time()
        for sql, terms, many in step.statements:
            if many:
                bare.executemany(sql, terms)
            else:
                bare.execute(sql, terms).fetchall()
        yield time.thread_time() - begin
    bare.close()


def measure(items: int) -> dict[str, dict[str, float]]:
    with tempfile.TemporaryDirectory() as folder:
        measured = Bench(Path(folder) / "measured.db", records=False)
        measured.work(WARM)
        steps = measured.work(items)
        recorded = Bench(Path(folder) / "recorded.db", records=True)
        recorded.work(WARM)
        statements = [len(step.statements) for step in recorded.work(items)]
        floors = list(floor(Path(folder) / "floor.db", recorded.steps))[-len(steps) :]
    return {
        step.name: {
            "us": round(step.seconds / items * 1e6, 1),
            "floor_us": round(least / items * 1e6, 1),
            "ratio": round(step.seconds / least, 2),
            "statements": round(number / items, 1),
        }
        for step, least, number in zip(steps, floors, statements, strict=True)
    }


def main(arguments: Sequence[str]) -> None:
    items = int(arguments[0]) if arguments else ITEMS
    print(json.dumps({"hot_path": measure(items)}))


if __name__ == "__main__":
    main(sys.argv[1:])
