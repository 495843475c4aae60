"""The recorded day: it is what it says it is, its texts are read well, and it keeps its bounds."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from bot.services.language import identifier_for
from bot.services.lexicon import LANGUAGES, load_cues
from bot.services.triage_rules import Triager
from tests.day.generator import Said, day
from tests.day.judging import MOST_CARDS
from tests.day.replay import replayed
from tests.day.shapes import SHARES, WANTS_ANSWER, Shape

SEEDS = range(1, 6)


def texts(said: tuple[Said, ...]) -> list[tuple[Shape, str]]:
    found = [(one.shape, text) for one in said for text in (one.text, one.edited_text) if text]
    return found + [(one.then.shape, one.then.text) for one in said if one.then is not None]


def test_a_seed_is_a_day_and_its_shares_are_those_that_are_told() -> None:
    said = day(7)
    assert said == day(7) != day(8)
    shapes = Counter(one.shape for one in said)
    shapes.update(one.then.shape for one in said if one.then is not None)
    assert shapes == SHARES
    assert {one.language for one in said} == set(LANGUAGES)
    assert len({one.text for one in said}) > 500


@pytest.mark.parametrize("seed", SEEDS)
def test_no_question_or_complaint_is_read_as_quiet_and_little_else_gets_a_card(seed: int) -> None:
    triager = Triager(load_cues(), identifier_for(LANGUAGES))
    missed, needless = [], 0
    for shape, text in texts(day(seed)):
        found = triager.triage(text, languages=LANGUAGES, to_friends=True)
        if shape in WANTS_ANSWER and not found.needs_reply:
            missed.append(text)
        needless += shape not in WANTS_ANSWER and found.needs_reply
    assert missed == []
    assert needless <= MOST_CARDS // 2


@pytest.mark.slow
async def test_the_day_keeps_its_bounds(tmp_path: Path) -> None:
    report = await replayed(tmp_path, seed=1)
    assert report.broken() == [], report.as_table()


async def test_a_short_day_leaves_nothing_unseen(tmp_path: Path) -> None:
    report = await replayed(tmp_path, seed=3, count=30)
    assert report.broken() == [], report.as_table()
    assert report.comments > 20
