"""`replydesk drill` as a team starts it: a storm, a person who acts, and a report in a folder."""

from __future__ import annotations

import json
from pathlib import Path

from bot.cards.actions import ActionName
from tests.e2e.console_client import Person, SeenCard, eventually, person_at
from tests.e2e.process import running
from tests.patience import PATIENCE
from tests.services import LOOPBACK, free_port

STORM = (
    {"drill": "Short", "minutes": 60, "acknowledge_minutes": 60},
    {"at": 0, "text": "My son was poisoned by your tea, he is in hospital.", "expects": "answer"},
)


async def _alarm(person: Person) -> SeenCard | None:
    cards = [one for one in await person.cards() if one.button(ActionName.ACKNOWLEDGE)]
    return cards[0] if cards else None


async def test_a_drill_on_nothing_but_a_file_ends_with_its_report(tmp_path: Path) -> None:
    file = tmp_path / "short.jsonl"
    file.write_text("\n".join(json.dumps(one) for one in STORM), "utf-8")
    port = free_port()
    url = f"http://{LOOPBACK}:{port}"
    async with running(tmp_path, "drill", "short.jsonl", "--port", str(port)) as drill:
        await drill.ready(url)
        async with person_at(url, act_as="bob") as bob:
            card = await eventually(lambda: _alarm(bob), "the alarm", PATIENCE)
            assert (await bob.press(card, ActionName.ACKNOWLEDGE)).is_done
        code, _seconds = await drill.interrupt()
    assert code == 0, drill.said
    [report] = (tmp_path / ".replydesk" / "demo" / "drills").glob("*/report.json")
    found = json.loads(report.read_text("utf-8"))
    assert (found["acknowledged_by"], found["comments"]) == ("Bob", 1)
    # all but the answer, and the comment that nobody touched: 30 + 20 + 0 + 15
    assert found["points"] == 65, found
    assert "| acknowledged |" in report.with_suffix(".md").read_text("utf-8")
