"""Counts as a picture in the thread under a card, where a workspace takes no charts yet.

A card never waits for it: the picture follows the card's first redraw, and another one comes when
the highest count has doubled; earlier ones stay, as what was known then. That a picture is shown
is noted before it is: a lost answer may cost one and never brings one twice.
"""

from __future__ import annotations

from bot.cards.chart import Chart
from bot.errors import ConnectorError
from bot.logs import get_logger
from bot.model.channel import Place
from bot.model.ids import MessageId
from bot.ports import ChatMemory
from bot.speech.speech import Speech
from handlers.charting import ChartPainter, height_of
from handlers.shortening import cut
from handlers.slack.line import SlackLine
from handlers.slack.pictures import TITLE, uploaded
from handlers.visible import visible


class DrawnCharts:
    def __init__(self, line: SlackLine, memory: ChatMemory, painter: ChartPainter) -> None:
        self._line = line
        self._memory = memory
        self._painter = painter
        self._log = get_logger("slack")

    async def show(self, place: Place, message: MessageId, chart: Chart, speech: Speech) -> None:
        """Once for each height; where Slack does not take it, the card's words must do."""
        if not self._painter.is_there:
            return
        name, height = f"chart:{message}", height_of(chart)
        if await self._memory.recall(place.channel, name) == height:
            return
        shot = await self._painter.shot(chart, speech)
        if shot is None:
            return
        try:
            file = await uploaded(self._line, shot)
            await self._memory.keep(place.channel, name, height)
            body = {
                "files": [{"id": file, "title": cut(visible(chart.title), TITLE)}],
                "channel_id": place.channel,
                "thread_ts": message,
            }
            await self._line.write("files.completeUploadExternal", body)
        except ConnectorError as error:
            self._log.warning("chart_not_shown", channel=place.channel, says=str(error))
