"""How the processes of this desk agree: alone in memory, over the database, or over Redis."""

from __future__ import annotations

import importlib
import os
import socket
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from bot.config import DeskSettings
from bot.coordination.breaker import LocalBreaker
from bot.coordination.limits import MemoryLimiter, Rates, StoreLimiter
from bot.coordination.spending import LocalSpending
from bot.coordination.wakeup import LocalWakeup
from bot.metrics import Metrics
from bot.ports import Breaker, Clock, EventStream, Limiter, Spending
from bot.store.database import parse
from bot.store.run_lock import Part
from bot.store.store import Store

REDIS = "bot.coordination.redis.opening"
Line = Any
"""A `RedisLine`; its room takes a tenth of a second to import, so only who named a Redis pays."""


@dataclass(frozen=True, slots=True)
class Coordination:
    limiter: Limiter
    stream: EventStream | None = None
    """None without Redis."""


def line_to_redis(settings: DeskSettings, clock: Clock, metrics: Metrics) -> Line | None:
    """None without Redis. Nothing is asked of it yet."""
    if not settings.redis_url:
        return None
    return _room().line_to(settings.redis_url, clock, metrics.set_redis_answers)


def troubles_of(line: Line | None) -> Callable[[], tuple[str, ...]]:
    """What does not work although the desk goes on, in sentences."""
    if line is None:
        return lambda: ()
    troubles: Callable[[], tuple[str, ...]] = line.troubles
    return troubles


def breakers(line: Line | None, clock: Clock) -> Callable[[str], Breaker]:
    """The breaker of a server, by its name."""
    if line is None:
        return lambda _server: LocalBreaker(clock.monotonic)
    room = _room()

    def shared(server: str) -> Breaker:
        made: Breaker = room.RedisBreaker(line, server, clock)
        return made

    return shared


def spendings(line: Line | None, clock: Clock) -> Callable[[str], Spending]:
    """The counter of what a server took today, by its name."""
    if line is None:
        return lambda _server: LocalSpending(clock)
    room, me = _room(), process_name()

    def shared(server: str) -> Spending:
        made: Spending = room.RedisSpending(line, server, clock, me)
        return made

    return shared


async def coordinated(
    stack: AsyncExitStack,
    settings: DeskSettings,
    part: Part,
    store: Store,
    wakeup: LocalWakeup,
    rates: Rates,
    clock: Clock,
    line: Line | None,
) -> Coordination:
    """Begin to listen to the other processes over Redis; and what all of them share."""
    if line is not None:
        shared = await stack.enter_async_context(
            _room().shared(line, store, wakeup, rates, clock, process_name())
        )
        return Coordination(shared.limiter, shared.stream)
    is_alone = part is Part.ALL and parse(settings.database_url).is_sqlite
    return Coordination(
        MemoryLimiter(rates, clock) if is_alone else StoreLimiter(store, rates, clock)
    )


async def probe_redis(address: str, clock: Clock) -> str:
    """What `check` says of a Redis that answers; CoordinationLost when it does not."""
    says: str = await _room().probe(address, clock)
    return says


def process_name() -> str:
    """Host, process and a random word: no two are the same, and a person can find it."""
    return f"{socket.gethostname()[:16]}:{os.getpid()}:{uuid4().hex[:8]}"


def _room() -> Any:
    return importlib.import_module(REDIS)
