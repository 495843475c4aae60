"""Routing: in which channels of the team's chats a card is to stand.

An item lands once triage has said what it is, a post when it is composed. What no channel asks
for lands in the first one that shows items: nothing is only in the console because of a gap
between routes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.cards.card import CardKind
from bot.model.account import Account
from bot.model.channel import Channel, Shows, Traits
from bot.model.ids import AccountId, BrandId, ItemId, Moment, PostId
from bot.model.incident import Incident
from bot.model.item import Item
from bot.model.label import labels_of
from bot.model.practice import Practice
from bot.model.triage import Triage
from bot.services.peaks import Peaks
from bot.store.tx import Tx


@dataclass(frozen=True, slots=True)
class Landing:
    """An item whose triage says where its card belongs."""

    item: Item
    triage: Triage


def land_items(tx: Tx, peaks: Peaks, landings: Sequence[Landing], now: Moment) -> set[ItemId]:
    """Have the cards of items posted wherever they belong; where one stands already it stays.

    Those that are not in the answer stand nowhere by themselves: a peak collapsed them in every
    channel.
    """
    items = [one.item for one in landings]
    accounts = {key: tx.accounts.get(key) for key in {item.account_id for item in items}}
    practices = _practices(tx, items, accounts)
    channels = {key: tx.channels.of_brand(key) for key in {item.brand_id for item in items}}
    cards = tx.cards.of_all(CardKind.ITEM, [item.id for item in items])
    refs = tx.card_refs.of_cards([card.id for card in cards.values()])
    stands = {(ref.card_id, ref.channel_id) for ref in refs}
    shown = {ref.card_id for ref in refs}
    watch = peaks.watch(tx, items, now)
    wanted = []
    for one in landings:
        item, card_id = one.item, cards[one.item.id].id
        practice = practices.get(item.id)
        if practice is not None:
            shown.add(card_id)
            if practice.channel_id and (card_id, practice.channel_id) not in stands:
                wanted.append((card_id, practice.channel_id))
            continue
        slug = accounts[item.account_id].slug
        traits = traits_of(item, slug, one.triage)
        of_brand = channels[item.brand_id]
        if not of_brand:
            shown.add(card_id)
        for channel in channels_of(of_brand, traits):
            is_new = (card_id, channel.id) not in stands
            if is_new and not watch.collapses(channel, item, one.triage):
                wanted.append((card_id, channel.id))
                shown.add(card_id)
    tx.due.add(tx.card_refs.add(wanted, now))
    return {item.id for item in items if cards[item.id].id in shown}


def _practices(
    tx: Tx, items: Sequence[Item], accounts: Mapping[AccountId, Account]
) -> dict[ItemId, Practice]:
    """They land where they were begun, whatever routes say, and no peak collapses them."""
    return tx.practices.some([one.id for one in items if accounts[one.account_id].is_practice])


def channels_of_item(tx: Tx, item_id: ItemId) -> list[Channel]:
    """Where its cards belong."""
    item = tx.items.get(item_id)
    return channels_of(tx.channels.of_brand(item.brand_id), _traits(tx, item_id))


def land_where_taken_now(
    tx: Tx, peaks: Peaks, landing: Landing, before: Item, was: Triage
) -> list[str]:
    """It is called otherwise than `before`: the names of the channels that its card comes to."""
    item, slug = landing.item, tx.accounts.get(landing.item.account_id).slug
    of_brand = tx.channels.of_brand(item.brand_id)
    taken = {one.id for one in channels_of(of_brand, traits_of(before, slug, was))}
    takes = channels_of(of_brand, traits_of(item, slug, landing.triage))
    fresh = [one for one in takes if one.id not in taken]
    if not fresh:
        return []
    land_items(tx, peaks, [landing], tx.now())
    return [one.title or one.slug for one in fresh]


def land_at_once(tx: Tx, item_id: ItemId, now: Moment) -> None:
    """Have its card posted where it belongs, also while a peak collapses others."""
    wanted = channels_of_item(tx, item_id)
    card = tx.cards.of(CardKind.ITEM, item_id)
    tx.due.add(tx.card_refs.add([(card.id, one.id) for one in wanted], now))


def land_post(tx: Tx, brand_id: BrandId, post_id: PostId, now: Moment) -> None:
    """Have the card of a post posted in every channel that shows posts."""
    channels = tx.channels.of_brand(brand_id)
    wanted = [one.id for one in channels if Shows.POSTS in one.shows]
    if wanted:
        card = tx.cards.of(CardKind.POST, post_id)
        tx.due.add(tx.card_refs.add([(card.id, channel_id) for channel_id in wanted], now))


def land_incident(tx: Tx, incident: Incident, now: Moment) -> None:
    """Have its card posted where the item that it began with belongs.

    One that began with none lands where everything does, or in the first channel for items.
    """
    channels = [one for one in tx.channels.of_brand(incident.brand_id) if Shows.ITEMS in one.shows]
    if incident.item_id is None:
        wanted = [one for one in channels if not one.routes] or channels[:1]
    else:
        wanted = channels_of(channels, _traits(tx, incident.item_id))
    if wanted:
        card = tx.cards.of(CardKind.INCIDENT, incident.id)
        tx.due.add(tx.card_refs.add([(card.id, one.id) for one in wanted], now))


def land_apart(
    tx: Tx, brand_id: BrandId, kind: CardKind, subject_id: int, here: Channel | None, now: Moment
) -> list[str]:
    """Have its card posted where it was asked for, else where everything lands; their names."""
    channels = [one for one in tx.channels.of_brand(brand_id) if Shows.ITEMS in one.shows]
    wanted = [one for one in channels if not one.routes] or channels[:1]
    if here is not None:
        wanted = [here]
    if wanted:
        card = tx.cards.of(kind, subject_id)
        tx.due.add(tx.card_refs.add([(card.id, one.id) for one in wanted], now))
    return [one.title or one.slug for one in wanted]


def channel_at(tx: Tx, brand_id: BrandId, chat: str, channel: str, topic: str) -> Channel | None:
    """Where cards of items land there: in the topic that is meant, else in the whole group.

    A topic that the configuration gives a name has a number in the chat; one alone is meant.
    """
    found = {
        one.place.topic: one
        for one in tx.channels.at(chat, channel)
        if one.brand_id == brand_id and not one.is_suspended and Shows.ITEMS in one.shows
    }
    alone = next(iter(found.values())) if len(found) == 1 else None
    return found.get(topic) or found.get("") or alone


def _traits(tx: Tx, item_id: ItemId) -> Traits:
    item = tx.items.get(item_id)
    return traits_of(item, tx.accounts.get(item.account_id).slug, tx.items.triage(item_id))


def traits_of(item: Item, account: str, triage: Triage | None) -> Traits:
    """`account` is its slug; `triage` has the labels by hand over it."""
    language, risks = ("und", ()) if triage is None else (triage.language, triage.risks)
    return Traits(account, item.kind, language, risks, labels_of(triage, item.by_hand))


def channels_of(channels: Sequence[Channel], traits: Traits) -> list[Channel]:
    """The channels that take such an item, or the first that shows items at all."""
    wanted = [one for one in channels if one.takes(traits)]
    return wanted or [one for one in channels if Shows.ITEMS in one.shows][:1]
