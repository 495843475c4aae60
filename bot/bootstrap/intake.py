"""Intake: what a webhook needs until it is stored, and nothing else.

It is opened first and served at once; `bot.bootstrap.opening` adds the rest. So this module and
what it imports are what stands between a killed process and the next webhook it accepts:
tests/e2e/test_start.py says what must not be among it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from bot.bootstrap.arming import arm_faults
from bot.bootstrap.connecting import Connecting, connecting
from bot.bootstrap.sealing import Sealing
from bot.config import Settings
from bot.coordination.clock import SystemClock
from bot.coordination.wakeup import LocalWakeup, poll, watch
from bot.errors import ConfigurationError
from bot.metrics import Metrics
from bot.model.account import AccountState
from bot.ports import Clock
from bot.services.inlet import TheInlet
from bot.store import version
from bot.store.data_version import DataVersion
from bot.store.database import parse
from bot.store.run_lock import Part, RunLock
from bot.store.store import Store, open_store

MIGRATE_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class OpenIntake:
    settings: Settings
    part: Part
    clock: Clock
    store: Store
    wakeup: LocalWakeup
    """Rings when there may be work."""
    news: LocalWakeup
    """Rings after every commit."""
    connecting: Connecting
    sealing: Sealing
    metrics: Metrics
    inlet: TheInlet


@asynccontextmanager
async def open_intake(
    settings: Settings,
    part: Part = Part.ALL,
    *,
    first_state: AccountState = AccountState.WATCH_ONLY,
) -> AsyncIterator[OpenIntake]:
    """Ready to take webhooks; ConfigurationError or StoreError with a sentence."""
    arm_faults(settings, os.environ)
    async with AsyncExitStack() as stack:
        clock = SystemClock()
        store = await _store(stack, settings, part, clock)
        news = LocalWakeup()
        store.on_commit(news.ring)
        wakeup = LocalWakeup(news)
        store.on_stir(wakeup.ring)
        await _listen_to_others(stack, settings, part, wakeup)
        sealing = Sealing(settings.desk)
        lines = await stack.enter_async_context(
            connecting(settings, store, clock, sealing, first_state=first_state)
        )
        metrics = Metrics()
        yield OpenIntake(
            settings=settings,
            part=part,
            clock=clock,
            store=store,
            wakeup=wakeup,
            news=news,
            connecting=lines,
            sealing=sealing,
            metrics=metrics,
            inlet=TheInlet(store, lines.lines, metrics),
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
    """Alembic would stay with 10 MiB for as long as the desk runs: a process of its own migrates.

    What that one cannot do is tried here, where its error is told.
    """
    found = version.current(address)
    if found is None or (found != version.head() and found in version.revisions()):
        words = [sys.executable, "-m", "bot.store.migrate"]
        done = subprocess.run(  # noqa: S603 - our own interpreter, our own module
            words,
            input=address,
            text=True,
            capture_output=True,
            timeout=MIGRATE_SECONDS,
            check=False,
        )
        if done.returncode:
            import_module("bot.store.migrate").upgrade(address)


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
    stack.push_async_callback(ended, listening)


async def ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
