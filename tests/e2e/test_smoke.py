"""`replydesk smoke` against a Slack, a Telegram and a network that refuse what the real ones do."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.cards.smoke_card import ASKS
from tests.e2e.console_client import eventually
from tests.e2e.process import TOKEN as NETWORK_TOKEN
from tests.e2e.process import said_by
from tests.e2e.smoking import CHANNEL, SECRETS, Place, smoking
from tests.fakes import telegram_people
from tests.fakes.shapes import answers_in, recorded, strangers
from tests.fakes.slack_people import Person
from tests.fakes.slack_server import Message
from tests.fakes.telegram_world import GROUP

BOB = "U0BOB"


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with smoking(tmp_path) as made:
        yield made


async def card_in(place: Place) -> Message:
    async def look() -> Message | None:
        found = place.slack.in_channel(CHANNEL)
        return found[0] if found else None

    return await eventually(look, "a card")


async def test_everything_passes_where_somebody_presses_and_looks(place: Place) -> None:
    bob = Person(place.slack, BOB, place.slack.sockets.deliver)
    thumb = telegram_people.Person(place.telegram, 1003, "Bob")
    async with place.attended("--reply", f"acme={place.comment}") as terminal:
        await terminal.until("Press “Change…” on the card")
        card = await card_in(place)
        await eventually(lambda: _stands(place), "a socket")
        await bob.press(card, ASKS)
        assert bob.view.view["type"] == "modal"
        await terminal.until("Choose anything under “More…”")
        await eventually(lambda: _stands(place), "a socket")
        looks = len(card.looks)
        await bob.press(card, "Friendly")
        await terminal.until("telegram\n")
        assert len(card.looks) == looks + 1
        await eventually(lambda: _pressable(place), "a card in the group")
        [shown] = [one for one in place.telegram.world.by_bot() if one.keyboard][:1]
        answer = await thumb.tap(shown, ASKS)
        assert "it works" in answer["text"]
        code = await terminal.ended()
    report = place.report()
    not_passed = [one for one in report["steps"] if one["verdict"] != "pass"]
    assert not_passed == []
    assert code == 0
    assert bob.heard == ["replydesk smoke: for you."]
    assert place.left == []
    assert place.slack.complaints == []
    assert place.telegram.world.chats[GROUP].topics == {}
    # the press stays for the desk: nothing was confirmed
    assert [one for one in place.telegram.world.updates if "callback_query" in one]
    replies = await place.sandbox.visible_replies()
    assert replies.get(place.comment, []) == []


async def _stands(place: Place) -> bool:
    return bool(place.slack.sockets.open)


async def _pressable(place: Place) -> bool:
    return any(one.keyboard for one in place.telegram.world.by_bot())


async def test_with_nobody_there_what_a_person_must_see_is_not_checked(place: Place) -> None:
    seen = await place.unattended()
    assert seen.code == 3, seen.said
    assert seen.verdict("slack", "post") == seen.verdict("telegram", "post") == "pass"
    for where, step in (("slack", "words"), ("slack", "press"), ("telegram", "press")):
        assert seen.verdict(where, step) == "not checked"
    assert seen.report["counts"]["fail"] == 0
    assert place.left == []
    [page] = (place.home.folder / ".replydesk" / "smoke").glob("*.md")
    assert "| slack | A card is posted | pass |" in page.read_text("utf-8")


async def test_nothing_is_shown_to_others_before_somebody_agrees(place: Place) -> None:
    async with place.attended("--reply", f"acme={place.comment}", answers="n\n" * 40) as terminal:
        assert await terminal.ended() == 3, terminal.said
    assert place.slack.called("chat.postMessage") == []
    assert place.telegram.asked("sendMessage") == []
    assert await place.sandbox.visible_replies() == {}
    assert "Nobody agreed to it." in terminal.said


async def test_an_end_of_input_agrees_to_nothing(place: Place) -> None:
    code, said = await said_by(place.home.folder, "smoke", environment=SECRETS)
    assert code == 3, said
    assert place.slack.called("chat.postMessage") == []
    assert place.telegram.asked("sendMessage") == []


async def test_a_missing_scope_fails_by_name_and_says_what_to_do(place: Place) -> None:
    place.slack.scopes.discard("channels:history")
    seen = await place.unattended("--only", "slack")
    assert seen.code == 1
    assert seen.says("slack", "scopes") == (
        "The app lacks channels:history. Add it under OAuth & Permissions, install the app anew, "
        "and put the new token in place."
    )
    assert seen.verdict("slack", "find") == "fail"
    assert "telegram" not in {row["where"] for row in seen.report["steps"]}
    assert place.left == []


async def test_a_channel_without_the_bot_fails_and_what_needs_a_card_is_not_checked(
    tmp_path: Path,
) -> None:
    async with smoking(tmp_path, channel="C0OUT", group=-100999) as place:
        seen = await place.unattended()
    assert seen.code == 1
    assert seen.says("slack", "channel") == (
        "The bot is not in #care. Write /invite and its name there."
    )
    assert seen.verdict("slack", "post") == "fail"
    assert seen.verdict("slack", "find") == "not checked"
    assert "Telegram knows no such group" in seen.says("telegram", "rights")
    assert seen.verdict("telegram", "post") == "fail"
    # one thing that is wrong hides nothing else
    assert seen.verdict("acme", "reply") == "pass"


async def test_a_wrong_token_fails_every_step_that_needs_it(place: Place) -> None:
    wrong = SECRETS | {"SLACK_BOT_TOKEN": "xoxb-of-somebody-else"}
    code, said = await said_by(
        place.home.folder, "smoke", "--yes", "--only", "slack", environment=wrong
    )
    assert code == 1
    assert "Slack refuses the token (invalid_auth)." in said
    assert "xoxb-of-somebody-else" not in said + json.dumps(place.report())


async def test_words_that_slack_brings_to_life_fail(place: Place) -> None:
    def alive(message: dict[str, Any]) -> dict[str, Any]:
        return message | {"blocks": [{"type": "broadcast", "range": "channel"}]}

    place.slack.reads_as = alive
    seen = await place.unattended("--only", "slack")
    assert seen.code == 1
    assert seen.says("slack", "words").startswith("Slack made broadcast of somebody's words.")


async def test_a_history_that_lags_more_than_the_desk_waits_fails(place: Place) -> None:
    place.slack.lag_seconds = 2.5
    seen = await place.unattended("--only", "slack")
    assert seen.code == 1
    assert "The history showed the card only after 2." in seen.says("slack", "find")


async def test_lists_that_lag_more_than_the_connector_says_fail(place: Place) -> None:
    place.sandbox.faults.list_lag_ms = 1_500
    await asyncio.sleep(1.6)  # until the comment is listed
    seen = await place.unattended("--only", "acme")
    assert seen.code == 1
    assert "the desk takes 0 s for proof" in seen.says("acme", "find")


async def test_a_key_that_is_not_honoured_fails_and_both_are_deleted(place: Place) -> None:
    place.sandbox.network.honours_keys = False
    seen = await place.unattended("--only", "acme")
    assert seen.code == 1
    assert seen.says("acme", "repeat") == (
        "The key was not honoured: it stands there twice. Please report this."
    )
    assert (await place.sandbox.visible_replies()).get(place.comment, []) == []


async def test_a_webhook_of_another_program_fails(place: Place) -> None:
    place.telegram.webhook = {"url": "https://other.example/hook"}
    seen = await place.unattended("--only", "telegram")
    assert seen.code == 1
    assert "is sent to another address" in seen.says("telegram", "updates")
    assert place.telegram.webhook["url"] == "https://other.example/hook"


async def test_whoever_interrupts_leaves_nothing_behind(place: Place) -> None:
    async with place.attended("--only", "slack") as terminal:
        await terminal.until("Press “Change…” on the card")
        assert len(place.slack.messages) == 1
        terminal.interrupt()
        assert await terminal.ended() == 130, terminal.said
    assert place.left == []
    verdicts = {one["step"]: one["verdict"] for one in place.report()["steps"]}
    assert (verdicts["post"], verdicts["press"], verdicts["tidy"]) == (
        "pass", "not checked", "pass",
    )  # fmt: skip


async def test_what_is_called_wrongly_is_explained(place: Place) -> None:
    for words, says in (
        (
            ("--only", "discord"),
            "There is nothing called discord in the configuration",
        ),
        (("--reply", "blog=c1"), "--reply blog=c1 names no account and comment."),
        (("--cards", "nowhere"), "There is no folder nowhere."),
    ):
        code, said = await said_by(place.home.folder, "smoke", *words, environment=SECRETS)
        assert code == 2, said
        assert says in said
    assert place.slack.calls == []


async def test_cards_of_a_folder_are_validated_too(place: Place) -> None:
    cards = place.home.folder / "cards"
    cards.mkdir()
    bad = {"one": {"blocks": [{"type": "section", "block_id": "x", "text": {"type": "nothing"}}]}}
    (cards / "bad.json").write_text(json.dumps(bad), "utf-8")
    seen = await place.unattended("--only", "slack", "--cards", "cards")
    assert seen.code == 1
    assert seen.says("slack", "blocks").startswith("1 of 3 are not valid.")
    assert "bad.one" in seen.says("slack", "blocks")


async def test_a_recording_tells_shapes_and_no_secrets_names_ids_or_texts(place: Place) -> None:
    await place.unattended("--record", str(place.records))
    files = {path.stem: path.read_text("utf-8") for path in place.records.glob("*.json")}
    assert files.keys() == {"slack", "telegram", "sandbox"}
    private = [
        *SECRETS.values(), NETWORK_TOKEN, "olga@example.com", "Where is my order", "Acme", "acme",
        CHANNEL, str(abs(GROUP)), "777000777", BOB, "Olga", "maya", "Maya", "replydesk smoke",
    ]  # fmt: skip
    for name, text in files.items():
        told = [word for word in private if word in text]
        assert told == [], name
    calls = {one["call"] for one in json.loads(files["slack"])["exchanges"]}
    assert {"auth.test", "chat.postMessage", "chat.update", "conversations.history"} <= calls


@pytest.mark.parametrize("chat", ["slack", "telegram"])
async def test_the_fake_answers_nothing_that_the_chat_does_not(place: Place, chat: str) -> None:
    """A recording of the real one, put in place of what its vendor publishes, is compared too."""
    await place.unattended("--only", chat, "--record", str(place.records))
    real = recorded(chat)
    fake = answers_in(json.loads((place.records / f"{chat}.json").read_text("utf-8")))
    assert fake.keys() <= real.keys()
    found = {call: list(strangers(shape, real[call])) for call, shape in fake.items()}
    assert {call: one for call, one in found.items() if one} == {}
