"""The relay: cards as signed JSON to a tool of the team's own, and presses back from it."""

from __future__ import annotations

from handlers.relay.door import build_door
from handlers.relay.frontend import RelayFrontend, RelayOptions

__all__ = ["RelayFrontend", "RelayOptions", "build_door"]
