"""A real process whose team sits in Slack: the whole loop, by socket and by HTTP."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.e2e.console_client import eventually
from tests.e2e.loop import alice_at, network_of, written
from tests.e2e.process import DeskHome
from tests.fakes.slack_people import Person, by_http
from tests.fakes.slack_server import (
    APP_TOKEN,
    BOT_TOKEN,
    SIGNING_SECRET,
    Fault,
    Message,
    SlackServer,
)
from tests.services import LOOPBACK, free_port

CHANNEL, BOB = "C0CARE", "U0BOB"
ENVIRONMENT = {
    "SLACK_BOT_TOKEN": BOT_TOKEN,
    "SLACK_APP_TOKEN": APP_TOKEN,
    "SLACK_SIGNING_SECRET": SIGNING_SECRET,
}
both = pytest.mark.parametrize("mode", ["socket", "http"])


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    async with SlackServer().serving() as served:
        yield served
        assert served.complaints == []


def home_of(folder: Path, slack: SlackServer, mode: str) -> DeskHome:
    home = DeskHome(folder / "desk", network=f"http://{LOOPBACK}:{free_port()}/sandbox/api")
    home.configure(
        more=f"""
[[brands.channels]]
slug = "care"
chat = "slack"
channel = "{CHANNEL}"

[slack]
mode = "{mode}"
api_url = "{slack.api_url}"
"""
    )
    home.lay_database()
    text = home.configuration.read_text("utf-8")
    text = text.replace('slug = "bob"\n', f'slug = "bob"\nslack = "{BOB}"\n')
    home.configuration.write_text(text, "utf-8")
    return home


def bob_at(home: DeskHome, slack: SlackServer, mode: str) -> Person:
    door = by_http(f"{home.url}/chats/slack/events")
    return Person(slack, BOB, door if mode == "http" else slack.sockets.deliver)


async def go_live(home: DeskHome) -> None:
    async with alice_at(home) as alice:
        assert (await alice.order("go_live", account="acme")).is_done


async def card_with(slack: SlackServer, *words: str) -> Message:
    """The one card in the channel, once it says all of this."""

    async def look() -> Message | None:
        cards = [one for one in slack.in_channel(CHANNEL) if "thread_ts" not in one.body]
        assert len(cards) <= 1
        return cards[0] if cards and all(word in said(cards[0]) for word in words) else None

    return await eventually(look, f"a card with {words}")


def said(message: Message) -> str:
    return json.dumps(message.looks[-1], ensure_ascii=False)


async def opened(person: Person) -> None:
    async def look() -> bool:
        return person.has_view

    await eventually(look, "a modal")


@both
async def test_a_draft_is_edited_and_approved_in_one_modal_and_its_link_stands_on_the_card(
    tmp_path: Path, slack: SlackServer, mode: str
) -> None:
    home = home_of(tmp_path, slack, mode)
    async with network_of(home) as sandbox, home.open(environment=ENVIRONMENT):
        await go_live(home)
        comment = await written(sandbox, "Where is my order?")
        bob = bob_at(home, slack, mode)
        card = await card_with(slack, "Draft reply", '"Edit"')
        await bob.press(card, "Edit")
        await opened(bob)
        assert bob.view.view["submit"]["text"] == "Publish"
        await bob.submit({"entry": "Hello Maya, we look into it at once."})
        assert bob.troubles == []
        card = await card_with(slack, "✅ Published", "/sandbox")
        replies = await sandbox.visible_replies()
        assert replies[comment] == ["Hello Maya, we look into it at once."]


@both
async def test_a_posting_whose_answer_was_lost_is_found_and_stands_once(
    tmp_path: Path, slack: SlackServer, mode: str
) -> None:
    home = home_of(tmp_path, slack, mode)
    slack.fail("chat.postMessage", Fault.LOSE_ANSWER)
    async with network_of(home) as sandbox, home.open(environment=ENVIRONMENT):
        await go_live(home)
        comment = await written(sandbox, "Where is my order?")
        bob = bob_at(home, slack, mode)
        # a card that is redrawn was found: nobody told the desk what its message is called
        card = await card_with(slack, '"Publish"')
        assert len(slack.in_channel(CHANNEL)) == 1
        await bob.press(card, "Publish")
        await card_with(slack, "✅ Published")
        assert len((await sandbox.visible_replies())[comment]) == 1
