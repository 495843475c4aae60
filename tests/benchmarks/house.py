"""A store with one live account and the real work loop over it, in this process, without doors.

For lines that are about the store and its workers alone. `worked` runs the loop until somebody
says that everything is done.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

from bot.bootstrap.running import SWITCH_SECONDS
from bot.coordination.clock import SystemClock
from bot.coordination.wakeup import LocalWakeup
from bot.metrics import Metrics
from bot.model.account import AccountState
from bot.model.due import Lane
from bot.model.ids import AccountId
from bot.services.settling_in import NamedAccount, NamedBrand, Roster, settle_in
from bot.store import migrate
from bot.store.store import Store, open_store
from bot.store.tx import Tx
from bot.workers.loop import Task, WorkLoop
from tests.benchmarks.latency import PATIENCE
from tests.fakes.desk_kit import TEAM
from tests.fakes.network import NETWORK

BRAND = NamedBrand("acme", "Acme", ("en",), (), "UTC", "", TEAM, (NamedAccount("one", NETWORK),))


@dataclass(slots=True)
class House:
    store: Store
    clock: SystemClock
    wakeup: LocalWakeup
    account: AccountId

    async def worked(
        self, tasks: Mapping[str, Task], lanes: Mapping[Lane, int], done: asyncio.Event
    ) -> None:
        """The loop works on these lanes until `done` is set; TimeoutError when it never is."""
        metrics = Metrics()
        loop = WorkLoop(
            self.store, self.clock, self.wakeup, tasks, metrics, owner="bench", concurrency=lanes
        )
        with _switching_as_the_desk():
            async with asyncio.timeout(PATIENCE):
                await loop.run(done)


@asynccontextmanager
async def house_on(address: str, brand: NamedBrand = BRAND) -> AsyncIterator[House]:
    """On a database that may hold something already; its account is the first of the brand."""
    migrate.upgrade(address)
    clock, wakeup = SystemClock(), LocalWakeup()
    store = await open_store(address, clock)
    try:
        store.on_stir(wakeup.ring)
        named = await store.write(settle_in, Roster((brand,), AccountState.LIVE))
        account = named[brand.slug, brand.accounts[0].slug].id
        await store.write(_go_live, account)
        yield House(store, clock, wakeup, account)
    finally:
        await store.close()


def _go_live(tx: Tx, accounts: Sequence[AccountId]) -> list[bool]:
    return [tx.accounts.set_state(account, AccountState.LIVE) for account in accounts]


@contextmanager
def _switching_as_the_desk() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_SECONDS)
    try:
        yield
    finally:
        sys.setswitchinterval(before)
