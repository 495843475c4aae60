"""Whom each risk is for, in the settings of a brand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from bot.config.fields import Slug, Table
from bot.model.risk_route import RiskRoute
from bot.model.triage import Risk


class RiskRouteSettings(Table):
    """`[brands.risks.<risk>]`"""

    people: tuple[Slug, ...] = ()
    """Members whom such a card names, and who are asked with one press."""
    channel: Annotated[str, Field(max_length=60)] = ""
    """Slug of a channel that is asked with them; empty is none."""
    mention: bool = False
    """Whether such a card mentions the people when it comes."""


class RiskRoutesSettings(Table):
    """`[brands.risks]`"""

    safety: RiskRouteSettings | None = None
    legal: RiskRouteSettings | None = None
    privacy: RiskRouteSettings | None = None
    press: RiskRouteSettings | None = None
    abuse: RiskRouteSettings | None = None

    @property
    def routes(self) -> Mapping[Risk, RiskRoute]:
        """Those that name somebody."""
        named = {risk: getattr(self, risk.value) for risk in Risk}
        return {
            risk: RiskRoute(own.people, own.channel, own.mention)
            for risk, own in named.items()
            if own is not None and (own.people or own.channel)
        }
