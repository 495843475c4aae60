"""The Connect pages are drawn as they were looked at and kept, in two languages."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from bot.cards.connecting import ConnectPage
from bot.speech.speech import speech_in
from tests.fakes.console import browsing
from tests.fakes.desk import FakeJoins
from tests.unit.test_console_connect import CARE, WHY_NOT, desk

GOLDEN = Path(__file__).parents[1] / "fixtures" / "console"
PATHS = {
    "connect": "/connect",
    "no_key": "/connect",
    "refused": "/connect",
    "form": "/connect/new/mastodon",
    "form_without_token": "/connect/new/rss",
    "landing": CARE,
}


async def main_of(shape: str, language: str) -> str:
    """What stands between the frame's bars."""
    made, joins = desk(), FakeJoins()
    made.page = replace(made.page, speech=speech_in(language))
    if shape == "no_key":
        joins.shown = replace(joins.shown, key_trouble="")
    if shape == "refused":
        made.connect = ConnectPage(WHY_NOT)
    async with browsing(made, joins) as browser:
        answer = await browser.get(PATHS[shape])
        text = await answer.text()
    return text.partition("<main")[2].partition("</main>")[0] + "\n"


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("shape", PATHS)
async def test_a_page_is_drawn_as_agreed(shape: str, language: str) -> None:
    """With REPLYDESK_GOLDEN=write the files are written anew; read the difference then."""
    drawn = await main_of(shape, language)
    path = GOLDEN / f"{shape}.{language}.html"
    if os.environ.get("REPLYDESK_GOLDEN") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_text(drawn, "utf-8")
    assert drawn == path.read_text("utf-8")


def test_no_golden_page_is_left_without_its_shape() -> None:
    kept = {path.name.partition(".")[0] for path in GOLDEN.glob("*.html")}
    assert kept == set(PATHS)
