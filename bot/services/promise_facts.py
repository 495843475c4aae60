"""What cards show of promises: each with who noted it."""

from __future__ import annotations

from collections.abc import Collection

from bot.cards.facts import Promised
from bot.model.ids import ItemId
from bot.model.promise import Promise, PromiseState
from bot.store.tx import Tx


def promised_about(tx: Tx, items: Collection[ItemId]) -> dict[ItemId, tuple[Promised, ...]]:
    found = tx.promises.of_items(items)
    return {key: tuple(promised_of(tx, one) for one in some) for key, some in found.items()}


def promised_of(tx: Tx, one: Promise) -> Promised:
    return Promised(one, tx.people.get(one.member_id), one.state is PromiseState.OPEN)
