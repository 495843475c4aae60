"""What the desk has: channels, what is held, and what was given up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.cards.actions import ActionName
from bot.cards.card import Card
from bot.cards.pages import ChannelRow, PostForm
from bot.cards.retold import retold
from bot.model.channel import Channel
from bot.model.commands import PictureRef, VariantText
from bot.model.due import DeadLetter
from bot.model.hold import HoldKind
from bot.model.ids import AccountId, BrandId, CardRefId, ItemId, PostId, PublicationId
from bot.services import landing
from bot.speech.speech import Speech, marked
from bot.store.tx import Tx

REMOVED = marked("The bot was removed from this channel. Invite it again to have cards here.")


def channel_row(channel: Channel, silence: str, speech: Speech) -> ChannelRow:
    """`silence` is why presses from its chat are not heard, or empty."""
    trouble = REMOVED if channel.is_suspended else channel.trouble or silence
    return ChannelRow(
        channel.title or channel.slug,
        channel.chat.title(),
        speech.say(trouble) if channel.is_suspended else retold(speech, trouble),
        (channel.chat, channel.place.channel, channel.place.topic),
        landing.stands(channel, speech),
        "" if channel.is_suspended else channel.slug,
    )


def post_form(tx: Tx, card: Card) -> PostForm | None:
    """A post that may still be edited, as the composer wants it."""
    if not any(action.name is ActionName.EDIT_POST for action in card.actions):
        return None
    post = tx.posts.get(PostId(card.number))
    return PostForm(
        variants=tuple(
            VariantText(tx.accounts.get(variant.account_id).slug, variant.text)
            for variant in post.variants
        ),
        slot=post.slot,
        pictures=tuple(PictureRef(picture.hash, picture.alt_text) for picture in post.media),
    )


_HELD = {
    HoldKind.REPLIES: (
        marked("replies are paused everywhere by {name}"),
        marked("replies are paused on {account} by {name}"),
    ),
    HoldKind.POSTS: (
        marked("posts are paused everywhere by {name}"),
        marked("posts are paused on {account} by {name}"),
    ),
}


def hold_lines(tx: Tx, brand_id: BrandId, speech: Speech) -> Iterator[str]:
    for hold in tx.accounts.holds(brand_id):
        everywhere, on_one = _HELD[hold.kind]
        name = tx.people.get(hold.member_id).name
        if hold.account_id is None:
            says = speech.say(everywhere, name=name)
        else:
            account = tx.accounts.get(hold.account_id).slug
            says = speech.say(on_one, name=name, account=account)
        yield f"{says}: {hold.reason}" if hold.reason else says


def dead_letters(tx: Tx, brand_id: BrandId) -> list[DeadLetter]:
    """Work that was given up, of this brand or of the desk itself."""
    mine = {brand_id, None}
    return [one for one in tx.due.dead_letters() if brand_of_work(tx, one.arg) in mine][:100]


def brand_of_work(tx: Tx, arg: Mapping[str, Any]) -> BrandId | None:
    """Whose work a due row is, by what its argument names; None when it is the desk's own."""
    if "account" in arg:
        return tx.accounts.get(AccountId(arg["account"])).brand_id
    if "publication" in arg:
        publication = tx.publications.get(PublicationId(arg["publication"]))
        return tx.accounts.get(publication.account_id).brand_id
    if "ref" in arg:
        number = CardRefId(arg["ref"])
        return tx.cards.get(tx.card_refs.some([number])[number].card_id).brand_id
    item = tx.items.maybe(ItemId(arg["item"])) if "item" in arg else None
    return None if item is None else item.brand_id
