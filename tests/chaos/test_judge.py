"""Every kind of fault is seen by the judge, each on a scene that has just this one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.cards.actions import ActionName
from tests.chaos.book import Book, Press, Told
from tests.chaos.judge import Scene, judge
from tests.e2e.console_client import SeenCard
from tests.fakes.relay_tool import Shown

WORDS = "We are sorry. We look for it today."
LINK = "http://127.0.0.1:1/sandbox/#c9"
PARKED = "Not sure it went out. Look on Sandbox and say what you see"
ASKING = tuple(
    f"{action}.AAAABBBBCCCC.4"
    for action in (ActionName.CONFIRM, ActionName.LOOK, ActionName.RETRY, ActionName.ABANDON)
)


def console_card(**changes: Any) -> SeenCard:
    values: dict[str, Any] = {
        "token": "AAAABBBBCCCC",
        "number": 1,
        "quote": "Where is my order K00000? It has not arrived.",
        "draft": "",
        "state": "Published",
        "buttons": (),
        "source_link": "http://127.0.0.1:1/sandbox/#c1",
        "links": (LINK,),
        "raw": "",
    }
    return SeenCard(**(values | changes))


def message(links: tuple[str, ...] = (LINK,), state: str = "Published", **changes: Any) -> Shown:
    form = {
        "quote": [{"is": "untrusted", "text": "Where is my order K00000?"}],
        "source": [],
        "state": {"light": "done", "spans": [{"is": "text", "text": state}]},
        "links": [{"text": "Our reply", "url": link} for link in links],
        "actions": [],
        "draft": None,
    }
    values: dict[str, Any] = {
        "id": "m1", "key": "k1", "channel": "care", "is_repeat": False, "cards": [form],
    }  # fmt: skip
    return Shown(**(values | changes))


def press(by: str = "bob", text: str = WORDS, told: Told = Told.DONE, data: str = "x") -> Press:
    return Press(by, "c1", text, data, "", told=told)


def scene(**changes: Any) -> Scene:
    """One comment, approved, answered, and shown so everywhere."""
    book = Book({"c1": "K00000"}, changes.pop("presses", [press()]))
    whole = Scene(book, {"c1": [WORDS]}, [console_card()], [message()])
    return replace(whole, **changes)


PARKED_SCENE: dict[str, Any] = {
    "standing": {},
    "cards": [console_card(state=PARKED, buttons=ASKING, links=())],
    "chat": [message(links=(), state=PARKED)],
}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"presses": [press(told=Told.NOTHING)]},
        {"presses": [press(told=Told.NOTHING)], "standing": {}},
        {"presses": [press(), press()]},
        {"presses": [press(), press("eve", "Other words.", Told.REFUSED)]},
        PARKED_SCENE,
        {"chat": None},
        {"chat": [message(), message(is_repeat=True)], "is_readable": False},
    ],
)
def test_what_is_as_it_should_be_is_no_fault(changes: dict[str, Any]) -> None:
    assert judge(scene(**changes)).faults == {}


@pytest.mark.parametrize(
    ("fault", "changes"),
    [
        ("lost", {"cards": [], "presses": [], "standing": {}}),
        ("lost", {"standing": {}}),
        ("cards_missing", {"chat": []}),
        ("cards_doubled", {"chat": [message(), message()]}),
        ("cards_doubled", {"chat": [message(), message(is_repeat=True)]}),
        ("cards_doubled", {"chat": [message(), message()], "is_readable": False}),
        ("cards_doubled", {"cards": [console_card(), console_card()]}),
        ("cards_stale", {"chat": [message(links=())]}),
        ("published_twice", {"standing": {"c1": [WORDS, WORDS]}}),
        ("unapproved", {"standing": {"c1": ["Other words."]}}),
        ("unapproved", {"presses": []}),
        ("unapproved", {"presses": [press(told=Told.REFUSED)]}),
        ("decided_twice", {"presses": [press(), press("eve")]}),
        ("parked_in_silence", PARKED_SCENE | {"chat": [message(links=())]}),
        (
            "parked_in_silence",
            PARKED_SCENE | {"cards": [console_card(state=PARKED, buttons=ASKING[:1], links=())]},
        ),
        ("misbehaved", {"complaints": ["key k1 came twice"]}),
    ],
)
def test_each_fault_is_seen_and_named(fault: str, changes: dict[str, Any]) -> None:
    assert set(judge(scene(**changes)).faults) == {fault}


def test_what_is_parked_and_what_is_repeated_is_counted() -> None:
    assert judge(scene(**PARKED_SCENE)).parked == ["c1"]
    blind = judge(scene(chat=[message(), message(is_repeat=True)], is_readable=False))
    assert blind.cards_repeated == ["K00000 has 2 cards in the chat"]
    assert blind.cards_left == []
    lost_again = [message(links=()), message(links=(), is_repeat=True)]
    left = judge(scene(chat=lost_again, is_readable=False))
    assert [left.faults, len(left.cards_left), len(left.unfinished)] == [{}, 1, 1]
