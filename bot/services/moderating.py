"""Moderation carried out: who it aims at, and what becomes of the item."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.cards.card import CardKind
from bot.model.commands import ModerationAction
from bot.model.due import DueRow
from bot.model.event import EventKind, Subject
from bot.model.ids import AccountId, ItemId, PublicationId
from bot.model.item import Item, ItemState
from bot.model.publication import ReplyTarget
from bot.services.cancelling import cancel_waiting
from bot.store.tx import Tx


@dataclass(frozen=True, slots=True)
class Moderated:
    """`refusal` is the network's reason, or empty when it is done."""

    row: DueRow
    action: ModerationAction
    refusal: str


def target(tx: Tx, row: DueRow) -> tuple[AccountId, ReplyTarget]:
    """The item, or our own reply to it."""
    item_id = ItemId(row.arg["item"])
    whole = tx.items.wholes([item_id])[item_id]
    aim = whole.reply_target
    number = row.arg.get("publication")
    if number is not None:
        publication = tx.publications.get(PublicationId(int(number)))
        if publication.receipt is not None:
            aim = replace(aim, remote_id=publication.receipt.remote_id)
    return whole.item.account_id, aim


def why_not(tx: Tx, account_id: AccountId) -> str:
    """Why nothing may be done there now, though somebody chose it before; else empty."""
    account = tx.accounts.get(account_id)
    if account.lets_nothing_leave:
        return f"{account.slug} lets nothing leave now."
    return ""


def record(tx: Tx, commands: Sequence[Moderated]) -> list[None]:
    for command in commands:
        if tx.due.done(command.row):
            _record(tx, tx.items.get(ItemId(command.row.arg["item"])), command)
    return [None] * len(commands)


def _record(tx: Tx, item: Item, command: Moderated) -> None:
    now = tx.now()
    how = f"{command.action.value.replace('_', ' ')}: done on the network"
    if command.refusal:
        how = f"{command.action.value.replace('_', ' ')} was refused: {command.refusal}"
    else:
        _apply(tx, item, command.action)
    tx.cards.turn(CardKind.ITEM, item.id, now, how="The desk moderated this")
    tx.events.add(EventKind.ITEM_MODERATED, item.brand_id, Subject.ITEM, item.id, now, how=how)
    tx.audits.add(
        item.brand_id,
        f"moderated_{command.action.value}",
        Subject.ITEM,
        item.id,
        now,
        refusal=command.refusal,
    )


def _apply(tx: Tx, item: Item, action: ModerationAction) -> None:
    match action:
        case ModerationAction.LIKE | ModerationAction.UNLIKE:
            tx.items.mark(item.id, liked=action is ModerationAction.LIKE)
        case ModerationAction.HIDE | ModerationAction.UNHIDE:
            tx.items.mark(item.id, hidden=action is ModerationAction.HIDE)
        case ModerationAction.SPAM:
            cancel_waiting(tx, item, tx.now(), why="the comment was marked as spam")
            tx.items.set_state(item.id, ItemState.CLOSED)
        case ModerationAction.DELETE:
            cancel_waiting(tx, item, tx.now(), why="the comment was deleted")
            tx.items.set_state(item.id, ItemState.GONE)
        case ModerationAction.DELETE_OWN:
            tx.items.set_state(item.id, ItemState.OPEN)
