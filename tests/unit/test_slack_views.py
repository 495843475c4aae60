"""Home, shortcuts, the slash command and every modal: judged, kept as they were looked at, used."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bot.cards.actions import ActionName
from bot.cards.card import Action, Ask, MemberName, Text
from bot.cards.pages import (
    DeskPage,
    EditorPage,
    HistoryLine,
    HistoryPage,
    MemberRow,
    PostForm,
    QueueFilter,
    QueuePage,
)
from bot.model.commands import VariantText
from bot.model.ids import Moment
from handlers.question_words import askable
from handlers.slack.composer import Planned, composer
from handlers.slack.home import Position, Reader, home
from handlers.slack.limits import INPUT_TEXT
from handlers.slack.modals import (
    WHOM,
    Asking,
    Memory,
    card_view,
    editor,
    entry,
    history,
    notice_view,
)
from handlers.slack.spans import Element
from handlers.team_words import Choice
from tests.fakes.desk import FakeDesk
from tests.fakes.desk_kit import desk_address
from tests.fakes.sample_cards import NOW, every_shape, needs_human, post_approval, waiting
from tests.fakes.slack_desk import CHANNEL, SlackDesk, slack_desk
from tests.fakes.slack_judges import judged_view
from tests.unit.test_slack_render import HOSTILE, cards

BERLIN = ZoneInfo("Europe/Berlin")
GOLDEN = Path(__file__).parents[1] / "fixtures" / "slack" / "views"
BOB = MemberRow("bob", "Bob", "approver")
TEAM = (Choice("olga", "Olga"), Choice("bob", "Bob"))


def asking(action: Action, card: Any = None) -> Asking:
    return Asking(card or waiting(), action, Memory(channel=CHANNEL), BERLIN)


def action_of(name: ActionName) -> Action:
    card = needs_human() if name is ActionName.CONFIRM else waiting()
    return next(one for one in card.actions if one.name is name)


def pages() -> dict[str, Element]:
    """Every modal and the Home tab."""
    card, draft = waiting(), waiting().draft
    assert draft is not None
    page = EditorPage(card, draft.text, "Sandbox", "Publish")
    desk = FakeDesk().page
    said = HistoryLine(NOW, (MemberName("bob", "Bob"), Text(" wrote version 2")), "Hi Ann")
    told = HistoryPage(card, (said,), ("It names a parcel (“parcel”).",), ())
    counts = {QueueFilter.OPEN: 31, QueueFilter.MINE: 2}
    queue = QueuePage(every_shape(), counts, 31)
    post = PostForm((VariantText("acme", "Slow mornings"),), Moment(NOW + 3_600_000))
    spam = Action(
        ActionName.MODERATE, "Spam", argument="spam", confirm="Mark this as spam and remove it?"
    )
    return {
        "editor": editor(page, asking(action_of(ActionName.EDIT))),
        "editor_shared": editor(
            page, asking(action_of(ActionName.EDIT)), notice="Olga has this open too."
        ),
        "entry_line": entry(asking(action_of(ActionName.CHANGE))),
        "entry_link": entry(asking(action_of(ActionName.CONFIRM), needs_human())),
        "entry_member": entry(asking(action_of(ActionName.GIVE)), TEAM),
        "entry_yes": entry(asking(spam)),
        "card": card_view(card, BERLIN, Memory()),
        "history": history(told, BERLIN),
        "notice": notice_view("There is no such card any more."),
        "composer_new": composer(desk, CHANNEL),
        "composer_edit": composer(desk, CHANNEL, Planned(post_approval(), post)),
        "home": home(queue, Position(offset=10), Reader("U0BOB", "Bob", BERLIN)),
        "home_stranger": home(queue, Position(), Reader("U0X", "", BERLIN)),
        "home_empty": home(
            QueuePage((), {}, 0), Position(), Reader("U0BOB", "Bob", BERLIN), notice="It is yours."
        ),
    }


@pytest.mark.parametrize("name", pages())
def test_a_view_is_drawn_as_it_was_looked_at_and_kept(name: str) -> None:
    view = pages()[name]
    path = GOLDEN / f"{name}.json"
    if os.environ.get("REPLYDESK_GOLDEN") == "write":
        path.write_text(json.dumps(view, ensure_ascii=False, indent=1) + "\n", "utf-8")
    assert view == json.loads(path.read_text("utf-8"))


def test_no_golden_view_is_left_over() -> None:
    assert {path.stem for path in GOLDEN.glob("*.json")} == set(pages())


@pytest.mark.parametrize("name", pages())
def test_every_view_passes_all_judges(name: str) -> None:
    assert judged_view(pages()[name]) == []


def test_a_draft_that_no_field_of_slack_holds_is_for_the_console() -> None:
    page = EditorPage(waiting(), "x" * (INPUT_TEXT + 1), "Blog", "Publish")
    with pytest.raises(ValueError, match="Edit it in the console"):
        editor(page, asking(action_of(ActionName.EDIT)))


def test_accounts_with_words_of_their_own_get_a_field_each() -> None:
    desk = FakeDesk().page
    post = PostForm((VariantText("acme", "One"), VariantText("blog", "Two")))
    view = composer(desk, CHANNEL, Planned(post_approval(), post))
    assert [block["block_id"] for block in view["blocks"]][1:3] == ["text.acme", "text.blog"]


hostile = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=60))
ACTIONS = st.builds(
    Action,
    st.sampled_from([ActionName.CHANGE, ActionName.MODERATE, ActionName.GIVE]),
    hostile,
    argument=st.sampled_from(["", "spam"]),
    ask=st.sampled_from([Ask.NOTHING, Ask.LINE, Ask.LINK, Ask.MEMBER]),
    confirm=hostile,
    hint=hostile,
)


def test_a_question_has_chosen_already_whom_the_card_names_first() -> None:
    ask = Action(ActionName.QUESTION, "Ask…", ask=Ask.QUESTION, first=("bob",))
    desk = DeskPage("Acme", (), (MemberRow("olga", "Olga", "agent"), BOB), (), (), "", (), "UTC")
    view = entry(asking(ask), askable(desk, str, ask.first))
    [whom] = [one for one in view["blocks"] if one.get("block_id") == WHOM]
    assert whom["element"]["initial_option"]["value"] == "bob"
    assert [one["value"] for one in whom["element"]["options"]] == ["bob", "olga"]


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=(Phase.explicit, Phase.generate),
)
@given(card=cards, action=ACTIONS, words=hostile)
def test_any_view_is_valid_within_limits_and_mentions_nobody(
    card: Any, action: Action, words: str
) -> None:
    choices = (Choice("x", words),)
    line = HistoryLine(NOW, (Text(words),), words)
    views = [
        entry(asking(action, card), choices),
        card_view(card, BERLIN, Memory(), notice=words),
        history(HistoryPage(card, (line,) * 3, (words,), ()), BERLIN),
        notice_view(words),
        home(
            QueuePage(_each_apart(card), {QueueFilter.OPEN: 12}, 12),
            Position(),
            Reader("U0", words or "x", BERLIN),
            notice=words,
        ),
    ]
    if len(words) <= INPUT_TEXT:
        page = EditorPage(card, words, words, "Publish")
        views.append(editor(page, asking(action, card), notice=words))
    for view in views:
        assert judged_view(view) == []


def _each_apart(card: Any) -> Any:
    return tuple(replace(card, key=f"k7Qf2mZx9Lp{number}") for number in range(10))


# --- used


@pytest.fixture
async def desk(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SlackDesk]:
    mode = getattr(request, "param", "http")
    async with slack_desk(desk_address(request, tmp_path), mode) as made:
        yield made


both = pytest.mark.parametrize("desk", ["socket", "http"], indirect=True)


@both
async def test_home_is_the_queue_and_a_press_there_decides(desk: SlackDesk) -> None:
    bob = desk.person("bob")
    await desk.card()
    await bob.open_home()
    assert "Waiting 1" in json.dumps(bob.home)
    await bob.press_at_home("Publish")
    assert '"Stop"' in json.dumps(bob.home)
    assert "Publishing in 10 s" in json.dumps(bob.home)
    await desk.kit.pass_time(30)
    assert len(desk.kit.network.visible) == 1


async def test_home_filters_and_turns_pages(desk: SlackDesk) -> None:
    bob = desk.person("bob")
    for number in range(12):
        await desk.kit.comment(f"Where is my order number {number}? I want my money back.")
    await bob.open_home()
    assert "number 11?" in json.dumps(bob.home)
    await bob.press_at_home("Older")
    shown = json.dumps(bob.home)
    assert "number 1?" in shown
    assert "number 11?" not in shown
    await bob.press_at_home("Mine")
    assert "Mine: nothing here." in json.dumps(bob.home)
    await bob.press_at_home("Refresh")
    assert "Mine: nothing here." in json.dumps(bob.home)


async def test_a_stranger_at_home_is_told_the_id_an_admin_needs(desk: SlackDesk) -> None:
    await desk.card()
    mallory = desk.person("mallory")
    await mallory.open_home()
    shown = json.dumps(mallory.home)
    assert "U0MALLORY" in shown
    assert "money back" not in shown


async def test_a_card_opens_from_home_and_is_edited_in_a_second_modal(desk: SlackDesk) -> None:
    bob = desk.person("bob")
    await desk.card()
    await bob.open_home()
    await bob.press_at_home("Open card")
    await bob.press_in_view("Take it")
    assert "With Bob" in json.dumps(bob.view.view)
    await bob.press_in_view("Edit")
    assert bob.view.view["callback_id"] == "edit"
    await bob.submit({"entry": "From the modal."})
    assert not bob.has_view
    await desk.kit.pass_time(30)
    assert [one.text for one in desk.kit.network.visible] == ["From the modal."]


@both
async def test_a_new_post_is_written_from_anywhere(desk: SlackDesk) -> None:
    olga = desk.person("olga")
    await olga.shortcut("new_post")
    await olga.submit({"where": ["acme"], "text": "Slow mornings"})
    assert not olga.has_view
    await desk.work()
    assert "Slow mornings" in json.dumps(desk.message.blocks)


async def test_a_post_at_a_time_that_has_passed_is_refused_in_the_modal(desk: SlackDesk) -> None:
    olga = desk.person("olga")
    await olga.open_home()
    await olga.press_at_home("New post")
    await olga.submit({"where": ["acme"], "text": "Late", "when": 1_000_000_000})
    assert olga.view.errors == {
        "text": "That time has passed. Choose a later one, or leave it empty."
    }


@both
async def test_a_colleagues_words_in_the_thread_become_the_brands_reply(desk: SlackDesk) -> None:
    bob = desk.person("bob")
    message = await desk.card()
    talk = {
        "channel": CHANNEL,
        "ts": "1795958863.999999",
        "thread_ts": message.ts,
        "text": "It &lt;really&gt; comes tomorrow",
    }
    await bob.shortcut("reply_as_brand", talk)
    await desk.kit.pass_time(30)
    assert desk.kit.network.visible == []
    await bob.submit()
    await desk.kit.pass_time(30)
    assert [one.text for one in desk.kit.network.visible] == ["It <really> comes tomorrow"]


async def test_the_shortcut_on_the_card_itself_opens_its_draft(desk: SlackDesk) -> None:
    bob = desk.person("bob")
    message = await desk.card()
    await bob.shortcut("reply_as_brand", {"channel": CHANNEL, "ts": message.ts, "text": "card"})
    assert "We are sorry." in json.dumps(bob.view.view)


async def test_the_shortcut_elsewhere_says_where_it_works(desk: SlackDesk) -> None:
    bob = desk.person("bob")
    await desk.card()
    await bob.shortcut("reply_as_brand", {"channel": CHANNEL, "ts": "1.000001", "text": "lunch?"})
    assert bob.heard[0].startswith("This works on a card of the desk")
    assert not bob.has_view


@both
async def test_the_slash_command_lists_explains_pauses_and_helps(desk: SlackDesk) -> None:
    alice, olga = desk.person("alice"), desk.person("olga")
    message = await desk.card()
    assert "/desk queue" in await alice.slash("")
    assert "/desk queue" in await alice.slash("dance")
    assert "Waiting: 1" in await alice.slash("queue")
    assert "Mine: 0" in await alice.slash("mine")
    await desk.kit.index()
    assert "“mon back”: 1" in await alice.slash("search mon back")
    assert "“tea”: 0" in await alice.slash("search tea")
    assert "for example /desk search" in await alice.slash("search")
    assert "money" in await alice.slash("why #1")
    assert "no card #77" in await alice.slash("why 77")
    assert "Write the number" in await alice.slash("why me")
    assert "Ask Alice" in await olga.slash("pause")
    assert "paused" in (await alice.slash("pause now replies on acme fire drill")).lower()
    [hold] = await desk.kit.read(lambda tx: tx.accounts.holds(1))  # type: ignore[arg-type]
    assert (hold.kind.value, hold.reason) == ("replies", "fire drill")
    await desk.person("bob").press(message, "Publish")
    await desk.kit.pass_time(30)
    assert desk.kit.network.visible == []
    await alice.slash("unpause now replies on acme")
    await desk.kit.pass_time(120)
    assert len(desk.kit.network.visible) == 1
    assert alice.troubles == olga.troubles == []


async def test_a_strangers_command_shows_nothing_of_the_desk(desk: SlackDesk) -> None:
    await desk.card()
    mallory = desk.person("mallory")
    for words in ("queue", "why 1", "pause"):
        said = await mallory.slash(words)
        assert "money" not in said
    assert "U0MALLORY" in await mallory.slash("queue")
