"""What py-spy saw becomes a picture."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from tests.benchmarks.flame import read
from tests.benchmarks.flame_svg import LARGEST, Stack, draw

TURN = "BaseEventLoop._run_once (asyncio/base_events.py:1845)"
RAW = f"""\
thread (1): MainThread;<module> (bot/__main__.py:1);{TURN};take (bot/services/intake.py:5);<x> (a.py:1) 3
thread (1): MainThread;<module> (bot/__main__.py:1);{TURN};take (bot/services/intake.py:9) 1
thread (2): store-reader_0;run (threading.py:1) 2
thread (3): store-reader_1;Thread.run (threading.py:1);run (threading.py:1) 4
thread (3): store-reader_1;Thread.run (threading.py:1);_worker (concurrent/futures/thread.py:81) 99
"""  # noqa: E501
SVG = "{http://www.w3.org/2000/svg}"


def test_lines_threads_and_tops_are_folded_and_who_waits_is_left_out() -> None:
    assert read(RAW) == {
        ("event loop", "take (bot/services/intake.py)", "<x> (a.py)"): 3,
        ("event loop", "take (bot/services/intake.py)"): 1,
        ("store-reader", "run (threading.py)"): 6,
    }


def test_a_box_is_as_wide_as_its_share() -> None:
    picture = ElementTree.fromstring(draw(read(RAW), "Title & more"))
    widths = {
        group.findtext(f"{SVG}title"): float(box.attrib["width"])
        for group in picture.iter(f"{SVG}g")
        if (box := group.find(f"{SVG}rect")) is not None
    }
    assert widths["take (bot/services/intake.py) 40.0 %"] == 480.0
    assert widths["<x> (a.py) 30.0 %"] == 360.0
    assert widths["store-reader 60.0 %"] == 720.0


def test_the_same_stacks_in_any_order_give_the_same_bytes() -> None:
    backwards = "\n".join(reversed(RAW.splitlines()))
    assert draw(read(backwards), "one") == draw(read(RAW), "one")


def test_a_picture_stays_small() -> None:
    many: dict[Stack, int] = {
        ("event loop", f"function_{number} (a.py)", "b (b.py)"): 9 for number in range(3_000)
    }
    few: dict[Stack, int] = {("store-writer", "commit (bot/store/writer.py)"): 30_000}
    picture = draw(many | few, "large")
    assert len(picture) <= LARGEST
    assert "commit" in picture


def test_nothing_is_no_picture() -> None:
    with pytest.raises(ValueError, match="no sample"):
        draw({}, "none")
