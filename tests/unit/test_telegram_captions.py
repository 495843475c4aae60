"""Albums for a planned post: described in one message, or picture by picture; none is lost."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.desk_kit import desk_address
from tests.fakes.telegram_people import Person, until
from tests.fakes.telegram_team import Team, opened_team
from tests.fakes.telegram_world import Shown
from tests.unit.test_telegram_words import JPEG, planned, prompt, says, shows


@pytest.fixture
async def team(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Team]:
    async with opened_team(desk_address(request, tmp_path)) as team:
        yield team


def album(team: Team, who: Person, answering: Shown, *words: str, group: str = "g1") -> list[Shown]:
    """As Telegram tells it: one message for each picture."""
    sent = []
    for number, said in enumerate(words):
        name = f"{group}-{number}"
        team.server.world.files[name] = JPEG + name.encode()
        sent.append(who.write(said, answering=answering, photo=name, media_group_id=group))
    return sent


async def heard(team: Team) -> None:
    await until(team.server, lambda: not team.server.world.updates)


def questions(team: Team) -> list[Shown]:
    found = [one for one in team.server.world.by_bot() if "has no description" in one.text]
    return sorted(found, key=lambda one: one.id)


async def asked(team: Team, many: int) -> list[Shown]:
    await until(team.server, lambda: len(questions(team)) == many)
    return questions(team)


async def test_one_message_describes_all_pictures_of_an_album_in_their_order(team: Team) -> None:
    card = await planned(team)
    sent = album(team, team.olga, card, "here\nalt: A coat\nalt: A hat\nalt: A shoe", "", "")
    await until(team.server, lambda: all(one.reactions for one in sent))
    assert await shows(team) == ("Our autumn sale.", ["A coat", "A hat", "A shoe"])
    assert questions(team) == []


async def test_a_picture_without_a_description_is_asked_about_by_its_number(team: Team) -> None:
    card = await planned(team)
    sent = album(team, team.olga, card, "alt: A coat\nalt: A hat", "", "")
    [question] = await asked(team, 1)
    assert "Picture 3 has no description" in question.text
    assert question.answers == sent[2].id
    assert await shows(team) == ("Our autumn sale.", ["A coat", "A hat", ""])
    await team.kit.work()
    shown = next(one for one in team.server.world.by_bot() if one.id == card.id)
    assert "Waits for a description of picture 3" in shown.text
    answer = team.olga.write("A shoe", answering=question)
    again = await says(team, team.bob.write("A boot", answering=question))
    assert "described already" in again.text
    await until(team.server, lambda: answer.reactions)
    assert await shows(team) == ("Our autumn sale.", ["A coat", "A hat", "A shoe"])
    assert questions(team) == []


async def test_words_that_come_with_a_later_picture_describe_the_earlier_ones(team: Team) -> None:
    card = await planned(team)
    sent = album(team, team.olga, card, "", "alt: A coat\nalt: A hat")
    await until(team.server, lambda: sent[1].reactions)
    _words, alts = await shows(team)
    assert sorted(alts) == ["A coat", "A hat"]


async def test_each_picture_may_have_words_of_its_own(team: Team) -> None:
    card = await planned(team)
    sent = album(team, team.olga, card, "alt: A coat", "alt: A hat")
    await until(team.server, lambda: all(one.reactions for one in sent))
    assert await shows(team) == ("Our autumn sale.", ["A coat", "A hat"])


async def test_a_new_post_keeps_its_words_while_a_picture_is_asked_about(team: Team) -> None:
    menu = await says(team, team.olga.write("/new"))
    await team.olga.tap(menu, "All of them")
    form = team.last()
    album(team, team.olga, form, "Our autumn sale.\nalt: A coat\nalt: A hat", "", "")
    [question] = await asked(team, 1)
    assert "Picture 3" in question.text
    assert await shows(team) == ("Our autumn sale.", ["A coat", "A hat", ""])
    answer = team.olga.write("alt: A shoe", answering=question)
    await until(team.server, lambda: answer.reactions)
    assert await shows(team) == ("Our autumn sale.", ["A coat", "A hat", "A shoe"])


async def test_an_edit_with_a_picture_keeps_both(team: Team) -> None:
    form = await prompt(team, await planned(team), "Edit", "olga")
    album(team, team.olga, form, "autumn => winter", group="g2")
    [question] = await asked(team, 1)
    assert await shows(team) == ("Our winter sale.", [""])
    answer = team.olga.write("A white coat", answering=question)
    await until(team.server, lambda: answer.reactions)
    assert await shows(team) == ("Our winter sale.", ["A white coat"])


async def test_a_viewer_adds_no_picture_by_describing_it(team: Team) -> None:
    card = await planned(team)
    album(team, team.olga, card, "")
    [question] = await asked(team, 1)
    refused = await says(team, team.vic.write("A coat", answering=question))
    assert "Your role here is viewer" in refused.text
    assert await shows(team) == ("Our autumn sale.", [""])
    answer = team.bob.write("A coat", answering=question)
    await until(team.server, lambda: answer.reactions)
    assert await shows(team) == ("Our autumn sale.", ["A coat"])


async def test_a_description_that_says_nothing_is_asked_for_once_more(team: Team) -> None:
    card = await planned(team)
    album(team, team.olga, card, "")
    [question] = await asked(team, 1)
    told = await says(team, team.olga.write(" ", answering=question))
    assert "no words" in told.text
    assert questions(team) == [question]
