"""Opening the desk: one stack that opens everything in order and closes it in reverse."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.bootstrap.connecting import connected
from bot.bootstrap.drafters import build_drafter
from bot.bootstrap.workshop import rates
from bot.config import Settings, sealing_key
from bot.coordination.clock import SystemClock
from bot.coordination.feed import StoreFeed
from bot.coordination.limits import MemoryLimiter, StoreLimiter
from bot.coordination.wakeup import LocalWakeup, poll, watch
from bot.errors import ConfigurationError
from bot.metrics import Metrics
from bot.model.account import AccountState
from bot.ports import Clock, Drafter, Limiter
from bot.services.deciding import DeskRules
from bot.services.desk import TheDesk
from bot.services.inlet import TheInlet
from bot.services.lines import Lines
from bot.services.sign_in import SignIn
from bot.store import version
from bot.store.data_version import DataVersion
from bot.store.database import parse
from bot.store.run_lock import Part, RunLock
from bot.store.store import Store, open_store
from bot.store.vault import Vault


@dataclass(frozen=True, slots=True)
class OpenDesk:
    """Everything that doors and workers are built from."""

    settings: Settings
    part: Part
    clock: Clock
    store: Store
    wakeup: LocalWakeup
    lines: Lines
    limiter: Limiter
    drafter: Drafter
    rules: DeskRules
    desk: TheDesk
    inlet: TheInlet
    feed: StoreFeed
    sign_in: SignIn
    metrics: Metrics


@asynccontextmanager
async def opened(
    settings: Settings,
    part: Part = Part.ALL,
    *,
    first_state: AccountState = AccountState.WATCH_ONLY,
) -> AsyncIterator[OpenDesk]:
    """The desk, ready to be served and worked; ConfigurationError or StoreError with a sentence."""
    async with AsyncExitStack() as stack:
        clock = SystemClock()
        store = await _store(stack, settings, part, clock)
        wakeup = LocalWakeup()
        store.on_commit(wakeup.ring)
        await _listen_to_others(stack, settings, part, wakeup)
        vault = Vault(sealing_key(settings.desk))
        lines = await stack.enter_async_context(
            connected(settings, store, clock, vault, first_state=first_state)
        )
        metrics = Metrics()
        drafter = await build_drafter(stack, settings.drafts, metrics)
        rules = DeskRules(settings.desk.undo_seconds * 1000, settings.policies.by_subject())
        alone = part is Part.ALL and parse(settings.desk.database_url).is_sqlite
        rate = rates(lines)
        yield OpenDesk(
            settings=settings,
            part=part,
            clock=clock,
            store=store,
            wakeup=wakeup,
            lines=lines,
            limiter=MemoryLimiter(rate, clock) if alone else StoreLimiter(store, rate, clock),
            drafter=drafter,
            rules=rules,
            desk=TheDesk(store, clock, lines, rules, drafter.says, metrics),
            inlet=TheInlet(store, lines, metrics),
            feed=StoreFeed(store, wakeup),
            sign_in=SignIn(store, clock),
            metrics=metrics,
        )


async def _store(stack: AsyncExitStack, settings: Settings, part: Part, clock: Clock) -> Store:
    """The store behind its lock. A SQLite file is brought up to date at once.

    PostgreSQL is migrated by `replydesk migrate`, once for all processes.
    """
    address = settings.desk.database_url
    database = parse(address)
    if database.path is not None:
        make_folder(database.path.parent)
        stack.enter_context(RunLock(database.path, part))
        await asyncio.to_thread(_bring_up_to_date, address)
    store = await open_store(address, clock)
    stack.push_async_callback(store.close)
    return store


def make_folder(folder: Path) -> None:
    """ConfigurationError when it is not there and cannot be made."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(
            f"The folder {folder} cannot be made ({error.strerror}). Choose another with "
            "desk.data_dir."
        ) from error


def _bring_up_to_date(address: str) -> None:
    """Alembic takes a fifth of a second to import, so only a start that migrates pays for it."""
    found = version.current(address)
    if found is None or (found != version.head() and found in version.revisions()):
        importlib.import_module("bot.store.migrate").upgrade(address)


async def _listen_to_others(
    stack: AsyncExitStack, settings: Settings, part: Part, wakeup: LocalWakeup
) -> None:
    """Notice what other processes commit; alone on a file there are none."""
    database = parse(settings.desk.database_url)
    if database.path is not None and part is Part.ALL:
        return
    if database.path is not None:
        changes = stack.enter_context(DataVersion(database.path))
        listening = asyncio.create_task(watch(wakeup, changes), name="watch")
    else:
        listening = asyncio.create_task(poll(wakeup), name="poll")
    stack.push_async_callback(_end, listening)


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
