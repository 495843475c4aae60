"""The post-mortem says what the desk knows, and nothing that others wrote is markup in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.model import commands as c
from bot.model.ids import IncidentId
from bot.model.incident import IncidentRole, Verdict
from bot.services.post_mortem import markdown
from tests.fakes.desk_kit import desk_address
from tests.fakes.oncall_kit import on_call
from tests.unit.cli_case import CONFIG, Desk

HOSTILE = "My son was poisoned\n# [click](https://evil.example) <img src=x> | **now** `rm`"


async def test_it_tells_what_happened_in_order(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    async with on_call(desk_address(request, tmp_path)) as desk:
        await desk.kit.comment(HOSTILE)
        await desk.kit.pass_time(5 * 60 + 1)
        await desk.kit.press("alice", await desk.card(), c.Acknowledge)
        roles = ((IncidentRole.COMMS, "eve"), (IncidentRole.SCRIBE, "olga"))
        for role, member in roles:
            await desk.kit.press("alice", await desk.card(), c.Assign, role, member)
        await desk.kit.press("alice", await desk.card(), c.Resolve)
        await desk.kit.press("alice", await desk.card(), c.Judge, Verdict.RIGHT)
        told = await desk.kit.read(lambda tx: markdown(tx, IncidentId(1)))
        assert told is not None
        assert told.startswith("# Incident 1: Somebody may be harmed\n")
        timeline = told.partition("## Timeline")[2].partition("## Pages")[0]
        order = ["opened with", "pages Bob", "Bob was reached by dm", "pages Alice",
                 "Alice was reached by duty", "Alice acknowledged it",
                 "Alice gave communications to Eve", "Alice made Olga the scribe",
                 "Alice resolved it", "Right to wake me"]  # fmt: skip
        places = [timeline.index(words) for words in order]
        assert places == sorted(places)
        assert "* 2026-11-30 09:05:0" in timeline
        assert "| Bob | dm | 1 | 0.0 s |" in told
        assert "| communications | Eve |\n| scribe | Olga |" in told
        assert "| right to wake us | Right to wake me |" in told
        quoted = next(line for line in told.splitlines() if "poisoned" in line)
        assert quoted.startswith("> ")
        assert r"\[click\]\(https://evil\.example\)" in quoted
        assert r"\<img src=x\>" in quoted
        assert "<img" not in told.replace(r"\<img", "")
        assert await desk.kit.read(lambda tx: markdown(tx, IncidentId(2))) is None


def test_the_command_says_what_is_missing(desk: Desk) -> None:
    desk.write(CONFIG)
    assert desk.run("migrate").code == 0
    for words in (("export", "incident"), ("export", "audit", "3")):
        said = desk.run(*words)
        assert said.code == 2
        assert "export incident NUMBER" in said.err
    said = desk.run("export", "incident", "7")
    assert said.code == 1
    assert "There is no incident 7" in said.err
