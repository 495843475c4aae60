"""The door of the command line to crisis mode: the same desk, the same refusals, asked once."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.model.ids import HOUR
from bot.model.publication import PublicationState
from tests.fakes.desk_kit import desk_address, opened_desk
from tests.unit.cli_case import CONFIG, Desk
from tests.unit.test_crisis import planned, started
from tests.unit.test_posts import states

OFF = "Acme: crisis mode is off."


def test_it_is_shown_asked_started_and_ended_by_whoever_may(desk: Desk) -> None:
    desk.write(CONFIG)
    desk.settle()
    assert OFF in desk.run("crisis", "status").out
    said = desk.run("crisis", "start")
    assert (said.code, "--as and a slug. Managers here: alice" in said.err) == (2, True)
    said = desk.run("crisis", "start", "--as", "olga", "--reason", "A recall")
    assert said.code == 1
    assert "takes a manager" in said.err

    desk.say("no")
    said = desk.run("crisis", "start", "--as", "alice", "--reason", "A recall")
    assert said.code == 1
    assert "0 planned posts wait" in said.out
    assert "Dropped. Nothing was held." in said.out
    assert OFF in desk.run("crisis", "status").out

    said = desk.run("crisis", "start", "--as", "alice", "--yes")
    assert (said.code, "Crisis mode is on." in said.out) == (0, True), said
    said = desk.run("crisis", "status")
    assert "crisis mode is on, started by Alice. Posts held: 0." in said.out
    said = desk.run("crisis", "start", "--as", "alice", "--yes")
    assert (said.code, "it is on" in said.err) == (1, True)

    desk.say("no")
    assert desk.run("crisis", "end", "--as", "alice").code == 1
    desk.say("yes")
    said = desk.run("crisis", "end", "--as", "alice")
    assert (said.code, "Crisis mode is over. Nothing was held." in said.out) == (0, True)
    assert OFF in desk.run("crisis", "status").out


def test_nobody_that_the_desk_does_not_know_decides(desk: Desk) -> None:
    desk.write(CONFIG)
    desk.settle()
    said = desk.run("crisis", "start", "--as", "mallory", "--yes")
    assert said.code == 1
    assert "does not know you yet" in said.err


async def test_each_post_that_was_held_is_asked_about_at_the_terminal(
    desk: Desk, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    address = desk_address(request, tmp_path)
    desk.write(CONFIG.replace("port = 8000", f'port = 8000\ndatabase_url = "{address}"'))
    async with opened_desk(address) as kit:
        first, second = await planned(kit), await planned(kit, slot=2 * HOUR)
        await started(kit)
        desk.say("yes", "what", "cancel", "leave")
        said = await asyncio.to_thread(desk.run, "crisis", "end", "--as", "alice")
        assert said.code == 0, said
        assert "2 planned posts were held" in said.out
        assert "Write one of these words." in said.out
        assert "Cancelled. It will not be sent." in said.out
        assert await states(kit, first) == [PublicationState.CANCELLED]
        assert await states(kit, second) == [PublicationState.QUEUED]
    said = await asyncio.to_thread(desk.run, "crisis", "status")
    assert "crisis mode is off. Posts that wait for a decision: 1." in said.out
