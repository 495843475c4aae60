"""Who reads a channel of Slack.

A public channel is open to everybody of the workspace, who may join it at any time. Of a private
one Slack tells its people a page at a time:
https://docs.slack.dev/reference/methods/conversations.members
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from bot.model.audience import Audience
from handlers.slack.line import SlackLine

PAGE = 200
PAGES = 50


async def audience_of(line: SlackLine, channel: str, people: Collection[str]) -> Audience:
    """Any `ConnectorError`."""
    told = await line.read("conversations.info", {"channel": channel})
    about: dict[str, Any] = told.get("channel") or {}
    if not any(about.get(mark) for mark in ("is_private", "is_im", "is_mpim")):
        return Audience(is_open=True)
    wanted, inside = set(people), set[str]()
    arguments = {"channel": channel, "limit": str(PAGE)}
    for _ in range(PAGES):
        page = await line.read("conversations.members", arguments)
        inside |= wanted.intersection(page.get("members") or ())
        cursor = str((page.get("response_metadata") or {}).get("next_cursor") or "")
        if not cursor or inside == wanted:
            break
        arguments = arguments | {"cursor": cursor}
    return Audience(is_open=False, inside=frozenset(inside))
