"""The pictures in the documentation are drawn from golden cards, and say that they are drawn."""

import json
from pathlib import Path

import pytest

from scripts.card_pictures import GOLDEN, MARK, slack_message, telegram_message

SLACK = sorted((GOLDEN / "slack/cards").glob("*.json"))
TELEGRAM = sorted((GOLDEN / "telegram").glob("card_*.txt"))


@pytest.mark.parametrize("golden", SLACK, ids=lambda path: path.stem)
def test_every_golden_card_of_slack_can_be_drawn_with_its_buttons(golden: Path) -> None:
    card = json.loads(golden.read_text("utf-8"))
    page = slack_message(card)
    assert MARK.format(chat="Slack") in page
    buttons = [
        element
        for block in card["blocks"]
        if block["type"] == "actions"
        for element in block["elements"]
        if element["type"] == "button"
    ]
    assert page.count("<button") == len(buttons)


@pytest.mark.parametrize("golden", TELEGRAM, ids=lambda path: path.stem)
def test_every_golden_card_of_telegram_can_be_drawn_with_its_buttons(golden: Path) -> None:
    text = golden.read_text("utf-8")
    page = telegram_message(text)
    assert MARK.format(chat="Telegram") in page
    assert page.count('class="key ') == text.count(" -> ")
