"""Whose initials stand under a reply, where the brand wants any.

A member's version has those of its writer. A machine's has those of whoever has the comment, else
of whoever publishes it: their yes makes the version that has them, so what is approved, counted
and published is one text.
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.model.draft import Draft
from bot.model.ids import BrandId, ItemId
from bot.model.item import Item
from bot.model.member import Member
from bot.model.signature import Signing, is_signed, signed
from bot.store.tx import Tx


def signs(tx: Tx, signing: Signing, brand_id: BrandId) -> bool:
    return bool(signing.brands) and tx.accounts.brand(brand_id).slug in signing.brands


def signed_by(tx: Tx, signing: Signing, item: Item, draft: Draft, otherwise: Member | None) -> str:
    """Its words as they are to be published; `otherwise` publishes it."""
    if not signs(tx, signing, item.brand_id) or is_signed(draft.text):
        return draft.text
    number = draft.author_id or item.assignee_id
    return signed(draft.text, signing.of(otherwise if number is None else tx.people.get(number)))


def previews(
    tx: Tx, signing: Signing, items: Mapping[ItemId, Item], drafts: Mapping[ItemId, Draft]
) -> dict[ItemId, str]:
    """What stands behind the words of each draft once it is published."""
    return {
        key: signed_by(tx, signing, items[key], draft, None).removeprefix(draft.text)
        for key, draft in drafts.items()
    }
