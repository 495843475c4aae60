"""Each line of a member's own digest has a button that opens its card, where it is acted on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.cards.card import Card
from bot.model import commands as c
from bot.model.ids import MINUTE, SECOND
from bot.model.item import ItemState
from tests.fakes.desk_kit import DeskKit, desk_address
from tests.fakes.slack_desk import SlackDesk, slack_desk
from tests.fakes.slack_people import pressable
from tests.fakes.telegram_people import until
from tests.fakes.telegram_team import Team, opened_team
from tests.fakes.telegram_world import Chat, Shown


@pytest.fixture
async def slack(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SlackDesk]:
    async with slack_desk(desk_address(request, tmp_path), "http") as made:
        yield made


@pytest.fixture
async def team(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Team]:
    async with opened_team(desk_address(request, tmp_path)) as opened:
        number = opened.bob.id
        opened.server.world.chats[number] = Chat(number, "private", "Bob")
        yield opened


async def two_with_bob(kit: DeskKit) -> list[Card]:
    """His digest comes when this is over."""
    taken = []
    for number in range(2):
        card = await kit.card_of(await kit.comment(f"Where is my order number {number}?"))
        assert (await kit.press("bob", card, c.Take)).is_done
        taken.append(await kit.card(card.key))
    soon = (kit.clock.now() // MINUTE + 2) % (24 * 60)
    assert (await kit.order("bob", c.SetDigest((soon,)))).is_done
    await kit.pass_time(3 * MINUTE / SECOND)
    return taken


async def state_of(kit: DeskKit, card: Card) -> ItemState:
    return (await kit.read(lambda tx: tx.items.get(card.number))).state  # type: ignore[arg-type]


async def test_in_slack_a_button_opens_the_card_and_it_is_decided_there(slack: SlackDesk) -> None:
    kit, bob = slack.kit, slack.person("bob")
    slack.slack.people["U0BOB"] = {}
    first, second = await two_with_bob(kit)
    [digest] = slack.slack.in_channel("D0BOB")
    labels = [label for block in digest.blocks for label, _ in pressable(block)]
    assert labels == [f"Open #{second.number}", f"Open #{first.number}"]
    await bob.press(digest, f"Open #{second.number}")
    assert "order number 1" in str(bob.view.view)
    await bob.press_in_view("No reply needed")
    assert await state_of(kit, second) is ItemState.CLOSED
    assert await state_of(kit, first) is ItemState.OPEN
    assert len(slack.slack.in_channel("D0BOB")) == 1


async def test_in_telegram_a_button_shows_the_card_below_and_it_is_decided_there(
    team: Team,
) -> None:
    first, second = await two_with_bob(team.kit)
    world = team.server.world
    [digest] = world.by_bot(team.bob.id)
    assert digest.labels == [f"Open #{second.number}", f"Open #{first.number}"]
    text = digest.text
    await team.bob.tap(digest, f"Open #{second.number}")
    shown: Shown = await until(team.server, lambda: next(iter(world.by_bot(team.bob.id)[1:]), None))
    assert "order number 1" in shown.text
    assert shown.answers == digest.id
    await team.bob.tap(shown, "No reply needed")
    assert await state_of(team.kit, second) is ItemState.CLOSED
    await until(team.server, lambda: any("Reopen" in one for one in shown.labels))
    await team.kit.work()
    assert digest.text == text, "it is as it was at that moment"
    assert digest not in world.deleted
    again = await team.bob.tap(digest, f"Open #{first.number}")
    assert again["text"] == ""
