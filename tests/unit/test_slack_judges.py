"""The judges of Block Kit catch what they are there to catch."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from tests.fakes.slack_judges import judged_message, judged_view

PLAIN = {"type": "plain_text", "text": "Go"}
BUTTON = {"type": "button", "action_id": "a", "text": PLAIN}
GOOD: dict[str, Any] = {
    "text": "fine",
    "blocks": [
        {"type": "context", "block_id": "1", "elements": [{"type": "mrkdwn", "text": "*fine*"}]},
        {"type": "actions", "block_id": "2", "elements": [BUTTON]},
    ],
}


def said(text: str) -> dict[str, Any]:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": text}]}


def pressed(**changes: Any) -> dict[str, Any]:
    return {"type": "actions", "elements": [BUTTON | changes]}


def rich(element: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": [element]}],
    }


DEFECTS = {
    "an unknown block": {"type": "sparkles"},
    "mrkdwn in a header": {"type": "header", "text": {"type": "mrkdwn", "text": "x"}},
    "an extra property": {"type": "divider", "colour": "red"},
    "a button without text": {"type": "actions", "elements": [{"type": "button"}]},
    "a strange style": pressed(style="loud"),
    "a long label": pressed(text={"type": "plain_text", "text": "x" * 76}),
    "a long hint": pressed(accessibility_label="x" * 76),
    "a long value": pressed(value="x" * 2_001),
    "26 buttons": {
        "type": "actions",
        "elements": [BUTTON | {"action_id": str(n)} for n in range(26)],
    },
    "one name twice": {"type": "actions", "elements": [BUTTON, BUTTON]},
    "11 in a context": {"type": "context", "elements": [PLAIN] * 11},
    "nothing in a context": {"type": "context", "elements": []},
    "an empty text": said(""),
    "a long text": said("x" * 3_001),
    "a mention of everybody": said("<!channel>"),
    "a mention of one": said("<@U012AB3CD>"),
    "a hidden link": said("<https://evil.example|bank>"),
    "an input": {"type": "input", "label": PLAIN, "element": {"type": "plain_text_input"}},
    "a rich mention": rich({"type": "user", "user_id": "U012AB3CD"}),
    "a rich broadcast": rich({"type": "broadcast", "range": "channel"}),
    "a script": rich({"type": "link", "url": "javascript:alert(1)"}),
    "an empty rich text": rich({"type": "text", "text": ""}),
}


def test_what_is_in_order_is_let_pass() -> None:
    assert judged_message(GOOD) == []


@pytest.mark.parametrize("block", DEFECTS.values(), ids=DEFECTS)
def test_a_defect_is_caught(block: dict[str, Any]) -> None:
    assert judged_message(GOOD | {"blocks": [*GOOD["blocks"], block]}) != []


@pytest.mark.parametrize("text", ["", "  ", "<!here>", "a & b", "x" * 4_001])
def test_a_bad_text_beside_the_blocks_is_caught(text: str) -> None:
    assert judged_message(GOOD | {"text": text}) != []


def test_too_many_blocks_and_a_block_id_used_twice_are_caught() -> None:
    many = [said("x") for _ in range(51)]
    assert judged_message(GOOD | {"blocks": many}) != []
    twice = deepcopy(GOOD["blocks"])
    twice[1]["block_id"] = "1"
    assert judged_message(GOOD | {"blocks": twice}) != []


MODAL: dict[str, Any] = {
    "type": "modal",
    "title": PLAIN,
    "submit": PLAIN,
    "blocks": [DEFECTS["an input"]],
}


@pytest.mark.parametrize(
    "change",
    [
        {"title": {"type": "plain_text", "text": "x" * 25}},
        {"submit": {"type": "plain_text", "text": "x" * 25}},
        {"private_metadata": "x" * 3_001},
        {"blocks": []},
        {"blocks": [said("x")] * 101},
        {"surprise": True},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_bad_view_is_caught(change: dict[str, Any]) -> None:
    assert judged_view(MODAL) == []
    assert judged_view(MODAL | change) != []


def test_a_form_without_a_submit_button_is_caught() -> None:
    assert judged_view({key: MODAL[key] for key in ("type", "title", "blocks")}) != []
