"""How labels by hand are stored: an object of words, and nothing where there are none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.model.label import ByHand
from bot.model.triage import Intent, Urgency


def by_hand_to_json(labels: ByHand) -> dict[str, object]:
    return {
        "intents": [one.value for one in labels.intents],
        "urgency": labels.urgency.value if labels.urgency else "",
        "own": list(labels.own),
    }


def by_hand_from_json(stored: Mapping[str, Any] | None) -> ByHand | None:
    if stored is None:
        return None
    urgency = Urgency(stored["urgency"]) if stored["urgency"] else None
    return ByHand(tuple(map(Intent, stored["intents"])), urgency, tuple(stored["own"]))
