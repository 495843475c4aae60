"""Counts are drawn for whoever reads text, and for whoever can see a picture."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from bot.cards.chart import Chart, sparkline
from handlers.console.drawing import HIGH, svg


def test_a_line_of_blocks_shows_the_greatest_as_the_highest_and_what_was_said_at_all() -> None:
    assert sparkline([0, 1, 35, 70]) == "▁▂▅█"
    assert sparkline([0, 0]) == "▁▁"
    assert sparkline([]) == ""


def test_a_picture_has_a_bar_for_each_count_a_line_at_the_usual_and_words() -> None:
    drawn = svg(Chart((0, 10, 40), 5, 20.0, 'at most 40 "<b>"'))
    root = ET.fromstring(str(drawn))
    tops = [float(bar.get("y", "")) for bar in root.iter("rect")]
    assert tops == [HIGH * 0.75, 0.0]
    assert [float(one.get("y1", "")) for one in root.iter("line")] == [HIGH / 2]
    assert root.findtext("title") == 'at most 40 "<b>"'
