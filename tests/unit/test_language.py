"""The language of a text: script first, letters second, and `und` rather than a guess."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path

import pytest
from py3langid import langid

from bot.model.triage import UNDETERMINED, LanguageCode
from bot.services.language import identifier_for, identify_language


def codes(text: str) -> list[LanguageCode]:
    return [LanguageCode(code) for code in text.split()]


class Recorded:
    """Answers the last candidate and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []

    def identify(self, text: str, languages: Sequence[LanguageCode]) -> LanguageCode:
        self.asked.append(list(languages))
        return languages[-1]


@pytest.mark.parametrize(
    ("text", "brand", "language"),
    [
        ("Спасибо", "en ru", "ru"),
        ("Спасибо большое за помощь", "en fr", "und"),
        ("Merci", "fr", "und"),
        ("Merci à toute votre équipe", "fr", "fr"),
        ("❤️ 123 !!", "en ru", "und"),
        ("", "en ru", "und"),
        ("مرحبا كيف حالك اليوم يا صديقي", "en ar", "ar"),
        ("مرحبا كيف حالك اليوم يا صديقي", "en fr", "und"),
    ],
)
def test_the_script_alone_decides(text: str, brand: str, language: str) -> None:
    identifier = Recorded()
    assert identify_language(text, codes(brand), identifier) == language
    assert identifier.asked == []


def test_the_identifier_chooses_among_languages_of_the_script_only() -> None:
    identifier = Recorded()
    language = identify_language("Where is my parcel today", codes("ru en uk fr"), identifier)
    assert language == "fr"
    assert identifier.asked == [["en", "fr"]]


def test_two_languages_in_cyrillic_are_told_apart_by_the_identifier() -> None:
    identifier = Recorded()
    identify_language("Где моя посылка сегодня", codes("ru uk en"), identifier)
    assert identifier.asked == [["ru", "uk"]]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Where on earth is the parcel I ordered last week?", "en"),
        ("Je n'ai toujours pas reçu ma commande de la semaine dernière", "fr"),
        ("Nu am primit nici acum comanda de saptamana trecuta", "ro"),
    ],
)
def test_the_model_knows_the_languages_that_ship(text: str, language: str) -> None:
    identifier = identifier_for(codes("en fr ro ru"))
    assert identify_language(text, codes("en fr ro ru"), identifier) == language


def test_a_language_that_the_model_does_not_know_is_left_out() -> None:
    identifier = identifier_for(codes("en fr zz"))
    text = "Where on earth is the parcel I ordered last week?"
    assert identify_language(text, codes("zz en fr"), identifier) == "en"


def test_languages_that_their_script_tells_apart_take_no_memory() -> None:
    identifier = identifier_for(codes("en ru ar"))
    assert identifier.identify("Where on earth is my parcel?", codes("en")) == UNDETERMINED


def gold() -> list[tuple[str, str]]:
    table = Path(__file__).parents[1] / "fixtures" / "triage_gold.toml"
    groups = tomllib.loads(table.read_text(encoding="utf-8"))["comment"]
    return [(row["text"], group["language"]) for group in groups for row in group["rows"]]


GOLD_LANGUAGES = codes("en fr ro ru")


def test_the_table_says_of_every_comment_what_the_model_says_that_it_was_made_from() -> None:
    model = langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE)
    model.set_languages(GOLD_LANGUAGES)
    # of another script too, so that all four are loaded
    identifier = identifier_for([*GOLD_LANGUAGES, LanguageCode("uk")])
    wrong = [
        text
        for text, _language in gold()
        if identifier.identify(text, GOLD_LANGUAGES) != model.rank(text)[0][0]
    ]
    assert wrong == []


def test_nearly_every_comment_is_told_by_its_language_or_left_open() -> None:
    identifier = identifier_for(GOLD_LANGUAGES)
    told = [
        (identify_language(text, GOLD_LANGUAGES, identifier), language) for text, language in gold()
    ]
    clear = [(said, language) for said, language in told if said != UNDETERMINED]
    assert len(clear) >= 0.9 * len(told)
    assert sum(said == language for said, language in clear) >= 0.99 * len(clear)
