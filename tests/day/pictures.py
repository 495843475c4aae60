"""Pictures of the day's cards as phones show them: `python -m tests.day.pictures`.

Each is drawn from a card that a desk made of a comment, by the front end of its chat, and laid out
much as the chat does. Needs Chromium.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from html import escape
from pathlib import Path
from zoneinfo import ZoneInfo

from playwright.async_api import async_playwright

from bot.cards.card import Card, CardKind
from bot.model import commands as c
from bot.model.channel import Place
from bot.model.ids import DAY, Moment, RemoteId
from bot.model.member import Tongue
from bot.model.network import RemoteAuthor
from bot.model.question import DueBy
from bot.services.cardboard import drawn as card_of
from bot.services.cardboard import facts_of
from bot.services.language import identifier_for
from bot.services.lexicon import LANGUAGES, load_cues
from bot.services.settling_in import NamedChannel
from bot.services.triage_rules import Triager
from bot.store.tx import Tx
from bot.workers.items import TriageTask
from handlers.slack.render import render
from handlers.telegram.buttons import Button
from handlers.telegram.markup import Reading
from handlers.telegram.render import Drawing, drawn
from scripts.card_pictures import PICTURES, STYLE, block
from tests.databases import migrated_sqlite
from tests.fakes.chat import CHAT
from tests.fakes.clock import START
from tests.fakes.desk_kit import DeskKit, opened_desk

PHONE = 390
UTC = ZoneInfo("UTC")
SAID = {
    "en": ("grace_h", "My teapot came smashed, third time now.", "Sorry! A new one leaves today."),
    "fr": (
        "camille.l",
        "Bonjour, ma théière est arrivée cassée.",
        "Désolés ! Une autre part aujourd'hui.",
    ),
    "ro": ("ioana.p", "Ceainicul a venit spart, a doua oară.", "Ne pare rău! Trimitem altul azi."),
    "ru": ("katya", "Чайник пришёл разбитым, второй раз.", "Простите нас! Новый отправим сегодня."),
}
"""Who writes, what, and what is drafted."""
ASKED = {
    "en": "Is the blue pot sold out?",
    "fr": "La théière bleue est épuisée ?",
    "ro": "Ceainicul albastru mai e pe stoc?",
    "ru": "Синий чайник ещё есть?",
}
PLANNED = {
    "en": "The spring harvest is here: first flush from Darjeeling, in all shops from Friday.",
    "fr": "La récolte de printemps est là : le first flush de Darjeeling, dès vendredi.",
    "ro": "A sosit recolta de primăvară: first flush din Darjeeling, de vineri în magazine.",
    "ru": "Весенний урожай здесь: первый сбор из Дарджилинга, с пятницы во всех магазинах.",
}
QUIET = ("❤️❤️", "@lena told you 😂", "sooo pretty 😍", "thank you!!", "@ben.w", "🔥🔥🔥", "yum")
FANS = ("zoe", "sam_k", "mia", "leo", "emma", "paul", "nico", "profit4u", "bestlikes")
ADS = ("Make money from home, check my profile", "Get real likes, see my bio")
SHOWN = ("complaint", "quiet", "advertising", "question", "post")
"""The cards that are made of each language."""
ONE_OF_EACH = (("slack", "light"), ("telegram", "dark"))
"""What is enough of the cards that are not the most frequent one."""
MORE = """
body { width: auto; display: flex; gap: 16px; padding: 16px; background: #8a8f98; }
section { width: 390px; border-radius: 22px; overflow: hidden; background: #fff; }
section main { padding: 14px 16px 12px } section.telegram { padding-bottom: 10px }
section blockquote { white-space: pre-line }
section.telegram main { background: #fff; border-radius: 12px; margin: 12px 12px 4px;
  padding: 10px 14px; white-space: pre-line } section.telegram .keys { padding: 0 12px }
.dark.slack { background: #1a1d21; color: #d1d2d3 } .dark a { color: #1d9bd1 }
.dark blockquote { border-color: #4a4d52 } .dark .at, .dark .small { color: #ababad }
.dark button, .dark .menu { background: #222529; border-color: #565856; color: #e8e8e8 }
.dark button.primary { background: #007a5a; color: #fff }
.dark.telegram { background: #0e1621 } .dark.telegram main { background: #182533; color: #f0f2f5 }
.dark.telegram .key { background: #2b4057 } .dark.telegram .success { background: #2e8b57 }
"""


async def made(folder: Path) -> Mapping[str, Sequence[Card]]:
    """The cards of each language, in the order of `SHOWN`."""
    return {language: [one async for one in _cards(folder, language)] for language in SAID}


async def _cards(folder: Path, language: str) -> AsyncIterator[Card]:
    name, said, draft = SAID[language]
    address = migrated_sqlite(folder / f"{language}.db")
    care = NamedChannel("care", CHAT, Place("C-care"))
    triager = Triager(load_cues(), identifier_for(LANGUAGES))
    async with opened_desk(address, channels=[care], languages=LANGUAGES) as kit:
        kit.drafter.words = draft
        kit.tasks = {**kit.tasks, "triage": TriageTask(kit.store, triager, kit.lines, kit.rules)}
        writer = RemoteAuthor(RemoteId("writer"), name, _named(name))
        item = await kit.comment(said, author=writer)
        yield await _card(kit, CardKind.ITEM, item, language)
        for number, text in enumerate((*QUIET, *ADS)):
            fan = RemoteAuthor(RemoteId(f"fan{number}"), FANS[number], _named(FANS[number]))
            await kit.comment(text, author=fan)
        for number in (1, 2):
            yield await _card(kit, CardKind.PEAK, number, language)
        shown = await kit.card_of(item)
        await kit.press("olga", shown, c.AskColleague, "bob", DueBy.HOURS, ASKED[language])
        yield await _card(kit, CardKind.QUESTION, 1, language)
        slot = Moment(kit.clock.now() + DAY)
        await kit.order("olga", c.ComposePost((c.VariantText("acme", PLANNED[language]),), slot))
        yield await _card(kit, CardKind.POST, 1, language)


def _named(handle: str) -> str:
    return handle.replace("_", " ").replace(".", " ").title()


async def _card(kit: DeskKit, kind: CardKind, subject: int, language: str) -> Card:
    def read(tx: Tx) -> Card:
        row = tx.cards.of(kind, subject)
        facts = facts_of(tx, [row], kit.lines, kit.rules, tx.now())[row.id]
        return card_of(facts, Tongue(language))

    return await kit.read(read)


def slack(card: Card, theme: str) -> str:
    head = '<p><b class="who">replydesk</b> <span class="app">APP</span></p>'
    body = "".join(map(block, render(card, UTC).blocks))
    return f'<section class="slack {theme}"><main>{head}{body}</main></section>'


def telegram(card: Card, theme: str) -> str:
    shown = drawn(card, Drawing(Reading(Moment(START), UTC, card.speech)))
    said = re.sub(r"\n?(</?blockquote[^>]*>)\n?", r"\1", shown.html)
    keys = "".join(f'<div class="row">{"".join(map(_key, row))}</div>' for row in shown.rows)
    body = f'<main>{said}</main><div class="keys">{keys}</div>'
    return f'<section class="telegram {theme}">{body}</section>'


def _key(button: Button) -> str:
    return f'<div class="key {button.style}">{escape(button.label)}</div>'


def page(phones: Sequence[str]) -> str:
    """Side by side, each as wide as a phone."""
    styles = f"<style>{STYLE}{MORE}</style>"
    return f'<!doctype html><meta charset="utf-8">{styles}<body>{"".join(phones)}'


async def shoot(pages: Mapping[str, Sequence[str]]) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        for name, phones in pages.items():
            width = 16 + (PHONE + 16) * len(phones)
            tab = await browser.new_page(viewport={"width": width, "height": 200})
            await tab.set_content(page(phones))
            await tab.screenshot(path=PICTURES / f"{name}.png", full_page=True)
        await browser.close()


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        cards = await made(Path(folder))
    pages: dict[str, list[str]] = {}
    for place, name in enumerate(SHOWN):
        for chat, phone in (("slack", slack), ("telegram", telegram)):
            for theme in ("light", "dark"):
                if name != "complaint" and (chat, theme) not in ONE_OF_EACH:
                    continue
                end = "" if theme == "light" else f"-{theme}"
                drawn_in_all = [phone(cards[one][place], theme) for one in SAID]
                pages[f"day-{name}-{chat}{end}"] = drawn_in_all
    await shoot(pages)


if __name__ == "__main__":
    asyncio.run(main())
