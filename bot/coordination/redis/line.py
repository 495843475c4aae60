"""The line to one Redis: asked with a short time-out, left alone while it does not answer.

Whoever asks has another way to go, so the worst that a sick Redis may do is to let somebody wait
once. A question that is refused, or not answered within half a second, loses the line: from then
on every question raises `CoordinationLost` at once, and only `keep` looks whether it is back. It
looks at once, for it may have been this machine that was busy: a line that answers then is used
again and nothing is said. Else it is said, and looked at every second. A line that is lost again
within a minute rests twice as long each time, so that a Redis which answers now and then does not
hold everybody up now and then.

A lost line is thrown away with all its connections: none that hangs is ever used again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from bot.coordination.redis.refusals import explain, place_of
from bot.coordination.wakeup import LocalBell
from bot.errors import CoordinationLost, StoreError
from bot.logs import get_logger
from bot.ports import Clock

CONNECTIONS = 16

CONSEQUENCE = (
    "The desk goes on without it: limits are kept in the database, and what other processes do is "
    "noticed twice a second. Nothing is lost."
)

T = TypeVar("T")
Question = Callable[[Redis], Awaitable[T]]


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds."""

    answer: float = 0.5
    """How long an answer may take, connecting included."""
    look: float = 5.0
    """How often a quiet line is looked at."""
    rest: float = 1.0
    longest_rest: float = 30.0
    steady: float = 60.0
    """A line that held so long counts as healthy again."""


PATIENCE = Patience()


class RedisLine:
    """`address` is a `REDIS_URL`; `tell` hears whether it answers, at every change."""

    def __init__(
        self,
        address: str,
        clock: Clock,
        tell: Callable[[bool], None],
        patience: Patience = PATIENCE,
    ) -> None:
        self._address = address
        self.patience = patience
        self.clock = clock
        self._tell = tell
        self._client = _client(address, patience.answer)
        self.place = place_of(address)
        """Where it is, without user and password."""
        self._lost: str | None = None
        self._is_said = False
        self._rest = 0.0
        self._back_at: float | None = None
        self._changed = LocalBell()
        self._returns: list[Callable[[], Awaitable[None]]] = []
        self._thrown_away: set[asyncio.Task[None]] = set()
        self._log = get_logger("redis")

    @property
    def client(self) -> Redis:
        """For what stays open; another one after each loss."""
        return self._client

    @property
    def number(self) -> int:
        """Of the database within the server; channels are not divided by it, so they name it."""
        return int(self._client.connection_pool.connection_kwargs.get("db", 0))

    def troubles(self) -> tuple[str, ...]:
        """Sentences for people; none while it answers."""
        return (f"{self._lost} {CONSEQUENCE}",) if self._is_said else ()

    def on_return(self, prepare: Callable[[], Awaitable[None]]) -> None:
        """Await `prepare` before anybody asks a Redis that was lost; it uses `knock`."""
        self._returns.append(prepare)

    async def ask(self, question: Question[T]) -> T:
        """The answer within half a second, or CoordinationLost; at once while it is lost."""
        if self._lost is not None:
            raise CoordinationLost(self._lost)
        return await self.knock(question)

    async def knock(self, question: Question[T]) -> T:
        """As `ask`, also while it is lost."""
        client = self._client
        try:
            async with asyncio.timeout(self.patience.answer):
                return await question(client)
        except (RedisError, OSError, TimeoutError) as error:
            says = explain(error, self.place, self.patience.answer)
            if client is self._client:
                self._lose(says)
            raise CoordinationLost(says) from error

    async def keep(self) -> None:
        """Look after the line until cancelled."""
        while True:
            await self._look()
            if self._lost is None:
                await self._changed.wait(self.patience.look)
            if self._lost is not None:
                await asyncio.sleep(self._rest)

    async def close(self) -> None:
        self._throw_away(self._client)
        await asyncio.gather(*self._thrown_away, return_exceptions=True)

    async def _look(self) -> None:
        is_away = self._lost is not None or self._back_at is None
        try:
            await self.knock(lambda client: client.ping())
            if is_away:
                for prepare in self._returns:
                    await prepare()
                self._regain()
        except CoordinationLost as error:
            if is_away:
                self._say(str(error))
        except StoreError as error:
            # It is not used before it knows what was closed meanwhile.
            self._log.warning("redis_not_prepared", says=str(error))

    def _lose(self, says: str) -> None:
        """The next one to come may ask a new client; the old one and all its connections go."""
        self._throw_away(self._client)
        self._client = _client(self._address, self.patience.answer)
        was_lost, self._lost = self._lost is not None, says
        if was_lost:
            return
        self._changed.ring()
        if self._is_steady():
            self._rest = 0.0
        else:
            self._say(says)

    def _is_steady(self) -> bool:
        held = None if self._back_at is None else self.clock.monotonic() - self._back_at
        return held is not None and held > self.patience.steady

    def _say(self, says: str) -> None:
        if self._is_said:
            return
        self._is_said = True
        longer = min(self._rest * 2, self.patience.longest_rest)
        self._rest = max(self.patience.rest, longer)
        self._log.warning("redis_lost", says=says)
        self._tell(False)

    def _regain(self) -> None:
        if self._is_said:
            self._log.info("redis_back", place=self.place)
        if self._is_said or self._back_at is None:
            self._tell(True)
        self._lost, self._is_said = None, False
        self._back_at = self.clock.monotonic()

    def _throw_away(self, client: Redis) -> None:
        closing = asyncio.create_task(_closed(client), name="redis-closing")
        self._thrown_away.add(closing)
        closing.add_done_callback(self._thrown_away.discard)


def _client(address: str, seconds: float) -> Redis:
    """Connects when it is first asked; nothing is tried twice behind our back."""
    pool = BlockingConnectionPool.from_url(
        address,
        max_connections=CONNECTIONS,
        timeout=seconds,
        # With one it sends within asyncio.wait_for, which may swallow a cancellation (3.11).
        socket_timeout=None,
        socket_connect_timeout=seconds,
        retry=Retry(NoBackoff(), 0),
        protocol=2,
        decode_responses=True,
    )
    return Redis.from_pool(pool)


async def _closed(client: Redis) -> None:
    try:
        await client.aclose()
    except (RedisError, OSError):
        return
