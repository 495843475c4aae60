"""A dead man's switch: an address outside that raises an alarm when we do not ask for it.

Healthchecks, Cronitor, Dead Man's Snitch and their like take a plain GET.
"""

from __future__ import annotations

from bot.errors import Rejected, Unavailable
from integrations.paging.options import HttpOptions
from integrations.wire import Wire

TITLE = "The heartbeat's address"


class Heartbeat:
    """Implements `Beats`."""

    def __init__(self, options: HttpOptions) -> None:
        self._wire = Wire(options.http, options.clock, options.url, title=TITLE, timeout=5.0)

    async def beat(self) -> None:
        answer = await self._wire.call("GET", "")
        if answer.status >= 500:
            raise Unavailable(f"{TITLE} had a fault ({answer.status}).")
        if not answer.ok:
            raise Rejected(f"{TITLE} refused us ({answer.status}). Correct oncall.heartbeat_url.")
