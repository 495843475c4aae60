"""Every sentence for staff is in every catalogue, whole, and nothing is said past them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Message

from bot.speech.speech import CATALOGUES, speech_in
from bot.speech.speech import LANGUAGES as SPOKEN
from handlers.console.render import script_words
from scripts.catalogues import (
    LANGUAGES,
    ROOMS,
    ROOT,
    complaints,
    gathered,
    kept,
    said_in,
    stale,
    unsayable_in,
)

SOURCES = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]
WORDS_BETWEEN_TAGS = re.compile(r">([^<>{}]*[A-Za-z]{3}[^<>{}]*)<")
SPOKEN_ATTRIBUTES = re.compile(
    r'\b(?:title|aria-label|alt|placeholder)="([^"{]*[A-Za-z]{3}[^"{]*)"'
)


def test_the_desk_speaks_the_languages_that_have_catalogues() -> None:
    assert set(SPOKEN) == {"en", *LANGUAGES}
    assert {path.stem for path in CATALOGUES.glob("*.mo")} == set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_of_the_code_is_in_every_catalogue(language: str) -> None:
    assert list(stale(language, gathered())) == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_message_is_put_together_before_it_is_said(path: Path) -> None:
    assert list(unsayable_in(path.read_text("utf-8"))) == []


def test_messages_are_found_wherever_they_stand_in_an_expression() -> None:
    source = (
        'f(voice.say(spot, words(say("A {x}", x=say("B")))), f"- {say(\'C\')}")\n'
        'plural("d", "e", 2)'
    )
    assert set(said_in(source)) == {"A {x}", "B", "C", ("d", "e")}
    assert list(unsayable_in('say(f"Deleted on {network}")\nsay("a" if b else "c")')) == [1, 2]
    assert list(unsayable_in('say(f"{held} {rest}")')) == []


def test_a_message_that_has_a_name_first_is_found_too() -> None:
    source = "def f():\n    says = 'C'\n    other = 'D'\n    refused(says)"
    assert set(said_in(source)) == {"C"}


def test_the_pages_bring_what_their_scripts_say() -> None:
    said = set(script_words())
    for path in (ROOT / "handlers/console/static").glob("*.js"):
        calls = re.findall(r"\btold\(\s*[\"'`]", path.read_text("utf-8"))
        assert len(calls) == len(list(_told(path))), f"{path.name}: not one plain sentence"
        assert set(_told(path)) <= said
    assert "Reconnecting" in said


def _told(path: Path) -> Iterator[str]:
    yield from re.findall(r'\btold\(\s*"([^"\\]+)"', path.read_text("utf-8"))


@pytest.mark.parametrize(
    "path", sorted((ROOT / "handlers/console/templates").glob("*.html")), ids=lambda path: path.name
)
def test_no_words_stand_in_a_template_unsaid(path: Path) -> None:
    page = re.sub(r"\{%.*?%\}|\{\{.*?\}\}|<code>.*?</code>|<kbd>.*?</kbd>", "", path.read_text())
    found = [words.strip() for words in WORDS_BETWEEN_TAGS.findall(page)]
    assert [words for words in found if words.strip("· ") != "replydesk"] == []
    assert SPOKEN_ATTRIBUTES.findall(page) == []


# Signs


def _forms(language: str) -> Iterator[str]:
    message: Message
    for message in kept(language):
        if message.id:
            said = message.string or ()
            yield from [said] if isinstance(said, str) else said


def test_a_catalogue_that_lost_a_name_or_a_message_is_refused() -> None:
    catalog = kept("fr")
    catalog["Deleted on {network}"].string = "Supprimé"
    catalog["Waiting"].string = ""
    found = list(complaints(catalog))
    assert len(found) == 2
    assert any("network" in line for line in found)


def test_romanian_is_written_with_commas_below() -> None:
    assert not [form for form in _forms("ro") if re.search("[şţŞŢ]", form)]
    assert any("ș" in form for form in _forms("ro"))


def test_french_signs_stand_off_by_a_space_that_does_not_break() -> None:
    assert not [
        form for form in _forms("fr") if re.search(r"(?<![\u202f\u00a0\s?!])[;?!](?!\))", form)
    ]
    assert not [form for form in _forms("fr") if re.search(r"[ ][;:?!»]|«[ ]", form)]
    assert not [form for form in _forms("fr") if re.search(r"\w'\w", form)]


def test_russian_has_three_forms_for_what_is_counted() -> None:

    count = speech_in("ru").plural
    one, many = "{count} follower", "{count} followers"
    said = [count(one, many, number) for number in (1, 2, 5, 11, 21, 104)]
    assert [words.split()[-1] for words in said] == [
        "подписчик", "подписчика", "подписчиков", "подписчиков", "подписчик", "подписчика",
    ]  # fmt: skip
