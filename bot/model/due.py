"""Due rows: what must happen next, kept in the same database as what it is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from bot.model.ids import DueId, Moment

NEVER_DEAD = 1_000_000
"""Tries of a row that never becomes a dead letter: it recurs, or its own states say how it ends."""


class Lane(IntEnum):
    """Served apart, each with concurrency of its own; a lower number is more urgent."""

    PAGES = 0
    PUBLISH = 1
    CARDS = 2
    DRAFTS = 3
    POLLS = 4
    ANALYTICS = 5
    STREAMS = 6
    """Connections that stay open; their rows are leased while they live."""
    REDRAWS = 7
    """Cards that stand in a chat and changed: people wait for them, so they never queue behind
    new ones."""
    TRIAGE = 8
    THREADS = 9
    """What is told under cards that stand already: it waits behind everything else."""


@dataclass(frozen=True, slots=True)
class NewDue:
    """A row to be written in the deciding transaction.

    `key` is unique: a second row with the same key is not written. `every` (milliseconds)
    makes it recurring. `kind` carries its version when its argument's shape ever changes.
    """

    kind: str
    key: str
    lane: Lane
    due_at: Moment
    arg: Mapping[str, Any]
    every: int | None = None
    max_attempts: int = 8
    at_hand: object = field(default=None, compare=False)
    """What the deciding transaction knows: whoever takes the row up at once need not read it."""


@dataclass(frozen=True, slots=True)
class DueRow:
    """A row as claimed. `claim` only grows and is the fence of everything the task commits."""

    id: DueId
    kind: str
    key: str
    lane: Lane
    due_at: Moment
    arg: Mapping[str, Any]
    every: int | None
    attempt: int
    max_attempts: int
    claim: int
    at_hand: object = field(default=None, compare=False)
    """As it was when the row was written, never stored: None for a row that was claimed later."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A row that used up its tries: a person may retry or discard it."""

    id: DueId
    kind: str
    key: str
    error: str
    attempt: int
    arg: Mapping[str, Any] = field(default_factory=dict)
