"""Counts drawn as a picture, for chats that have no charts of their own.

`replydesk[charts]` brings matplotlib. It is loaded in a process of its own that draws one picture
and ends, so that the desk neither pays for its memory nor waits for it (`handlers.chart_program`).
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import sys
from contextlib import suppress
from importlib.util import find_spec

from bot.cards.chart import Chart
from bot.cards.pages import Shot
from bot.logs import get_logger
from bot.model.ids import MediaHash
from bot.speech.speech import Speech

SECONDS = 6.0
"""How long drawing may take in all; a picture is worth no longer wait."""
PROGRAM = "handlers.chart_program"
LIBRARY = "matplotlib"


class ChartPainter:
    """One picture at a time. `library` is what must be installed for there to be any."""

    def __init__(self, library: str = LIBRARY, seconds: float = SECONDS) -> None:
        self.is_there = find_spec(library) is not None
        self._seconds = seconds
        self._in_turn = asyncio.Lock()
        self._log = get_logger("charts")

    async def shot(self, chart: Chart, speech: Speech) -> Shot | None:
        """The picture with its description; None where it cannot be drawn."""
        drawn = await self.paint(chart, speech)
        if drawn is None:
            return None
        name = MediaHash(hashlib.sha256(drawn).hexdigest())
        return Shot(name, chart.title, "image/png", drawn)

    async def paint(self, chart: Chart, speech: Speech) -> bytes | None:
        """A PNG, 960 by 400; None where it cannot be drawn, which the card bears: it has words."""
        if not self.is_there:
            return None
        told = {
            "counts": chart.counts,
            "minutes": chart.minutes,
            "usual": chart.usual,
            "title": speech.say("Counted every {minutes} minutes", minutes=chart.minutes),
            "counted": speech.say("Counted"),
            "usual_word": speech.say("Usual"),
            "ago": speech.say("Hours ago"),
        }
        async with self._in_turn:
            return await self._run(json.dumps(told).encode())

    async def _run(self, told: bytes) -> bytes | None:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            PROGRAM,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(self._seconds):
                drawn, says = await process.communicate(told)
        except TimeoutError:
            self._log.warning("chart_not_drawn", says="it took too long")
            return None
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        if process.returncode:
            self._log.warning("chart_not_drawn", says=says.decode(errors="replace")[-200:])
            return None
        return drawn


def height_of(chart: Chart) -> str:
    """Equal for charts of which one picture serves; another is due when the highest has doubled."""
    return f"chart:{max(chart.counts, default=0).bit_length()}"
