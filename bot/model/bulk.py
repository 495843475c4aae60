"""Bulk: one decision of one person about all items of a cluster, carried out one by one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from bot.model.ids import BulkId, ItemId, Moment, PeakId
from bot.model.member import ChatIdentity

ALL = "all"
"""In place of a cluster: everything of a card that nobody decided."""
LONGEST_NAME = 40
_NAME = re.compile(r"[^\W\d_]+(?:[ '’-][^\W\d_]+)*")
"""Letters, and single marks between them: what can be a person's name and nothing else."""


class BulkVerb(StrEnum):
    TAKE = "take"
    GIVE = "give"
    """`text` is the slug of who gets them."""
    CLOSE = "close"
    SNOOZE = "snooze"
    HIDE = "hide"
    ANSWER = "answer"
    LIKE = "like"
    OPEN = "open"
    """A few at a time, so that their cards are no flood."""


class BulkState(StrEnum):
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Bulk:
    """`after` is the last item that it came to; `acted` and `refused` count items."""

    id: BulkId
    peak_id: PeakId
    actor: ChatIdentity
    verb: BulkVerb
    cluster: str
    label: str
    text: str
    state: BulkState
    after: ItemId
    acted: int
    refused: int
    begun_at: Moment


def worded(text: str, name: str, number: int) -> str:
    """The words for one person of a text for many.

    `|` separates wordings, of which each item gets one by its number; `{name}` is the person's
    name where it can be nothing but a name, else it and the white space before it go.
    """
    wordings = [one for part in text.split("|") if (one := part.strip())]
    chosen = wordings[number % len(wordings)] if wordings else ""
    if len(name) <= LONGEST_NAME and _NAME.fullmatch(name):
        return chosen.replace("{name}", name)
    return re.sub(r"\s*\{name\}", "", chosen)
