"""One desk in several languages at once: each channel has its own, and so has each member.

The cards of a whole life, from a comment to its reply, are kept as they look in every language and
every front end, and judged there: what is short in English may be too long elsewhere.
"""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.cards.card import Card, plain
from bot.cards.labels import spoken_label
from bot.cards.pages import CardQuery
from bot.model import commands as c
from bot.model.channel import Place
from bot.model.commands import OutcomeKind
from bot.model.ids import HOUR, CardToken, Moment
from bot.model.member import Role, Tongue
from bot.model.triage import ESCALATED, Intent, Risk
from bot.services.settling_in import NamedChannel
from bot.speech.speech import LANGUAGES, speech_in
from handlers.console.limits import IN_CHANNEL
from handlers.console.render import Reading as PageReading
from handlers.console.render import Renderer
from handlers.relay.form import card_form
from handlers.slack.render import render
from handlers.telegram.buttons import keyboard_form
from handlers.telegram.keyboard import MENUS
from handlers.telegram.markup import Reading
from handlers.telegram.render import Drawing, drawn
from tests.fakes.chat import CHAT
from tests.fakes.desk_kit import DeskKit, desk_address, opened_desk
from tests.fakes.slack_judges import judged_message
from tests.fakes.telegram_text import complaints

GOLDEN = Path(__file__).parents[1] / "fixtures" / "tongues"
BERLIN = ZoneInfo("Europe/Berlin")
RENDERER = Renderer()
TOKEN = CardToken("k7Qf2mZx9LpA")
CHANNELS = [
    NamedChannel(language, CHAT, Place(f"room-{language}", "", language, "Europe/Berlin"))
    for language in LANGUAGES
]


@pytest.fixture
async def kit(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DeskKit]:
    channels = [replace(one, reads=("en",) if one.slug == "fr" else ("ru",)) for one in CHANNELS]
    async with opened_desk(desk_address(request, tmp_path), channels=channels) as kit:
        yield kit


async def speaks(kit: DeskKit, slug: str, role: Role, tongue: Tongue) -> None:
    brand = (await kit.account_now()).brand_id
    await kit.do(lambda tx: tx.people.save(brand, slug, slug.title(), role, tongue=tongue))


def shown(kit: DeskKit) -> dict[str, Card]:
    """What stands in each channel now, by its language."""
    return {message.place.language: message.card for message in kit.chat.messages}


async def life(kit: DeskKit) -> dict[str, dict[str, Card]]:
    """Every look of a card from a comment to its reply, and of one that is put off and closed."""
    looks: dict[str, dict[str, Card]] = {}

    async def look(name: str) -> None:
        await kit.work()
        looks[name] = shown(kit)

    item = await kit.comment("My lawyer will hear of this, the tea made me sick! Where is it?")
    await look("waiting")
    until = Moment(kit.clock.now() + HOUR)
    await kit.press("bob", await kit.card_of(item), c.Snooze, until)
    await look("snoozed")
    await kit.press("olga", await kit.card_of(item), c.Take)
    await kit.press("olga", await kit.card_of(item), c.SaveDraft, "We are sorry.")
    await look("edited")
    await kit.press("bob", await kit.card_of(item), c.NoReplyNeeded)
    await look("closed")
    await kit.press("bob", await kit.card_of(item), c.Reopen)
    await kit.press("bob", await kit.card_of(item), c.Approve)
    await look("publishing")
    await kit.press("bob", await kit.card_of(item), c.Stop)
    await look("stopped")
    await kit.press("bob", await kit.card_of(item), c.Approve)
    await kit.pass_time(12)
    await look("published")
    return looks


