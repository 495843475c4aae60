"""`replydesk replay`: recorded comments, or those of a past day, through triage, on paper.

A file alone goes through triage and the offline drafter, and no configuration is needed. A day is
compared with other rules, and so is a file where such are given. Nothing is stored or sent.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from bot.cli.replay_file import Comment, Unreadable, comments_in
from bot.cli.replay_rules import compare
from bot.cli.terminal import complain, say
from bot.errors import ConfigurationError, DraftingFailed
from bot.model.draft import DraftRequest
from bot.model.ids import BrandId
from bot.model.text import excerpt
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
UNLIMITED = 10_000
"""Characters a draft may have where no network sets a limit."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file",
        type=Path,
        nargs="?",
        metavar="FILE",
        help="Holds one JSON object a line, each with a text.",
    )
    parser.add_argument(
        "--day",
        type=date.fromisoformat,
        metavar="YYYY-MM-DD",
        help="Takes what came on that day from the database in place of a file.",
    )
    parser.add_argument(
        "--against", type=Path, metavar="TOML", help="Compares with this other configuration."
    )
    parser.add_argument(
        "--cues", type=Path, metavar="FOLDER", help="Compares with cues of this folder."
    )
    parser.add_argument("--json", action="store_true", help="Prints a comparison as JSON.")
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
    if (arguments.file is None) is (arguments.day is None):
        raise ConfigurationError("Name a FILE to replay, or a day with --day.")
    if arguments.day or arguments.against or arguments.cues:
        if not (arguments.against or arguments.cues):
            raise ConfigurationError("Say what to compare with: --against, --cues or both.")
        return compare(arguments)
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
