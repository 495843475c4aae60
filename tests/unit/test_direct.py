"""Direct messages: what waits for an approver's yes comes to them alone, and is redrawn there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.model import commands as c
from bot.model.approval import DEFAULT_POLICIES, ApprovalPolicy, ApprovalSubject
from bot.model.channel import Place
from bot.model.commands import Order, Outcome, OutcomeKind
from bot.model.ids import HOUR, CommandId, Moment
from bot.model.member import ChatIdentity, Role
from bot.services.deciding import DeskRules
from bot.services.settling_in import NamedChannel
from handlers import direct_words
from tests.fakes.chat import CHAT, ChatStep, Message
from tests.fakes.desk_kit import TEAM, DeskKit, desk_address, opened_desk
from tests.fakes.slack_desk import slack_desk
from tests.fakes.telegram_people import until
from tests.fakes.telegram_team import opened_team
from tests.fakes.telegram_world import Chat

MEMBERS = tuple(replace(one, identities=(ChatIdentity(CHAT, f"U-{one.slug}"),)) for one in TEAM)
TWO = {**DEFAULT_POLICIES, ApprovalSubject.REPLY: ApprovalPolicy(2, Role.APPROVER, True)}


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def kit(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DeskKit]:
    address = desk_address(request, tmp_path, request.param)
    care = NamedChannel("care", CHAT, Place("C-care"))
    rules = DeskRules(policies=TWO)
    async with opened_desk(address, rules=rules, channels=(care,), members=MEMBERS) as kit:
        yield kit


async def say(kit: DeskKit, member: str, wanted: bool) -> Outcome:
    order = Order(
        CommandId(f"{member}-{wanted}"), ChatIdentity(CHAT, f"U-{member}"), c.WriteToMe(wanted)
    )
    return await kit.desk.perform(order)


async def planned(kit: DeskKit, member: str = "olga") -> str:
    slot = Moment(kit.clock.now() + 3 * HOUR)
    outcome = await kit.order(member, c.ComposePost((c.VariantText("acme", "Tea."),), slot))
    await kit.work()
    return outcome.note


def alone(kit: DeskKit, member: str) -> list[Message]:
    return [one for one in kit.chat.messages if one.place.channel == f"D-U-{member}"]


async def test_a_post_comes_to_each_approver_who_wants_it_and_turns_with_the_others(
    kit: DeskKit,
) -> None:
    before = await planned(kit)
    assert (await say(kit, "alice", True)).is_done
    assert (await say(kit, "ada", True)).is_done
    await kit.work()
    assert [one.card.key for one in alone(kit, "alice")] == [before]
    await planned(kit, "ada")
    assert len(alone(kit, "alice")) == 2
    assert len(alone(kit, "ada")) == 1
    card = alone(kit, "alice")[0].card
    order = Order(
        CommandId("yes"), ChatIdentity(CHAT, "U-alice"), c.Approve(card.key, card.revision)
    )
    assert (await kit.desk.perform(order)).is_done
    late = await kit.press("ada", card, c.Approve)
    assert late.kind is OutcomeKind.STALE
    await kit.work()
    [there] = alone(kit, "ada")
    assert "Approve & schedule" not in [one.label for one in there.card.actions]
    assert len([one for one in kit.chat.messages if one.place.channel == "C-care"]) == 2


async def test_a_reply_that_needs_another_yes_comes_too(kit: DeskKit) -> None:
    for member in ("bob", "eve"):
        await say(kit, member, True)
    item = await kit.comment()
    card = await kit.card_of(item)
    assert alone(kit, "eve") == []
    edited = await kit.press("bob", card, c.ApproveEdited, "It comes tomorrow.")
    assert edited.is_done
    await kit.work()
    assert alone(kit, "bob") == []
    assert [one.card.key for one in alone(kit, "eve")] == [card.key]


async def test_who_wants_them_no_more_gets_none_and_an_agent_never_does(kit: DeskKit) -> None:
    await say(kit, "alice", True)
    await say(kit, "alice", False)
    refused = await say(kit, "olga", True)
    assert refused.kind is OutcomeKind.REFUSED
    assert (await kit.order("alice", c.WriteToMe(True))).kind is OutcomeKind.REFUSED
    await planned(kit)
    assert alone(kit, "alice") == []


async def test_the_configuration_wants_it_until_it_says_so_no_more(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    address = desk_address(request, tmp_path)
    named = tuple(replace(one, direct=one.slug == "alice") for one in MEMBERS)
    async with opened_desk(address, members=named) as kit:
        await planned(kit)
        assert (len(alone(kit, "alice")), alone(kit, "ada")) == (1, [])
        refused = await say(kit, "alice", False)
        assert "The configuration says that it comes to you." in refused.says
        assert (await say(kit, "alice", True)).is_done
        assert (await say(kit, "ada", True)).is_done
        await planned(kit, "bob")
        assert (len(alone(kit, "alice")), len(alone(kit, "ada"))) == (2, 2)
    async with opened_desk(address, members=MEMBERS) as kit:
        command = c.ComposePost((c.VariantText("acme", "Tea."),), Moment(kit.clock.now() + HOUR))
        assert (await kit.order("olga", command, press="after")).is_done
        await kit.work()
        assert (len(alone(kit, "alice")), len(alone(kit, "ada"))) == (0, 1)


async def test_a_conversation_that_cannot_be_opened_is_asked_for_again(kit: DeskKit) -> None:
    await say(kit, "alice", True)
    kit.chat.script("direct", ChatStep(error=TimeoutError()))
    await planned(kit)
    assert alone(kit, "alice") == []
    await kit.pass_time(60)
    assert len(alone(kit, "alice")) == 1


def test_the_words_are_on_and_off() -> None:
    assert direct_words.read(" On ") == c.WriteToMe(True)
    with pytest.raises(ValueError, match="maybe"):
        direct_words.read("maybe")


async def test_in_slack_a_post_stands_in_the_approvers_own_chat(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    async with slack_desk(desk_address(request, tmp_path), "http") as desk:
        desk.slack.people["U0ALICE"] = {}
        assert "come to you here too" in await desk.person("alice").slash("dm on")
        await planned(desk.kit)
        assert len(desk.slack.messages) == 2
        [mine] = [one for one in desk.slack.messages if one.channel.startswith("D")]
        await desk.person("alice").press(mine, "Approve & schedule")
        await desk.work()
        assert "Approve & schedule" not in str(mine.blocks)
        assert "dm on" in await desk.person("alice").slash("dm maybe")


async def test_in_telegram_too(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    async with opened_team(desk_address(request, tmp_path)) as team:
        alone_ = team.alice.id
        team.server.world.chats[alone_] = Chat(alone_, "private", "Alice")
        team.alice.write("/dm on", chat=alone_)
        await until(team.server, lambda: team.server.world.by_bot(alone_))
        await planned(team.kit)
        mine = team.server.world.by_bot(alone_)[-1]
        await team.alice.tap(mine, "✅ Approve & schedule")
        await team.kit.work()
        assert "Approve & schedule" not in str(mine.keyboard)
