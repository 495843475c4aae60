"""Counts of an incident as Slack's own chart, and without one where Slack has none yet."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC
from pathlib import Path

import pytest

from bot.cards.card import Card
from bot.cards.chart import Chart
from bot.cards.posting import Posting
from bot.errors import Rejected
from bot.model.channel import Place
from bot.model.ids import Monotonic, PostKey
from bot.services.chat_memory import StoredMemory
from bot.speech.speech import ENGLISH
from handlers.charting import ChartPainter
from handlers.slack.charts import chart_block
from handlers.slack.drawn_charts import DrawnCharts
from handlers.slack.frontend import SlackFrontend
from handlers.slack.line import SlackOptions, slack_line
from handlers.slack.render import render
from tests.fakes.clock import FakeClock
from tests.fakes.desk_kit import DeskKit, desk_address, opened_desk
from tests.fakes.sample_cards import incident, incident_over
from tests.fakes.slack_lint import CHART, chart_complaints
from tests.fakes.slack_server import BOT_TOKEN, Fault, SlackServer

HERE = Place("C0CARE")
PNG = b"\x89PNG"


@pytest.fixture
async def kit(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DeskKit]:
    async with opened_desk(desk_address(request, tmp_path, "sqlite")) as found:
        yield found


@asynccontextmanager
async def frontend_at(slack: SlackServer) -> AsyncIterator[SlackFrontend]:
    clock = FakeClock()
    async with slack_line(SlackOptions(BOT_TOKEN, api_url=slack.api_url), clock) as line:
        yield SlackFrontend(line)


@asynccontextmanager
async def drawing_frontend_at(slack: SlackServer, kit: DeskKit) -> AsyncIterator[SlackFrontend]:
    """As a desk has it that keeps what it showed, with time enough to draw."""
    memory, painter = StoredMemory(kit.store, "slack"), ChartPainter(seconds=60)
    async with slack_line(SlackOptions(BOT_TOKEN, api_url=slack.api_url), kit.clock) as line:
        yield SlackFrontend(line, DrawnCharts(line, memory, painter))


def chart_of(card: Card) -> Chart:
    assert card.chart is not None
    return card.chart


def risen() -> Card:
    card = incident_over()
    chart = chart_of(card)
    return replace(card, chart=replace(chart, counts=tuple(2 * one for one in chart.counts)))


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


async def test_there_the_counts_follow_as_a_picture_under_the_card(kit: DeskKit) -> None:
    async with SlackServer(knows_charts=False).serving() as slack:
        async with drawing_frontend_at(slack, kit) as frontend:
            message = await frontend.post(posting(1), Monotonic(1e9))
            assert slack.replies == [], "the card does not wait for a picture"
            await frontend.redraw(HERE, message, incident_over())
            await frontend.redraw(HERE, message, incident_over())
            [shown] = slack.replies
            [file] = shown.body["files"]
            assert shown.body["thread_ts"] == message
            assert (slack.files[file["id"]].data or b"").startswith(PNG)
            assert slack.files[file["id"]].alt == file["title"] == chart_of(incident_over()).title
        async with drawing_frontend_at(slack, kit) as frontend:
            await frontend.redraw(HERE, message, incident_over())
            assert len(slack.replies) == 1, "a desk that was started anew knows of it"
            await frontend.redraw(HERE, message, risen())
            assert len(slack.replies) == 2, "the highest has doubled"
        assert slack.complaints == []


async def test_a_picture_whose_answer_was_lost_does_not_come_twice(kit: DeskKit) -> None:
    async with SlackServer(knows_charts=False).serving() as slack:
        slack.fail("files.completeUploadExternal", Fault.LOSE_ANSWER)
        async with drawing_frontend_at(slack, kit) as frontend:
            message = await frontend.post(posting(1), Monotonic(1e9))
            await frontend.redraw(HERE, message, incident_over())
            await frontend.redraw(HERE, message, incident_over())
        assert len(slack.replies) == 1


async def test_a_workspace_with_charts_gets_no_picture(kit: DeskKit) -> None:
    async with SlackServer().serving() as slack, drawing_frontend_at(slack, kit) as frontend:
        message = await frontend.post(posting(1), Monotonic(1e9))
        await frontend.redraw(HERE, message, incident_over())
        assert slack.replies == []
        assert slack.files == {}


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
