"""When a member is told what waits for them, and when they are left alone."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SetDigest:
    """At these minutes of the member's day, in a direct message; none is never."""

    times: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SetQuiet:
    """From and to these minutes of the member's day nobody mentions them; None is never."""

    hours: tuple[int, int] | None
