"""The event stream as an open tab hears it."""

import asyncio
import json

import pytest
from aiohttp import ClientResponse

from bot.model.event import EventKind
from bot.model.ids import BrandId
from handlers.console import live
from tests.fakes.console import Browser, browsing
from tests.patience import PATIENCE


async def listen(browser: Browser, path: str = "/events", **headers: str) -> ClientResponse:
    answer = await browser.get(path, headers=headers)
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/event-stream")
    return answer


async def message(stream: ClientResponse) -> dict[str, str]:
    """The next message's fields; comments count as a field of no name."""
    fields: dict[str, str] = {}
    async with asyncio.timeout(PATIENCE):
        while True:
            line = (await stream.content.readline()).decode().rstrip("\n")
            if not line and fields:
                return fields
            name, _, value = line.partition(": ")
            if line and name != "retry":
                fields[name.rstrip(":") if line.startswith(":") else name] = value


async def test_an_event_is_told_with_its_id_and_without_any_text() -> None:
    async with browsing() as browser:
        stream = await listen(browser)
        await browser.desk.feed.tell(EventKind.PUBLICATION_PUBLISHED, 1042)
        told = await message(stream)
        assert told["id"] == "1"
        assert json.loads(told["data"]) == {
            "kind": "publication_published",
            "subject": "item",
            "subject_id": 1042,
        }
        stream.close()


@pytest.mark.parametrize(
    ("path", "headers"), [("/events", {"Last-Event-ID": "2"}), ("/events?last=2", {})]
)
async def test_a_tab_that_comes_back_hears_what_it_missed(
    path: str, headers: dict[str, str]
) -> None:
    async with browsing() as browser:
        for number in range(4):
            await browser.desk.feed.tell(subject_id=number)
        stream = await listen(browser, path, **headers)
        assert [(await message(stream))["id"] for _ in range(2)] == ["3", "4"]
        stream.close()


async def test_a_new_tab_hears_only_what_is_new() -> None:
    async with browsing() as browser:
        await browser.desk.feed.tell()
        stream = await listen(browser)
        await browser.desk.feed.tell()
        assert (await message(stream))["id"] == "2"
        stream.close()


@pytest.mark.parametrize("last", ["0", "9999"])
async def test_a_tab_that_missed_too_much_or_knows_another_desk_loads_again(last: str) -> None:
    async with browsing() as browser:
        for _ in range(live.REPLAY_AT_MOST + 1):
            await browser.desk.feed.tell()
        stream = await listen(browser, f"/events?last={last}")
        told = await message(stream)
        assert (told["event"], told["id"]) == ("resync", str(live.REPLAY_AT_MOST + 1))
        await browser.desk.feed.tell()
        assert (await message(stream))["id"] == str(live.REPLAY_AT_MOST + 2)
        stream.close()


@pytest.mark.parametrize("last", ["x", "-1", "1e3", "９", "9" * 30])
async def test_a_last_event_that_is_no_number_is_a_new_tab(last: str) -> None:
    async with browsing() as browser:
        stream = await listen(browser, f"/events?last={last}")
        await browser.desk.feed.tell()
        assert (await message(stream))["id"] == "1"
        stream.close()


async def test_another_brands_events_are_not_told() -> None:
    async with browsing() as browser:
        stream = await listen(browser)
        await browser.desk.feed.tell(brand=BrandId(2))
        await browser.desk.feed.tell()
        assert (await message(stream))["id"] == "2"
        stream.close()


async def test_a_quiet_stream_is_pinged() -> None:
    async with browsing(ping_seconds=0.02) as browser:
        stream = await listen(browser)
        assert await message(stream) == {"": "ping"}
        stream.close()


async def test_a_stream_ends_when_its_session_does() -> None:
    async with browsing(act_as=None, links={"one": "bob"}, ping_seconds=0.02) as browser:
        await browser.open("/sign-in?token=one")
        await browser.submit("/sign-in", token="one")
        stream = await listen(browser)
        browser.signs_in.sessions.clear()
        async with asyncio.timeout(PATIENCE):
            await stream.content.read()
        assert stream.content.at_eof()


async def test_stopping_the_server_does_not_wait_for_open_streams() -> None:
    loop = asyncio.get_running_loop()
    async with browsing() as browser:
        streams = [await listen(browser) for _ in range(3)]
        began = loop.time()
        await browser.client.server.close()
        assert loop.time() - began < 1.0
        for stream in streams:
            stream.close()


async def test_a_tab_that_went_away_leaves_nothing_behind() -> None:
    async with browsing(ping_seconds=0.02) as browser:
        for _ in range(5):
            (await listen(browser)).close()
        streaming = [task for task in asyncio.all_tasks() if "stream" in task.get_name()]
        assert streaming
        _, left = await asyncio.wait(streaming, timeout=PATIENCE)
        assert not left


async def test_more_tabs_than_are_served_are_told_to_wait() -> None:
    async with browsing(streams_at_most=1) as browser:
        stream = await listen(browser)
        refused = await browser.get("/events")
        assert refused.status == 503
        assert refused.headers["Retry-After"]
        stream.close()
