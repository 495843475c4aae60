"""The languages of the desk: lookup, plural forms, figures, dates, and stored sentences."""

from __future__ import annotations

import datetime as dt
import re
import time
from datetime import UTC
from pathlib import Path

import pytest
from babel import Locale
from babel.dates import get_day_names, get_month_names
from babel.numbers import format_decimal

from bot.cards.card import Bold, Text, Untrusted, woven
from bot.cards.retold import PATTERNS, retold
from bot.model.ids import Moment
from bot.speech.speech import ENGLISH, LANGUAGES, speech_in
from handlers.moments import day_and_time, time_label
from scripts.catalogues import names_in

ROOT = Path(__file__).resolve().parents[2]
OTHERS = [language for language in LANGUAGES if language != "en"]


def test_english_says_what_the_code_says() -> None:
    assert ENGLISH.say("Deleted on {network}", network="Mastodon") == "Deleted on Mastodon"
    assert ENGLISH.plural("{count} follower", "{count} followers", 1) == "1 follower"
    assert ENGLISH.plural("{count} follower", "{count} followers", 1200) == "1,200 followers"


def test_a_language_that_the_desk_does_not_speak_is_english() -> None:
    assert speech_in("de") is ENGLISH
    assert speech_in("../en") is ENGLISH


@pytest.mark.parametrize("language", OTHERS)
def test_a_message_that_no_catalogue_knows_stays_english(language: str) -> None:
    assert speech_in(language).say("Nobody says {this}", this="x") == "Nobody says x"
    assert speech_in(language).say("") == ""


def test_what_is_put_into_a_message_is_not_read_again() -> None:
    assert ENGLISH.say("Deleted on {network}", network="{count}{0}") == "Deleted on {count}{0}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_thousands_are_parted_as_the_language_parts_them(language: str) -> None:
    assert speech_in(language).number(1234567) == format_decimal(1234567, locale=language)


def test_choosing_a_language_costs_less_than_ten_microseconds() -> None:
    speech_in("fr")
    began = time.thread_time()
    for _ in range(10_000):
        speech_in("fr").say("Waiting")
    assert (time.thread_time() - began) / 10_000 < 10e-6


# Sentences with spans in them


def test_spans_stand_where_the_language_wants_them() -> None:
    name = Untrusted("{title} & co")
    assert woven("Under {title}!", title=name) == (Text("Under "), name, Text("!"))
    assert woven("{b} {a}", a=Text("x"), b=Bold("y")) == (Bold("y"), Text(" x"))


# Sentences that are stored


def test_a_stored_sentence_is_still_said_somewhere() -> None:
    """Or the pattern would wait for what nobody writes any more."""
    sources = "".join(
        path.read_text("utf-8")
        for room in ("bot", "integrations")
        for path in sorted((ROOT / room).rglob("*.py"))
        if path.name != "retold.py"
    )
    joined = re.sub(r'"\n *f?"', "", sources).lower()
    made_of_parts = tuple(
        "chose |began |The desk |like|unlike|hide|unhide|spam|delete|{act}|Shows a|Held: |"
        "Not sent: ".split("|")
    )
    for pattern in PATTERNS:
        if not pattern.startswith(made_of_parts):
            longest = max(pattern.replace("{", "\n{").replace("}", "\n").split("\n"), key=len)
            # the settings of a network begin their sentences small, and end them open
            assert longest.rstrip(".").lower() in joined, pattern


def test_a_stored_sentence_is_english_for_who_reads_english() -> None:
    assert retold(ENGLISH, "Stopped by Olga.") == "Stopped by Olga."


# Moments


@pytest.mark.parametrize("language", LANGUAGES)
def test_days_and_months_are_those_of_cldr(language: str) -> None:
    locale = Locale(language)
    months = get_month_names("abbreviated", locale=locale)
    days = get_day_names("abbreviated", locale=locale)
    speech = speech_in(language)
    for month in range(1, 13):
        day = dt.datetime(2026, month, 3, 18, 5, tzinfo=UTC)
        label = day_and_time(day, speech)
        assert months[month] in label
        assert days[day.weekday()] in label
        assert "18:05" in label


def test_a_moment_is_told_as_before_in_english() -> None:
    at, now = Moment(1_795_330_366_000), Moment(1_795_930_366_000)
    assert time_label(at, now, UTC) == "Sun 22 Nov, 06:52"


# Catalogues


def test_names_in_braces_are_found() -> None:
    assert names_in("{a} of {b}") == {"a", "b"}
    with pytest.raises(ValueError, match=r"\}|\{"):
        names_in("{a")
