"""Replies that were written beforehand, by language, by what the author wants, and by tone.

The texts live in `prompts/replies/<language>.toml`; the head of `en.toml` describes their shape and
what may never stand in them. A risk without a section gets no draft at all.
"""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

from bot.errors import ConfigurationError
from bot.model.draft import Tone
from bot.model.saved_reply import SLOT, filled
from bot.model.triage import Intent, LanguageCode, Risk
from bot.services.lexicon import LANGUAGES

SLOTS = frozenset({"{author}", "{brand}"})
MOST_LETTERS_IN_NAME = 24

NEAREST: Mapping[Intent, Intent] = {
    Intent.BILLING: Intent.COMPLAINT,
    Intent.SERVICE: Intent.COMPLAINT,
    Intent.CANCELLATION: Intent.ORDER_STATUS,
}
"""Where an intent has no texts of its own; spam has none and gets none."""


@dataclass(frozen=True, slots=True)
class Template:
    """`name` is for the draft's note: `en/complaint/friendly/1`."""

    name: str
    text: str

    def fill(self, author: str, brand: str) -> str:
        """`author` is untrusted: a name that is not plain is left out, with the space before it."""
        return filled(self.text, {"author": plain_first_name(author), "brand": brand})


class ReplyTemplates:
    def __init__(self, templates: Mapping[tuple[LanguageCode, str, Tone], tuple[Template, ...]]):
        self._templates = templates

    def choose(
        self, language: LanguageCode, matter: Intent | Risk, tone: Tone, seed: int
    ) -> Template | None:
        """None when nothing may or can be said: the language or the matter has no texts.

        For `und` the caller names the brand's first language instead. The same seed chooses the
        same text.
        """
        found = self._templates.get((language, _section(matter), tone))
        if found is None and isinstance(matter, Intent) and matter in NEAREST:
            found = self._templates.get((language, _section(NEAREST[matter]), tone))
        return found[seed % len(found)] if found else None


def load_reply_templates() -> ReplyTemplates:
    """All texts that ship; raises ConfigurationError naming the file and the section at fault."""
    folder = files("prompts") / "replies"
    templates: dict[tuple[LanguageCode, str, Tone], tuple[Template, ...]] = {}
    for language in LANGUAGES:
        text = (folder / f"{language}.toml").read_text("utf-8")
        templates |= parse_replies(text, language)
    return ReplyTemplates(templates)


def parse_replies(
    text: str, language: LanguageCode
) -> dict[tuple[LanguageCode, str, Tone], tuple[Template, ...]]:
    source = f"prompts/replies/{language}.toml"
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{source} is not valid TOML: {error}.") from error
    templates: dict[tuple[LanguageCode, str, Tone], tuple[Template, ...]] = {}
    for section, tones in _sections(document, source):
        for tone in Tone:
            texts = tones.get(tone.value)
            if not isinstance(texts, list) or len(texts) < 2:
                raise ConfigurationError(f"{source}: [{section}] needs two texts for {tone}.")
            name = f"{language}/{section.partition('.')[2]}/{tone}"
            templates[language, section, tone] = tuple(
                Template(f"{name}/{number}", _checked(entry, f"{source}: [{section}]"))
                for number, entry in enumerate(texts, 1)
            )
    return templates


def plain_first_name(author: str) -> str:
    """The first word of a display name if it is letters of one script, else nothing.

    What looks odd (markup, a mention, digits, emoji, mixed scripts, shouting) is not repeated in
    the brand's voice.
    """
    words = unicodedata.normalize("NFC", author).split(maxsplit=1)
    if not words:
        return ""
    parts = words[0].split("-")
    letters = "".join(parts)
    if len(parts) > 2 or not all(parts) or not letters.isalpha():
        return ""
    if not 2 <= len(letters) <= MOST_LETTERS_IN_NAME or not _is_of_one_script(letters):
        return ""
    is_capitalised = all(part[0].isupper() and part[1:].islower() for part in parts if part[1:])
    return words[0] if is_capitalised else ""


def _is_of_one_script(letters: str) -> bool:
    scripts = {unicodedata.name(letter, "?").partition(" ")[0] for letter in letters}
    return len(scripts) == 1 and scripts <= {"LATIN", "CYRILLIC", "GREEK"}


def _section(matter: Intent | Risk) -> str:
    return f"{'risk' if isinstance(matter, Risk) else 'intent'}.{matter.value}"


def _sections(
    document: Mapping[str, object], source: str
) -> list[tuple[str, Mapping[str, object]]]:
    known = {_section(matter) for kind in (Intent, Risk) for matter in kind}
    found: list[tuple[str, Mapping[str, object]]] = []
    for kind, group in document.items():
        for name, tones in group.items() if isinstance(group, dict) else ():
            section = f"{kind}.{name}"
            if section not in known or not isinstance(tones, dict):
                raise ConfigurationError(f"{source}: [{section}] is no intent and no risk.")
            found.append((section, tones))
    if not found:
        raise ConfigurationError(f"{source} has no [intent.NAME]; add at least one.")
    return found


def _checked(text: object, where: str) -> str:
    if not isinstance(text, str) or not text.strip():
        raise ConfigurationError(f"{where} may hold only texts that are not empty.")
    for match in SLOT.finditer(text):
        if match.group() not in SLOTS:
            raise ConfigurationError(
                f"{where} uses {match.group()}; only {{author}} and {{brand}}."
            )
        if match.group() == "{author}" and not text[: match.start()].endswith(" "):
            raise ConfigurationError(f"{where} needs a space before {{author}}.")
    return text
