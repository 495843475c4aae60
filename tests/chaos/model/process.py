"""One process of the desk on the shared file: it works by hand, can be held anywhere, and dies.

A task that makes a call can be held just before the body of the request is written or just before
its answer is heard; then it is parked while everything else goes on. When the process dies, its
store refuses first, so that nothing of it can be recorded afterwards, and then its tasks end.
What dies is a process and not the machine: what was committed is in the file.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TypeVar

from sqlalchemy import Engine

from bot.cards.card import Card
from bot.cards.pages import CardQuery
from bot.coordination.limits import MemoryLimiter
from bot.errors import ReplydeskError, Unavailable
from bot.metrics import Metrics
from bot.model.account import AccountState
from bot.model.due import DueRow, Lane
from bot.model.ids import CardToken, DueId
from bot.model.member import ChatIdentity
from bot.model.publication import Prepared
from bot.services.deciding import DeskRules
from bot.services.desk import TheDesk
from bot.services.lines import Lines
from bot.services.settling_in import Roster, set_to_work, settle_in
from bot.store.database import parse, reading_engine, writing_engine
from bot.store.store import Store
from bot.store.tx import Tx
from bot.workers.failing import Failed, Failing
from bot.workers.loop import LEASE, Claim, Renewal, claim, hand_back, renew
from tests.chaos.model.lines import At, ChatLine, Line, Writer
from tests.chaos.model.world import ACCOUNTS, CHANNELS, World
from tests.fakes.desk_kit import ACME, TEAM, tasks_of

R = TypeVar("R")

ANSWER_SECONDS = 20.0
LANES = tuple(lane for lane in Lane if lane is not Lane.STREAMS)


@cache
def engines(address: str, process: str) -> tuple[Engine, Engine]:
    """Those of a process are kept from life to life, because their statements are compiled.

    Their connections are not: closing a store closes them.
    """
    database = parse(address)
    return writing_engine(database), reading_engine(database)


MEMBERS = tuple(
    replace(one, identities=tuple(ChatIdentity(chat.chat, one.slug) for chat in CHANNELS))
    for one in TEAM
)
"""Everybody is known at the console and in both chats."""


@dataclass(slots=True, eq=False)
class Parked:
    """A task that is held. `gate` is told whether the answer is heard, should it come late."""

    row: DueRow
    at: At
    since: float
    gate: asyncio.Future[bool]
    task: asyncio.Task[None] | None = None


class Process:
    """`shares` the file with another one: then leases run out, and nobody frees them at start."""

    def __init__(self, name: str, world: World, rules: DeskRules, *, shares: bool = False) -> None:
        self.name = name
        self.world = world
        self._rules = rules
        self._shares = shares
        self.parked: list[Parked] = []
        self.is_alive = False
        self._hold: At | None = None
        self._row: DueRow | None = None
        self._still = asyncio.Event()

    # Living and dying

    async def open(self) -> None:
        writing, reading = engines(self.world.address, self.name)
        database, clock = parse(self.world.address), self.world.clock
        self.store = Store(database, clock, writing, reading, writers=1)
        self.is_alive = True
        brand = replace(ACME, members=MEMBERS, channels=CHANNELS)
        settled = await self.store.write(settle_in, Roster((brand,), AccountState.LIVE))
        self.accounts = {settled["acme", slug].id: slug for slug in ACCOUNTS}
        self._build()
        if not self._shares:
            # as at every start on SQLite: the lock says that whoever held these is dead
            await self.do(lambda tx: tx.due.release())
        await self.store.write(set_to_work, self._lines.connectors)

    def _build(self) -> None:
        store, clock = self.store, self.world.clock
        lines = self._lines = Lines(
            {key: Line(self, self.world.networks[slug]) for key, slug in self.accounts.items()}
        )
        limiter = MemoryLimiter(lambda _key: None, clock)
        chats = {name: ChatLine(self, chat) for name, chat in self.world.chats.items()}
        self._failing = Failing(store, clock)
        self._tasks = tasks_of(store, clock, lines, self._rules, limiter, Writer(self), chats)
        self.desk = TheDesk(store, clock, lines, self._rules, "A writer.", Metrics())

    async def die(self) -> None:
        """In this very moment, whatever it is doing."""
        self.is_alive = False
        await self.store.close()
        await self._end_tasks()

    async def stop(self) -> None:
        """In order: what cannot have left is handed back."""
        rows = tuple(one.row for one in self.parked if one.row.kind != "publish")
        await self._end_tasks()
        await self.store.write(hand_back, Renewal(self.name, rows, 0))
        self.is_alive = False
        await self.store.close()

    async def _end_tasks(self) -> None:
        parked, self.parked = self.parked, []
        tasks = [one.task for one in parked if one.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # Reading and writing

    async def read(self, fn: Callable[[Tx], R]) -> R:
        return await self.store.read(fn)

    async def do(self, fn: Callable[[Tx], R]) -> R:
        def run(tx: Tx, commands: Sequence[None]) -> list[R]:
            return [fn(tx) for _ in commands]

        return await self.store.write(run, None)

    async def card(self, token: str) -> Card:
        """As Bob sees it now."""
        bob = ChatIdentity("console", "bob")
        page = await self.desk.view(CardQuery(CardToken(token)), bob)
        assert page.card is not None
        return page.card

    # Working

    async def claim(self, *lanes: Lane, limit: int = 20) -> list[DueRow]:
        running: tuple[DueId, ...] = tuple(one.row.id for one in self.parked)
        wanted = dict.fromkeys(lanes or LANES, limit)
        return await self.store.write(claim, Claim(wanted, self.name, running))

    async def work(self, row: DueRow, hold: At | None = None) -> None:
        """Do one task to its end, or until it is held."""
        self._hold, self._row = hold, row
        self._still.clear()
        await self._until_still(asyncio.create_task(self._supervise(row)))
        self._hold = None

    async def resume(self, parked: Parked, *, heard: bool) -> None:
        """Let a held task go on."""
        assert parked.task is not None
        self.parked.remove(parked)
        self._hold = None
        self._still.clear()
        parked.gate.set_result(heard)
        await self._until_still(parked.task)

    async def _until_still(self, task: asyncio.Task[None]) -> None:
        held = asyncio.create_task(self._still.wait())
        await asyncio.wait({task, held}, return_when=asyncio.FIRST_COMPLETED)
        held.cancel()
        if task.done():
            task.result()
        else:
            self.parked[-1].task = task

    async def _supervise(self, row: DueRow) -> None:
        """As the loop does it; what no task should ever raise is kept for the judge."""
        try:
            await self._tasks[row.kind](row)
        except Exception as error:  # noqa: BLE001 - stands in for the supervisor
            if not isinstance(error, ReplydeskError | TimeoutError):
                self.world.faults.append(error)
            await self._failing.record(Failed(row, error))

    async def renew(self) -> None:
        """Leases of what is held are prolonged; a task whose lease is lost is cancelled."""
        rows = tuple(one.row for one in self.parked)
        kept = await self.store.write(renew, Renewal(self.name, rows, LEASE))
        for one in list(self.parked):
            if one.row.id in kept or one.task is None:
                continue
            row = one.row
            if await self.read(lambda tx, row=row: tx.due.is_claimed_by_other(row, self.name)):  # type: ignore[misc]
                self.parked.remove(one)
                one.task.cancel()
                await asyncio.gather(one.task, return_exceptions=True)

    # On its lines

    async def judge_leaving(self, account: str, prepared: Prepared) -> None:
        """Before a request is made."""
        await self.world.leaves(self, account, prepared)

    async def pass_by(self, at: At) -> None:
        """Called around every call that leaves this process."""
        if self._hold is at:
            self._hold = None
            await self._park(at)
        if not self.is_alive:
            raise Unavailable("This process is dead.")

    async def _park(self, at: At) -> None:
        assert self._row is not None
        now = self.world.clock.monotonic()
        one = Parked(self._row, at, now, asyncio.get_running_loop().create_future())
        self.parked.append(one)
        self._still.set()
        heard = await one.gate
        if self.world.clock.monotonic() - now > ANSWER_SECONDS and not heard:
            raise TimeoutError
