"""A flood of comments under one post, with the team in a channel of Slack and Bob pressing on."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from dataclasses import replace
from pathlib import Path
from statistics import median

import pytest

from tests.e2e.console_client import eventually
from tests.e2e.flood import (
    COMMENTS,
    MOST_CALLS_A_MINUTE,
    MOST_SECONDS,
    MOST_SECONDS_OF_A_PRESS,
    all_here,
    flood,
    legal_card,
    watched,
)
from tests.e2e.loop import alice_at, network_of
from tests.e2e.process import DeskHome, report
from tests.fakes.slack_people import Person
from tests.fakes.slack_server import APP_TOKEN, BOT_TOKEN, Message, SlackServer
from tests.services import LOOPBACK, free_port

CHANNEL, BOB = "C0CARE", "U0BOB"
ENVIRONMENT = {"SLACK_BOT_TOKEN": BOT_TOKEN, "SLACK_APP_TOKEN": APP_TOKEN}


def home_of(folder: Path, slack: SlackServer) -> DeskHome:
    home = DeskHome(folder / "desk", network=f"http://{LOOPBACK}:{free_port()}/sandbox/api")
    home.configure(
        more=f"""
[[brands.channels]]
slug = "care"
chat = "slack"
channel = "{CHANNEL}"

[slack]
api_url = "{slack.api_url}"
"""
    )
    home.lay_database()
    text = home.configuration.read_text("utf-8")
    text = text.replace('slug = "bob"\n', f'slug = "bob"\nslack = "{BOB}"\n')
    home.configuration.write_text(text, "utf-8")
    return home


@pytest.mark.slow
async def test_a_flood_costs_few_calls_and_holds_up_neither_people_nor_legal_risks(
    tmp_path: Path,
) -> None:
    async with SlackServer().serving() as slack:
        home = home_of(tmp_path, slack)
        async with network_of(home) as sandbox, home.open(environment=ENVIRONMENT):
            async with alice_at(home) as alice:
                assert (await alice.order("go_live", account="acme")).is_done
            pressing, begun = asyncio.create_task(presses(slack)), time.monotonic()
            seconds = await asyncio.gather(
                flood(sandbox), legal_card(sandbox, lambda: stands(slack, "KLEGAL"))
            )
            await eventually(lambda: all_here(home), "every comment", 120.0)
            lasted = time.monotonic() - begun
            pressing.cancel()
            [answers] = await asyncio.gather(pressing, return_exceptions=True)
            assert isinstance(answers, list)
            # throughout: from the first card until the last comment was stored
            assert len(answers) > lasted
            calls = [name for name, body in slack.calls if body.get("channel") == CHANNEL]
            to_the_channel = [name for name in calls if name in {"chat.postMessage", "chat.update"}]
            report(
                f"{COMMENTS} comments in {lasted:.0f} s: {len(to_the_channel)} calls to the "
                f"channel, legal card after {seconds[1]:.2f} s, {len(answers)} presses answered "
                f"within {max(answers):.2f} s, half of them within {median(answers):.2f} s"
            )
            assert len(to_the_channel) <= MOST_CALLS_A_MINUTE * max(1.0, lasted / 60)
            assert slack.complaints == []
            assert seconds[1] < MOST_SECONDS
            assert max(answers) < MOST_SECONDS_OF_A_PRESS
            await stands(slack, "Peak: ")


async def stands(slack: SlackServer, words: str) -> Message:
    """The one message in the channel that says this."""

    async def look() -> Message | None:
        found = [one for one in slack.in_channel(CHANNEL) if words in _said(one)]
        assert len(found) <= 1
        return found[0] if found else None

    return await eventually(look, f"a message with {words!r}", 60.0)


async def presses(slack: SlackServer) -> list[float]:
    """Seconds that each acknowledgement took, twice a second until cancelled."""
    bob, took = Person(slack, BOB, slack.sockets.deliver), list[float]()
    with contextlib.suppress(asyncio.CancelledError):
        async with watched() as stalls:
            while True:
                await asyncio.sleep(0.5)
                cards = [one for one in map(_at_first, slack.in_channel(CHANNEL)) if _can_take(one)]
                if cards:
                    begun, stood = time.monotonic(), stalls.seconds
                    # the first press takes it; the next ones are of a look that is old by now:
                    # each is decided, committed and told as well
                    await bob.press(cards[-1], "Take it")
                    took.append(time.monotonic() - begun - (stalls.seconds - stood))
                    assert bob.troubles == []
    return took


def _at_first(message: Message) -> Message:
    """As it stands on the screen of somebody who saw no redraw."""
    return replace(message, looks=message.looks[:1])


def _can_take(message: Message) -> bool:
    return '"Take it"' in _said(message)


def _said(message: Message) -> str:
    return json.dumps(message.looks[-1], ensure_ascii=False)
