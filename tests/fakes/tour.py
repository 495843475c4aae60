"""What a walk through a front end shows in one language: kept, and looked through for English.

Real doors over the wire; what is shown is judged by the fakes as it is shown. Of each screen its
words are kept, one file for each front end and language.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bot.model.member import Tongue
from bot.speech.speech import LANGUAGES
from tests.fakes.desk_kit import DeskKit

GOLDEN = Path(__file__).parents[1] / "fixtures" / "tongues"
EVERYBODY = ("vic", "olga", "bob", "eve", "alice", "ada")
_NAME = (
    r"@?\u2060?acme(?:-two)?|Fakebook|Acme Tea|replydesk|@?\u2060?fan|A Fan|UTC|EN|us|Ctrl|Enter|"
    r"@?\u2060?jo|Ann \d+|Mastodon|Sandbox|Bluesky|WordPress|RSS|Slack|Telegram|joined|C0\w+|"
    r"https?://\S+|#acme\w*|brand\.bsky\.social|Esc|Fan\d+(?:: [❤️]+)?|[a-z_]+\.«token»[\w.-]*|"
    r"Vic|Olga|Bob|Eve|Alice|Ada|Jo|«\w+»|#\d+|fixed|version|v\d|[\d/]+"
)
_WRITTEN = (
    r"My order never|Where is |We are sorry|Tea|A fixed drafter|Our new tea|Thank you so much|"
    r"Shorter, please|A recall|^recall$|We are looking into it|display_information|"
    r"My son was poisoned|The network is down|console-token|^/hooks/|"
    r"We will call you|Buy followers|^2 hours$"
)
NAMES = re.compile(rf"^(?:[·,: ]*(?:{_NAME})[·,: ]*)+$|{_WRITTEN}")
"""Names, keys of a keyboard, and what customers, drafters and networks say in these tests."""
SAME: Mapping[str, frozenset[str]] = {
    "fr": frozenset({"mentions", "messages", "Spam", "Desk", "Desk · replydesk", "Pages"})
    | {"Silence 1 h", "Console", "mention", "message", "agent · Console", "admin · Console · Slack"}
    | {"admin", "agent", "Question", "question", "Service", "Note", "Note…", "📝 Note…"}
    | {"spam", "service", "☐ spam", "☐ service", "☑ question"},
    "ro": frozenset(
        {"Formal", "Text", "Spam", "spam", "☐ spam", "admin", "agent", "manager", "Chat", "Token"}
    ),
    "ru": frozenset(),
}
"""Words that both languages have."""
each_language = pytest.mark.parametrize("language", LANGUAGES)


@dataclass(slots=True)
class Album:
    """The words of each screen, by its name."""

    pages: dict[str, list[str]] = field(default_factory=dict)
    acted: set[object] = field(default_factory=set)
    """What was pressed or asked on the way; a walk says what must be among it."""

    def keep(self, name: str, words: Iterable[str]) -> None:
        assert name not in self.pages, name
        self.pages[name] = list(words)
        assert self.pages[name], name


async def speak(kit: DeskKit, language: str) -> None:
    """Everybody reads this and English, in the zone of the golden cards."""

    def teach(tx: Any) -> None:
        brand = tx.accounts.brands()[0].id
        for slug in EVERYBODY:
            known = tx.people.by_slug(brand, slug)
            tongue = Tongue(language, "UTC", ("en",))
            tx.people.save(brand, slug, known.name, known.role, tongue=tongue)

    await kit.do(teach)


def check(name: str, language: str, album: Album) -> None:
    """As it was looked at and kept."""
    path = GOLDEN / f"tour_{name}.{language}.json"
    written = json.dumps(album.pages, ensure_ascii=False, indent=0) + "\n"
    if os.environ.get("REPLYDESK_GOLDEN") == "write":
        path.write_text(written, "utf-8")
    assert written == path.read_text("utf-8")
    if language != "en":
        english = json.loads((GOLDEN / f"tour_{name}.en.json").read_text("utf-8"))
        assert list(left_in_english(album.pages, english, language)) == []


def left_in_english(
    pages: Mapping[str, list[str]], english: Mapping[str, list[str]], language: str
) -> Iterator[str]:
    """What reads the same as in English and is neither a name nor a word of both languages."""
    assert pages.keys() == english.keys()
    for name, words in pages.items():
        for word in words:
            is_said = word in english[name] and re.search(r"[^\W\d_]{2}", word)
            if is_said and not NAMES.search(word) and word not in SAME[language]:
                yield f"{name}: {word}"
