"""A pace as the JSON of its column; the usual one is none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.model.incident import Severity
from bot.model.item import ItemKind
from bot.model.oncall import Hours, Quiet
from bot.model.pace import AT_ONCE, Pace
from bot.model.triage import Urgency


def pace_to_json(pace: Pace) -> dict[str, Any] | None:
    if pace == AT_ONCE:
        return None
    return {
        "digest": list(pace.digest),
        "zone": pace.zone,
        "at_once": sorted(pace.at_once),
        "quiet": None if pace.quiet is None else _quiet_to_json(pace.quiet),
    }


def pace_from_json(raw: Mapping[str, Any] | None) -> Pace:
    if raw is None:
        return AT_ONCE
    return Pace(
        digest=tuple(raw["digest"]),
        zone=raw["zone"],
        at_once=frozenset(map(_urgency_or_kind, raw["at_once"])),
        quiet=None if raw["quiet"] is None else _quiet_from_json(raw["quiet"]),
    )


def _urgency_or_kind(word: str) -> Urgency | ItemKind:
    return Urgency(word) if word in set(Urgency) else ItemKind(word)


def _quiet_to_json(quiet: Quiet) -> dict[str, Any]:
    hours = quiet.hours
    return {
        "start": hours.start,
        "end": hours.end,
        "zone": hours.zone,
        "broken_by": int(quiet.broken_by),
    }


def _quiet_from_json(raw: Mapping[str, Any]) -> Quiet:
    hours = Hours(raw["start"], raw["end"], raw["zone"])
    return Quiet(hours, Severity(raw["broken_by"]))
