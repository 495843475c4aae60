"""What the desk has: accounts with what they can and cannot do, and what is held."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.cards.actions import ActionName
from bot.cards.card import Card
from bot.cards.pages import AccountRow, PostForm
from bot.model.account import Account
from bot.model.commands import PictureRef, VariantText
from bot.model.due import DeadLetter
from bot.model.ids import AccountId, BrandId, ItemId, Moment, PostId, PublicationId
from bot.model.network import Capability
from bot.model.publication import LengthReport, OutgoingText
from bot.services.lines import Lines
from bot.store.tx import Tx

_NAMES = {
    Capability.READ: "read",
    Capability.REPLY: "reply",
    Capability.POST: "post",
    Capability.LIKE: "like",
    Capability.HIDE: "hide",
    Capability.SPAM: "mark as spam",
    Capability.DELETE: "delete what others wrote",
    Capability.DELETE_OWN: "delete our own",
}


def account_row(account: Account, lines: Lines) -> AccountRow:
    line = lines.of(account.id)
    capabilities = None if line is None else line.capabilities
    length = LengthReport(0, 0, "characters")
    if line is not None and capabilities is not None and Capability.POST in capabilities.can:
        length = line.prepare(OutgoingText("", Moment(0), b"\0" * 16)).length
    can = [] if capabilities is None else [_NAMES[c] for c in Capability if c in capabilities.can]
    return AccountRow(
        slug=account.slug,
        name=account.name or account.slug,
        network=lines.title(account),
        state=account.state,
        trouble=account.trouble,
        last_heard_at=account.last_heard_at,
        can=tuple(can),
        cannot=tuple(_reasons(account, lines)),
        can_post=capabilities is not None and Capability.POST in capabilities.can,
        text_limit=length.limit,
        text_unit=length.unit,
    )


def _reasons(account: Account, lines: Lines) -> Iterator[str]:
    line = lines.of(account.id)
    if line is None:
        yield "This account is not connected: it is no longer in the configuration."
        return
    for capability in Capability:
        reason = line.capabilities.why_not(capability)
        if reason is not None:
            yield f"Cannot {_NAMES[capability]}: {reason}"


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


def hold_lines(tx: Tx, brand_id: BrandId) -> Iterator[str]:
    for hold in tx.accounts.holds(brand_id):
        where = "everywhere"
        if hold.account_id is not None:
            where = f"on {tx.accounts.get(hold.account_id).slug}"
        by = tx.people.get(hold.member_id).name
        why = f": {hold.reason}" if hold.reason else ""
        yield f"{hold.kind.value} are paused {where} by {by}{why}"


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
    item = tx.items.maybe(ItemId(arg["item"])) if "item" in arg else None
    return None if item is None else item.brand_id
