"""A web process and two workers on PostgreSQL and Redis, while Redis is flushed, hangs and dies.

Redis holds no only copy, so whatever happens to it costs time: no comment is lost, nothing is
published twice, no press is refused. Judged from the network's side, over real HTTP.
"""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import psycopg
import pytest

from integrations.sandbox.server import SandboxServer
from tests.chaos.book import Book
from tests.chaos.judge import Scene, Verdict, judge
from tests.chaos.people import approver, customers
from tests.chaos.seats import AtConsole
from tests.e2e.console_client import Person, eventually, person_at
from tests.e2e.loop import network_of, page_says
from tests.e2e.process import DeskHome, DeskProcess, report, said_by
from tests.redis_server import RedisServer
from tests.services import LOOPBACK, free_port

pytestmark = [pytest.mark.postgres, pytest.mark.redis]

SEED = 20_261_129
SETTLE_SECONDS = 60.0
STOP_SECONDS = 20.0
"""It takes one; the machine may be busy."""
WELL = "replydesk is ready.\n"
TROUBLE = "Runs with less than it could"


@dataclass(frozen=True, slots=True)
class Fleet:
    home: DeskHome
    sandbox: SandboxServer
    processes: tuple[DeskProcess, ...]
    redis: RedisServer
    team: tuple[Person, Person]

    def said(self, word: str) -> list[int]:
        """How often each process has said it."""
        return [process.said.count(word) for process in self.processes]

    async def answer(self, path: str) -> str:
        async with aiohttp.ClientSession() as http, http.get(self.home.url + path) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.text()

    async def until_ready(self, says: str) -> None:
        async def look() -> bool:
            return says in await self.answer("/readyz")

        await eventually(look, f"/readyz to say {says!r}")


@asynccontextmanager
async def fleet(folder: Path, address: str, redis: RedisServer) -> AsyncIterator[Fleet]:
    home = DeskHome(folder / "desk", network=f"http://{LOOPBACK}:{free_port()}/sandbox/api")
    home.configure()
    places = {"DATABASE_URL": address, "REDIS_URL": redis.url}
    code, said = await said_by(home.folder, "migrate", environment=places)
    assert code == 0, said
    async with (
        network_of(home) as sandbox,
        home.running("--only", "web", environment=places) as web,
        home.running("--only", "worker", environment=places) as one,
        home.running("--only", "worker", environment=places, number=2) as other,
        AsyncExitStack() as stack,
    ):
        await web.ready(home.url)
        bob, alice = [
            await stack.enter_async_context(
                person_at(home.url, link=await home.sign_in_link(member, address))
            )
            for member in ("bob", "alice")
        ]
        assert (await alice.order("go_live", account="acme")).is_done
        yield Fleet(home, sandbox, (web, one, other), redis, (bob, alice))


