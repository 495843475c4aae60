"""A pause asks whoever said it alone, by buttons, in Slack, in Telegram and in the console."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.cards.kinds import CardKind
from bot.model import commands as c
from bot.model.commands import HoldKind
from bot.model.ids import HOUR, MINUTE, SECOND, Moment
from tests.fakes.desk_kit import DeskKit, desk_address, labels, opened_desk
from tests.fakes.four_doors import four_doors
from tests.fakes.slack_desk import CHANNEL, SlackDesk, slack_desk
from tests.fakes.slack_people import Person, pressable
from tests.fakes.slack_server import Message
from tests.fakes.telegram_people import until
from tests.fakes.telegram_team import Team, opened_team
from tests.fakes.telegram_world import Chat, Shown


async def planned(kit: DeskKit, text: str, ahead: int) -> None:
    slot = Moment(kit.clock.now() + ahead)
    composed = await kit.order("olga", c.ComposePost((c.VariantText("acme", text),), slot))
    assert (await kit.press("alice", await kit.card(composed.note), c.Approve)).is_done


async def one_is_late(kit: DeskKit) -> None:
    assert (await kit.order("alice", c.Pause((HoldKind.POSTS,)))).is_done
    await planned(kit, "Autumn tea", 10 * MINUTE)
    await kit.pass_time(20 * MINUTE // SECOND)


async def holds(kit: DeskKit) -> int:
    brand = (await kit.account_now()).brand_id
    return len(await kit.read(lambda tx: tx.accounts.holds(brand)))


async def sent(kit: DeskKit) -> list[str]:
    await kit.pass_time(60)
    return [one.text for one in kit.network.visible]


# --- Slack


@pytest.fixture
async def slack(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SlackDesk]:
    async with slack_desk(desk_address(request, tmp_path), "http") as made:
        yield made


async def whispered(desk: SlackDesk, person: Person, text: str) -> Message:
    """What a slash command is answered, as the message that they alone see."""
    answer = json.loads(await person.slash(text))
    message = Message(f"{time.time():.6f}", CHANNEL, answer, [answer])
    desk.slack.whispered.append(message)
    return message


def buttons(message: Message) -> list[str]:
    return [label for block in message.body.get("blocks", ()) for label, _ in pressable(block)]


async def test_in_slack_it_asks_by_buttons_and_says_what_became_of_it(slack: SlackDesk) -> None:
    kit, alice = slack.kit, slack.person("alice")
    await planned(kit, "Autumn tea", 2 * HOUR)
    asked = await whispered(slack, alice, "pause posts on acme A recall")
    assert buttons(asked) == ["Pause now", "Not now"]
    assert "Autumn tea" in json.dumps(asked.blocks, ensure_ascii=False)
    assert slack.slack.messages == [], "nobody else sees it"
    await slack.person("ada").press(asked, "Pause now")
    assert "Alice was asked this, not you" in slack.person("ada").heard[-1]
    assert await holds(kit) == 0
    await alice.press(asked, "Pause now")
    assert alice.heard[-1] == "Paused: posts on acme. Nothing was on its way."
    await alice.press(asked, "Pause now")
    assert alice.heard[-2:] == ["Paused: posts on acme. Nothing was on its way."] * 2
    assert await holds(kit) == 1


async def test_in_slack_what_is_late_is_asked_about_one_by_one(slack: SlackDesk) -> None:
    kit, alice = slack.kit, slack.person("alice")
    await one_is_late(kit)
    asked = await whispered(slack, alice, "unpause posts")
    await alice.press(asked, "Unpause now")
    assert "1 post is late" in alice.heard[-1]
    card = slack.slack.whispered[-1]
    assert buttons(card)[:2] == ["Publish now · #1", "In an hour · #1"]
    await slack.work()
    assert "Publish now · #1" in json.dumps(slack.message.blocks, ensure_ascii=False), (
        "and the channel sees it"
    )
    await alice.press(card, "Publish now · #1")
    assert alice.heard[-1].startswith("It leaves now")
    assert await sent(kit) == ["Autumn tea"]


async def test_in_slack_another_time_is_written_in_a_form(slack: SlackDesk) -> None:
    kit, alice = slack.kit, slack.person("alice")
    await one_is_late(kit)
    await whispered(slack, alice, "unpause now posts")
    await slack.work()
    await alice.press(slack.message, "Another time… · #1")
    assert "Write when: 18:00" in str(alice.view.view)
    await alice.submit({"entry": "4h"})
    assert await sent(kit) == []
    await kit.pass_time(4 * HOUR / SECOND)
    assert await sent(kit) == ["Autumn tea"]


# --- Telegram


@pytest.fixture
async def team(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Team]:
    async with opened_team(desk_address(request, tmp_path)) as opened:
        number = opened.alice.id
        opened.server.world.chats[number] = Chat(number, "private", "Alice")
        yield opened


async def newest(team: Team, words: str) -> Shown:
    """The bot's last message to Alice alone, once it has these words."""
    number, world = team.alice.id, team.server.world
    found = await until(
        team.server, lambda: [one for one in world.by_bot(number) if words in one.text]
    )
    return found[-1]  # type: ignore[no-any-return]