async def test_a_channel_is_told_in_its_language_and_a_member_in_theirs(kit: DeskKit) -> None:
    await speaks(kit, "bob", Role.APPROVER, Tongue("ro", reads=("en",)))
    await speaks(kit, "olga", Role.AGENT, Tongue("ru", reads=("en",)))
    item = await kit.comment()
    card = await kit.card_of(item)
    assert plain(shown(kit)["fr"].state.spans) == "En attente"
    assert plain(shown(kit)["ru"].state.spans) == "Ждёт решения"
    assert plain(shown(kit)["en"].state.spans) == "Waiting"
    assert plain(card.state.spans) == "În așteptare"  # Bob looks for himself

    said = await kit.press("bob", card, c.Approve)
    assert said.says == "Se publică în 10 s. Poți opri pe card."
    late = await kit.press("olga", card, c.NoReplyNeeded)
    assert late.kind is OutcomeKind.STALE
    assert late.says.startswith("Bob публикует этот ответ (0 с назад).")
    refused = await kit.press("olga", await kit.card_of(item), c.AbandonPublication)
    assert refused.says.startswith("Ваша роль здесь: оператор; нужен утверждающий.")

    await kit.work()
    stop = next(one for one in shown(kit)["fr"].actions if one.name.value == "stop")
    assert stop.label == "Arrêter"
    await kit.press("bob", await kit.card_of(item), c.Stop)
    await kit.work()
    assert plain(shown(kit)["fr"].state.spans) == "Arrêté par Bob."
    assert plain(shown(kit)["ru"].state.spans) == "Остановлено: Bob."
    history = await kit.history_of(card.key)
    lines = [plain(line.spans) for line in history.lines]
    assert "a sosit" in lines
    assert "Bob a aprobat" in lines


async def test_a_card_says_which_language_its_reader_does_not_read(kit: DeskKit) -> None:
    await kit.comment()
    facts = {language: [plain(one) for one in card.facts] for language, card in shown(kit).items()}
    assert "EN" in facts["fr"]  # its readers read English
    assert "EN" in facts["en"]
    assert "În engleză, netradus" in facts["ro"]
    assert "На английском, без перевода" in facts["ru"]


async def test_a_menu_on_a_channels_card_is_in_the_channels_language(kit: DeskKit) -> None:
    await speaks(kit, "bob", Role.APPROVER, Tongue("ro"))
    item = await kit.comment()
    token = await kit.token_of(item)
    place = (CHAT, "room-fr")
    for query, language in ((CardQuery(token, place), "fr"), (CardQuery(token), "ro")):
        page = await kit.desk.view(query, kit.who("bob"))
        assert page.card is not None
        assert page.card.speech is speech_in(language)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_life_of_cards_is_told_as_it_was_read_and_kept(kit: DeskKit, language: str) -> None:
    kept: dict[str, Any] = {}
    reading = Reading(kit.clock.now(), BERLIN, speech_in(language))
    page = PageReading(kit.clock.now(), BERLIN, IN_CHANNEL, speech_in(language))
    for name, cards in (await life(kit)).items():
        card = replace(cards[language], key=TOKEN)
        slack = render(card, BERLIN)
        message = {"text": slack.text, "blocks": slack.blocks}
        assert judged_message(message) == [], name
        telegram = drawn(card, Drawing(reading))
        assert complaints(telegram.html, keyboard_form(telegram.rows)) == [], name
        for menu in ("more", "give", *(group.value for group in MENUS)):
            opened = drawn(card, Drawing(reading, menu=menu))
            assert complaints(opened.html, keyboard_form(opened.rows)) == [], (name, menu)
        kept[name] = {
            "slack": message,
            "telegram": [telegram.html, [[one.label for one in row] for row in telegram.rows]],
            "console": str(RENDERER.card(card, page)),
            "relay": card_form(card),
        }
    path = GOLDEN / f"{language}.json"
    written = json.dumps(kept, ensure_ascii=False, indent=1) + "\n"
    if os.environ.get("REPLYDESK_GOLDEN") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_text(written, "utf-8")
    assert written == path.read_text("utf-8")


def test_every_risk_and_intent_has_a_word_in_every_language() -> None:
    words = [f"{risk} risk" if risk in ESCALATED else risk.value for risk in Risk]
    words += [intent.value.replace("_", " ") for intent in Intent]
    for language in LANGUAGES[1:]:
        for word in words:
            said = spoken_label(speech_in(language), word.capitalize())
            assert said.lower() == speech_in(language).say(word).lower()
            assert said != word.capitalize() or word in {"spam", "service", "question"}
