"""Counts of an incident as Slack's own chart, and without one where Slack has none yet."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC

import pytest

from bot.cards.chart import Chart
from bot.cards.posting import Posting
from bot.errors import Rejected
from bot.model.channel import Place
from bot.model.ids import Monotonic, PostKey
from bot.speech.speech import ENGLISH
from handlers.slack.charts import chart_block
from handlers.slack.frontend import SlackFrontend
from handlers.slack.line import SlackOptions, slack_line
from handlers.slack.render import render
from tests.fakes.clock import FakeClock
from tests.fakes.sample_cards import incident, incident_over
from tests.fakes.slack_lint import CHART, chart_complaints
from tests.fakes.slack_server import BOT_TOKEN, SlackServer

HERE = Place("C0CARE")


@asynccontextmanager
async def frontend_at(slack: SlackServer) -> AsyncIterator[SlackFrontend]:
    clock = FakeClock()
    async with slack_line(SlackOptions(BOT_TOKEN, api_url=slack.api_url), clock) as line:
        yield SlackFrontend(line)


def kinds(message: object) -> list[str]:
    return [block["type"] for block in message.blocks]  # type: ignore[attr-defined]


def posting(number: int) -> Posting:
    return Posting(PostKey(f"{number:032}"), HERE, incident_over())


async def test_an_incident_of_a_rise_is_posted_and_redrawn_with_its_chart() -> None:
    async with SlackServer().serving() as slack, frontend_at(slack) as frontend:
        message = await frontend.post(posting(1), Monotonic(1e9))
        [shown] = slack.messages
        chart = shown.blocks[kinds(shown).index(CHART)]["chart"]
        counted, usual = chart["series"]
        # thirty-six counts of five minutes are eighteen of ten; three in fifteen are two in ten
        assert [one["value"] for one in counted["data"]][-4:] == [2, 12, 39, 16]
        assert {one["value"] for one in usual["data"]} == {2.0}
        assert chart["axis_config"]["categories"][0] == "2:50"
        assert chart["axis_config"]["categories"][-1] == "0:00"
        await frontend.redraw(HERE, message, incident_over())
        assert CHART in kinds(shown)
        assert slack.complaints == []


async def test_where_slack_has_no_charts_yet_the_card_comes_once_and_without_one() -> None:
    async with SlackServer(knows_charts=False).serving() as slack, frontend_at(slack) as frontend:
        message = await frontend.post(posting(1), Monotonic(1e9))
        [shown] = slack.messages
        assert CHART not in kinds(shown)
        assert "in 3 h, at most" in str(shown.blocks), "the line of blocks says it anyway"
        before = len(slack.calls)
        await frontend.redraw(HERE, message, incident_over())
        assert len(slack.calls) == before + 1, "it is not tried again"


async def test_other_blocks_that_slack_refuses_are_refused() -> None:
    async with SlackServer(channels={}).serving() as slack, frontend_at(slack) as frontend:
        with pytest.raises(Rejected):
            await frontend.post(posting(1), Monotonic(1e9))
        assert slack.messages == []


@pytest.mark.parametrize("many", [1, 19, 20, 21, 36, 41, 288])
def test_a_chart_of_any_length_is_within_slacks_limits_and_loses_nothing(many: int) -> None:
    block = chart_block(Chart(tuple(range(many)), 5, 2.0, "x"), "r1", ENGLISH)
    assert list(chart_complaints(block)) == []
    counted = block["chart"]["series"][0]["data"]
    assert sum(one["value"] for one in counted) == sum(range(many))


def test_only_messages_and_only_rises_have_one() -> None:
    assert CHART not in [one["type"] for one in render(incident_over(), UTC).blocks]
    drawn = render(incident(), UTC, has_chart=True)
    assert CHART not in [one["type"] for one in drawn.blocks]
