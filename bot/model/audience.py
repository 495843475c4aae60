"""Who can read a channel of a team's chat, and what of the desk a member may see because of it."""

from __future__ import annotations

from dataclasses import dataclass

from bot.model.ids import ChannelId, MemberId


@dataclass(frozen=True, slots=True)
class Audience:
    """As a chat tells it: a channel that is open to all of its people, or those `inside`.

    `inside` holds the chat's own ids, of those alone who were asked about.
    """

    is_open: bool
    inside: frozenset[str] = frozenset()


NOBODY_KNOWN = Audience(is_open=False)
"""Where it is not known who reads a channel, nobody does."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What somebody sees who does not see everything: the things that stand in these channels.

    `member_id` None: nobody in particular, but whoever reads those.
    """

    channels: frozenset[ChannelId]
    member_id: MemberId | None = None
