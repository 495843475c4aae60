"""One language of the desk: the sentences of the code as its readers write them.

The code says what it says in English, and that sentence is the key of every other language
(gettext). What is drawn for people is given a `Speech` and asks it; what no catalogue knows stays
English. Catalogues are compiled when they are written (`make catalogues`), so nothing is parsed
and no library of languages is loaded while the desk runs (docs/adr/0020).

A lookup is one in a dict: a card is drawn on the way of every item.
"""

from __future__ import annotations

from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

LANGUAGES = ("en", "fr", "ro", "ru")
"""The languages that staff can choose, ISO 639-1."""

CATALOGUES = Path(__file__).parent / "catalogues"

_THOUSANDS = {"en": ",", "fr": "\u202f", "ro": ".", "ru": "\u00a0"}
"""What stands between thousands; CLDR has the same."""


class Speech:
    """Equal for equal languages, as there is one of each."""

    __slots__ = ("_catalogue", "_thousands", "language")

    def __init__(self, language: str, catalogue: NullTranslations) -> None:
        self.language = language
        self._catalogue = catalogue
        self._thousands = _THOUSANDS[language]

    def __repr__(self) -> str:
        return f"Speech({self.language!r})"

    def say(self, message: str, /, **values: object) -> str:
        """The message in this language, its `{names}` filled in; values are never read again."""
        if not message:
            return ""
        text = self._catalogue.gettext(message)
        return text.format(**values) if values else text

    def plural(self, one: str, many: str, count: int, /, **values: object) -> str:
        """The form that goes with `count`, which is at hand as `{count}` as well."""
        text = self._catalogue.ngettext(one, many, count)
        return text.format(count=self.number(count), **values)

    def number(self, number: int) -> str:
        """`12,345`, as this language writes it."""
        return f"{number:,}".replace(",", self._thousands)


@cache
def speech_in(language: str) -> Speech:
    """English for a language that the desk does not speak."""
    if language not in LANGUAGES or language == "en":
        return ENGLISH
    with (CATALOGUES / f"{language}.mo").open("rb") as compiled:
        return Speech(language, GNUTranslations(compiled))


def marked(message: str) -> str:
    """The same; says that it is looked up elsewhere, so that it gets into the catalogues."""
    return message


ENGLISH = Speech("en", NullTranslations())
