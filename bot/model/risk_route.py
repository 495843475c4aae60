"""Whom a risk is for: the people and the channel to be asked when a comment carries it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.model.question import to_channel
from bot.model.triage import Risk


@dataclass(frozen=True, slots=True)
class RiskRoute:
    """Members and a channel by their slugs; `mention`: the card of the comment calls the people."""

    people: tuple[str, ...] = ()
    channel: str = ""
    mention: bool = False

    @property
    def asks(self) -> tuple[str, ...]:
        """As questions name them."""
        return (*self.people, *((to_channel(self.channel),) if self.channel else ()))


RiskRoutes = Mapping[str, Mapping[Risk, RiskRoute]]
"""Of each brand that says so, by its slug."""
