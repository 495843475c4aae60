"""A commit wakes who waits, in this process and in the others, whatever they are joined by."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.coordination.clock import SystemClock
from bot.coordination.redis.bells import GAP_SECONDS, RedisBells
from bot.coordination.redis.opening import line_to, shared
from bot.coordination.wakeup import LocalWakeup, poll, watch
from bot.ports import Bell
from bot.store.data_version import DataVersion
from bot.store.store import Store
from tests.contract.redis_case import PATIENT, SOON, eventually, unheard
from tests.contract.store_case import note, opened, prepare
from tests.redis_server import RedisServer

FOR_EVER = 3_600.0


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Somebody who commits, and the wake-up of who waits for it."""

    commit: Callable[[], Awaitable[object]]
    wakeup: LocalWakeup


def committing(store: Store) -> Callable[[], Awaitable[object]]:
    words = iter(range(1_000_000))
    return lambda: store.write(note, f"word {next(words)}")


@asynccontextmanager
async def in_one_process(address: str) -> AsyncIterator[Neighbours]:
    async with opened(address) as store:
        wakeup = LocalWakeup()
        store.on_commit(wakeup.ring)
        yield Neighbours(committing(store), wakeup)


@asynccontextmanager
async def on_one_file(address: str) -> AsyncIterator[Neighbours]:
    wakeup = LocalWakeup()
    async with opened(address) as store:
        with DataVersion(Path(address.removeprefix("sqlite:///"))) as version:
            watching = asyncio.create_task(watch(wakeup, version, 0.001))
            yield Neighbours(committing(store), wakeup)
            watching.cancel()


@asynccontextmanager
async def looking(address: str) -> AsyncIterator[Neighbours]:
    wakeup = LocalWakeup()
    async with opened(address) as store:
        looks = asyncio.create_task(poll(wakeup, 0.05))
        yield Neighbours(committing(store), wakeup)
        looks.cancel()


@asynccontextmanager
async def over_redis(address: str, server: RedisServer) -> AsyncIterator[Neighbours]:
    theirs, ours = LocalWakeup(), LocalWakeup()
    async with (
        opened(address) as store,
        opened(address) as other,
        in_redis(server, store, theirs, "one"),
        in_redis(server, other, ours, "two"),
    ):
        await until_heard(server, 2)
        yield Neighbours(committing(store), ours)


def in_redis(
    server: RedisServer, store: Store, wakeup: LocalWakeup, me: str
) -> AbstractAsyncContextManager[object]:
    clock = SystemClock()
    line = line_to(server.url, clock, unheard)
    return shared(line, store, wakeup, lambda _key: None, clock, me)


async def until_heard(server: RedisServer, listeners: int) -> None:
    """Until so many processes listen; what they hear then is of a later commit."""
    await eventually(lambda: _listeners(server) == listeners)


def _listeners(server: RedisServer) -> int:
    with server.client() as client:
        return sum(count for _channel, count in client.pubsub_numsub("replydesk:0:committed"))


@pytest.fixture(
    params=["process", "file", "looking", pytest.param("redis", marks=pytest.mark.redis)]
)
async def neighbours(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Neighbours]:
    address = f"sqlite:///{tmp_path / 'desk.db'}"
    prepare(address)
    match request.param:
        case "process":
            joined = in_one_process(address)
        case "file":
            joined = on_one_file(address)
        case "looking":
            joined = looking(address)
        case _:
            joined = over_redis(address, request.getfixturevalue("redis_server"))
    async with joined as it:
        yield it


async def drained(bell: Bell) -> None:
    """Whatever rang before is heard; the pace of who only looks is none of a commit."""
    await bell.wait(0)


async def test_a_commit_wakes_everybody_who_waits(neighbours: Neighbours) -> None:
    async with neighbours.wakeup.bell() as one, neighbours.wakeup.bell() as other:
        await drained(one)
        await drained(other)
        waits = [asyncio.create_task(bell.wait(FOR_EVER)) for bell in (one, other)]
        await neighbours.commit()
        await asyncio.wait_for(asyncio.gather(*waits), SOON)


async def test_a_commit_between_two_waits_is_not_missed(neighbours: Neighbours) -> None:
    async with neighbours.wakeup.bell() as bell:
        await drained(bell)
        for _ in range(20):
            await neighbours.commit()
        await asyncio.wait_for(bell.wait(FOR_EVER), SOON)


async def test_each_of_many_commits_is_followed_by_a_ring(neighbours: Neighbours) -> None:
    """What coalesces may be one ring for many commits, but never none after the last."""
    async with neighbours.wakeup.bell() as bell:
        for _ in range(5):
            await drained(bell)
            await asyncio.gather(*(neighbours.commit() for _ in range(20)))
            await asyncio.wait_for(bell.wait(FOR_EVER), SOON)


@pytest.mark.redis
async def test_nobody_hears_what_they_committed_themselves(
    tmp_path: Path, redis_server: RedisServer
) -> None:
    address = f"sqlite:///{tmp_path / 'desk.db'}"
    prepare(address)
    wakeup = LocalWakeup()
    async with opened(address) as store, in_redis(redis_server, store, wakeup, "one"):
        await until_heard(redis_server, 1)
        async with wakeup.bell() as bell:
            await asyncio.wait_for(bell.wait(0.2), SOON)
            await store.write(note, "word")
            waiting = asyncio.create_task(bell.wait(FOR_EVER))
            done, _ = await asyncio.wait([waiting], timeout=0.2)
            waiting.cancel()
            assert not done


@pytest.mark.redis
async def test_many_commits_are_told_in_few_messages(redis_server: RedisServer) -> None:
    line = line_to(redis_server.url, SystemClock(), unheard, PATIENT)
    bells = RedisBells(line, LocalWakeup(), "one")
    telling = asyncio.create_task(bells.tell())
    before, began = told_by(redis_server), time.monotonic()
    for _ in range(5_000):
        bells.announce()
        await asyncio.sleep(0)
    took = time.monotonic() - began
    await eventually(lambda: told_by(redis_server) > before)
    telling.cancel()
    await line.close()
    assert told_by(redis_server) - before <= took / GAP_SECONDS + 2


def told_by(server: RedisServer) -> int:
    with server.client() as client:
        return int(client.info("commandstats").get("cmdstat_publish", {}).get("calls", 0))


@pytest.mark.redis
async def test_no_commit_waits_for_a_redis_that_hangs(
    tmp_path: Path, own_redis: RedisServer
) -> None:
    address = f"sqlite:///{tmp_path / 'desk.db'}"
    prepare(address)
    async with opened(address) as store, in_redis(own_redis, store, LocalWakeup(), "one"):
        await until_heard(own_redis, 1)
        own_redis.pause()
        began = time.monotonic()
        await store.write(note, "while it hangs")
        assert time.monotonic() - began < 0.4, "an answer of Redis is waited for 0.5 s"


@pytest.mark.redis
async def test_who_was_deaf_for_a_while_hears_again(tmp_path: Path, own_redis: RedisServer) -> None:
    address = f"sqlite:///{tmp_path / 'desk.db'}"
    prepare(address)
    async with over_redis(address, own_redis) as neighbours:
        own_redis.stop()
        await neighbours.commit()
        own_redis.start()
        await until_heard(own_redis, 2)
        await test_each_of_many_commits_is_followed_by_a_ring(neighbours)
