"""A real process whose channels read French and whose approver reads Russian, in both chats."""

from __future__ import annotations

import json
from pathlib import Path

from tests.e2e.console_client import eventually
from tests.e2e.loop import alice_at, network_of, written
from tests.e2e.process import DeskHome
from tests.fakes import telegram_people
from tests.fakes.slack_people import Person
from tests.fakes.slack_server import APP_TOKEN, BOT_TOKEN, Message, SlackServer
from tests.fakes.telegram_server import TOKEN, TelegramServer
from tests.fakes.telegram_world import GROUP, Shown
from tests.services import LOOPBACK, free_port

CHANNEL, BOB = "C0CARE", 1003
ENVIRONMENT = {
    "SLACK_BOT_TOKEN": BOT_TOKEN,
    "SLACK_APP_TOKEN": APP_TOKEN,
    "TELEGRAM_BOT_TOKEN": TOKEN,
}
CHATS = """
[[brands.channels]]
slug = "care"
chat = "slack"
channel = "{channel}"
language = "fr"

[[brands.channels]]
slug = "group"
chat = "telegram"
channel = "{group}"
language = "fr"

[slack]
api_url = "{slack}"

[telegram]
base_url = "{telegram}"
counter = false
"""


def home_of(folder: Path, slack: SlackServer, telegram: TelegramServer) -> DeskHome:
    home = DeskHome(folder / "desk", network=f"http://{LOOPBACK}:{free_port()}/sandbox/api")
    home.configure(
        undo_seconds=3,
        more=CHATS.format(channel=CHANNEL, group=GROUP, slack=slack.api_url, telegram=telegram.url),
    )
    home.lay_database()
    text = home.configuration.read_text("utf-8")
    bob = f'slug = "bob"\nslack = "U0BOB"\ntelegram = {BOB}\nlanguage = "ru"\n'
    home.configuration.write_text(text.replace('slug = "bob"\n', bob), "utf-8")
    return home


async def test_a_card_is_told_in_french_and_whoever_presses_it_in_russian(tmp_path: Path) -> None:
    async with SlackServer().serving() as slack, TelegramServer().serving() as telegram:
        home = home_of(tmp_path, slack, telegram)
        async with network_of(home) as sandbox, home.open(environment=ENVIRONMENT):
            async with alice_at(home) as alice:
                assert (await alice.order("go_live", account="acme")).is_done
            await written(sandbox, "Where is my order? I want my money back.")
            card, shown = await slack_card(slack), await telegram_card(telegram)
            assert "🟡 En attente" in said(card)
            assert "🟡 En attente" in shown.text
            assert "Remboursement" in said(card)

            bob = Person(slack, "U0BOB", slack.sockets.deliver)
            await bob.press(card, "Modifier")
            await eventually(lambda: is_open(bob), "a modal")
            view = bob.view.view
            assert view["title"]["text"].startswith("Правка #")
            assert view["submit"]["text"] == "Опубликовать"
            assert view["close"]["text"] == "Отмена"
            old = Message(card.ts, card.channel, card.body, card.looks[:1])

            thumb = telegram_people.Person(telegram, BOB, "Bob")
            answer = await thumb.tap(shown, "Publier")
            assert answer["text"].startswith("Публикация через 3 с")
            await until_says(shown, "Arrêter")

            await bob.press(old, "Sans réponse")
            await eventually(lambda: has_heard(bob), "a whisper")
            assert bob.heard[-1].startswith("Bob публикует этот ответ")
            await eventually(lambda: says(card, "✅ Publié"), "a published card")
            await eventually(lambda: tells(shown, "✅ Publié"), "the same in Telegram")
            assert slack.complaints == []
            assert telegram.refused == []
            assert telegram.judged == []


async def slack_card(slack: SlackServer) -> Message:
    async def look() -> Message | None:
        found = [one for one in slack.in_channel(CHANNEL) if "Modifier" in said(one)]
        return found[0] if found and "En attente" in said(found[0]) else None

    return await eventually(look, "a card in Slack")


async def telegram_card(telegram: TelegramServer) -> Shown:
    async def look() -> Shown | None:
        found = [one for one in telegram.world.by_bot() if any("Publier" in x for x in one.labels)]
        return found[0] if found else None

    return await eventually(look, "a card in Telegram")


def said(message: Message) -> str:
    return json.dumps(message.looks[-1], ensure_ascii=False)


async def says(message: Message, words: str) -> bool:
    return words in said(message)


async def tells(shown: Shown, words: str) -> bool:
    return words in shown.text


async def until_says(shown: Shown, label: str) -> None:
    async def look() -> bool:
        return any(label in one for one in shown.labels)

    await eventually(look, f"a button {label!r}")


async def is_open(person: Person) -> bool:
    return person.has_view


async def has_heard(person: Person) -> bool:
    return bool(person.heard)
