"""The stream of events for other programs: each event once, in order, whatever happens to Redis."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from bot.coordination.feed import StoreFeed
from bot.coordination.redis.line import Patience
from bot.coordination.redis.stream import STREAM, RedisStream
from bot.model.due import NEVER_DEAD, DueRow, Lane
from bot.model.ids import MINUTE, DueId, Moment
from bot.store import schema
from bot.store.database import parse, writing_engine
from bot.store.store import Store
from bot.store.tx import Tx
from bot.workers.feed import FeedTask, set_to_feed
from tests.contract.redis_case import HASTY, PATIENT, SOON, Part, eventually, taking_part
from tests.contract.store_case import DATABASES, make_database
from tests.fakes.log_capture import captured_logs
from tests.redis_server import RedisServer

pytestmark = pytest.mark.redis

DOCS = Path(__file__).parents[2] / "docs" / "howto"
Follow = Callable[[str, str, str, Callable[[dict[str, str]], None]], None]
BRAND = {"id": 1, "slug": "blue-cup", "languages": ["en"], "keywords": [], "zone": "UTC"}


@pytest.fixture(params=DATABASES)
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    found = make_database(request, tmp_path)
    engine = writing_engine(parse(found))
    with engine.begin() as connection:
        connection.execute(insert(schema.brand), BRAND)
    engine.dispose()
    return found


def happen(tx: Tx, subjects: Sequence[int]) -> Sequence[None]:
    rows = [
        {
            "at": 1_790_000_000_000 + subject,
            "kind": "item_received",
            "brand_id": 1,
            "subject": "item",
            "subject_id": subject,
            "member_id": None,
            "facts": {"network": "sandbox", "word": "thé"},
        }
        for subject in subjects
    ]
    tx.events.add_many(rows)
    return [None] * len(subjects)


def claim(tx: Tx, commands: Sequence[str]) -> list[DueRow | None]:
    found = [
        tx.due.claim(Lane.STREAMS, 1, lease=60_000, owner=owner, running=()) for owner in commands
    ]
    return [rows[0] if rows else None for rows in found]


@dataclass(slots=True)
class Feeder:
    """One process that feeds the stream, and what it feeds from."""

    part: Part
    feeding: asyncio.Task[None]

    @property
    def store(self) -> Store:
        return self.part.store

    async def happen(self, *subjects: int) -> None:
        await asyncio.gather(*(self.store.write(happen, subject) for subject in subjects))


@asynccontextmanager
async def feeding(
    redis_url: str,
    address: str,
    *,
    keeps: int = 100_000,
    patience: Patience = PATIENT,
    me: str = "one",
) -> AsyncIterator[Feeder]:
    """As the work loop does: claim the row whenever it is due, and run its task."""
    async with taking_part(redis_url, address, lambda _key: None, patience=patience, me=me) as part:
        stream = RedisStream(part.line, keeps)
        task = FeedTask(part.store, StoreFeed(part.store, part.wakeup), stream, part.wakeup)

        async def loop() -> None:
            await part.store.write(set_to_feed, None)
            while True:
                row = await part.store.write(claim, me)
                if row is not None:
                    await task(row)
                await asyncio.sleep(0.02)

        working = asyncio.create_task(loop())
        try:
            yield Feeder(part, working)
        finally:
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)


NOBODYS = DueRow(DueId(0), "feed", "none", Lane.STREAMS, Moment(0), {}, MINUTE, 0, NEVER_DEAD, 0)
"""Whoever works on it has lost the lease, and does not know it yet."""


def entries(server: RedisServer) -> list[dict[str, str]]:
    with server.client() as client:
        return [fields for _id, fields in client.xrange(STREAM)]


def newest(server: RedisServer) -> int:
    return max((int(fields["id"]) for fields in entries(server)), default=0)


def subjects(server: RedisServer) -> list[int]:
    return [int(fields["subject_id"]) for fields in entries(server)]


async def until_there(server: RedisServer, *wanted: int) -> None:
    await eventually(lambda: sorted(subjects(server)) == sorted(wanted))


async def test_an_entry_says_everything_of_its_event_and_has_its_number(
    redis_server: RedisServer, redis_url: str, address: str
) -> None:
    async with feeding(redis_url, address) as feeder:
        await feeder.happen(7)
        await until_there(redis_server, 7)
        with redis_server.client() as client:
            ((entry_id, fields),) = client.xrange(STREAM)
    assert entry_id == "1-0"
    assert json.loads(fields.pop("facts")) == {"network": "sandbox", "word": "thé"}
    assert fields == {
        "id": "1",
        "at": "1790000000007",
        "kind": "item_received",
        "brand": "1",
        "subject": "item",
        "subject_id": "7",
        "member": "",
    }


async def test_every_event_is_there_once_and_in_order_while_many_are_committed(
    redis_server: RedisServer, redis_url: str, address: str
) -> None:
    async with feeding(redis_url, address) as feeder:
        await feeder.happen(*range(500))
        await until_there(redis_server, *range(500))
    numbers = [int(fields["id"]) for fields in entries(redis_server)]
    assert numbers == sorted(set(numbers))


async def test_two_feeders_at_once_and_one_after_the_other_write_each_event_once(
    redis_server: RedisServer, redis_url: str, address: str
) -> None:
    async with feeding(redis_url, address) as one:
        await one.happen(*range(50))
        stream = RedisStream(one.part.line)
        second = FeedTask(one.store, StoreFeed(one.store, one.part.wakeup), stream, one.part.wakeup)
        copying = asyncio.create_task(second(NOBODYS))
        await one.happen(*range(50, 100))
        await until_there(redis_server, *range(100))
        copying.cancel()
        await asyncio.gather(copying, return_exceptions=True)
    async with feeding(redis_url, address, me="two") as two:
        await two.store.write(_release, None)
        await two.happen(100)
        await until_there(redis_server, *range(101))


def _release(tx: Tx, commands: Sequence[None]) -> list[None]:
    tx.due.release()
    return [None] * len(commands)


async def test_a_flushed_stream_is_filled_again(
    redis_server: RedisServer, redis_url: str, address: str
) -> None:
    async with feeding(redis_url, address) as feeder:
        await feeder.happen(1, 2, 3)
        await until_there(redis_server, 1, 2, 3)
        redis_server.flush()
        await feeder.happen(4)
        await until_there(redis_server, 1, 2, 3, 4)


async def test_events_of_a_time_without_redis_are_in_the_stream_afterwards(
    own_redis: RedisServer, address: str
) -> None:
    async with feeding(own_redis.url, address, patience=HASTY) as feeder:
        await feeder.happen(1)
        await until_there(own_redis, 1)
        own_redis.pause()
        await feeder.happen(2)
        await feeder.part.until_told(True, False)
        own_redis.wake()
        await until_there(own_redis, 1, 2)
        own_redis.stop()
        await feeder.happen(3)
        own_redis.start()
        await until_there(own_redis, 1, 2, 3)


async def test_the_stream_is_cut_off_and_begins_no_earlier_than_it_keeps(
    redis_server: RedisServer, redis_url: str, address: str
) -> None:
    async with feeding(redis_url, address, keeps=300) as feeder:
        await feeder.happen(*range(1_000))
        await eventually(lambda: newest(redis_server) == 1_000)
        assert 300 <= len(entries(redis_server)) < 600
        redis_server.flush()
        await feeder.happen(1_000)
        await eventually(lambda: len(entries(redis_server)) >= 300)
        assert int(entries(redis_server)[0]["id"]) >= 700


async def test_a_stream_of_another_past_is_begun_anew(
    redis_server: RedisServer, redis_url: str, address: str
) -> None:
    """The database was restored from a backup, which knows less than the stream."""
    with redis_server.client() as client:
        client.xadd(STREAM, {"id": "9000"}, id="9000-0")
    with captured_logs() as logs:
        async with feeding(redis_url, address) as feeder:
            await feeder.happen(1)
            await eventually(lambda: not entries(redis_server))
            while subjects(redis_server) != [1]:
                # what still works on the row takes no notice of a hurry
                await feeder.store.write(_due_now, None)
    assert [log["event"] for log in logs if log["level"] == "warning"] == [
        "event_stream_begun_anew"
    ]


def _due_now(tx: Tx, commands: Sequence[None]) -> list[None]:
    tx.due.hurry("feed", tx.now())
    return [None] * len(commands)


# --- readers


def the_documented_follow() -> Follow:
    """The example of the page, as it stands there."""
    page = (DOCS / "read-the-events.md").read_text("utf-8")
    (example,) = re.findall(r"(?ms)^```python\n(.*?)^```", page)
    room: dict[str, Any] = {}
    exec(compile(example, "read-the-events.md", "exec"), room)
    follow: Follow = room["follow"]
    return follow


class Dies(Exception):
    """A reader's process ends here."""


