"""A whole desk at work: the real store, services, claiming loop and workers, on a fake clock.

The judge reads the same database through an engine of its own, so that what it asks is neither
counted nor harmed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from sqlalchemy import Engine

from bot.bootstrap.workshop import work_loop
from bot.cards.card import Card, CardKind
from bot.cards.pages import CardQuery
from bot.coordination.limits import MemoryLimiter
from bot.errors import StoreError
from bot.metrics import Metrics
from bot.model.account import Account, AccountState
from bot.model.commands import Command, OnCard, Order, Outcome
from bot.model.ids import SECOND, CommandId, NetworkName, RemoteId
from bot.model.item import Item
from bot.model.member import ChatIdentity
from bot.model.peak import PeakRule
from bot.ports import ChatFrontend, Connector, Drafter
from bot.services.deciding import DeskRules
from bot.services.desk import TheDesk
from bot.services.inlet import TheInlet
from bot.services.lines import Lines
from bot.services.settling_in import (
    NamedAccount,
    NamedBrand,
    NamedChannel,
    Roster,
    Verified,
    identify,
    set_to_work,
    settle_in,
)
from bot.store.database import parse, reading_engine, writing_engine
from bot.store.store import Store
from bot.store.tx import Tx
from bot.workers.publish import Timing
from tests.chaos.kth_statements import Statements
from tests.chaos.kth_time import Hourglass
from tests.fakes.desk_kit import TEAM, DeskClock, FixedDrafter, triager

R = TypeVar("R")

PATIENCE = 5
"""How often somebody asks again whose request was not answered. One fault is met at most once."""
RULES = DeskRules(
    undo_window=2 * SECOND, peaks=PeakRule(in_channel=0, under_one_post=0, sets_aside=False)
)
"""So many comments so soon after one another would be a peak, and get one card."""
ANSWER_SECONDS = 1.0
"""How long the network may take to answer a write: proof of absence comes so much sooner."""


@dataclass(frozen=True, slots=True)
class Around:
    """What a desk is connected to."""

    network: str
    line: Connector
    frontends: Mapping[str, ChatFrontend]
    channels: tuple[NamedChannel, ...]
    drafter: Drafter = field(default_factory=FixedDrafter)


@dataclass(slots=True)
class KthDesk:
    """A desk of one brand with one account, whose statements are counted."""

    store: Store
    statements: Statements
    clock: DeskClock
    time: Hourglass
    account: Account
    desk: TheDesk
    inlet: TheInlet
    _judge: Engine
    _presses: int = 0

    def look(self, fn: Callable[[Tx], R]) -> R:
        """What is committed, past everything that may fail."""
        with self._judge.connect() as connection, connection.begin():
            return fn(Tx(connection, self.clock))

    def item(self, remote_id: RemoteId) -> Item | None:
        def found(tx: Tx) -> Item | None:
            known = tx.items.known(self.account.id, [remote_id])
            return tx.items.get(known[remote_id].id) if known else None

        return self.look(found)

    async def card_of(self, subject: int, kind: CardKind = CardKind.ITEM) -> Card:
        """As a person sees it; who cannot see it now loads the page again."""
        token = self.look(lambda tx: tx.cards.of(kind, subject)).token
        for _ in range(PATIENCE):
            try:
                page = await self.desk.view(CardQuery(token), _who("bob"))
            except StoreError:
                continue
            assert page.card is not None
            return page.card
        raise AssertionError("the card cannot be seen")

    async def press(self, member: str, command: Command) -> Outcome:
        """Press a button; who is told that it did not work presses again.

        On a card that is a new press, as in a chat; a form that is sent again keeps its id.
        """
        self._presses += 1
        for again in range(PATIENCE):
            number = f"press-{self._presses}-{again if isinstance(command, OnCard) else 0}"
            try:
                return await self.desk.perform(Order(CommandId(number), _who(member), command))
            except StoreError:
                continue
        raise AssertionError("the press is never taken")


def _who(member: str) -> ChatIdentity:
    return ChatIdentity("console", member)


@asynccontextmanager
async def at_work(address: str, clock: DeskClock, around: Around) -> AsyncIterator[KthDesk]:
    """A desk on a migrated, empty database."""
    where, statements = parse(address), Statements()
    # one writer, so that statements come in the same order every time
    writing, reading = writing_engine(where), reading_engine(where)
    for engine in (writing, reading):
        statements.watch(engine)
    store, judge = Store(where, clock, writing, reading, writers=1), reading_engine(where)
    try:
        account = await _settle(store, around)
        line, metrics = around.line, Metrics()
        hook = (NetworkName(around.network), "main")
        lines = Lines({account.id: line}, {hook: account.id})
        desk = TheDesk(store, clock, lines, RULES, "A drafter.", metrics)
        inlet, time = TheInlet(store, lines, metrics), Hourglass(clock)
        kth = KthDesk(store, statements, clock, time, account, desk, inlet, judge)
        async with _working(kth, around, lines, metrics):
            yield kth
    finally:
        await store.close()
        judge.dispose()


async def _settle(store: Store, around: Around) -> Account:
    named = (NamedAccount("acme", around.network),)
    brand = NamedBrand("acme", "Acme Tea", ("en",), (), "UTC", "", TEAM, named, around.channels)
    accounts = await store.write(settle_in, Roster((brand,), AccountState.LIVE))
    account = accounts["acme", "acme"]
    await store.write(identify, Verified(account.id, await around.line.verify()))
    await store.write(set_to_work, {account.id: around.line})
    return account


@asynccontextmanager
async def _working(
    kth: KthDesk, around: Around, lines: Lines, metrics: Metrics
) -> AsyncIterator[None]:
    loop = work_loop(
        kth.store,
        kth.clock,
        kth.time,
        lines,
        RULES,
        around.frontends,
        {},
        MemoryLimiter(lambda _key: None, kth.clock),
        around.drafter,
        triager(),
        metrics,
        Timing(answer_within=ANSWER_SECONDS),
    )
    kth.store.on_commit(kth.time.ring)
    stop = asyncio.Event()
    working = asyncio.create_task(loop.run(stop), name="work")
    try:
        yield
    finally:
        stop.set()
        kth.time.ring()
        await asyncio.wait_for(working, 20.0)
