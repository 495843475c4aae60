"""The team decides in Telegram, with the real library over the wire, by long poll and webhook."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.cards.card import CardKind
from bot.errors import StoreUnavailable
from bot.model import commands as c
from bot.model.channel import CardRefState
from bot.model.ids import ItemId
from bot.model.item import ItemState
from bot.model.publication import PublicationState
from bot.model.triage import Intent
from handlers.telegram import listening
from handlers.telegram.markup import typed
from tests.fakes.desk_kit import desk_address
from tests.fakes.telegram_people import until
from tests.fakes.telegram_server import Fault
from tests.fakes.telegram_team import GROUP, SECRET, Team, opened_team
from tests.fakes.telegram_world import Chat

DRAFT = "We are sorry. Tell us your order number, please."


@pytest.fixture(params=["poll", "webhook"])
async def team(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Team]:
    address = desk_address(request, tmp_path)
    async with opened_team(address, by_webhook=request.param == "webhook") as opened:
        yield opened


@pytest.fixture
async def polled(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Team]:
    async with opened_team(desk_address(request, tmp_path)) as opened:
        yield opened


@pytest.fixture
async def hooked(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Team]:
    async with opened_team(desk_address(request, tmp_path), by_webhook=True) as opened:
        yield opened


async def visible(team: Team) -> list[str]:
    await team.kit.pass_time(60)
    return [one.text for one in team.kit.network.visible]


# --- the loop


async def test_a_comment_is_answered_from_a_phone(team: Team) -> None:
    card = await team.comes()
    assert DRAFT in typed(card.text)
    said = await team.bob.tap(card, "Publish")
    assert said == {"text": "Publishing in 10 s. Stop it on the card.", "show_alert": False}
    assert await visible(team) == [DRAFT]
    assert "✅ Published" in card.text
    [link] = [one for one in card.now["entities"] if one["type"] == "text_link"][-1:]
    assert link["url"].startswith("https://fakebook.example/")
    assert card.labels
    assert team.server.refused == []


async def test_the_same_press_again_is_the_same_press(team: Team) -> None:
    card = await team.comes()
    query = team.bob.press(card, card.data("Publish"))
    await team.bob.answer_to(query)
    team.bob.press(card, card.data("Publish"), query)
    team.bob.press(card, card.data("Publish"), query)
    await until(team.server, lambda: not team.server.world.updates)
    assert await visible(team) == [DRAFT]


async def test_the_second_of_two_is_told_who_was_faster(team: Team) -> None:
    card = await team.comes()
    data = card.data("Publish")
    first, second = team.bob.press(card, data), team.alice.press(card, data)
    told = [await team.bob.answer_to(first), await team.bob.answer_to(second)]
    assert sorted(one["show_alert"] for one in told) == [False, True]
    [loser] = [one for one in told if one["show_alert"]]
    assert "published this reply" in loser["text"]
    assert await visible(team) == [DRAFT]


async def test_a_stranger_is_told_a_number_and_nothing_changes(team: Team) -> None:
    card = await team.comes()
    for label in ("Publish", "No reply needed", "Tone", "Edit"):
        said = await team.stranger.tap(card, label)
        assert said["show_alert"]
        assert "Your Telegram number is 4242." in said["text"]
    assert await visible(team) == []


async def test_who_may_not_is_told_who_may(team: Team) -> None:
    card = await team.comes()
    said = await team.vic.tap(card, "Publish")
    assert said["show_alert"]
    assert "Your role here is viewer" in said["text"]
    said = await team.olga.tap(card, "Publish")
    assert said["text"].startswith("Asked for approval.")
    assert await visible(team) == []


@pytest.mark.parametrize("data", ["", "approve.x", "menu.k7Qf2mZx9LpA", "x" * 64, "hand.A.1.b"])
async def test_nonsense_is_refused(polled: Team, data: str) -> None:
    card = await polled.comes()
    said = await polled.bob.answer_to(polled.bob.press(card, data))
    assert said == {"text": "This button means nothing here any more.", "show_alert": True}


async def test_a_stale_button_decides_nothing(polled: Team) -> None:
    card = await polled.comes()
    data = card.data("Publish")
    await polled.olga.tap(card, "Team")
    await polled.olga.tap(card, "Take it")
    said = await polled.bob.answer_to(polled.bob.press(card, data))
    assert said["show_alert"]
    assert "Olga" in said["text"]
    assert await visible(polled) == []


# --- menus


async def test_menus_open_in_place_and_close_again(polled: Team) -> None:
    card = await polled.comes()
    before = card.labels
    await polled.bob.tap(card, "Tone")
    assert "Friendly" in card.labels
    await polled.bob.tap(card, "Back")
    assert card.labels == before
    await polled.bob.tap(card, "Snooze")
    said = await polled.bob.tap(card, "1 hour")
    assert not said["show_alert"]
    await polled.kit.work()
    assert "Snoozed until" in card.text


async def test_what_hurts_is_asked_about_first(polled: Team) -> None:
    card = await polled.comes()
    await polled.bob.tap(card, "Moderate")
    said = await polled.bob.tap(card, "Delete")
    assert "for good?" in said["text"]
    assert not _moderated(polled)
    await polled.bob.tap(card, "Back")
    await polled.bob.tap(card, "Moderate")
    await polled.bob.tap(card, "Delete")
    await polled.bob.tap(card, "Yes: Delete")
    await polled.kit.work()
    assert _moderated(polled) == ["delete:c1"]


def _moderated(team: Team) -> list[str]:
    return [about for name, about in team.kit.network.calls if name == "moderate"]


async def test_an_item_is_given_to_a_member_by_name(polled: Team) -> None:
    card = await polled.comes()
    await polled.bob.tap(card, "Team")
    await polled.bob.tap(card, "Give to")
    assert "Olga" in card.labels
    assert "Vic" not in card.labels
    await polled.bob.tap(card, "Olga")
    await polled.kit.work()
    assert "With Olga" in card.text


async def test_an_item_is_escalated_after_one_question_and_calls_by_a_new_message(
    polled: Team,
) -> None:
    card = await polled.comes()
    await polled.bob.tap(card, "Team")
    await polled.bob.tap(card, "Escalate")
    assert "💬 Say why, then escalate" in card.labels
    await polled.bob.tap(card, "Yes: escalate")
    await polled.kit.work()
    assert "Escalated by Bob to Alice, Ada" in card.text
    assert "please look at this" in polled.last().text


async def test_a_colleague_is_asked_by_two_menus_and_an_answer_and_answers_the_same_way(
    polled: Team,
) -> None:
    card = await polled.comes()
    for label in ("Team", "Ask…", "Vic"):
        await polled.bob.tap(card, label)
    assert card.labels == [
        "In 1 hour", "In 4 hours", "End of the business day", "This time tomorrow", "‹ Back"
    ]  # fmt: skip
    await polled.bob.tap(card, "In 4 hours")
    prompt = polled.last()
    assert "What do you want to know?" in prompt.text
    asked = polled.bob.write("How long does a refund take?", answering=prompt)
    await until(polled.server, lambda: asked.reactions)
    await polled.kit.work()
    question = polled.last()
    assert "How long does a refund take?" in question.text
    await polled.vic.tap(question, "Answer…")
    answer = polled.vic.write("Five days.", answering=polled.last())
    await until(polled.server, lambda: answer.reactions)
    await polled.kit.work()
    assert "Answered" in question.text
    assert "Private note, Vic: Five days." in card.text
    assert await visible(polled) == []


async def test_labels_are_ticked_in_a_menu_and_others_are_written(polled: Team) -> None:
    card = await polled.comes()
    await polled.kit.press("olga", await polled.kit.card_of(1), c.ChangeLabels, ("Trade fair",))
    await polled.kit.work()
    for label in ("Team", "🏷 Label…"):
        await polled.bob.tap(card, label)
    assert {"☑ refund", "☐ praise", "☑ Trade fair"} <= set(card.labels)
    for label in ("☐ praise", "☑ refund", "☐ billing", "☑ billing", "☑ Trade fair"):
        await polled.bob.tap(card, label)
    # meanwhile somebody else says something about it in another place
    await polled.kit.press("olga", await polled.kit.card_of(1), c.ChangeLabels, ("Gift",))
    await polled.bob.tap(card, "Save")
    await polled.kit.work()
    by_hand = (await polled.kit.item(ItemId(1))).by_hand
    assert by_hand is not None
    assert by_hand.own == ("Gift",)
    assert by_hand.intents == (Intent.ORDER_STATUS, Intent.QUESTION, Intent.PRAISE)
    for label in ("Team", "🏷 Label…", "✏️ Another…"):
        await polled.bob.tap(card, label)
    prompt = polled.last()
    assert "Which label?" in prompt.text
    answer = polled.bob.write("Fan club, -gift", answering=prompt)
    await until(polled.server, lambda: answer.reactions)
    await polled.kit.work()
    assert "Fan club" in card.text
    assert "Gift" not in card.text
    assert await visible(polled) == []


async def test_a_channel_stands_in_the_menu_of_whom_to_ask(polled: Team) -> None:
    card = await polled.comes()
    for label in ("Team", "Ask…", "#Care", "In 1 hour"):
        await polled.bob.tap(card, label)
    asked = polled.bob.write("How long does a refund take?", answering=polled.last())
    await until(polled.server, lambda: asked.reactions)
    await polled.kit.work()
    await polled.vic.tap(polled.last(), "Answer…")
    answer = polled.vic.write("Five days.", answering=polled.last())
    await until(polled.server, lambda: answer.reactions)
    await polled.kit.work()
    assert "Private note, Vic: Five days." in card.text


async def test_what_was_said_before_is_told_and_a_reply_of_it_becomes_the_draft(
    polled: Team,
) -> None:
    await polled.comes()
    card = await polled.kit.card_of(1)
    assert (await polled.kit.press("bob", card, c.ApproveEdited, "We send it today.")).is_done
    await polled.kit.pass_time(60)
    message = await polled.comes()
    for label in ("Team", "🕘 Said before"):
        await polled.bob.tap(message, label)
    told = polled.last()
    assert "We send it today." in told.text
    await polled.bob.tap(told, "Use the reply of #1")
    draft = (await polled.kit.card_of(2)).draft
    assert draft is not None
    assert draft.text == "We send it today."


async def test_a_menu_of_a_card_that_changed_does_not_open(polled: Team) -> None:
    card = await polled.comes()
    tone = card.data("Tone")
    await polled.olga.tap(card, "Team")
    await polled.olga.tap(card, "Take it")
    said = await polled.bob.answer_to(polled.bob.press(card, tone))
    assert said["show_alert"]
    assert "has changed meanwhile" in said["text"]


async def test_a_long_comment_can_be_read_whole(polled: Team) -> None:
    card = await polled.comes("Where is my order? " * 200)
    await polled.bob.tap(card, "Show all")
    shown = await until(
        polled.server, lambda: [one for one in polled.server.world.by_bot() if one is not card]
    )
    assert shown[0].answers == card.id
    assert shown[0].text.startswith("What they said")


# --- doubles: Telegram has no key and cannot be read back


async def test_a_lost_answer_costs_one_marked_double_which_goes_when_it_is_noticed(
    team: Team,
) -> None:
    team.server.fail("sendMessage", Fault.LOSE_ANSWER)
    await team.kit.comment()
    await team.kit.pass_time(60)
    first, second = team.server.world.by_bot()
    assert second.text.startswith("↻ Posted again")
    assert not first.text.startswith("↻")
    await team.bob.tap(first, "No reply needed")
    await until(team.server, lambda: first in team.server.world.deleted)
    assert team.server.world.by_bot() == [second]
    assert await visible(team) == []
    await team.bob.tap(second, "Publish")
    assert await visible(team) == [DRAFT]
    assert "✅ Published" in second.text
    assert not second.text.startswith("↻")


async def test_a_press_on_either_of_two_decides_once(team: Team) -> None:
    team.kit.drafter.silent = True
    team.server.fail("sendMessage", Fault.LOSE_ANSWER)
    item = await team.kit.comment()
    await team.kit.pass_time(60)
    first, second = team.server.world.by_bot()
    data = first.data("No reply needed")
    assert data == second.data("No reply needed")
    said = [await team.bob.answer_to(team.bob.press(one, data)) for one in (first, second)]
    assert said[0] == said[1]
    assert (await team.kit.item(item)).state is ItemState.CLOSED
    await until(team.server, lambda: first in team.server.world.deleted)


async def test_a_press_before_the_repeat_makes_it_unnecessary(polled: Team) -> None:
    polled.server.fail("sendMessage", Fault.LOSE_ANSWER)
    item = await polled.kit.comment()
    [only] = polled.server.world.by_bot()
    stale = await polled.olga.tap(only, "No reply needed")
    assert stale["show_alert"]

    def states() -> Any:
        return polled.kit.read(
            lambda tx: [one.state for one in tx.card_refs.of_card(
                tx.cards.of(CardKind.ITEM, item).id)]
        )  # fmt: skip

    for _ in range(50):
        if await states() == [CardRefState.SHOWN]:
            break
        await asyncio.sleep(0.05)
    await polled.kit.pass_time(60)
    assert polled.server.world.by_bot() == [only]
    assert DRAFT in typed(only.text)
    await polled.bob.tap(only, "Publish")
    assert await visible(polled) == [DRAFT]


async def test_a_double_that_telegram_does_not_delete_says_what_it_is(polled: Team) -> None:
    polled.server.fail("sendMessage", Fault.LOSE_ANSWER)
    await polled.kit.comment()
    await polled.kit.pass_time(60)
    first, _second = polled.server.world.by_bot()
    polled.server.fail("deleteMessage", Fault.ERROR)
    await polled.bob.tap(first, "Tone")
    await until(polled.server, lambda: "stood here twice" in first.text)
    assert first.keyboard == []


# --- nothing is lost


async def test_a_press_that_was_not_saved_comes_again_until_it_is(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "PAUSE_SECONDS", 0.05)
    card = await team.comes()
    perform, failures = team.kit.desk.perform, 2

    async def busy(order: c.Order) -> c.Outcome:
        nonlocal failures
        failures -= 1
        if failures >= 0:
            raise StoreUnavailable("busy")
        return await perform(order)

    monkeypatch.setattr(type(team.kit.desk), "perform", lambda _self, order: busy(order))
    said = await team.bob.tap(card, "Publish")
    assert said["text"].startswith("Publishing")
    assert failures < 0


async def test_what_fails_in_an_unforeseen_way_does_not_keep_the_others_out(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "PAUSE_SECONDS", 0.05)
    card = await team.comes()
    perform = type(team.kit.desk).perform

    async def breaks(self: Any, order: c.Order) -> c.Outcome:
        if order.actor.user == "1002":
            raise RuntimeError("nobody foresaw this")
        return await perform(self, order)

    monkeypatch.setattr(type(team.kit.desk), "perform", breaks)
    failing = team.olga.press(card, card.data("No reply needed"))
    said = await team.bob.tap(card, "Publish")
    assert said["text"].startswith("Publishing")
    assert "fault of the desk" in (await team.olga.answer_to(failing))["text"]
    await until(team.server, lambda: not team.server.world.updates)


async def test_presses_made_while_nobody_listened_count(polled: Team) -> None:
    card = await polled.comes()
    await polled.stop_listening()
    query = polled.bob.press(card, card.data("Publish"))
    await polled.listen()
    await polled.bob.answer_to(query)
    assert await visible(polled) == [DRAFT]


async def test_a_listener_that_dies_between_hearing_and_confirming_loses_nothing(
    polled: Team,
) -> None:
    card = await polled.comes()
    await polled.stop_listening()
    polled.server.fail("getUpdates", Fault.LOSE_ANSWER)
    query = polled.bob.press(card, card.data("Publish"))
    await polled.listen()
    await polled.bob.answer_to(query)
    await polled.stop_listening()
    assert [one["callback_query"]["id"] for one in polled.server.world.updates] in ([], [query])
    await polled.listen()
    await until(polled.server, lambda: not polled.server.world.updates)
    assert await visible(polled) == [DRAFT]


async def test_updates_that_nobody_can_read_are_left_and_others_are_heard(team: Team) -> None:
    card = await team.comes()
    world = team.server.world
    team.server.api = None  # which would say the same of these updates
    team.server.tell(callback_query={"id": 1})
    team.server.tell(message={"message_id": "x"})
    team.server.tell(something_new={"a": 1})
    said = await team.bob.tap(card, "Publish")
    assert said["text"].startswith("Publishing")
    await until(team.server, lambda: not world.updates)


async def test_a_press_on_a_message_that_telegram_calls_too_old_counts(team: Team) -> None:
    card = await team.comes()
    for label in ("Tone", "Back", "Publish"):
        team.server.world.queries["77" + label] = None
        team.server.tell(
            callback_query={
                "id": "77" + label,
                "from": team.bob.form,
                "chat_instance": "1",
                "data": card.data(label),
                "message": {
                    "message_id": card.id,
                    "date": 0,
                    "chat": {"id": GROUP, "type": "supergroup", "title": "Acme care"},
                },
            }
        )
        said = await team.bob.answer_to("77" + label)
        assert not said["show_alert"]
    assert await visible(team) == [DRAFT]


# --- the door


async def test_a_wrong_secret_is_refused_and_nothing_is_decided(hooked: Team) -> None:
    card = await hooked.comes()
    hooked.server.webhook["secret_token"] = SECRET
    update = {
        "update_id": 5,
        "callback_query": {
            "id": "77",
            "from": hooked.bob.form,
            "chat_instance": "1",
            "data": card.data("Publish"),
            "message": {
                "message_id": card.id,
                "date": 1,
                "chat": {"id": GROUP, "type": "supergroup"},
            },
        },
    }
    for secret in (None, "", "wrong", SECRET + "x", SECRET.upper()):
        assert await hooked.server.send_update(update, secret) == 401
    assert await visible(hooked) == []
    assert await hooked.server.send_update(update, SECRET) == 200
    assert await visible(hooked) == [DRAFT]


@pytest.mark.parametrize("body", [b"", b"{", b"[1,2]", b'"x"', b"{}", b'{"update_id": "x"}'])
async def test_what_is_no_update_does_not_break_the_door(hooked: Team, body: bytes) -> None:
    assert await hooked.server.send_update(body, SECRET) in {200, 400}


async def test_a_body_that_is_too_large_is_refused(hooked: Team) -> None:
    assert await hooked.server.send_update(b"x" * (1024 * 1024 + 1), SECRET) in {413, 0}


async def test_the_webhook_is_set_with_its_secret_and_polling_takes_it_away(
    hooked: Team, polled: Team
) -> None:
    assert hooked.server.webhook["secret_token"] == SECRET
    assert hooked.server.webhook["url"].endswith("/chats/telegram/update")
    assert set(hooked.server.webhook["allowed_updates"]) >= {"callback_query", "message"}
    assert polled.server.webhook == {}
    assert polled.server.asked("deleteWebhook")[0].get("drop_pending_updates") in {None, False}


# --- the group


async def test_a_group_that_became_a_supergroup_is_told_by_a_message_too(polled: Team) -> None:
    card = await polled.comes()
    world = polled.server.world
    world.chats[-100777] = Chat(-100777)
    world.chat(GROUP).moved_to = -100777
    polled.server.tell(
        message={
            "message_id": 1,
            "date": 1,
            "chat": {"id": GROUP, "type": "group"},
            "migrate_to_chat_id": -100777,
        }
    )
    await until(polled.server, lambda: not world.updates)
    await polled.kit.work()
    [moved] = world.by_bot(-100777)
    assert moved.text == card.text
    await polled.bob.tap(moved, "Publish")
    assert await visible(polled) == [DRAFT]
    assert "✅ Published" in moved.text


async def test_the_desks_words_are_registered_in_the_staffs_languages(polled: Team) -> None:
    assert set(polled.server.commands) == {"", "en", "fr", "ro", "ru"}
    words = [one["command"] for one in polled.server.commands[""]]
    assert words == [
        "queue", "mine", "week", "dm",
        "search", "new", "pause", "unpause", "why", "accounts", "here",
        "practice", "oncall", "away", "back", "shift", "digest", "handover", "report", "crisis",
        "replies",
        "team", "link", "help",
    ]  # fmt: skip


async def test_the_card_says_what_became_of_it_in_the_item_too(polled: Team) -> None:
    item = await polled.kit.comment()
    card = await polled.card(item)
    await polled.bob.tap(card, "Publish")
    await visible(polled)
    assert (await polled.kit.item(item)).state is ItemState.ANSWERED
    assert (await polled.kit.publication(item)).state is PublicationState.PUBLISHED
