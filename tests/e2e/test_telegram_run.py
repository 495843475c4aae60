"""A real process whose team sits in Telegram: it serves, dies and goes on, by poll and webhook."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from handlers.telegram.markup import typed
from integrations.sandbox.server import SandboxServer
from tests.e2e.console_client import eventually
from tests.e2e.loop import alice_at, network_of, written
from tests.e2e.process import DeskHome, DeskProcess, said_by
from tests.fakes.telegram_people import Person
from tests.fakes.telegram_server import TOKEN, Fault, TelegramServer
from tests.fakes.telegram_world import GROUP, Shown
from tests.patience import PATIENCE
from tests.services import LOOPBACK, free_port

SECRET = "e2e_secret-1"
BOB, OLGA = 1003, 1002
ENVIRONMENT = {"TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_SECRET": SECRET}


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramServer]:
    async with TelegramServer().serving() as served:
        yield served
        assert served.judged == []


def home_of(tmp_path: Path, telegram: TelegramServer, mode: str) -> DeskHome:
    home = DeskHome(tmp_path / "desk", network=f"http://{LOOPBACK}:{free_port()}/sandbox/api")
    home.configure(
        more=f"""
[[brands.channels]]
slug = "care"
chat = "telegram"
channel = "{GROUP}"

[telegram]
mode = "{mode}"
base_url = "{telegram.url}"
secret = {{ env = "TELEGRAM_SECRET" }}
"""
    )
    home.lay_database()
    text = home.configuration.read_text("utf-8")
    for slug, number in (("bob", BOB), ("olga", OLGA)):
        text = text.replace(f'slug = "{slug}"\n', f'slug = "{slug}"\ntelegram = {number}\n')
    home.configuration.write_text(text, "utf-8")
    return home


@asynccontextmanager
async def live(home: DeskHome, **environment: str) -> AsyncIterator[DeskProcess]:
    """Running, with its account live."""
    async with home.running(environment=ENVIRONMENT | environment) as desk:
        await desk.ready(home.url)
        async with alice_at(home) as alice:
            assert (await alice.order("go_live", account="acme")).is_done
        yield desk


async def until(what: Callable[[], Shown | None], about: str) -> Shown:
    async def look() -> Shown | None:
        return what()

    return await eventually(look, about, PATIENCE)


async def card_of(telegram: TelegramServer, mark: str, words: str = "") -> Shown:
    def look() -> Shown | None:
        for one in telegram.world.by_bot():
            if mark in one.text and words in one.text and any("Publish" in x for x in one.labels):
                return one
        return None

    return await until(look, f"a card with {mark}")


async def says(telegram: TelegramServer, card: Shown, words: str) -> None:
    await until(lambda: card if words in card.text else None, f"{words!r} on a card")


async def replies(sandbox: SandboxServer, comment: str) -> list[str]:
    return (await sandbox.visible_replies()).get(comment, [])


@pytest.mark.parametrize("mode", ["polling", "webhook"])
async def test_a_comment_is_corrected_by_a_line_approved_and_published(
    tmp_path: Path, telegram: TelegramServer, mode: str
) -> None:
    home = home_of(tmp_path, telegram, mode)
    bob = Person(telegram, BOB, "Bob")
    async with network_of(home) as sandbox, live(home):
        comment = await written(sandbox, "KFIRST where is my order?")
        card = await card_of(telegram, "KFIRST")
        await bob.tap(card, "Edit")
        asked = telegram.world.by_bot()[-1]
        bob.write("Hello, we look into it at once.", answering=asked)
        saved = await until(
            lambda: next((x for x in telegram.world.by_bot() if x.text.startswith("Saved")), None),
            "the saved draft",
        )
        await bob.tap(saved, "Publish")
        await says(telegram, card, "✅ Published")
        assert bob.taps == 3
        assert await replies(sandbox, comment) == ["Hello, we look into it at once."]
        links = [one["url"] for one in card.now["entities"] if one["type"] == "text_link"]
        assert any("/sandbox" in link or link.startswith("http") for link in links)


async def test_a_desk_that_dies_with_a_press_in_its_hand_decides_it_once_when_it_is_back(
    tmp_path: Path, telegram: TelegramServer
) -> None:
    home = home_of(tmp_path, telegram, "polling")
    bob = Person(telegram, BOB, "Bob")
    async with network_of(home) as sandbox:
        async with live(home, REPLYDESK_CHAOS="1", REPLYDESK_KILL_AT="approve.received:1") as desk:
            comment = await written(sandbox, "KDIES where is my order?")
            card = await card_of(telegram, "KDIES")
            query = bob.press(card, card.data("Publish"))
            assert await desk.ended() == -9
        assert telegram.world.queries[query] is None
        assert await replies(sandbox, comment) == []
        async with home.open(environment=ENVIRONMENT):
            said = await bob.answer_to(query)
            assert said["text"].startswith("Publishing")
            await says(telegram, card, "✅ Published")
        assert len(await replies(sandbox, comment)) == 1


async def test_a_desk_that_dies_before_it_says_what_it_decided_says_it_when_it_is_back(
    tmp_path: Path, telegram: TelegramServer
) -> None:
    home = home_of(tmp_path, telegram, "polling")
    bob = Person(telegram, BOB, "Bob")
    async with network_of(home) as sandbox:
        async with live(home, REPLYDESK_CHAOS="1", REPLYDESK_KILL_AT="approve.committed:1") as desk:
            comment = await written(sandbox, "KSAID where is my order?")
            card = await card_of(telegram, "KSAID")
            query = bob.press(card, card.data("Publish"))
            assert await desk.ended() == -9
        async with home.open(environment=ENVIRONMENT):
            said = await bob.answer_to(query)
            assert said == {"text": "Publishing.", "show_alert": False}
            await says(telegram, card, "✅ Published")
        assert len(await replies(sandbox, comment)) == 1


@pytest.mark.slow
@pytest.mark.parametrize("point", ["card.claimed:1", "card.posted:1"])
async def test_a_desk_that_dies_around_a_posting_costs_one_marked_double_at_most(
    tmp_path: Path, telegram: TelegramServer, point: str
) -> None:
    home = home_of(tmp_path, telegram, "polling")
    bob = Person(telegram, BOB, "Bob")
    async with network_of(home) as sandbox:
        async with live(home, REPLYDESK_CHAOS="1", REPLYDESK_KILL_AT=point) as desk:
            comment = await written(sandbox, "KPOST where is my order?")
            assert await desk.ended() == -9
        async with home.open(environment=ENVIRONMENT):
            card = await card_of(telegram, "KPOST", "↻ Posted again")
            cards = [one for one in telegram.world.by_bot() if "KPOST" in one.text]
            assert len(cards) <= 2
            await bob.tap(card, "Publish")
            await says(telegram, card, "✅ Published")
            for double in [one for one in cards if one is not card]:
                bob.press(double, double.data("No reply needed"))
                await until(
                    lambda: card if double not in telegram.world.messages else None,  # noqa: B023
                    "the double's end",
                )
        assert len(await replies(sandbox, comment)) == 1


@pytest.mark.slow
async def test_lost_answers_of_every_kind_never_publish_twice(
    tmp_path: Path, telegram: TelegramServer
) -> None:
    home = home_of(tmp_path, telegram, "polling")
    bob = Person(telegram, BOB, "Bob")
    telegram.fail("sendMessage", Fault.LOSE_ANSWER, Fault.TOO_MANY, Fault.ERROR)
    telegram.fail("editMessageText", Fault.LOSE_ANSWER, Fault.TOO_MANY, Fault.LOSE_REQUEST)
    telegram.fail("answerCallbackQuery", Fault.LOSE_ANSWER)
    telegram.fail("getUpdates", Fault.ERROR, Fault.LOSE_ANSWER)
    async with network_of(home) as sandbox, live(home):
        comment = await written(sandbox, "KLOST where is my order?")
        card = await card_of(telegram, "KLOST")
        bob.press(card, card.data("Publish"))

        async def out() -> bool:
            return bool(await replies(sandbox, comment))

        await eventually(out, "the reply", PATIENCE)
        await asyncio.sleep(2)
        assert len(await replies(sandbox, comment)) == 1


async def test_check_says_what_the_bot_may_do_and_who_is_known(
    tmp_path: Path, telegram: TelegramServer
) -> None:
    home = home_of(tmp_path, telegram, "polling")
    async with network_of(home):
        code, said = await said_by(home.folder, "check", environment=ENVIRONMENT)
        assert "The token is that of @acme_desk_bot." in said
        assert "Cards can be posted in Acme care." in said
        assert "Known there: Olga, Bob." in said
        assert code == 0, said
        telegram.world.chat(GROUP).is_member = False
        code, said = await said_by(home.folder, "check", environment=ENVIRONMENT)
        assert code == 1
        assert "Add it to the group" in said
        wrong = {"TELEGRAM_BOT_TOKEN": "1:x", "TELEGRAM_SECRET": SECRET}
        code, said = await said_by(home.folder, "check", environment=wrong)
        assert code == 1
        assert "does not know this token" in said
        assert typed(said)
