"""How calls that leave the desk go, on networks and in chats alike."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Weather(StrEnum):
    """How the next request that makes something visible goes."""

    FINE = "fine"
    UNHEARD = "unheard"
    GARBLED = "garbled"
    LATE = "late"
    LOST = "lost"
    DOWN = "down"
    BUSY = "busy"
    REFUSED = "refused"
    NO_SCOPE = "no_scope"
    DEAD_TOKEN = "dead_token"


class Sight(StrEnum):
    """How the next look goes."""

    CLEAR = "clear"
    LAGGING = "lagging"
    DOWN = "down"
    BUSY = "busy"
    NEVER_TELLS = "never_tells"
    NOT_YET = "not_yet"


@dataclass(frozen=True, slots=True)
class Luck:
    """How the next calls go, and how many seconds late is what comes late."""

    weather: Weather = Weather.FINE
    sight: Sight = Sight.CLEAR
    late: float = 1.0
