"""The answer to our answer: whoever writes again, and who answered them last.

    stands below a reply of ours                          answers it, whoever wrote it
    same author, same conversation, answered before       answers that

Both texts stand on the card of the new item. `assigning` says who gets it; what the rules set
aside, as plain thanks, disturbs nobody.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from bot.model.ids import ItemId
from bot.model.member import Member
from bot.store.tx import Tx


def follow(tx: Tx, ids: Collection[ItemId], followed: Mapping[ItemId, ItemId]) -> None:
    """Note what these answer again."""
    tx.followings.save([(one, followed[one]) for one in ids if one in followed])


def answerers(
    tx: Tx, ids: Collection[ItemId], followed: Mapping[ItemId, ItemId]
) -> dict[ItemId, Member]:
    """Of those of these that answer again: whoever gave the last answer."""
    again = {one: followed[one] for one in ids if one in followed}
    who = tx.followings.answerers(set(again.values()))
    return {one: tx.people.get(who[before]) for one, before in again.items() if before in who}