async def test_in_telegram_it_asks_in_the_direct_messages_of_whoever_said_it(team: Team) -> None:
    await planned(team.kit, "Autumn tea", 2 * HOUR)
    team.alice.write("/pause posts")
    asked = await newest(team, "Autumn tea")
    assert asked.chat == team.alice.id
    assert asked.labels[:2] == ["Pause now", "Not now"]
    data = asked.data("Pause now")
    refused = await team.ada.answer_to(team.ada.press(asked, data))
    assert "Alice was asked this, not you" in refused["text"]
    assert refused["show_alert"]
    assert await holds(team.kit) == 0
    await planned(team.kit, "Winter tea", 3 * HOUR)
    changed = await team.alice.tap(asked, "Pause now")
    assert "has changed since you were asked" in changed["text"]
    await until(team.server, lambda: "Winter tea" in asked.text)
    await team.alice.tap(asked, "Pause now")
    await until(team.server, lambda: asked.text.startswith("Paused: posts everywhere"))
    assert asked.labels == []
    again = await team.alice.answer_to(team.alice.press(asked, data))
    assert "done already" in again["text"]
    assert await holds(team.kit) == 1


async def test_in_telegram_what_is_late_is_asked_about_where_it_was_unpaused(team: Team) -> None:
    await one_is_late(team.kit)
    team.alice.write("/unpause posts", chat=team.alice.id)
    asked = await newest(team, "1 of them is late")
    await team.alice.tap(asked, "Unpause now")
    await until(team.server, lambda: any("Cancel post" in one for one in asked.labels))
    await team.alice.tap(asked, "Another time")
    prompt = await newest(team, "Write when: 18:00")
    team.alice.write("soon", chat=team.alice.id, answering=prompt)
    await until(team.server, lambda: len(team.server.world.by_bot(team.alice.id)) > 2)
    assert team.server.world.by_bot(team.alice.id)[-1].text.startswith("Write when")
    await team.alice.tap(asked, "Cancel post")
    await until(team.server, lambda: asked.text.startswith("Cancelled"))
    assert await sent(team.kit) == []


# --- the console


async def test_in_the_console_it_opens_the_card_that_asks(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    async with (
        opened_desk(desk_address(request, tmp_path)) as kit,
        four_doors(kit, ("alice", "ada")) as doors,
    ):
        await doors.sign_in("alice")
        fields = {"kinds": ["posts"], "account": None, "reason": ""}
        asked = await doors.order("alice", "pause", **fields)
        assert asked["kind"] == "done"
        assert await holds(kit) == 0
        card = await kit.card(asked["note"])
        assert card.kind is CardKind.HOLD
        assert labels(card) == ["Pause now", "Not now"]
        await doors.press("console", "alice", f"go_ahead.{card.key}.{card.revision}")
        assert await holds(kit) == 1
        ended = await doors.order("alice", "unpause", kinds=["posts"], account=None)
        card = await kit.card(ended["note"])
        await doors.press("console", "alice", f"go_ahead.{card.key}.{card.revision}")
        assert await holds(kit) == 0
