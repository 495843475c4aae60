"""`replydesk replay` of a day or a file against other rules: what would have been otherwise."""

from __future__ import annotations

import argparse
import asyncio
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.bootstrap.replaying import SetUp, rules_for_replay, set_up_in_chats
from bot.cli.opening import known_networks, opened_store, settings_from
from bot.cli.replay_file import Unreadable, comments_in
from bot.cli.terminal import complain, say
from bot.config import Settings, load
from bot.errors import ConfigurationError
from bot.model.account import Brand
from bot.model.ids import AccountId, AuthorId, Moment, RemoteId
from bot.model.item import Author
from bot.model.text import excerpt
from bot.services.replaying import (
    Course,
    Replayed,
    Rules,
    Seen,
    Storms,
    day_of,
    replay,
    storms,
)
from bot.services.replaying_rises import Past, past_of
from bot.store.tx import Tx

_SIDES = ("before", "after")
SHOWN = 100
"""Characters of a comment that are repeated."""


@dataclass(frozen=True, slots=True)
class Said:
    """What was said to a brand; `past` is None where no times are known."""

    brand: str
    seen: Sequence[Seen]
    past: Past | None = None


def compare(arguments: argparse.Namespace) -> int:
    """1 where a line of a file could not be read."""
    return asyncio.run(_compare(arguments))


async def _compare(arguments: argparse.Namespace) -> int:
    settings = settings_from(arguments)
    against = load(arguments.against, known_networks()) if arguments.against else settings
    days, set_up, unreadable = await _read(settings, arguments)
    before = rules_for_replay(settings, None, set_up)
    after = rules_for_replay(against, arguments.cues, set_up)
    told: list[dict[str, Any]] = []
    for day in days:
        if day.brand not in after.languages:
            raise ConfigurationError(
                f"{arguments.against} has no brand {day.brand}. Name it there."
            )
        found = replay(day.brand, day.seen, before, after)
        stormed = _storms(day, found, before, after)
        if arguments.json:
            told.append(_form(day.brand, found, stormed))
        else:
            for line in _lines(day.brand, found, stormed):
                say(line)
    if arguments.json:
        say(json.dumps(told, ensure_ascii=False, indent=2))
    return 1 if unreadable else 0


def _storms(
    day: Said, found: Sequence[Replayed], before: Rules, after: Rules
) -> tuple[Storms, Storms] | None:
    if day.past is None:
        return None
    sides = (
        (before, [(one.seen, one.before) for one in found]),
        (after, [(one.seen, one.after) for one in found]),
    )
    first, second = (storms(rules, day.past, told) for rules, told in sides)
    return first, second


async def _read(
    settings: Settings, arguments: argparse.Namespace
) -> tuple[Sequence[Said], SetUp, int]:
    """What is replayed, the channels that were set up in chats, and how many lines were bad."""
    if arguments.file is not None:
        brand = settings.brands[0]
        account = brand.accounts[0].slug if brand.accounts else ""
        seen, bad = _of_file(arguments.file, account)
        return [Said(brand.slug, seen)], {}, bad
    named = {brand.slug for brand in settings.brands}
    async with opened_store(settings) as store:
        days = await store.read(lambda tx: _of_store(tx, arguments.day, named))
        return days, await store.read(set_up_in_chats), 0


def _of_file(path: Path, account: str) -> tuple[list[Seen], int]:
    seen, bad = [], 0
    for one in comments_in(path):
        if isinstance(one, Unreadable):
            bad += 1
            complain(f"{path}, line {one.line}: {one.says}")
            continue
        author = Author(AuthorId(0), AccountId(0), RemoteId(""), one.author, one.author)
        seen.append(Seen(one.line, one.text, author, account))
    return seen, bad


def _of_store(tx: Tx, day: date, named: set[str]) -> list[Said]:
    brands = [brand for brand in tx.accounts.brands() if brand.slug in named]
    spans = [(brand, *_span(brand, day)) for brand in brands]
    return [
        Said(
            brand.slug,
            day_of(tx, brand.id, since, until),
            past_of(tx, brand.id, since, until),
        )
        for brand, since, until in spans
    ]


def _span(brand: Brand, day: date) -> tuple[Moment, Moment]:
    """The day where the brand is."""
    zone = ZoneInfo(brand.zone)
    begins = (datetime.combine(one, time(), zone) for one in (day, day + timedelta(days=1)))
    since, until = (Moment(int(one.timestamp() * 1000)) for one in begins)
    return since, until


