"""The web process: the HTTP door with the console and, in the demo, the sandbox mounted in it."""

from __future__ import annotations

import logging
import socket
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from bot.errors import ConfigurationError, StoreError
from bot.metrics import Metrics
from bot.ports import Clock, Desk, EventFeed, Inlet, SignsIn
from bot.store.store import Store
from handlers.console.app import build_console
from handlers.http import Readiness, build_app

SHUTDOWN_SECONDS = 2.0
SILENT_SECONDS = 75.0
"""A connection that has begun no whole request for so long is closed; a little longer than the
proxies in front of us keep theirs."""


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; ConfigurationError when the port is taken or may not be used."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=1024)
    except OSError as error:
        raise ConfigurationError(
            f"Port {port} on {host} cannot be used ({error.strerror}). Another program may be "
            "listening there: stop it, or choose another port with PORT or desk.port."
        ) from error


def application(
    store: Store,
    clock: Clock,
    desk: Desk,
    inlet: Inlet,
    feed: EventFeed,
    signs_in: SignsIn,
    metrics: Metrics,
    *,
    act_as: Sequence[str] | None,
    mounts: Mapping[str, web.Application],
    allowed_hosts: Collection[str],
    open_metrics: bool,
) -> web.Application:
    async def ready() -> Readiness:
        try:
            await store.read(lambda tx: tx.events.latest())
        except StoreError as error:
            return Readiness(is_ready=False, says=(str(error),))
        return Readiness(is_ready=True)

    console = build_console(
        desk,
        feed,
        signs_in,
        act_as=act_as,
        sandbox="/sandbox" in mounts,
        clock=clock,
        allowed_hosts=allowed_hosts,
    )
    return build_app(
        inlet,
        ready=ready,
        metrics=metrics.render,
        allowed_hosts=allowed_hosts,
        mounts={**mounts, "/": console},
        open_metrics=open_metrics,
    )


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
