"""The judge of the day is judged: whatever is spoiled on purpose, it says so."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.model.triage import Triage
from bot.services.triage_rules import Triager
from tests.day.judging import Beside, Report
from tests.day.people import Slack, Telegram
from tests.day.replay import Day, replayed

SOUND = Report(
    comments=1_000,
    cards={"item": 120, "quiet": 8, "peak": 1},
    notifications={"ada": 21},
    misfiled=[],
    needless={},
    unseen=0,
    handled=990,
    in_chat=980,
    taps={"bob": 400},
    late=0,
    beside=Beside(asked=4, snoozed=3, planned=2, posted=2),
    told_back=4,
    came_back=3,
    rushed=True,
)
SPOILED = {
    "151 cards": replace(SOUND, cards={"item": 150, "peak": 1}),
    "41 notifications for one person": replace(SOUND, notifications={"ada": 41, "eve": 1}),
    "1 that wanted an answer set aside": replace(SOUND, misfiled=["Where is it"]),
    "1 unseen": replace(SOUND, unseen=1),
    "94.9% handled in chat": replace(SOUND, in_chat=940),
    "1.31 taps for each": replace(SOUND, taps={"bob": 1_300}),
    "3 of 4 questions to colleagues answered": replace(SOUND, told_back=3),
    "2 of 3 snoozes came back": replace(SOUND, came_back=2),
    "3 of 2 posts left": replace(SOUND, beside=replace(SOUND.beside, posted=3)),
    "no peak in a burst": replace(SOUND, cards={"item": 120}),
}


def test_a_sound_day_breaks_nothing() -> None:
    assert SOUND.broken() == []
    assert replace(SOUND, cards={"item": 120}, rushed=False).broken() == []


@pytest.mark.parametrize("says", SPOILED)
def test_each_bound_that_is_broken_is_named_and_no_other(says: str) -> None:
    assert SPOILED[says].broken() == [says]


async def test_a_complaint_that_the_rules_take_for_a_reaction_is_caught(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = Triager.triage

    def deaf(self: Triager, text: str, **how: object) -> Triage:
        return replace(right(self, text, **how), needs_reply=False, risks=())  # type: ignore[arg-type]

    monkeypatch.setattr(Triager, "triage", deaf)
    report = await replayed(tmp_path, seed=3, count=60)
    assert report.misfiled
    assert f"{len(report.misfiled)} that wanted an answer set aside" in report.broken()


async def test_a_team_that_looks_at_nothing_is_caught(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What nobody decides in a chat is decided in the console at midnight, and counted."""
    for chat in (Slack, Telegram):
        monkeypatch.setattr(chat, "cards", lambda _self: iter(()))
    report = await replayed(tmp_path, seed=3, count=30)
    assert report.in_chat == 0
    assert "0.0% handled in chat" in report.broken()


async def test_what_nobody_decides_at_all_is_unseen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def asleep(_day: Day) -> None:
        return None

    for chat in (Slack, Telegram):
        monkeypatch.setattr(chat, "cards", lambda _self: iter(()))
    monkeypatch.setattr(Day, "_out_of_chat", asleep)
    report = await replayed(tmp_path, seed=3, count=30)
    assert report.unseen > 0
    assert f"{report.unseen} unseen" in report.broken()
