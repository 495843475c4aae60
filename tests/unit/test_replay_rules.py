"""A past day against other rules: what would have been otherwise, and nothing is touched."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.unit.cli_case import CONFIG, Desk

ROOT = Path(__file__).parents[2]
DAY = "2026-11-30"
"""Of the test clock."""
ACCOUNT = """
[[brands.accounts]]
slug = "blog"
network = "rss"
url = "https://example.test/feed"
"""
OTHERS = (
    CONFIG
    + ACCOUNT
    + """
[relay]
url = "https://example.test/relay"
[relay.secret]
env = "RELAY_SECRET"
[[brands.channels]]
slug = "care"
chat = "relay"
channel = "C1"
"""
)


@pytest.fixture
def old(desk: Desk) -> Desk:
    desk.write(CONFIG + ACCOUNT)
    desk.write("\n".join(map(json.dumps, LINES)), "comments.jsonl")
    return desk


LINES = [
    {"text": "Where is my tea? It never arrived.", "author": "Ann"},
    {"text": "Thanks!", "author": "Ben"},
    {"text": "The zorblatt is back again, lovely", "author": "Cy"},
    {"text": "I was poisoned by your tea and went to hospital", "author": "Di"},
]


def cues(desk: Desk) -> Path:
    """Those that ship, and one rule more."""
    folder = desk.folder / "cues"
    folder.mkdir()
    shutil.copy(ROOT / "prompts" / "cues" / "en.toml", folder)
    with (folder / "en.toml").open("a", encoding="utf-8") as file:
        file.write(RULE)
    return folder


RULE = """
[[rule]]
name = "zorblatt"
kind = "intent"
value = "complaint"
says = "Speaks of the zorblatt"
words = ["zorblatt"]
"""


def test_a_new_cue_makes_a_card_of_one_and_says_why(old: Desk) -> None:
    said = old.run("replay", "comments.jsonl", "--cues", str(cues(old)))
    assert said.code == 0, said.err
    assert "acme: 4 comments, of which 1 would have been otherwise." in said.out
    assert "#3 Cy: The zorblatt is back again, lovely" in said.out
    assert "Speaks of the zorblatt (“zorblatt”)" in said.out
    assert "#1 Ann" not in said.out


def test_the_same_rules_make_no_difference(old: Desk) -> None:
    said = old.run("replay", "comments.jsonl", "--against", "replydesk.toml", "--json")
    (told,) = json.loads(said.out)
    assert told["otherwise"] == []
    assert told["cards"]["before"] == told["cards"]["after"]


def test_other_routes_goals_alarms_and_cards_are_told(old: Desk) -> None:
    old.write(
        OTHERS
        + """
[peaks]
show_everything = true
[[oncall.routes]]
slug = "ring"
kind = "webhook"
url = "https://example.test/ring"
[[oncall.policies]]
slug = "default"
[[oncall.policies.steps]]
who = ["olga"]
routes = ["ring"]
minutes = 5
""",
        "other.toml",
    )
    said = old.run("replay", "comments.jsonl", "--against", "other.toml", "--json")
    assert said.code == 0, said.err
    (told,) = json.loads(said.out)
    by_number = {one["number"]: one for one in told["otherwise"]}
    assert by_number[1]["after"]["channels"] == ["care"]
    assert by_number[2]["differs"] == ["is_card", "channels"]
    assert by_number[4]["after"]["alarms"] == ["safety"]
    assert told["alarms"] == {"before": 0, "after": 1}
    assert old.run("replay", "comments.jsonl", "--against", "other.toml", "--json").out == said.out


def test_a_day_comes_from_the_database_and_nothing_is_written_there(old: Desk) -> None:
    old.settle()
    database = old.folder / ".replydesk" / "desk.db"
    before = database.read_bytes()
    said = old.run("replay", "--day", DAY, "--cues", str(cues(old)))
    assert said.code == 0, said.err
    assert "acme: 1 comments, of which 0 would have been otherwise." in said.out
    assert database.read_bytes() == before
    none = old.run("replay", "--day", "2001-01-01", "--cues", "cues")
    assert "acme: 0 comments" in none.out


def test_what_is_missing_is_said(old: Desk) -> None:
    (old.folder / "empty").mkdir()
    for words, why in (
        ((), "Name a FILE to replay"),
        (("comments.jsonl", "--day", DAY), "Name a FILE to replay"),
        (("--day", DAY), "Say what to compare with"),
        (("comments.jsonl", "--cues", "empty"), "has no cues"),
    ):
        said = old.run("replay", *words)
        assert said.code == 2
        assert why in said.err
