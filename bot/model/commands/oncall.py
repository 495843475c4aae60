"""Incidents, and whoever is on call for them."""

from __future__ import annotations

from dataclasses import dataclass

from bot.model.commands.items import OnCard
from bot.model.ids import Moment
from bot.model.incident import IncidentRole, Verdict


@dataclass(frozen=True, slots=True)
class Acknowledge(OnCard):
    """I am at it: nobody further is paged for this incident."""


@dataclass(frozen=True, slots=True)
class Silence(OnCard):
    """Nobody is paged for this incident before then."""

    until: Moment


@dataclass(frozen=True, slots=True)
class EscalateNow(OnCard):
    """The next step is taken at once, although somebody may be at it."""


@dataclass(frozen=True, slots=True)
class Resolve(OnCard):
    """It is over."""


@dataclass(frozen=True, slots=True)
class Judge(OnCard):
    """Whether it was right to be woken, once it is over."""

    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Assign(OnCard):
    """A member has this role in the incident from now on, whoever had it before."""

    role: IncidentRole
    member: str
    """Slug of the member."""


@dataclass(frozen=True, slots=True)
class StandIn:
    """A member is on call from now on until then; `rotation` may be empty where there is one."""

    member: str
    """Slug of the member."""
    until: Moment
    rotation: str = ""


@dataclass(frozen=True, slots=True)
class TestPages:
    """A test page by each route to everybody whom a policy may page."""

    __test__ = False  # no test of pytest's


@dataclass(frozen=True, slots=True)
class ExpectPeak:
    """More than usual is to come until then: a giveaway, a spot on television."""

    until: Moment
    reason: str = ""