def _lines(
    brand: str, found: Sequence[Replayed], stormed: tuple[Storms, Storms] | None
) -> Iterator[str]:
    differing = [one for one in found if one.differs]
    yield f"{brand}: {len(found)} comments, of which {len(differing)} would have been otherwise."
    cards = [sum(course.is_card for course in pair) for pair in _pairs(found)]
    more = sum(one.after.is_card and not one.before.is_card for one in found)
    fewer = sum(one.before.is_card and not one.after.is_card for one in found)
    yield f"  Cards of their own: {cards[0]} before, {cards[1]} after ({more} more, {fewer} fewer)."
    alarms = [sum(len(course.alarms) for course in pair) for pair in _pairs(found)]
    yield f"  Alarms: {alarms[0]} before, {alarms[1]} after."
    yield from _storm_lines(stormed)
    counted = Counter(name for one in differing for name in one.differs)
    yield (
        f"  Labels: {counted['label']}. Channels: {counted['channels']}. "
        f"Reply goals: {counted['due_at']}."
    )
    for one in differing:
        yield ""
        author = excerpt(one.seen.author.display_name or one.seen.author.handle, 40) or "somebody"
        yield f"#{one.seen.number} {author}: {excerpt(one.seen.text, SHOWN)}"
        yield from (f"  {line}" for line in _differences(one))
    yield "Nothing was stored or sent."


def _storm_lines(stormed: tuple[Storms, Storms] | None) -> Iterator[str]:
    if stormed is None:
        yield "  Peaks and rises: not known, as a file has no times."
        return
    before, after = stormed
    yield (
        f"  Peaks: {before.peaks.count} before ({before.peaks.collapsed} comments in them), "
        f"{after.peaks.count} after ({after.peaks.collapsed})."
    )
    yield (
        f"  Rises: {before.rises.total} before ({before.rises.pages} of them pages), "
        f"{after.rises.total} after ({after.rises.pages})."
    )


def _pairs(found: Sequence[Replayed]) -> tuple[list[Course], list[Course]]:
    return [one.before for one in found], [one.after for one in found]


def _differences(one: Replayed) -> Iterator[str]:
    for name in one.differs:
        before, after = (_said(course, name) for course in (one.before, one.after))
        yield f"{_NAMES[name]}: {before} -> {after}"
    yield f"Before because: {'; '.join(one.before.reasons) or 'no rule spoke'}"
    yield f"After because: {'; '.join(one.after.reasons) or 'no rule spoke'}"


_NAMES = {
    "is_card": "Stands",
    "label": "Label",
    "channels": "Channels",
    "due_at": "Reply due",
    "alarms": "Alarms",
}


def _said(course: Course, name: str) -> str:
    match name:
        case "is_card":
            return "on a card of its own" if course.is_card else "among what needs no reply"
        case "label":
            return course.label
        case "due_at":
            return "no goal" if course.due_at is None else _when(course.due_at)
        case _:
            return ", ".join(getattr(course, name)) or "none"


def _when(at: Moment) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _form(
    brand: str, found: Sequence[Replayed], stormed: tuple[Storms, Storms] | None
) -> dict[str, Any]:
    before, after = _pairs(found)
    return {
        "brand": brand,
        "comments": len(found),
        "cards": {"before": sum(c.is_card for c in before), "after": sum(c.is_card for c in after)},
        "alarms": {
            "before": sum(len(c.alarms) for c in before),
            "after": sum(len(c.alarms) for c in after),
        },
        "peaks": stormed and dict(zip(_SIDES, (asdict(one.peaks) for one in stormed), strict=True)),
        "rises": stormed and dict(zip(_SIDES, (asdict(one.rises) for one in stormed), strict=True)),
        "otherwise": [
            {
                "number": one.seen.number,
                "text": one.seen.text,
                "differs": list(one.differs),
                "before": _course_form(one.before),
                "after": _course_form(one.after),
            }
            for one in found
            if one.differs
        ],
    }


def _course_form(course: Course) -> dict[str, Any]:
    return {
        "label": course.label,
        "card": course.is_card,
        "channels": list(course.channels),
        "due_at": course.due_at,
        "alarms": list(course.alarms),
        "reasons": list(course.reasons),
    }
