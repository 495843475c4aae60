"""The event feed: every committed event, once, in order, on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, insert

from bot.coordination.feed import StoreFeed
from bot.coordination.wakeup import LocalWakeup
from bot.model.ids import EventId
from bot.store import schema
from bot.store.database import parse, writing_engine
from bot.store.store import Store
from bot.store.tx import Tx
from tests.contract.store_case import DATABASES, make_database, opened
from tests.patience import PATIENCE

BRAND = {"id": 1, "slug": "blue-cup", "languages": ["en"], "keywords": [], "zone": "UTC"}


@pytest.fixture(params=DATABASES)
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return with_a_brand(make_database(request, tmp_path))


@pytest.fixture
def postgres_address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    request.param = "postgres"
    return with_a_brand(make_database(request, tmp_path))


@pytest.fixture
async def store(address: str) -> AsyncIterator[Store]:
    async with opened(address) as store:
        yield store


def with_a_brand(address: str) -> str:
    engine = writing_engine(parse(address))
    with engine.begin() as connection:
        connection.execute(insert(schema.brand), BRAND)
    engine.dispose()
    return address


def add_event(connection: Connection, subject_id: int) -> None:
    connection.execute(
        insert(schema.event),
        {
            "at": 1_790_000_000_000,
            "kind": "item_received",
            "brand_id": 1,
            "subject": "item",
            "subject_id": subject_id,
            "facts": {},
        },
    )


def add_events(tx: Tx, subject_ids: Sequence[int]) -> Sequence[None]:
    for subject_id in subject_ids:
        add_event(tx.connection.below, subject_id)
    return [None] * len(subject_ids)


async def seen(feed: StoreFeed, last: int = 0) -> list[int]:
    return [event.id for event in await feed.since(EventId(last))]


async def test_events_come_in_order_from_where_one_left_off(store: Store) -> None:
    feed = StoreFeed(store, LocalWakeup())
    assert await feed.latest() == 0
    for number in range(5):
        await store.write(add_events, number)
    assert await seen(feed) == [1, 2, 3, 4, 5]
    assert await seen(feed, 3) == [4, 5]
    assert [event.id for event in await feed.since(EventId(1), limit=2)] == [2, 3]
    assert await feed.latest() == 5


async def test_a_follower_gets_each_event_once_while_many_write(store: Store) -> None:
    wakeup = LocalWakeup()
    store.on_commit(wakeup.ring)
    feed = StoreFeed(store, wakeup)
    got: list[tuple[int, int]] = []

    async def follow() -> None:
        async for event in feed.follow(EventId(0)):
            got.append((event.id, event.subject_id))
            if len(got) == 1_000:
                return

    following = asyncio.create_task(follow())
    await asyncio.gather(*(store.write(add_events, number) for number in range(1_000)))
    await asyncio.wait_for(following, PATIENCE)
    assert [number for number, _ in got] == sorted(number for number, _ in got)
    assert sorted(subject for _, subject in got) == list(range(1_000))


async def test_old_events_that_were_deleted_do_not_hold_up_the_rest(
    store: Store, address: str
) -> None:
    for number in range(6):
        await store.write(add_events, number)
    engine = writing_engine(parse(address))
    with engine.begin() as connection:
        connection.execute(schema.event.delete().where(schema.event.c.id.in_([1, 2, 4])))
    engine.dispose()
    assert await seen(StoreFeed(store, LocalWakeup())) == [3, 5, 6]


class Writers:
    """Two transactions of other processes, which the test steps through by hand."""

    def __init__(self, address: str) -> None:
        self.engine: Engine = writing_engine(parse(address), connections=2)
        self.slow = self.engine.connect()
        self.fast = self.engine.connect()

    def __enter__(self) -> Writers:
        return self

    def __exit__(self, *_: object) -> None:
        self.slow.close()
        self.fast.close()
        self.engine.dispose()


@pytest.mark.postgres
@pytest.mark.parametrize("slow_begins_first", [True, False])
async def test_an_event_that_becomes_visible_late_is_not_skipped(
    postgres_address: str, slow_begins_first: bool
) -> None:
    async with opened(postgres_address) as store:
        feed = StoreFeed(store, LocalWakeup())
        with Writers(postgres_address) as writers:
            for connection in (
                (writers.slow, writers.fast) if slow_begins_first else (writers.fast, writers.slow)
            ):
                connection.begin()
            add_event(writers.slow, 7)
            add_event(writers.fast, 8)
            writers.fast.commit()
            assert await seen(feed) == []
            assert await seen(feed) == []
            writers.slow.commit()
            assert [e.subject_id for e in await feed.since(EventId(0))] == [7, 8]


@pytest.mark.postgres
async def test_an_event_that_was_undone_holds_nobody_up_for_long(postgres_address: str) -> None:
    async with opened(postgres_address) as store:
        feed = StoreFeed(store, LocalWakeup())
        with Writers(postgres_address) as writers:
            writers.slow.begin()
            writers.fast.begin()
            add_event(writers.slow, 7)
            add_event(writers.fast, 8)
            writers.fast.commit()
            assert await seen(feed) == []
            writers.slow.rollback()
            # a transaction that began later holds no lower number, however long it takes
            writers.fast.begin()
            add_event(writers.fast, 9)
            assert [e.subject_id for e in await feed.since(EventId(0))] == [8]


@pytest.mark.postgres
async def test_the_latest_event_is_one_below_which_nothing_is_missing(
    postgres_address: str,
) -> None:
    async with opened(postgres_address) as store:
        wakeup = LocalWakeup()
        feed = StoreFeed(store, wakeup)
        await store.write(add_events, 1)
        assert await feed.latest() == 1
        with Writers(postgres_address) as writers:
            writers.slow.begin()
            writers.fast.begin()
            add_event(writers.slow, 7)
            add_event(writers.fast, 8)
            writers.fast.commit()
            asking = asyncio.create_task(feed.latest())
            done, _ = await asyncio.wait([asking], timeout=0.1)
            assert not done
            writers.slow.commit()
            assert await asking == 3
