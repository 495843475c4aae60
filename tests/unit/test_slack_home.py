"""App Home over the wire: filters, pages, and no draw that nobody would see."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from handlers.slack.home import PER_PAGE
from tests.fakes.desk_kit import desk_address
from tests.fakes.slack_desk import SlackDesk, slack_desk
from tests.fakes.slack_people import Payload, Person
from tests.fakes.slack_server import TEAM


@pytest.fixture
async def desk(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SlackDesk]:
    async with slack_desk(desk_address(request, tmp_path), "http") as made:
        yield made


def numbers(person: Person) -> list[str]:
    """Of the comments on the page, as they were written."""
    shown = json.dumps(person.home["blocks"])
    return [f"K{number:02}" for number in range(30) if f"K{number:02} where" in shown]


async def look_in(person: Person) -> None:
    """Open the tab; Slack tells the app what stands there, once anything does."""
    event: Payload = {"type": "app_home_opened", "user": person.user, "tab": "home"}
    if person.user in person.slack.homes:
        event["view"] = person.home | {"id": "VHOME", "hash": "h"}
    payload = {"type": "event_callback", "team_id": TEAM, "event": event}
    await person.send("events_api", payload | {"event_id": f"Ev{time.time_ns()}"})


def draws(desk: SlackDesk) -> int:
    return len(desk.slack.called("views.publish"))


async def test_pages_are_turned_there_and_back(desk: SlackDesk) -> None:
    for number in range(PER_PAGE + 3):
        await desk.kit.comment(f"K{number:02} where is my order?")
    bob = desk.person("bob")
    await look_in(bob)
    newest = [f"K{number:02}" for number in range(4, PER_PAGE + 3)]
    assert numbers(bob) == newest
    await bob.press_at_home("Older")
    assert numbers(bob) == ["K00", "K01", "K02", "K03"]
    await bob.press_at_home("Newer")
    assert numbers(bob) == newest


async def test_a_filter_shows_what_it_says_and_stands_when_the_tab_is_opened_again(
    desk: SlackDesk,
) -> None:
    await desk.kit.comment("K00 where is my order?")
    await desk.kit.comment("K01 where is my order?")
    message, bob = desk.message, desk.person("bob")
    await bob.press(message, "No reply needed")
    await look_in(bob)
    assert numbers(bob) == ["K00"]
    await bob.press_at_home("Done")
    assert numbers(bob) == ["K01"]
    await look_in(bob)
    assert numbers(bob) == ["K01"]
    await bob.press_at_home("Waiting")
    assert numbers(bob) == ["K00"]


async def test_what_stands_there_already_is_not_drawn_again(desk: SlackDesk) -> None:
    await desk.kit.comment("K00 where is my order?")
    bob = desk.person("bob")
    await look_in(bob)
    assert draws(desk) == 1
    await look_in(bob)
    await bob.press_at_home("Refresh")
    assert draws(desk) == 1
    await desk.kit.comment("K01 where is my order?")
    await bob.press_at_home("Refresh")
    assert draws(desk) == 2
    assert numbers(bob) == ["K00", "K01"]


async def test_a_tab_that_another_process_drew_is_drawn_when_it_shows_something_else(
    desk: SlackDesk,
) -> None:
    await desk.kit.comment("K00 where is my order?")
    bob = desk.person("bob")
    await look_in(bob)
    desk.slack.homes[bob.user] = desk.slack.homes[bob.user] | {"private_metadata": "{}"}
    await look_in(bob)
    assert draws(desk) == 2


async def test_of_draws_in_a_hurry_only_the_newest_is_sent(desk: SlackDesk) -> None:
    for number in range(PER_PAGE + 3):
        await desk.kit.comment(f"K{number:02} where is my order?")
    bob = desk.person("bob")
    await look_in(bob)
    before = draws(desk)
    await asyncio.gather(*(bob.press_at_home("Older") for _ in range(6)))
    assert draws(desk) <= before + 2
    assert numbers(bob) == ["K00", "K01", "K02", "K03"]
