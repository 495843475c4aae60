"""Counts as Slack's own chart: the block `data_visualization`, a line beside what is usual.

https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block: in messages alone, a
title of 50 characters, 1-6 series with names of their own over 1-20 categories, labels of 20.
Servers that do not know it yet refuse the whole message, so whoever sends one must be able to send
it without; the line of blocks among the facts says the same in any case.
"""

from __future__ import annotations

from bot.cards.chart import Chart
from bot.speech.speech import Speech
from handlers.shortening import cut
from handlers.slack.spans import Element

TITLE = 50
CATEGORIES = 20
LABEL = 20
HOUR = 60
"""Minutes."""


def chart_block(chart: Chart, mark: str, speech: Speech) -> Element:
    """`chart.counts` are joined until they fit; each is named by how long ago it ended."""
    joined = -(-len(chart.counts) // CATEGORIES)
    # the newest are whole; what is left over is joined at the oldest end
    first = len(chart.counts) % joined
    ends = [*range(first or joined, len(chart.counts) + 1, joined)]
    starts = [0, *ends[:-1]]
    minutes = chart.minutes * joined
    names = [_ago((len(chart.counts) - end) * chart.minutes) for end in ends]
    counted = [sum(chart.counts[begin:end]) for begin, end in zip(starts, ends, strict=True)]
    usual = [round(chart.usual * (end - begin), 1) for begin, end in zip(starts, ends, strict=True)]
    title = speech.say("Counted every {minutes} minutes", minutes=minutes)
    return {
        "type": "data_visualization",
        "block_id": f"chart.{mark}",
        "title": cut(title, TITLE),
        "chart": {
            "type": "line",
            "series": [
                _series(speech.say("Counted"), names, counted),
                _series(speech.say("Usual"), names, usual),
            ],
            "axis_config": {"categories": names, "x_label": cut(speech.say("Hours ago"), TITLE)},
        },
    }


def _series(name: str, names: list[str], values: list[int] | list[float]) -> Element:
    points = [{"label": one, "value": value} for one, value in zip(names, values, strict=True)]
    return {"name": cut(name, LABEL), "data": points}


def _ago(minutes: int) -> str:
    return f"{minutes // HOUR}:{minutes % HOUR:02}"
