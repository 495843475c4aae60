"""The web process: webhooks from the first moment on, the rooms when they are loaded."""

from __future__ import annotations

import logging
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from bot.bootstrap.gauges import rendered
from bot.bootstrap.intake import OpenIntake
from bot.errors import StoreError
from bot.services.unproved import Unproved
from handlers.http import Readiness, build_app, is_hook
from handlers.late_doors import LateDoors
from handlers.rooms import Rooms

SHUTDOWN_SECONDS = 2.0
SILENT_SECONDS = 75.0
"""A connection that has begun no whole request for so long is closed; a little longer than the
proxies in front of us keep theirs."""


class WebDoor:
    """What the server serves: `app` takes webhooks, and the rooms once `open` was called."""

    def __init__(self, intake: OpenIntake) -> None:
        self._store = intake.store
        self._metrics = intake.metrics
        self._unproved = Unproved(intake.store)
        self._troubles: Callable[[], tuple[str, ...]] = tuple
        self._rooms = Rooms(is_taken=is_hook)
        self.app = build_app(
            intake.inlet,
            ready=self._ready,
            metrics=self._rendered,
            allowed_hosts=intake.settings.desk.host_names,
            rooms=self._rooms,
            open_metrics=intake.settings.desk.metrics_public,
            unproved=self._count_unproved,
        )

    async def open(
        self,
        mounts: Mapping[str, web.Application],
        late: LateDoors,
        troubles: Callable[[], tuple[str, ...]],
    ) -> None:
        """`troubles` are sentences about what does not work although the desk is ready."""
        self._troubles = troubles
        await self._rooms.open(mounts, late)

    async def _ready(self) -> Readiness:
        if not self._rooms.are_open:
            return Readiness(is_ready=False, says=("The desk is being opened.",))
        try:
            await self._store.read(lambda tx: tx.events.latest())
        except StoreError as error:
            return Readiness(is_ready=False, says=(str(error),))
        return Readiness(is_ready=True, says=self._troubles())

    async def _count_unproved(self, chat: str) -> None:
        self._metrics.sender_unproved(chat)
        await self._unproved.at_chat(chat)

    async def _rendered(self) -> bytes:
        return await rendered(self._store, self._metrics)


@asynccontextmanager
async def served(
    app: web.Application, listening: socket.socket, *, silent_seconds: float = SILENT_SECONDS
) -> AsyncIterator[None]:
    """Serve until the block ends; then no new request is taken and open ones are finished."""
    runner = web.AppRunner(
        app,
        access_log=None,
        handle_signals=False,
        shutdown_timeout=SHUTDOWN_SECONDS,
        keepalive_timeout=silent_seconds,
        logger=_server_log(),
    )
    await runner.setup()
    try:
        await web.SockSite(runner, listening).start()
        yield
    finally:
        await runner.cleanup()


class _WithoutTracesOfNonsense(logging.Filter):
    """Whoever sends what is no HTTP gets one line of the log, and no stack that speaks of us."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, HttpProcessingError | web.RequestPayloadError):
            record.exc_info = None
            record.levelno, record.levelname = logging.INFO, "INFO"
            record.msg, record.args = "A request could not be read: %s", (type(error).__name__,)
        return True


def _server_log() -> logging.Logger:
    """Of the server; a filter of an equal class replaces one that stands there already."""
    log = logging.getLogger("aiohttp.server")
    for old in [one for one in log.filters if isinstance(one, _WithoutTracesOfNonsense)]:
        log.removeFilter(old)
    log.addFilter(_WithoutTracesOfNonsense())
    return log
