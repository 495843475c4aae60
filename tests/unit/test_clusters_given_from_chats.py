"""A whole cluster of a peak is given to a colleague whom one chooses, in Slack and Telegram."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.cards.pages import QueueFilter
from bot.model.ids import RemoteId
from tests.fakes.desk_kit import COMPLAINT, DeskKit, desk_address
from tests.fakes.slack_desk import SlackDesk, slack_desk
from tests.fakes.slack_people import pressable
from tests.fakes.slack_server import Message
from tests.fakes.telegram_team import Team, opened_team

MANY = 16
OWN_CARDS = 10


@pytest.fixture
async def team(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Team]:
    async with opened_team(desk_address(request, tmp_path)) as opened:
        yield opened


@pytest.fixture
async def slack(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SlackDesk]:
    async with slack_desk(desk_address(request, tmp_path), "http") as opened:
        yield opened


async def flooded(kit: DeskKit) -> None:
    threads = [RemoteId(f"p{number}") for number in range(MANY)]
    await kit.take(*(kit.incoming(COMPLAINT, thread_remote_id=one) for one in threads))
    await kit.work()
    await kit.pass_time(21)


async def held_by(kit: DeskKit, member: str) -> int:
    await kit.pass_time(10)
    return (await kit.queue(QueueFilter.MINE, member)).total


async def test_a_cluster_is_given_from_telegram_by_a_menu_of_members(team: Team) -> None:
    await flooded(team.kit)
    [card] = [one for one in team.server.world.by_bot() if "Peak since" in one.text]
    await team.bob.tap(card, "All of them")
    await team.bob.tap(card, "Give ")
    assert "Olga" in card.labels
    assert "Vic" not in card.labels, "who may only look is offered no work"
    said = await team.bob.tap(card, "Olga")
    assert said["text"].startswith(f"Giving {MANY - OWN_CARDS}")
    assert await held_by(team.kit, "olga") == MANY - OWN_CARDS
    assert await held_by(team.kit, "bob") == 0


async def peak_in(slack: SlackDesk) -> Message:
    """The fake takes a message in each real second, and the cards of before come first."""
    for _ in range(100):
        found = [one for one in slack.slack.messages if "Peak" in json.dumps(one.blocks)]
        if found:
            return found[0]
        await asyncio.sleep(0.3)
        await slack.kit.pass_time(2)
    raise AssertionError("no peak was posted")


async def test_a_cluster_is_given_from_slack_by_a_modal_with_members(slack: SlackDesk) -> None:
    await flooded(slack.kit)
    message = await peak_in(slack)
    bob = slack.person("bob")
    shown = [label for block in message.blocks for label, _action in pressable(block)]
    [label] = [one for one in shown if one.startswith("Give ")]
    await bob.press(message, label)
    assert '"Who takes it?"' in json.dumps(bob.view.view)
    await bob.submit({"entry": "olga"})
    assert not bob.has_view
    assert await held_by(slack.kit, "olga") == MANY - OWN_CARDS
