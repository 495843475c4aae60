"""The recorded day: it is what it says it is, its texts are read well, and it keeps its bounds."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from bot.services.language import identifier_for
from bot.services.lexicon import LANGUAGES, load_cues
from bot.services.triage_rules import Triager
from tests.day.generator import Corpus, Said, day
from tests.day.judging import MOST_CARDS
from tests.day.replay import replayed
from tests.day.shapes import SHARES, WANTS_ANSWER, Shape

SEEDS = range(1, 6)
HELD_OUT_SEEDS = range(201, 207)


MOST_NEEDLESS, MOST_HELD_OUT = 210, 290
"""Of such texts: comments that want nothing and get a card, and cards in all."""


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


def read(corpus: Corpus, seed: int) -> tuple[list[str], int]:
    """What wanted an answer and is read as quiet, and how many wanted none and would get a card."""
    triager = Triager(load_cues(), identifier_for(LANGUAGES))
    missed, needless = [], 0
    for shape, text in texts(day(seed, corpus=corpus)):
        below_a_post = shape not in {Shape.THEN_MORE, Shape.THEN_THANKS}
        found = triager.triage(text, languages=LANGUAGES, to_friends=below_a_post)
        if shape in WANTS_ANSWER and not found.needs_reply:
            missed.append(text)
        needless += shape not in WANTS_ANSWER and found.needs_reply
    return missed, needless


@pytest.mark.parametrize("corpus", [Corpus.FIRST, Corpus.SECOND])
@pytest.mark.parametrize("seed", SEEDS)
def test_no_question_or_complaint_is_read_as_quiet_and_little_else_gets_a_card(
    seed: int, corpus: Corpus
) -> None:
    missed, needless = read(corpus, seed)
    assert missed == []
    assert needless <= MOST_CARDS // 2


def test_of_texts_that_no_rule_was_read_against_nothing_is_missed() -> None:
    """docs/howto/a_working_day.md has the figures, and what to do once this fails."""
    days = [read(Corpus.HELD_OUT, seed) for seed in HELD_OUT_SEEDS]
    assert [text for missed, _needless in days for text in missed] == []
    assert max(needless for _missed, needless in days) <= MOST_NEEDLESS


@pytest.mark.slow
async def test_the_day_keeps_its_bounds_and_has_all_that_it_tells_of(tmp_path: Path) -> None:
    report = await replayed(tmp_path, seed=1)
    assert report.broken() == [], report.as_table()
    assert report.rushed
    assert min(report.beside.asked, report.beside.snoozed, report.beside.posted) > 0


@pytest.mark.slow
async def test_a_day_of_texts_that_no_rule_was_read_against_keeps_the_bounds_of_what_matters(
    tmp_path: Path,
) -> None:
    report = await replayed(tmp_path, seed=HELD_OUT_SEEDS[0], corpus=Corpus.HELD_OUT)
    assert report.cards_in_all <= MOST_HELD_OUT
    matters = replace(report, cards={"peak": 1}, notifications={})
    assert matters.broken() == [], report.as_table()


async def test_a_short_day_leaves_nothing_unseen(tmp_path: Path) -> None:
    report = await replayed(tmp_path, seed=3, count=30)
    assert report.broken() == [], report.as_table()
    assert report.comments > 20
