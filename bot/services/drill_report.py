"""The report of a drill as Markdown for people and as JSON for whoever compares drills."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime

from bot.cards.card import plain
from bot.cards.drill_view import mistake_words, time_words
from bot.model.drill import DrillScore, MistakeKind
from bot.model.ids import SECOND
from bot.services.post_mortem import inert
from bot.speech.speech import ENGLISH


def markdown(score: DrillScore) -> str:
    return "\n".join(_lines(score)) + "\n"


def _lines(score: DrillScore) -> Iterator[str]:
    storm = score.storm
    begun = datetime.fromtimestamp(score.begun_at / SECOND, UTC)
    yield f"# Drill: {inert(storm.name)}"
    yield ""
    yield f"{begun:%Y-%m-%d %H:%M} UTC. {score.comments} comments. Nothing left the sandbox."
    yield ""
    yield f"**{score.points} of 100 points**"
    yield ""
    by = f", by {inert(score.acknowledged_by)}" if score.acknowledged_by else ""
    rows = (
        ("acknowledged", _time(score.acknowledged_after) + by, _time(storm.acknowledge_within),
         score.acknowledge),
        ("holding statement", _time(score.statement_after), _time(storm.statement_within),
         score.statement),
        ("answered", f"{score.answered} of {score.wanted}", "all", score.answers),
        ("mistakes", str(len(score.mistakes)), "none", score.care),
    )  # fmt: skip
    yield from ("| what | how | target | points |", "|---|---|---|---|")
    for what, how, target, part in rows:
        yield f"| {what} | {how} | {target} | {part.points} of {part.most} |"
    yield from ("", "## Mistakes", "")
    for mistake in score.mistakes:
        yield f"* {inert(plain(mistake_words(mistake, ENGLISH)).strip())}"
    if not score.mistakes:
        yield "None."


def _time(milliseconds: int | None) -> str:
    return time_words(milliseconds, ENGLISH)


def as_json(score: DrillScore) -> str:
    """Times in milliseconds from the first alarm; null where it did not happen."""
    document = {
        "drill": score.storm.name,
        "begun_at": score.begun_at,
        "comments": score.comments,
        "points": score.points,
        "parts": {
            name: asdict(part)
            for name, part in zip(
                ("acknowledge", "statement", "answers", "care"), score.parts, strict=True
            )
        },
        "acknowledged_after": score.acknowledged_after,
        "acknowledged_by": score.acknowledged_by,
        "statement_after": score.statement_after,
        "wanted": score.wanted,
        "answered": score.answered,
        "mistakes": {kind.value: score.count(kind) for kind in MistakeKind},
        "each": [
            {"kind": one.kind.value, "item": one.item_id, "who": one.who, "says": one.says}
            for one in score.mistakes
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
