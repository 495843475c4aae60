"""Where a message stands for one person alone: the conversation is asked for, never guessed."""

from __future__ import annotations

from dataclasses import replace

from bot.errors import Unavailable
from bot.model.channel import Channel
from bot.ports import ReachesPeople


async def reached(frontend: object, channel: Channel) -> Channel:
    """The channel with the chat's own id of the conversation; any `ConnectorError`."""
    if channel.member_id is None:
        return channel
    if not isinstance(frontend, ReachesPeople):
        raise Unavailable("This chat cannot be written to in direct messages.")
    talk = await frontend.direct(channel.place.channel)
    return replace(channel, place=replace(channel.place, channel=talk))
