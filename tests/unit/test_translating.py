"""What readers of an item do not read is told in their language, and never sent."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.cards.card import Card, CardKind, Translation, plain
from bot.model import commands as c
from bot.model.channel import Place
from bot.model.event import Subject
from bot.model.ids import ItemId
from bot.model.member import Role, Tongue
from bot.model.triage import LanguageCode
from bot.services.cardboard import draw
from bot.services.deciding import DeskRules
from bot.services.forgetting import Forget, forget
from bot.services.language import TextLanguage, identifier_for
from bot.services.settling_in import NamedChannel
from bot.store.tx import Tx
from handlers.slack.render import render
from handlers.telegram.buttons import keyboard_form
from handlers.telegram.markup import Reading
from handlers.telegram.render import Drawing, drawn, whole
from tests.fakes.chat import CHAT
from tests.fakes.desk_kit import COMPLAINT, DeskKit, desk_address, opened_desk
from tests.fakes.openai_server import RESPONSES, a_request, drafting, running_openai
from tests.fakes.sample_cards import NOW, post_approval, waiting
from tests.fakes.slack_judges import judged_message
from tests.fakes.telegram_text import alive, complaints, parsed

CHANNELS = [
    NamedChannel("care-fr", CHAT, Place("fr", "", "fr"), reads=("en",)),
    NamedChannel("care-ru", CHAT, Place("ru", "", "ru"), reads=("ru",)),
]
FRENCH_TONGUE = Tongue("fr", reads=("en",))
SPOKEN = [LanguageCode(code) for code in ("en", "fr", "ro", "ru")]
LETTERS = TextLanguage(SPOKEN, identifier_for(SPOKEN))
HOSTILE = "<!channel> <b>@everyone</b> https://evil.example/ *x* &lt;"


@pytest.fixture
async def kit(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DeskKit]:
    rules = DeskRules(translates=True, language_of=LETTERS.of)
    address = desk_address(request, tmp_path)
    async with opened_desk(address, rules=rules, channels=CHANNELS) as kit:
        brand = (await kit.account_now()).brand_id
        tongue = Tongue("ro", reads=("ro",))
        await kit.do(lambda tx: tx.people.save(brand, "bob", "Bob", Role.APPROVER, tongue=tongue))
        yield kit


def shown(kit: DeskKit) -> dict[str, Card]:
    return {message.place.language: message.card for message in kit.chat.messages}


async def shown_now(kit: DeskKit, item: ItemId, tongue: Tongue) -> Card:
    """As it would be drawn for such a reader now."""

    def read(tx: Tx) -> Card:
        card = tx.cards.of(CardKind.ITEM, item)
        return draw(tx, card, kit.lines, kit.rules, kit.clock.now(), tongue)

    return await kit.read(read)


async def test_comment_and_draft_are_told_to_those_who_do_not_read_them(kit: DeskKit) -> None:
    item = await kit.comment()
    words = kit.drafter.words
    assert sorted(kit.drafter.translated) == sorted(
        [(COMPLAINT, "ro"), (words, "ro"), (COMPLAINT, "ru"), (words, "ru")]
    )
    russian = shown(kit)["ru"]
    assert russian.translations == (
        Translation("Машинный перевод комментария", f"[ru] {COMPLAINT[::-1]}"),
        Translation("Машинный перевод ответа выше", f"[ru] {words[::-1]}"),
    )
    assert plain(russian.quote) == COMPLAINT
    assert russian.draft is not None
    assert russian.draft.text == words
    assert shown(kit)["fr"].translations == ()  # its readers read English
    assert [one.text[:4] for one in (await kit.card_of(item)).translations] == ["[ro]", "[ro]"]


async def test_a_translation_is_never_sent_and_the_audit_knows_of_it(kit: DeskKit) -> None:
    item = await kit.comment()
    card = await kit.card_of(item)
    await kit.press("bob", card, c.Approve)
    await kit.pass_time(12)
    assert (await kit.publication(item)).text == kit.drafter.words
    rows = await kit.read(lambda tx: tx.audits.about(Subject.ITEM, [item]))
    [approved] = [row for row in rows if row.action == "approved"]
    assert approved.facts["machine_translation"] == "ro"


async def test_who_reads_the_language_approves_without_one(kit: DeskKit) -> None:
    item = await kit.comment()
    await kit.press("alice", await kit.card_of(item), c.Approve)
    rows = await kit.read(lambda tx: tx.audits.about(Subject.ITEM, [item]))
    [approved] = [row for row in rows if row.action == "approved"]
    assert "machine_translation" not in approved.facts


async def test_without_an_answer_the_card_says_that_it_is_not_translated(kit: DeskKit) -> None:
    kit.drafter.silent = True
    await kit.comment()
    card = shown(kit)["ru"]
    assert card.translations == ()
    assert "На английском, без перевода" in [plain(fact) for fact in card.facts]


async def test_other_words_have_no_translation_until_they_are_translated(kit: DeskKit) -> None:
    item = await kit.comment()
    asked = len(kit.drafter.translated)
    await kit.press("alice", await kit.card_of(item), c.SaveDraft, "Other words.")
    before = await kit.card_of(item)
    assert [one.text for one in before.translations] == [f"[ro] {COMPLAINT[::-1]}"]
    await kit.work()
    after = await kit.card_of(item)
    assert after.translations[-1].text == f"[ro] {'Other words.'[::-1]}"
    assert after.revision > before.revision
    assert kit.drafter.translated[asked:] == [("Other words.", "ro"), ("Other words.", "ru")]


async def test_the_same_words_are_asked_for_once(kit: DeskKit) -> None:
    await kit.comment()
    asked = list(kit.drafter.translated)
    other = await kit.comment(remote_id="c2")
    assert kit.drafter.translated == asked
    assert len((await kit.card_of(other)).translations) == 2


ROMANIAN = "Ne pare foarte rău pentru întârziere, coletul pleacă mâine de la depozit."
FRENCH = "Notre nouveau thé arrive demain dans toutes les boutiques de la ville."


async def test_a_draft_is_told_by_its_own_language_whatever_it_answers(kit: DeskKit) -> None:
    item = await kit.comment()
    await kit.press("alice", await kit.card_of(item), c.SaveDraft, ROMANIAN)
    before = await shown_now(kit, item, FRENCH_TONGUE)
    assert "Réponse en roumain, non traduite" in [plain(fact) for fact in before.facts]
    await kit.work()
    bob = await kit.card_of(item)
    assert [one.text[:4] for one in bob.translations] == ["[ro]"]  # the comment alone
    french = shown(kit)["fr"]  # its readers read English, and no Romanian
    back = Translation("Traduction automatique de la réponse ci-dessus", f"[fr] {ROMANIAN[::-1]}")
    assert french.translations == (back,)
    assert "Réponse en roumain, non traduite" not in [plain(fact) for fact in french.facts]


async def test_a_post_is_told_to_those_who_do_not_read_it(kit: DeskKit) -> None:
    outcome = await kit.order("alice", c.ComposePost((c.VariantText("acme", FRENCH),)))
    before = await kit.card(outcome.note)
    assert "În franceză, netradus" in [plain(fact) for fact in before.facts]
    await kit.work()
    after = await kit.card(outcome.note)
    assert after.revision > before.revision
    told = Translation("Traducerea automată a postării", f"[ro] {FRENCH[::-1]}")
    assert after.translations == (told,)
    assert "În franceză, netradus" not in [plain(fact) for fact in after.facts]
    assert shown(kit)["fr"].translations == ()
    assert shown(kit)["ru"].translations[0].text.startswith("[ru]")


async def test_each_text_of_a_post_is_told_under_the_name_of_its_place(kit: DeskKit) -> None:
    variants = (c.VariantText("acme", FRENCH), c.VariantText("acme-two", f"{FRENCH} Venez !"))
    outcome = await kit.order("alice", c.ComposePost(variants))
    await kit.work()
    card = await kit.card(outcome.note)
    titles = [f"Traducere automată pentru {name}" for name in ("@acme", "acme-two")]
    assert [one.title for one in card.translations] == titles
    edited = c.EditPost(card.key, card.revision, (c.VariantText("acme", f"{FRENCH} Si, demain."),))
    await kit.order("alice", edited)
    assert (await kit.card(card.key)).translations == ()
    await kit.work()
    assert len((await kit.card(card.key)).translations) == 1


async def test_a_desk_without_a_model_says_that_a_post_is_not_translated(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    rules = DeskRules(language_of=LETTERS.of)
    address = desk_address(request, tmp_path)
    async with opened_desk(address, rules=rules, channels=CHANNELS) as kit:
        await kit.order("alice", c.ComposePost((c.VariantText("acme", FRENCH),)))
        await kit.work()
        card = shown(kit)["ru"]
        assert card.translations == ()
        assert "На французском, без перевода" in [plain(fact) for fact in card.facts]


async def test_what_a_forgotten_author_said_is_forgotten_in_every_language(kit: DeskKit) -> None:
    item = await kit.comment()
    author = (await kit.item(item)).author_id
    await kit.store.write(forget, Forget(author))
    assert await kit.read(lambda tx: tx.translations.of([item])) == {}


async def test_a_desk_without_a_model_asks_nobody(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    async with opened_desk(desk_address(request, tmp_path), channels=CHANNELS) as kit:
        await kit.comment()
        assert kit.drafter.translated == []
        assert shown(kit)["ru"].translations == ()


@pytest.mark.parametrize("sample", [waiting, post_approval])
@pytest.mark.parametrize("text", [HOSTILE, HOSTILE * 400, "\u202e" * 50, "x" * 9_000])
def test_whatever_a_translation_says_it_is_text_within_limits(
    text: str, sample: Callable[[], Card]
) -> None:
    told = (Translation("Machine translation of the comment", text),) * 2
    card = replace(sample(), translations=told)
    slack = render(card, ZoneInfo("UTC"))
    assert judged_message({"text": slack.text, "blocks": slack.blocks}) == []
    drawing = Drawing(Reading(NOW, ZoneInfo("UTC")))
    message = drawn(card, drawing)
    assert complaints(message.html, keyboard_form(message.rows)) == []
    assert alive(parsed(message.html)) == alive(parsed(drawn(sample(), drawing).html))
    assert whole(card)


async def test_a_model_is_asked_for_a_translation_and_told_nothing_else() -> None:
    async with running_openai() as server, drafting(server) as drafter:
        said = await drafter.translate("Unde este coletul?", "en")
        asked = server.asked[-1]
        assert said == "Thank you, we will look at it."
        assert asked.path == RESPONSES
        sent = str(asked.body)
        assert "translator for a customer care team" in sent
        assert "Unde este coletul?" in sent
        assert a_request().brand_name not in sent
