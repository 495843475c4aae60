"""Running the desk: serve, work, and stop in order when asked to."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from aiohttp import web

from bot import logs
from bot.bootstrap.opening import OpenDesk, opened
from bot.bootstrap.web import application, listen, served
from bot.bootstrap.workshop import work_loop
from bot.config import Settings
from bot.errors import ConfigurationError, StoreError
from bot.model.due import Lane
from bot.model.triage import LanguageCode
from bot.services.language import Py3LangIdentifier
from bot.services.lexicon import load_cues
from bot.services.settling_in import set_to_work
from bot.services.triage_rules import Triager
from bot.store.database import parse
from bot.store.run_lock import Part
from bot.store.tx import Tx
from bot.workers.counting import count_events
from bot.workers.items import WarmTriager
from bot.workers.publish import Timing

GAUGE_SECONDS = 5.0
SWITCH_SECONDS = 0.0005
"""Every statement of a database thread gives up the interpreter and must get it back from the
event loop; at Python's default of 5 ms a busy loop makes each of them wait that long."""


@dataclass(frozen=True, slots=True)
class Extras:
    """What a demo adds: who visitors may act as, what is mounted, and a word when it serves."""

    act_as: Sequence[str] | None = None
    mounts: Mapping[str, web.Application] = field(default_factory=dict)
    started: Callable[[str], None] = lambda url: None


async def run_desk(settings: Settings, only: str | None = None) -> int:
    """Until SIGINT or SIGTERM; 0 when it stopped cleanly."""
    part = Part(only) if only else Part.ALL
    _refuse_shared_nothing(settings, part)
    log = logs.get_logger("desk")
    async with opened(settings, part) as desk:
        listening = None
        if part is not Part.WORKER:
            listening = listen(settings.desk.host, settings.desk.port)
        extras = Extras(started=lambda url: log.info("serving", url=url))
        await run_open(desk, listening, extras)
    return 0


def _refuse_shared_nothing(settings: Settings, part: Part) -> None:
    """On a platform whose processes share no disk, a SQLite file cannot be shared either."""
    apart = part is not Part.ALL and "DYNO" in os.environ
    if apart and parse(settings.desk.database_url).is_sqlite:
        raise ConfigurationError(
            "Here web and worker share no disk, so they cannot share a SQLite file. Set "
            "DATABASE_URL to a PostgreSQL database, or run `replydesk run` as one process."
        )


async def run_open(desk: OpenDesk, listening: socket.socket | None, extras: Extras) -> None:
    """Serve and work until asked to stop; intake stops first, then work in flight is finished."""
    sys.setswitchinterval(SWITCH_SECONDS)
    stop = asyncio.Event()
    _stop_on_signals(stop)
    working: asyncio.Task[None] | None = None
    if desk.part is not Part.WEB:
        working = asyncio.create_task(_work(desk, stop), name="work")
        working.add_done_callback(lambda _task: stop.set())
    if listening is None:
        await stop.wait()
    else:
        host, port = listening.getsockname()[:2]
        app = application(
            desk.store,
            desk.clock,
            desk.desk,
            desk.inlet,
            desk.feed,
            desk.sign_in,
            desk.metrics,
            act_as=extras.act_as,
            mounts=extras.mounts,
            allowed_hosts=desk.settings.desk.host_names,
            open_metrics=desk.settings.desk.metrics_public,
        )
        async with served(app, listening):
            extras.started(f"http://{host}:{port}/")
            await stop.wait()
    if working is not None:
        await working


async def _work(desk: OpenDesk, stop: asyncio.Event) -> None:
    """Take up what a predecessor left, then claim and do until stopped."""
    alone = parse(desk.settings.desk.database_url).is_sqlite
    if alone:
        # The lock is ours, so whoever held these leases is dead.
        await desk.store.write(_take_over, None)
    await desk.store.write(set_to_work, desk.lines.connectors)
    identifier = Py3LangIdentifier(_languages(desk.settings))
    # The model takes a second to load: in a thread, and only triage waits for it.
    warm = _warming(identifier)
    loop = work_loop(
        desk.store,
        desk.clock,
        desk.wakeup,
        desk.lines,
        desk.limiter,
        desk.drafter,
        WarmTriager(Triager(load_cues(), identifier), warm),
        desk.metrics,
        Timing(answer_within=desk.settings.desk.answer_seconds),
    )
    beside = [
        warm,
        asyncio.create_task(_gauge(desk), name="gauges"),
        asyncio.create_task(count_events(desk.feed, desk.metrics), name="counting"),
    ]
    try:
        await loop.run(stop)
    finally:
        for task in beside:
            task.cancel()


def _warming(identifier: Py3LangIdentifier) -> asyncio.Future[None]:
    """Done when the model is loaded. A daemon thread, so that stopping never waits for it."""
    loop = asyncio.get_running_loop()
    warm: asyncio.Future[None] = loop.create_future()

    def tell() -> None:
        if not warm.done():
            warm.set_result(None)

    def load() -> None:
        try:
            identifier.warm()
        finally:
            # Told also when it failed, so that triage says so instead of waiting for ever.
            with contextlib.suppress(RuntimeError):  # the loop is closed: the desk has stopped
                loop.call_soon_threadsafe(tell)

    threading.Thread(target=load, name="warm", daemon=True).start()
    return warm


def _languages(settings: Settings) -> list[LanguageCode]:
    """All that the brands speak."""
    spoken = {code for brand in settings.brands for code in brand.languages}
    return [LanguageCode(code) for code in sorted(spoken or {"en"})]


def _take_over(tx: Tx, commands: Sequence[None]) -> list[None]:
    tx.due.release()
    return [None] * len(commands)


async def _gauge(desk: OpenDesk) -> None:
    """Keep what is counted in the store readable on /metrics."""
    while True:
        # What cannot be read now is read again in a moment.
        with contextlib.suppress(StoreError):
            await _measure(desk)
        await asyncio.sleep(GAUGE_SECONDS)


async def _measure(desk: OpenDesk) -> None:
    depth, dead, accounts, strange = await desk.store.read(
        lambda tx: (
            tx.due.depth(),
            len(tx.due.dead_letters()),
            tx.accounts.all(),
            tx.events.unsupported_counts(),
        )
    )
    for lane in Lane:
        desk.metrics.set_due_rows(lane.name.lower(), depth.get(lane, 0))
    desk.metrics.set_dead_letters(dead)
    for network, count in strange.items():
        desk.metrics.set_unsupported(network, count)
    for account in accounts:
        desk.metrics.set_last_heard(account.slug, account.last_heard_at or 0)


def _stop_on_signals(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, stop.set)
        except NotImplementedError:
            # Windows loops have no signal handlers; a plain one wakes the loop.
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
