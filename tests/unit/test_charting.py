"""Counts drawn as a picture, in a process of its own that may be missing, slow or broken."""

from __future__ import annotations

import struct

import pytest

from bot.cards.chart import Chart
from bot.speech.speech import ENGLISH, speech_in
from handlers import charting
from handlers.charting import ChartPainter

CHART = Chart((2, 3, 5, 2, 40, 120), 5, 2.5, "a line of blocks")


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_a_picture_is_drawn_beside_what_is_usual(language: str) -> None:
    drawn = await ChartPainter(seconds=60).paint(CHART, speech_in(language))
    assert drawn is not None
    assert drawn.startswith(b"\x89PNG")
    assert struct.unpack(">II", drawn[16:24]) == (960, 400)


async def test_without_the_library_there_is_none() -> None:
    assert await ChartPainter("no_such_library").paint(CHART, ENGLISH) is None


async def test_one_that_takes_too_long_or_breaks_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert await ChartPainter(seconds=0.001).paint(CHART, ENGLISH) is None
    monkeypatch.setattr(charting, "PROGRAM", "handlers.no_such_program")
    assert await ChartPainter(seconds=60).paint(CHART, ENGLISH) is None
