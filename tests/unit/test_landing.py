"""Inviting the bot asks what should land there; an admin's answer holds at once and stays."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.cards.pages import DeskQuery
from bot.model.account import AccountState
from bot.model.channel import Channel, Place, Route
from bot.model.member import ChatIdentity
from bot.services.settling_in import NamedChannel, Roster, settle_in
from tests.fakes.desk_kit import ACME, DeskKit, desk_address
from tests.fakes.slack_desk import IDS, SlackDesk, slack_desk
from tests.fakes.slack_server import BOT_USER, Message
from tests.fakes.telegram_people import until
from tests.fakes.telegram_team import GROUP, Team, opened_team
from tests.fakes.telegram_world import Chat, Shown

NEW = "C0NEW"
OTHER = -100900
QUESTION = "What should land here?"


@pytest.fixture
async def slack(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SlackDesk]:
    """By HTTP and by socket where a test asks; a channel beside the one that is configured."""
    mode = getattr(request, "param", "http")
    async with slack_desk(desk_address(request, tmp_path), mode) as made:
        made.slack.channels[NEW] = True
        yield made


@pytest.fixture
async def team(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Team]:
    async with opened_team(desk_address(request, tmp_path)) as made:
        made.server.world.chats[OTHER] = Chat(OTHER, title="Legal & safety")
        yield made


async def channels(kit: DeskKit) -> list[Channel]:
    def read(tx: Any) -> list[Channel]:
        return list(tx.channels.all_of_brand(tx.accounts.brands()[0].id))

    return await kit.read(read)


async def settled_again(kit: DeskKit, *named: NamedChannel) -> None:
    """As at the next start, with these channels in the configuration."""
    team = tuple(
        replace(one, identities=(ChatIdentity("slack", IDS[one.slug]),)) for one in ACME.members
    )
    brand = replace(ACME, channels=named, members=team)
    await kit.store.write(settle_in, Roster((brand,), AccountState.LIVE))


async def audited(kit: DeskKit) -> list[tuple[str, str, str]]:
    await kit.do(lambda tx: tx.audits.seal(tx.now()))
    rows = await kit.read(lambda tx: tx.audits.sealed())
    return [
        (row.action, row.chat, ",".join(row.facts.get("risks", [])))
        for row in rows
        if row.action.startswith("channel_")
    ]


def text_of(message: Message) -> str:
    return json.dumps(message.blocks, ensure_ascii=False)


# --- Slack


@pytest.mark.parametrize("slack", ["socket", "http"], indirect=True)
async def test_an_admin_who_invites_the_bot_chooses_and_the_next_card_stands_there(
    slack: SlackDesk,
) -> None:
    ada = slack.person("ada")
    await ada.invites(BOT_USER, NEW)
    asked = slack.slack.in_channel(NEW)[0]
    assert QUESTION in text_of(asked)
    await ada.press(asked, "Save", {"land.risks": ["legal"], "land.kinds": ["comment"]})
    assert "Here lands: comments; legal risk." in text_of(asked)
    assert ada.troubles == []
    await slack.kit.comment("I will sue you, my lawyer writes tomorrow!")
    assert len(slack.slack.in_channel(NEW)) == 2
    await slack.kit.comment("Where is my parcel? I want my money back.")
    assert len(slack.slack.in_channel(NEW)) == 2, "no legal risk, so it lands elsewhere"
    assert ("channel_set_up", "slack", "legal") in await audited(slack.kit)


async def test_a_channel_is_for_labels_too(slack: SlackDesk) -> None:
    ada = slack.person("ada")
    await ada.invites(BOT_USER, NEW)
    asked = slack.slack.in_channel(NEW)[0]
    await ada.press(asked, "Save", {"land.labels": ["refund", "high urgency"]})
    assert "Here lands: refund, high urgency." in text_of(asked)
    [found] = [one for one in await channels(slack.kit) if one.place.channel == NEW]
    assert found.routes == (Route(labels=("refund", "high urgency")),)
    assert ada.troubles == []


async def test_what_was_set_up_survives_a_restart_and_can_be_changed(slack: SlackDesk) -> None:
    ada = slack.person("ada")
    await ada.invites(BOT_USER, NEW)
    asked = slack.slack.in_channel(NEW)[0]
    await ada.press(asked, "Save", {"land.shows": ["items"], "land.accounts": ["acme-two"]})
    await settled_again(slack.kit, NamedChannel("care", "slack", Place("C0CARE")))
    found = [one for one in await channels(slack.kit) if one.place.channel == NEW]
    assert [(one.routes[0].accounts, one.is_suspended) for one in found] == [(("acme-two",), False)]
    await ada.press(asked, "Change")
    await ada.press(asked, "Save", {"land.shows": [], "land.accounts": []})
    assert "Here lands: everything." in text_of(asked)
    assert [one.slug for one in await channels(slack.kit)] == ["care", "care-2"]


async def test_nobody_but_an_admin_chooses_and_is_told_so_in_private(slack: SlackDesk) -> None:
    await slack.person("olga").invites(BOT_USER, NEW)
    asked = slack.slack.in_channel(NEW)[0]
    assert "multi_static_select" not in text_of(asked)
    for name in ("alice", "stranger"):
        person = slack.person(name)
        await person.press(asked, "Choose what lands here")
        assert "for an admin to choose" in person.heard[-1]
    ada, alice = slack.person("ada"), slack.person("alice")
    await ada.press(asked, "Choose what lands here")
    await alice.press(asked, "Save")
    assert "Ask Ada" in alice.heard[-1]
    assert [one.slug for one in await channels(slack.kit)] == ["care"]


async def test_what_the_configuration_names_is_not_changed_from_slack(slack: SlackDesk) -> None:
    ada = slack.person("ada")
    await ada.invites(BOT_USER, "C0CARE")
    assert slack.slack.messages == [], "it is known what lands there, so nobody is asked"
    assert "asked in the channel" in await ada.slash("here")
    asked = slack.slack.messages[-1]
    await ada.press(asked, "Change")
    assert "The configuration names this channel, as care" in ada.heard[-1]
    assert [(one.slug, one.from_file) for one in await channels(slack.kit)] == [("care", True)]


async def test_a_channel_that_the_configuration_names_later_keeps_its_cards(
    slack: SlackDesk,
) -> None:
    ada = slack.person("ada")
    await ada.invites(BOT_USER, NEW)
    await ada.press(slack.slack.in_channel(NEW)[0], "Save")
    before = {one.id for one in await channels(slack.kit)}
    care = NamedChannel("care", "slack", Place("C0CARE"))
    await settled_again(slack.kit, care, NamedChannel("new", "slack", Place(NEW)))
    after = await channels(slack.kit)
    assert {one.id for one in after} == before
    assert [(one.slug, one.from_file) for one in after] == [("care", True), ("new", True)]


@pytest.mark.parametrize("kind", ["channel_left", "group_left"])
async def test_removing_the_bot_suspends_the_channel_and_an_invitation_takes_it_back(
    slack: SlackDesk, kind: str
) -> None:
    ada, kit = slack.person("ada"), slack.kit
    await ada.removes_the_bot("C0CARE", kind)
    page = await kit.desk.view(DeskQuery(), ChatIdentity("console", "ada"))
    assert [one.trouble for one in page.channels] == [
        "The bot was removed from this channel. Invite it again to have cards here."
    ]
    await kit.comment("Where is my order?")
    assert slack.slack.messages == []
    await ada.invites(BOT_USER, "C0CARE")
    page = await kit.desk.view(DeskQuery(), ChatIdentity("console", "ada"))
    assert [one.trouble for one in page.channels] == [""]
    await kit.comment("And where is mine? I want my money back.")
    assert len(slack.slack.messages) == 1
    actions = [action for action, _chat, _ in await audited(kit)]
    assert actions == ["channel_suspended", "channel_resumed"]


async def test_that_somebody_else_joins_a_channel_asks_nobody(slack: SlackDesk) -> None:
    await slack.person("ada").invites("U0NEWCOMER", NEW)
    assert slack.slack.messages == []


# --- Telegram


async def asked_in(team: Team, chat: int = OTHER) -> Shown:
    await until(team.server, lambda: team.server.world.by_bot(chat))
    return team.server.world.by_bot(chat)[-1]


async def test_an_admin_who_brings_the_bot_into_a_group_ticks_what_lands_there(team: Team) -> None:
    team.ada.changes_the_bot(OTHER, "left", "member")
    asked = await asked_in(team)
    assert QUESTION in asked.text
    await team.ada.tap(asked, "Only with a risk")
    await team.ada.tap(asked, "legal risk")
    await team.ada.tap(asked, "safety risk")
    await team.ada.tap(asked, "safety risk")
    await team.ada.tap(asked, "Back")
    assert "Only with a risk: legal risk" in asked.labels
    told = await team.ada.tap(asked, "Save")
    assert told["text"] == "Here lands: legal risk."
    await until(team.server, lambda: "Here lands" in asked.text)
    await team.kit.comment("I will sue you, my lawyer writes tomorrow!")
    assert len(team.server.world.by_bot(OTHER)) == 2
    assert ("channel_set_up", "telegram", "legal") in await audited(team.kit)


async def test_in_a_group_nobody_but_an_admin_chooses(team: Team) -> None:
    team.olga.changes_the_bot(OTHER, "left", "administrator")
    asked = await asked_in(team)
    for person in (team.alice, team.stranger):
        told = await person.tap(asked, "Choose what lands here")
        assert "for an admin to choose" in told["text"]
    await team.ada.tap(asked, "Choose what lands here")
    told = await team.alice.tap(asked, "Save")
    assert "Ask Ada" in told["text"]
    assert [one.slug for one in await channels(team.kit)] == ["care"]


async def test_a_topic_is_set_up_by_the_word_written_in_it(team: Team) -> None:
    group = team.server.world.chats[OTHER]
    group.is_forum, group.topics = True, {7: "Legal"}
    team.ada.write("/here", chat=OTHER, thread=7, is_topic_message=True)
    asked = await asked_in(team)
    await team.ada.tap(asked, "Save")
    found = [one for one in await channels(team.kit) if one.place.channel == str(OTHER)]
    assert [(one.place.topic, one.slug) for one in found] == [("7", "legal-safety")]


async def test_what_the_configuration_names_is_not_changed_from_telegram(team: Team) -> None:
    team.ada.write("/here")
    asked = await asked_in(team, GROUP)
    told = await team.ada.tap(asked, "Change")
    assert "The configuration names this channel, as care" in told["text"]


async def test_removing_the_bot_from_a_group_suspends_it(team: Team) -> None:
    for status in ("left", "kicked"):
        team.ada.changes_the_bot(GROUP, "member", status)
        await _until_suspended(team, is_suspended=True)
        team.ada.changes_the_bot(GROUP, status, "member")
        await _until_suspended(team, is_suspended=False)
    assert team.server.world.by_bot() == []


async def _until_suspended(team: Team, *, is_suspended: bool) -> None:
    for _ in range(100):
        if (await channels(team.kit))[0].is_suspended is is_suspended:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it did not happen in time")
