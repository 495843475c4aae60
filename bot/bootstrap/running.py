"""Running the desk: take webhooks, load the rest, work, and stop in order when asked to."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiohttp import web

from bot import logs
from bot.bootstrap.address import listen
from bot.bootstrap.intake import OpenIntake, open_intake
from bot.bootstrap.loading import begin_loading, end_loading, load
from bot.bootstrap.web import WebDoor, served
from bot.config import Settings
from bot.errors import ConfigurationError
from bot.store.database import parse
from bot.store.run_lock import Part

if TYPE_CHECKING:
    from bot.bootstrap.opening import OpenDesk

SWITCH_SECONDS = 0.0005
"""Every statement of a database thread gives up the interpreter and must get it back from the
event loop; at Python's default of 5 ms a busy loop makes each of them wait that long."""
THE_REST = ("bot.bootstrap.opening", "bot.bootstrap.working", "bot.bootstrap.rooms")

Mounts = Mapping[str, web.Application]


async def _no_mounts(_: AsyncExitStack) -> Mounts:
    return {}


async def _nothing_besides(_desk: OpenDesk, stop: asyncio.Event) -> None:
    await stop.wait()


@dataclass(frozen=True, slots=True)
class Extras:
    """What a demo adds: who visitors may act as, what is mounted, and a word when it serves."""

    act_as: Sequence[str] | None = None
    mounts: Callable[[AsyncExitStack], Awaitable[Mounts]] = _no_mounts
    """Called when webhooks are taken; the stack closes what it opens."""
    started: Callable[[str], None] = lambda url: None
    besides: Callable[[OpenDesk, asyncio.Event], Awaitable[None]] = _nothing_besides
    """Runs while the desk does, which stops when it returns; the event says that it stops."""


async def run_desk(settings: Settings, only: str | None = None) -> int:
    """Until SIGINT or SIGTERM; 0 when it stopped cleanly."""
    begin_loading()
    part = Part(only) if only else Part.ALL
    _refuse_shared_nothing(settings, part)
    log = logs.get_logger("desk")
    waiting = None if part is Part.WORKER else _listen_early(settings)
    async with open_intake(settings, part) as intake:
        listening = None
        if part is not Part.WORKER:
            listening = waiting or listen(settings.desk.host, settings.desk.port)
        extras = Extras(started=lambda url: log.info("serving", url=url))
        await run_open(intake, listening, extras)
    return 0


def _listen_early(settings: Settings) -> socket.socket | None:
    """None when that cannot be: a desk that runs already is the better reason, and told first."""
    try:
        return listen(settings.desk.host, settings.desk.port)
    except ConfigurationError:
        return None


def _refuse_shared_nothing(settings: Settings, part: Part) -> None:
    """On a platform whose processes share no disk, a SQLite file cannot be shared either."""
    apart = part is not Part.ALL and "DYNO" in os.environ
    if apart and parse(settings.desk.database_url).is_sqlite:
        raise ConfigurationError(
            "Here web and worker share no disk, so they cannot share a SQLite file. Set "
            "DATABASE_URL to a PostgreSQL database, or run `replydesk run` as one process."
        )


async def run_open(intake: OpenIntake, listening: socket.socket | None, extras: Extras) -> None:
    """Serve and work until asked to stop; intake stops first, then work in flight is finished."""
    sys.setswitchinterval(SWITCH_SECONDS)
    stop = asyncio.Event()
    _stop_on_signals(stop)
    async with AsyncExitStack() as stack:
        door = WebDoor(intake)
        async with _served(door, listening):
            desk, working = await _open_the_rest(stack, intake, door, extras, stop)
            end_loading()
            if listening is not None:
                host, port = listening.getsockname()[:2]
                extras.started(f"http://{host}:{port}/")
            besides = asyncio.ensure_future(extras.besides(desk, stop))
            besides.add_done_callback(lambda _task: stop.set())
            await stop.wait()
            await besides
        if working is not None:
            await working


@asynccontextmanager
async def _served(door: WebDoor, listening: socket.socket | None) -> AsyncIterator[None]:
    """A process that only works has no door."""
    if listening is None:
        yield
        return
    async with served(door.app, listening):
        yield


async def _open_the_rest(
    stack: AsyncExitStack,
    intake: OpenIntake,
    door: WebDoor,
    extras: Extras,
    stop: asyncio.Event,
) -> tuple[OpenDesk, asyncio.Task[None] | None]:
    """Webhooks are taken meanwhile; the desk, and the task that works, if this process works."""
    await load(THE_REST)
    from bot.bootstrap.opening import opened
    from bot.bootstrap.rooms import rooms_of
    from bot.bootstrap.working import work

    desk = await opened(stack, intake)
    mounts = await extras.mounts(stack)
    working: asyncio.Task[None] | None = None
    if intake.part is not Part.WEB:
        working = asyncio.create_task(work(desk, stop), name="work")
        working.add_done_callback(lambda _task: stop.set())
    if intake.part is not Part.WORKER:
        await door.open(rooms_of(desk, extras.act_as, mounts), desk.late_doors, desk.troubles)
    return desk, working


def _stop_on_signals(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, stop.set)
        except NotImplementedError:
            # Windows loops have no signal handlers; a plain one wakes the loop.
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
