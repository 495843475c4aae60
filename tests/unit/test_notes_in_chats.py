"""What is written below a card in Slack, or in answer to it in Telegram, is a note of its item."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.model import commands as c
from bot.model.due import Lane
from bot.model.ids import ItemId
from tests.fakes.desk_kit import WORK, DeskKit, desk_address
from tests.fakes.slack_desk import SlackDesk, slack_desk
from tests.fakes.telegram_people import until
from tests.fakes.telegram_team import Team, opened_team


@pytest.fixture
async def desk(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SlackDesk]:
    async with slack_desk(desk_address(request, tmp_path), "http") as made:
        yield made


@pytest.fixture
async def team(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Team]:
    async with opened_team(desk_address(request, tmp_path)) as made:
        yield made


async def notes(kit: DeskKit) -> list[str]:
    found = await kit.read(lambda tx: tx.notes.of_items([ItemId(1)]))
    return [one.text for some in found.values() for one in some]


async def test_a_message_in_the_thread_is_a_note_and_is_read_as_people_read_it(
    desk: SlackDesk,
) -> None:
    card, olga = await desk.card(), desk.person("olga")
    bob = desk.person("bob").user
    await olga.writes(card, f"<@{bob}> phoned &amp; it is <https://acme.example/1|here>", [])
    assert await notes(desk.kit) == ["@Bob phoned & it is https://acme.example/1"]
    await olga.again()
    assert len(await notes(desk.kit)) == 1, "told twice, kept once"
    await desk.work()
    assert "Private note, " in json.dumps(card.blocks)
    assert "@Bob phoned" in json.dumps(card.blocks)
    assert olga.heard == []


async def test_it_follows_its_message_and_goes_with_it(desk: SlackDesk) -> None:
    card, olga = await desk.card(), desk.person("olga")
    message = await olga.writes(card, "They rang.", [])
    await olga.rewrites(message, "They rang back.")
    assert await notes(desk.kit) == ["They rang back."]
    await olga.deletes(message)
    assert await notes(desk.kit) == []


async def test_the_talk_of_strangers_and_of_other_threads_is_let_go(desk: SlackDesk) -> None:
    card = await desk.card()
    await desk.person("nobody").writes(card, "Me too!", [])
    talk = desk.slack.written(desk.person("olga").user, card, "Lunch?", [])
    await desk.person("olga").writes(talk, "Yes.", [])
    assert await notes(desk.kit) == []
    assert desk.person("nobody").heard == []


async def test_what_stands_in_the_thread_is_not_told_there_again(desk: SlackDesk) -> None:
    card, olga = await desk.card(), desk.person("olga")
    await olga.writes(card, "They rang.", [])
    outcome = await desk.kit.press("bob", await desk.kit.card_of(ItemId(1)), c.WriteNote, "By form")
    assert outcome.is_done
    await desk.kit.pass_time(45, *WORK, Lane.THREADS)
    told = json.dumps([one.looks[-1].get("blocks") for one in desk.slack.in_thread(card.ts)])
    assert "By form" in told
    assert "They rang." not in told


async def test_an_answer_to_the_card_in_telegram_is_a_note_that_follows_its_message(
    team: Team,
) -> None:
    card = await team.comes()
    said = team.olga.write("They rang.", answering=card)
    await until(team.server, lambda: said.reactions)
    assert await notes(team.kit) == ["They rang."]
    await team.kit.work()
    assert "Private note, Olga: They rang." in card.text
    team.olga.rewrite(said, "They rang back.")
    heard = team.bob.write("So did I.", answering=card)
    await until(team.server, lambda: heard.reactions)
    assert await notes(team.kit) == ["They rang back.", "So did I."]


async def test_note_in_the_menu_of_slack_asks_for_the_words(desk: SlackDesk) -> None:
    card, olga = await desk.card(), desk.person("olga")
    await olga.press(card, "Note…")
    await olga.submit({"entry": "They rang."})
    assert await notes(desk.kit) == ["They rang."]


async def test_note_in_the_menu_of_telegram_asks_for_the_words(team: Team) -> None:
    card = await team.comes()
    for label in ("Team", "Note…"):
        await team.olga.tap(card, label)
    answer = team.olga.write("They rang.", answering=team.last())
    await until(team.server, lambda: answer.reactions)
    assert await notes(team.kit) == ["They rang."]