@asynccontextmanager
async def meanwhile(*lives: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """They go on beside the block; a fault in one of them is a fault of the test."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(life) for life in lives]
        yield
        for task in tasks:
            task.cancel()


def a_day(fleet: Fleet, book: Book) -> list[Coroutine[Any, Any, None]]:
    """Customers who write, and a team that approves."""
    return [
        customers(fleet.sandbox.network, book, random.Random(SEED)),
        *(
            approver(AtConsole(person, f"member {number}"), book, random.Random(SEED + number))
            for number, person in enumerate(fleet.team)
        ),
    ]


async def more_is_published(fleet: Fleet, count: int) -> float:
    """Seconds until so many more replies stand on the network."""

    async def standing() -> int:
        return sum(map(len, (await fleet.sandbox.visible_replies()).values()))

    wanted, began = await standing() + count, time.monotonic()

    async def look() -> bool:
        return await standing() >= wanted

    await eventually(look, f"{count} more replies", SETTLE_SECONDS)
    return time.monotonic() - began


async def everything_ends_well(fleet: Fleet, book: Book) -> None:
    """Every comment has its card, and every approval exactly one reply."""

    async def verdict() -> Verdict:
        cards = await fleet.team[0].cards("all")
        return judge(Scene(book, await fleet.sandbox.visible_replies(), cards))

    async def all_is_here() -> bool:
        return not (await verdict()).unfinished

    await eventually(all_is_here, "cards and replies for everybody", SETTLE_SECONDS)
    await asyncio.sleep(1.5)
    assert (await verdict()).faults == {}
    assert "Everything that was to be done got done." in await fleet.team[0].page("/fragments/desk")
    assert book.done, "nobody approved anything: nothing was tested"


async def test_a_redis_that_is_flushed_hangs_and_dies_in_mid_work_costs_time_and_nothing_else(
    tmp_path: Path, migrated_postgres_url: str, own_redis: RedisServer
) -> None:
    book = Book()
    async with fleet(tmp_path, migrated_postgres_url, own_redis) as it:
        await it.until_ready(WELL)
        async with meanwhile(*a_day(it, book)):
            report(f"well: 3 replies in {await more_is_published(it, 3):.1f} s")
            own_redis.flush()
            report(f"flushed: 3 replies in {await more_is_published(it, 3):.1f} s")
            for how, begin, end in TROUBLES:
                await all_are_back(it)
                before = it.said("redis_lost")
                begin(own_redis)
                report(f"{how}: 3 replies in {await more_is_published(it, 3):.1f} s")
                await it.until_ready(f"Redis at {LOOPBACK}:{own_redis.port} ")
                await page_says(it.team[1], TROUBLE)
                assert 'replydesk_redis_answers{use="coordination"} 0.0' in await it.answer(
                    "/metrics"
                )
                await all_have_said_more(it, "redis_lost", before)
                end(own_redis)
                await it.until_ready(WELL)
                report(f"back: 3 replies in {await more_is_published(it, 3):.1f} s")
        await everything_ends_well(it, book)
        await every_event_is_in_the_stream(it, migrated_postgres_url)
        assert TROUBLE not in await it.team[1].page("/fragments/desk")
        await all_are_back(it)
        for process in it.processes:
            code, seconds = await process.interrupt()
            assert (code, seconds < STOP_SECONDS) == (0, True), process.said


TROUBLES: tuple[tuple[str, Callable[[RedisServer], None], Callable[[RedisServer], None]], ...] = (
    ("paused", RedisServer.pause, RedisServer.wake),
    ("stopped", RedisServer.stop, RedisServer.start),
)


async def all_have_said_more(fleet: Fleet, word: str, before: list[int]) -> None:
    async def look() -> bool:
        return all(now > then for now, then in zip(fleet.said(word), before, strict=True))

    await eventually(look, f"another {word} from each process")


async def all_are_back(fleet: Fleet) -> None:
    """Each said of every loss that it is over, and hears the others again."""

    async def look() -> bool:
        is_over = fleet.said("redis_lost") == fleet.said("redis_back")
        return is_over and listeners(fleet.redis) == len(fleet.processes)

    await eventually(look, "every process to be back")


async def every_event_is_in_the_stream(fleet: Fleet, address: str) -> None:
    """Once and in order, although Redis was flushed, hung and died."""

    async def look() -> bool:
        with fleet.redis.client() as client:
            there = [fields["id"] for _id, fields in client.xrange("replydesk:events")]
        return there == await asyncio.to_thread(event_numbers, address)

    await eventually(look, "every event in the stream")


def event_numbers(address: str) -> list[str]:
    with psycopg.connect(address.replace("+psycopg", "")) as connection:
        return [str(row[0]) for row in connection.execute("SELECT id FROM event ORDER BY id")]


def listeners(redis: RedisServer) -> int:
    with redis.client() as client:
        return sum(int(count) for _channel, count in client.pubsub_numsub("replydesk:0:committed"))
