"""Reply templates: every language speaks, nothing is promised, and a name cannot smuggle."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import ConfigurationError
from bot.model.draft import Tone
from bot.model.triage import Intent, LanguageCode, Risk
from bot.services.lexicon import LANGUAGES
from bot.services.reply_templates import (
    Template,
    load_reply_templates,
    parse_replies,
    plain_first_name,
)

TEMPLATES = load_reply_templates()
ANSWERED = [intent for intent in Intent if intent is not Intent.SPAM]
MATTERS: list[Intent | Risk] = [*ANSWERED, Risk.SAFETY, Risk.PRIVACY]
PROMISES = re.compile(
    r"\d|https?:|@|#|will refund|we.ll refund|compensat|guarantee|our fault|our mistake|discount"
    r"|rembourserons|dédommag|notre faute|notre erreur|garanti|vom ramburs|despăgub|vina noastră"
    r"|greșeala noastră|вернём деньги|вернем деньги|компенс|наша вина|наша ошибка|гаранти",
    re.IGNORECASE,
)


def every_text() -> list[Template]:
    found = [
        TEMPLATES.choose(language, matter, tone, seed)
        for language in LANGUAGES
        for matter in MATTERS
        for tone in Tone
        for seed in range(2)
    ]
    assert None not in found
    return [template for template in found if template is not None]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("matter", MATTERS)
@pytest.mark.parametrize("tone", Tone)
def test_two_seeds_give_two_texts(
    language: LanguageCode, matter: Intent | Risk, tone: Tone
) -> None:
    one = TEMPLATES.choose(language, matter, tone, 4)
    other = TEMPLATES.choose(language, matter, tone, 5)
    assert one is not None
    assert other is not None
    assert one != other
    assert one == TEMPLATES.choose(language, matter, tone, 4)


@pytest.mark.parametrize("matter", [Intent.SPAM, Risk.LEGAL, Risk.ABUSE])
def test_some_matters_get_no_draft(matter: Intent | Risk) -> None:
    assert TEMPLATES.choose(LanguageCode("en"), matter, Tone.FRIENDLY, 0) is None


def test_a_language_without_texts_gets_no_draft() -> None:
    assert TEMPLATES.choose(LanguageCode("und"), Intent.PRAISE, Tone.SHORT, 0) is None


def test_no_text_promises_admits_links_or_is_long() -> None:
    for template in every_text():
        assert not PROMISES.search(template.text), template
        assert len(template.fill("Bartholomew", "A Brand With a Name")) <= 300, template


@pytest.mark.parametrize("author", ["Ana", "", "<b>x</b>"])
def test_every_text_is_whole_with_and_without_a_name(author: str) -> None:
    for template in every_text():
        filled = template.fill(author, "Acme")
        assert filled[0].isupper(), filled
        assert filled[-1] in ".!?", filled
        for wrong in ("{", "}", "  ", " ,", " .", ",,", ",!", ", !", ",.", ",?", "<"):
            assert wrong not in filled, filled


@pytest.mark.parametrize(
    ("author", "name"),
    [
        ("Ana", "Ana"),
        ("Olga Petrova", "Olga"),
        ("Jean-Luc Picard", "Jean-Luc"),
        ("Ștefan Ș.", "Ștefan"),
        ("Алёна", "Алёна"),
        ("ana_92", ""),
        ("@everyone", ""),
        ("<!channel>", ""),
        ("{brand}", ""),
        ("REFUND", ""),
        ("Аnna", ""),
        ("J", ""),
        ("Support\u202e", ""),
        ("Acme.com", ""),
        ("❤️", ""),
        ("Abcdefghijklmnopqrstuvwxyz", ""),
        ("", ""),
    ],
)
def test_only_a_plain_first_name_is_repeated(author: str, name: str) -> None:
    assert plain_first_name(author) == name


@given(st.text(max_size=60), st.text(max_size=30))
def test_no_name_brings_markup_or_slots(author: str, brand: str) -> None:
    filled = Template("en/other/short/1", "Hi {author}, from {brand}").fill(author, brand)
    assert filled.endswith(f", from {brand}")
    head = filled.removesuffix(f", from {brand}")
    assert head == "Hi" or head.removeprefix("Hi ").replace("-", "").isalpha()


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[intent.praise]\nfriendly=['Hi {name}','Hi']\nformal=['a','b']\nshort=['a','b']", "name"),
        ("[intent.praise]\nfriendly=['Hi']", "two texts for friendly"),
        ("[intent.joy]\nfriendly=['a','b']", "no intent and no risk"),
        (
            "[intent.praise]\nfriendly=['Hi{author}','b']\nformal=['a','b']\nshort=['a','b']",
            "space",
        ),
        ("x = 1", "add at least one"),
        ("[", "not valid TOML"),
    ],
)
def test_a_faulty_file_is_refused_with_its_place(text: str, complaint: str) -> None:
    with pytest.raises(ConfigurationError, match=complaint) as caught:
        parse_replies(text, LanguageCode("fr"))
    assert "prompts/replies/fr.toml" in str(caught.value)