@dataclass(slots=True)
class Reader:
    """Handles events until it dies, at the first that `last` names."""

    last: int
    handled: list[int]

    def __call__(self, event: dict[str, str]) -> None:
        number = int(event["id"])
        if number == self.last:
            raise Dies
        self.handled.append(number)


async def until_it_dies(follow: Follow, url: str, group: str, name: str, reader: Reader) -> None:
    with pytest.raises(Dies):
        await asyncio.wait_for(asyncio.to_thread(follow, url, group, name, reader), SOON)


async def test_the_readers_of_a_group_share_the_events_and_a_dead_ones_are_read_again(
    redis_server: RedisServer, redis_url: str, address: str
) -> None:
    follow = the_documented_follow()
    async with feeding(redis_url, address) as feeder:
        await feeder.happen(*range(10))
        await until_there(redis_server, *range(10))
        first, second, other = Reader(5, []), Reader(11, []), Reader(11, [])
        await until_it_dies(follow, redis_url, "warehouse", "one", first)
        await feeder.happen(10)
        with redis_server.client() as client:
            # a minute later
            pending = [
                one["message_id"]
                for one in client.xpending_range(STREAM, "warehouse", "-", "+", 100)
            ]
            client.xclaim(STREAM, "warehouse", "one", 0, pending, idle=61_000)
        await until_it_dies(follow, redis_url, "warehouse", "two", second)
        await until_it_dies(follow, redis_url, "dashboard", "one", other)
    assert first.handled == [1, 2, 3, 4]
    assert sorted(second.handled) == [5, 6, 7, 8, 9, 10]
    assert other.handled == [*range(1, 11)]


async def test_a_group_that_was_flushed_away_reads_again_what_the_stream_keeps(
    redis_server: RedisServer, redis_url: str, address: str
) -> None:
    follow = the_documented_follow()
    async with feeding(redis_url, address) as feeder:
        await feeder.happen(*range(3))
        await until_there(redis_server, *range(3))
        before, after = Reader(3, []), Reader(4, [])
        await until_it_dies(follow, redis_url, "warehouse", "one", before)
        redis_server.flush()
        await feeder.happen(3)
        await until_it_dies(follow, redis_url, "warehouse", "one", after)
    assert before.handled == [1, 2]
    assert after.handled == [1, 2, 3]
