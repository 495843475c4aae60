"""Promises: what a reply of ours said would happen by some time, kept until somebody did it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.model.ids import BrandId, ItemId, MemberId, Moment, PromiseId


class PromiseState(StrEnum):
    OPEN = "open"
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class Promise:
    """`member_id` is who noted it, and is reminded."""

    id: PromiseId
    brand_id: BrandId
    item_id: ItemId
    member_id: MemberId
    text: str
    made_at: Moment
    due_at: Moment
    state: PromiseState = PromiseState.OPEN
