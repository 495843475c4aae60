"""The team works from Slack, over the wire with the real libraries: by socket and by HTTP."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.model import commands as c
from bot.model.commands import HoldKind
from bot.model.ids import HOUR, ItemId
from bot.model.label import ByHand
from bot.model.triage import Intent, Urgency
from tests.fakes.desk_kit import desk_address
from tests.fakes.slack_desk import CHANNEL, IDS, SlackDesk, slack_desk
from tests.fakes.slack_people import Person, by_http, call
from tests.fakes.slack_server import SIGNING_SECRET, Fault, Message, until

both = pytest.mark.parametrize("desk", ["socket", "http"], indirect=True)


@pytest.fixture
async def desk(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SlackDesk]:
    mode = getattr(request, "param", "http")
    async with slack_desk(desk_address(request, tmp_path), mode) as made:
        yield made


def state_of(message: Message) -> str:
    return json.dumps(message.blocks[-1], ensure_ascii=False)


def labels(message: Message) -> set[str]:
    return {
        element["text"]["text"]
        for block in message.blocks
        if block["type"] == "actions"
        for element in block["elements"]
        if element["type"] == "button"
    }


# --- the loop


@both
async def test_a_comment_is_edited_and_approved_in_one_modal_and_stands_on_the_network(
    desk: SlackDesk,
) -> None:
    bob = desk.person("bob")
    message = await desk.card()
    await bob.press(message, "Edit")
    assert bob.view.view["submit"]["text"] == "Publish"
    await bob.submit({"entry": "We found it, it comes tomorrow."})
    assert not bob.has_view
    await desk.kit.pass_time(30)
    assert [one.text for one in desk.kit.network.visible] == ["We found it, it comes tomorrow."]
    assert "https://fakebook.example" in json.dumps(message.blocks)
    assert len(desk.slack.messages) == 1
    assert bob.troubles == []


@both
async def test_one_press_publishes_and_the_card_says_so_in_place(desk: SlackDesk) -> None:
    bob = desk.person("bob")
    message = await desk.card()
    await bob.press(message, "Publish")
    await desk.work()
    assert labels(message) == {"Stop"}
    await desk.kit.pass_time(30)
    assert len(desk.kit.network.visible) == 1
    assert "Published" in state_of(message)
    assert desk.slack.messages == [message]


async def test_within_the_undo_window_it_is_stopped_from_the_card(desk: SlackDesk) -> None:
    bob = desk.person("bob")
    message = await desk.card()
    await bob.press(message, "Publish")
    await desk.work()
    await bob.press(message, "Stop")
    await desk.kit.pass_time(60)
    assert desk.kit.network.visible == []
    assert "Publish" in labels(message)


async def test_a_lost_answer_to_a_posting_leaves_one_card(desk: SlackDesk) -> None:
    desk.slack.fail("chat.postMessage", Fault.LOSE_ANSWER)
    await desk.kit.comment()
    await desk.kit.pass_time(60)
    [message] = desk.slack.messages
    assert "Publish" in labels(message)
    assert len(desk.slack.called("chat.postMessage")) == 1


async def test_a_posting_that_never_arrived_is_made_again_once(desk: SlackDesk) -> None:
    desk.slack.fail("chat.postMessage", Fault.LOSE_REQUEST)
    await desk.kit.comment()
    await desk.kit.pass_time(60)
    assert len(desk.slack.messages) == 1


async def test_a_rate_limit_puts_the_card_off_and_loses_nothing(desk: SlackDesk) -> None:
    desk.slack.fail("chat.postMessage", Fault.TOO_MANY)
    await desk.kit.comment()
    assert desk.slack.messages == []
    await desk.kit.pass_time(5)
    assert len(desk.slack.messages) == 1


# --- who may, and who was faster


async def test_an_agents_edit_asks_for_approval_and_says_so(desk: SlackDesk) -> None:
    olga = desk.person("olga")
    message = await desk.card()
    await olga.press(message, "Edit")
    assert olga.view.view["submit"]["text"] == "Ask for approval"
    await olga.submit({"entry": "It comes tomorrow."})
    assert olga.heard[0].startswith("Asked for approval. It waits for")
    await desk.work()
    assert "Olga asks for approval" in state_of(message)
    await desk.person("bob").press(message, "Publish")
    await desk.kit.pass_time(30)
    assert [one.text for one in desk.kit.network.visible] == ["It comes tomorrow."]


@both
async def test_whoever_comes_second_is_told_privately_who_decided(desk: SlackDesk) -> None:
    message = await desk.card()
    seen = Message(message.ts, message.channel, message.body, list(message.looks))
    await desk.person("bob").press(seen, "Publish")
    await desk.person("eve").press(seen, "Publish")
    assert desk.person("eve").heard[0].startswith("Bob published this reply")
    assert desk.person("bob").heard == []
    await desk.kit.pass_time(30)
    assert len(desk.kit.network.visible) == 1


@pytest.mark.parametrize("name", ["vic", "mallory"])
async def test_who_may_not_decide_is_told_whom_to_ask_and_nothing_changes(
    desk: SlackDesk, name: str
) -> None:
    message = await desk.card()
    person = desk.person(name)
    for label in ("Publish", "Edit", "No reply needed"):
        await person.press(message, label)
    assert len(person.heard) == 3
    assert all("Ask " in says for says in person.heard)
    assert not person.has_view
    await desk.kit.pass_time(30)
    assert desk.kit.network.visible == []


async def test_a_conflict_is_told_in_the_modal_and_the_words_are_kept(desk: SlackDesk) -> None:
    bob, eve = desk.person("bob"), desk.person("eve")
    message = await desk.card()
    await bob.press(message, "Edit")
    await eve.press(message, "Publish")
    await bob.submit({"entry": "My own words."})
    assert bob.has_view
    assert bob.view.errors["entry"].startswith("Eve published this reply")
    await desk.kit.pass_time(30)
    assert [one.text for one in desk.kit.network.visible] != ["My own words."]


async def test_the_networks_own_length_rule_is_shown_and_enforced(desk: SlackDesk) -> None:
    bob = desk.person("bob")
    message = await desk.card()
    await bob.press(message, "Edit")
    assert "At most 500 characters" in json.dumps(bob.view.view)
    await bob.submit({"entry": "x" * (500 + 1)})
    assert bob.view.errors["entry"].startswith("Too long: 501 of 500")
    await bob.submit({"entry": "x" * 500})
    assert not bob.has_view


# --- editing is seen


async def test_the_others_see_who_is_editing_until_the_modal_is_closed(desk: SlackDesk) -> None:
    olga, bob = desk.person("olga"), desk.person("bob")
    message = await desk.card()
    await olga.press(message, "Edit")
    await desk.work()
    assert "Olga is editing" in state_of(message)
    await bob.press(message, "Edit")
    assert "Olga has this open too." in json.dumps(bob.view.view)
    await olga.close()
    await desk.work()
    assert "Waiting" in state_of(message)


async def test_a_modal_that_is_never_closed_is_forgotten_after_two_minutes(
    desk: SlackDesk,
) -> None:
    message = await desk.card()
    await desk.person("olga").press(message, "Edit")
    await desk.kit.pass_time(130)
    assert "Waiting" in state_of(message)


# --- what is asked first


async def test_change_asks_for_one_line_that_the_drafter_follows(desk: SlackDesk) -> None:
    olga = desk.person("olga")
    message = await desk.card()
    await olga.press(message, "Change…")
    assert olga.view.view["submit"]["text"] == "Change"
    await olga.submit({"entry": "refund takes 5 days"})
    await desk.work()
    assert desk.kit.drafter.requests[-1].instruction == "refund takes 5 days"
    assert "(refund takes 5 days)" in json.dumps(message.blocks)


async def test_the_menu_snoozes_sets_a_tone_and_takes(desk: SlackDesk) -> None:
    olga = desk.person("olga")
    message = await desk.card()
    await olga.press(message, "Formal")
    await desk.work()
    assert desk.kit.drafter.requests[-1].tone == "formal"
    await olga.press(message, "1 hour")
    await desk.work()
    assert "Snoozed until" in state_of(message)
    await desk.kit.pass_time(HOUR // 1000 + 5)
    await olga.press(message, "Take it")
    await desk.work()
    assert "With Olga" in json.dumps(message.blocks)
    assert olga.troubles == []


async def test_give_asks_for_a_member(desk: SlackDesk) -> None:
    olga = desk.person("olga")
    message = await desk.card()
    await olga.press(message, "Give to…")
    await olga.submit({"entry": "bob"})
    await desk.work()
    assert "With Bob" in json.dumps(message.blocks)


async def test_labels_are_chosen_from_a_list_and_two_people_keep_each_others(
    desk: SlackDesk,
) -> None:
    olga, bob = desk.person("olga"), desk.person("bob")
    message = await desk.card()
    for one in (olga, bob):
        await one.press(message, "Label…")
        shown = json.dumps(one.view.view)
        assert all(group in shown for group in ("Topics", "Urgency"))
    chosen = initially(olga.view.view)
    assert chosen == ["refund", "order status", "question", "normal urgency"]
    picked = ["refund", "praise", "high urgency"]
    await olga.submit({"labels": picked, "entry": "Trade fair, " + "x" * 41})
    assert "at most 40" in olga.view.errors["entry"]
    await olga.submit({"labels": picked, "entry": "Trade fair"})
    await bob.submit({"labels": [*chosen, "billing"]})
    await desk.work()
    by_hand = (await desk.kit.item(ItemId(1))).by_hand
    topics = (Intent.REFUND, Intent.BILLING, Intent.PRAISE)
    assert by_hand == ByHand(topics, Urgency.HIGH, ("Trade fair",))
    assert "Trade fair" in json.dumps(message.blocks)
    await olga.press(message, "Label…")
    assert "Labels of the team" in json.dumps(olga.view.view)
    await olga.submit({"labels": ["refund"]})
    await desk.work()
    assert (await desk.kit.item(ItemId(1))).by_hand == ByHand((Intent.REFUND,), Urgency.NORMAL)
    assert (olga.troubles, bob.troubles) == ([], [])


def initially(view: dict[str, Any]) -> list[str]:
    """What is chosen in the list of labels when it opens."""
    [field] = [one for one in view["blocks"] if one.get("block_id") == "labels"]
    return [one["value"] for one in field["element"]["initial_options"]]


async def test_escalating_asks_once_and_may_be_told_why(desk: SlackDesk) -> None:
    olga = desk.person("olga")
    message = await desk.card()
    await olga.press(message, "Escalate…")
    await olga.submit({"entry": "The mayor's office called."})
    await desk.work()
    assert "The mayor's office called." in json.dumps(message.blocks)
    assert olga.troubles == []


async def test_a_colleague_is_asked_and_answers_and_the_card_has_the_note(
    desk: SlackDesk,
) -> None:
    olga, vic = desk.person("olga"), desk.person("vic")
    message = await desk.card()
    await olga.press(message, "Ask…")
    await olga.submit({"whom": "olga", "by": "4h", "entry": "How long does a refund take?"})
    assert olga.view.errors == {"entry": "That is you. Choose somebody else."}
    await olga.submit({"whom": "vic", "by": "4h", "entry": "How long does a refund take?"})
    await desk.work()
    question = desk.slack.messages[-1]
    assert "How long does a refund take?" in json.dumps(question.blocks)
    assert f'"user_id": "{vic.user}"' in json.dumps(question.blocks)
    await vic.press(question, "Answer…")
    await vic.submit({"entry": "Five days."})
    await desk.work()
    assert "Private note, " in json.dumps(message.blocks)
    assert "Five days." in json.dumps(message.blocks)
    assert (olga.troubles, vic.troubles) == ([], [])


async def test_what_was_said_before_opens_and_a_reply_of_it_becomes_the_draft(
    desk: SlackDesk,
) -> None:
    olga = desk.person("olga")
    await desk.card()
    card = await desk.kit.card_of(1)
    assert (await desk.kit.press("bob", card, c.ApproveEdited, "We send it today.")).is_done
    await desk.kit.pass_time(60)
    await desk.card()
    await olga.press(desk.slack.messages[-1], "Said before")
    assert "We send it today." in json.dumps(olga.view.view)
    await olga.press_in_view("Use the reply of #1")
    draft = (await desk.kit.card_of(2)).draft
    assert draft is not None
    assert draft.text == "We send it today."


async def test_a_channel_is_chosen_in_the_same_form(desk: SlackDesk) -> None:
    olga, vic = desk.person("olga"), desk.person("vic")
    message = await desk.card()
    await olga.press(message, "Ask…")
    assert '"value": "#care"' in json.dumps(olga.view.view)
    await olga.submit({"whom": "#care", "by": "4h", "entry": "How long does a refund take?"})
    await desk.work()
    await vic.press(desk.slack.messages[-1], "Answer…")
    await vic.submit({"entry": "Five days."})
    await desk.work()
    assert "Five days." in json.dumps(message.blocks)
    assert (olga.troubles, vic.troubles) == ([], [])


async def test_what_cannot_be_undone_asks_for_a_yes_when_it_comes_from_the_menu(
    desk: SlackDesk,
) -> None:
    bob = desk.person("bob")
    message = await desk.card()
    await bob.press(message, "Delete")
    assert "for good?" in json.dumps(bob.view.view)
    assert bob.view.view["submit"]["text"] == "Delete"
    await bob.close()
    await desk.work()
    assert desk.kit.network.calls == []
    await bob.press(message, "Delete")
    await bob.submit()
    await desk.work()
    assert desk.kit.network.calls == [("moderate", "delete:c1")]


async def test_a_yes_to_a_card_that_moved_on_turns_the_modal_into_the_reason(
    desk: SlackDesk,
) -> None:
    bob = desk.person("bob")
    message = await desk.card()
    await bob.press(message, "Delete")
    await desk.person("eve").press(message, "No reply needed")
    await bob.submit()
    assert bob.has_view
    assert "Eve closed this" in json.dumps(bob.view.view)


async def test_history_and_why_are_shown_to_whoever_asks(desk: SlackDesk) -> None:
    vic = desk.person("vic")
    message = await desk.card()
    await vic.press(message, "History and why")
    shown = json.dumps(vic.view.view)
    assert "arrived" in shown
    assert "version 1 is drafted" in shown
    assert vic.view.view["title"]["text"] == "History of #1"


# --- posts


async def test_a_post_is_approved_by_a_second_person_and_edited_before(desk: SlackDesk) -> None:
    olga, alice = desk.person("olga"), desk.person("alice")
    compose = c.ComposePost((c.VariantText("acme", "Slow mornings"),))
    assert (await desk.kit.order("olga", compose)).is_done
    await desk.work()
    message = desk.message
    await olga.press(message, "Edit")
    assert olga.view.view["title"]["text"] == "Edit post #1"
    await olga.submit({"text": "Slow mornings, hot tea"})
    assert olga.heard == []
    await desk.work()
    await olga.press(message, "Approve & publish")
    assert "Ask Alice" in olga.heard[0]
    await alice.press(message, "Approve & publish")
    await desk.kit.pass_time(30)
    assert [one.text for one in desk.kit.network.visible] == ["Slow mornings, hot tea"]


async def test_changes_are_requested_with_a_reason(desk: SlackDesk) -> None:
    compose = c.ComposePost((c.VariantText("acme", "Slow mornings"),))
    await desk.kit.order("olga", compose)
    await desk.work()
    alice = desk.person("alice")
    await alice.press(desk.message, "Request changes")
    await alice.submit({"entry": "Name the *tea* <!channel>"})
    await desk.work()
    assert "Name the *tea* <!channel>" in json.dumps(desk.message.blocks)


# --- the same thing twice, and strangers at the door


@both
async def test_a_press_that_is_delivered_again_changes_nothing(desk: SlackDesk) -> None:
    bob = desk.person("bob")
    message = await desk.card()
    await bob.press(message, "Publish")
    for _ in range(3):
        assert await bob.again() is not None
    assert bob.heard == []
    await desk.kit.pass_time(30)
    assert len(desk.kit.network.visible) == 1
    await bob.again()
    assert len(desk.kit.network.visible) == 1


async def test_a_submission_that_is_delivered_again_publishes_once(desk: SlackDesk) -> None:
    bob = desk.person("bob")
    message = await desk.card()
    await bob.press(message, "Edit")
    await bob.submit({"entry": "Once."})
    for _ in range(3):
        assert (await bob.again() or {}).get("response_action") is None
    await desk.kit.pass_time(30)
    assert [one.text for one in desk.kit.network.visible] == ["Once."]


STRANGERS = [("forged", 0.0), ("", 0.0), (SIGNING_SECRET, 400.0), (SIGNING_SECRET, -400.0)]


@pytest.mark.parametrize(
    ("secret", "age"),
    STRANGERS,
)
async def test_a_forged_or_old_request_is_refused_and_changes_nothing(
    desk: SlackDesk, secret: str, age: float
) -> None:
    message = await desk.card()
    liar = Person(desk.slack, IDS["bob"], by_http(desk.address, secret=secret, age=age))
    await liar.press(message, "Publish")
    assert liar.troubles == ["block_actions"]
    status, _ = await call(desk.address, *liar.sent[-1], secret=secret, age=age)
    assert status == 401
    await desk.kit.pass_time(30)
    assert desk.kit.network.visible == []


async def test_another_workspaces_people_are_nobody_here(desk: SlackDesk) -> None:
    message = await desk.card()
    bob = desk.person("bob")
    bob.team = "T0OTHER"
    await bob.press(message, "Publish")
    await desk.kit.pass_time(30)
    assert desk.kit.network.visible == []


@pytest.mark.parametrize(
    "body",
    [
        {"type": "block_actions"},
        {"type": "block_actions", "actions": []},
        {"type": "view_submission", "view": {}},
        {"type": "message_action", "callback_id": "reply_as_brand"},
        {"type": "a_kind_of_next_year"},
        {},
    ],
    ids=lambda body: json.dumps(body)[:40],
)
async def test_a_payload_that_means_nothing_changes_nothing(
    desk: SlackDesk, body: dict[str, object]
) -> None:
    bob = desk.person("bob")
    await desk.card()
    await bob.send("interactive", bob._person("x") | body)
    await desk.kit.pass_time(30)
    assert desk.kit.network.visible == []


async def test_a_button_of_another_desk_means_nothing_here(desk: SlackDesk) -> None:
    bob = desk.person("bob")
    message = await desk.card()
    message.looks[-1] = json.loads(json.dumps(message.looks[-1]).replace("approve.", "approve.x."))
    await bob.press(message, "Publish")
    assert bob.heard == ["This button means nothing here any more."]


async def test_a_channel_that_the_bot_may_not_whisper_in_breaks_nothing(desk: SlackDesk) -> None:
    message = await desk.card()
    desk.slack.fail("chat.postEphemeral", Fault.ERROR)
    vic = desk.person("vic")
    await vic.press(message, "Publish")
    assert vic.troubles == []
    await until(lambda: bool(desk.slack.called("chat.postEphemeral")))


async def test_a_modal_that_slack_does_not_open_is_told(desk: SlackDesk) -> None:
    bob = desk.person("bob")
    message = await desk.card()
    desk.slack.fail("views.open", Fault.ERROR)
    await bob.press(message, "Edit")
    assert bob.heard == ["Slack did not open it. Press again."]
    await bob.press(message, "Edit")
    assert bob.has_view


async def test_a_held_reply_is_said_in_the_channel(desk: SlackDesk) -> None:
    assert (await desk.kit.order("alice", c.Pause((HoldKind.REPLIES,)))).is_done
    message = await desk.card()
    await desk.person("bob").press(message, "Publish")
    await desk.kit.pass_time(30)
    assert desk.kit.network.visible == []
    assert message.channel == CHANNEL
