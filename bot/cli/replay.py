"""`replydesk replay FILE`: recorded comments through triage and the offline drafter, on paper.

The file has one JSON object a line: `{"text": "...", "author": "...", "language": "en"}`, of
which only the text is needed. Nothing is stored, nothing is sent, no configuration is needed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.cli.terminal import complain, say
from bot.errors import ConfigurationError, DraftingFailed
from bot.model.draft import DraftRequest
from bot.model.ids import BrandId
from bot.model.text import excerpt, storable
from bot.model.triage import LanguageCode, Triage
from bot.ports import Drafter
from bot.services.language import identifier_for
from bot.services.lexicon import LANGUAGES, load_cues
from bot.services.reason_words import words_of
from bot.services.reply_templates import load_reply_templates
from bot.services.template_drafter import TemplateDrafter
from bot.services.triage_rules import Triager

SHOWN = 200
"""Characters of a comment that are repeated."""
MAX_LINE_BYTES = 1024 * 1024
UNLIMITED = 10_000
"""Characters a draft may have where no network sets a limit."""


@dataclass(frozen=True, slots=True)
class Comment:
    line: int
    text: str
    author: str
    language: str
    """As recorded; empty when the file does not tell."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    line: int
    says: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file", type=Path, metavar="FILE", help="Holds one JSON object a line, each with a text."
    )
    parser.add_argument(
        "--languages",
        default=",".join(LANGUAGES),
        metavar="CODES",
        help="Lists the languages that the brand reads, for example en,fr.",
    )
    parser.add_argument(
        "--brand", default="the team", metavar="NAME", help="Signs the drafts with this name."
    )


def run(arguments: argparse.Namespace) -> int:
    languages = [code for code in arguments.languages.split(",") if code]
    identifier = identifier_for([LanguageCode(code) for code in languages])
    triager = Triager(load_cues(), identifier)
    drafter = TemplateDrafter(load_reply_templates())
    return asyncio.run(_replay(arguments, languages, triager, drafter))


async def _replay(
    arguments: argparse.Namespace, languages: Sequence[str], triager: Triager, drafter: Drafter
) -> int:
    shown = unreadable = 0
    for entry in comments_in(arguments.file):
        if isinstance(entry, Unreadable):
            unreadable += 1
            complain(f"{arguments.file}, line {entry.line}: {entry.says}")
            continue
        spoken = [entry.language] if entry.language else languages
        triage = triager.triage(entry.text, languages=spoken)
        draft = await _draft(drafter, entry, triage, arguments.brand, languages)
        _show(entry, triage, draft)
        shown += 1
    say(f"{shown} comments; nothing was stored or sent.")
    return 1 if unreadable else 0


def comments_in(path: Path) -> Iterator[Comment | Unreadable]:
    """Every line that is not empty, in order; ConfigurationError when there is no such file."""
    try:
        with path.open("rb") as file:
            for number, raw in enumerate(file, 1):
                if raw.strip():
                    yield _comment(number, raw)
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}.") from error


def _comment(line: int, raw: bytes) -> Comment | Unreadable:
    if len(raw) > MAX_LINE_BYTES:
        return Unreadable(line, "it is longer than 1 MiB and was left out.")
    try:
        document = json.loads(raw)
    except (ValueError, RecursionError):
        return Unreadable(line, "it is not JSON and was left out.")
    if not isinstance(document, dict) or not isinstance(document.get("text"), str):
        return Unreadable(line, 'it has no "text" and was left out.')
    author, language = document.get("author"), document.get("language")
    return Comment(
        line,
        storable(document["text"]),
        storable(author) if isinstance(author, str) else "",
        language if isinstance(language, str) else "",
    )


async def _draft(
    drafter: Drafter, comment: Comment, triage: Triage, brand: str, languages: Sequence[str]
) -> str:
    if not triage.needs_reply:
        return "(none: no reply is needed)"
    request = DraftRequest(
        brand_id=BrandId(0),
        brand_name=brand,
        voice="",
        network_title="",
        max_length=UNLIMITED,
        language=triage.language if triage.language != "und" else languages[0],
        text=comment.text,
        author_name=comment.author,
        context="",
        intents=tuple(intent.value for intent in triage.intents),
        risks=tuple(risk.value for risk in triage.risks),
        seed=comment.line,
    )
    try:
        proposal = await drafter.draft(request)
    except DraftingFailed as error:
        return f"(none: {error})"
    return proposal.text


def _show(comment: Comment, triage: Triage, draft: str) -> None:
    author = excerpt(comment.author, 60) or "somebody"
    say(f"{comment.line}. {author}: {excerpt(comment.text, SHOWN)}")
    needs = "needs a reply" if triage.needs_reply else "no reply needed"
    say(f"   {triage.label} ({triage.language}, {triage.sentiment}, {triage.urgency}); {needs}")
    for reason in triage.reasons:
        evidence = f': "{excerpt(reason.evidence, 60)}"' if reason.evidence else ""
        say(f"   - {words_of(triage, reason)}{evidence}")
    say(f"   Draft: {excerpt(draft, UNLIMITED)}")
    say()
