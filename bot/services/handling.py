"""Handling an item without answering it: close, reopen, take, give, snooze, moderate, redraft."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.cards.card import CardKind
from bot.model import commands as c
from bot.model.commands import ModerationAction, Outcome
from bot.model.due import Lane, NewDue
from bot.model.event import EventKind, Subject
from bot.model.ids import MINUTE, ItemId
from bot.model.item import UNDECIDED, Item, ItemState
from bot.model.member import Role
from bot.model.network import Capability
from bot.model.publication import PublicationState
from bot.services import goals
from bot.services.approvals import cannot_leave
from bot.services.deciding import (
    APPROVER_ACTS,
    Deciding,
    done,
    lacks_role,
    refused,
    stands_otherwise,
    taker_of,
)
from bot.services.drafting import draft_due
from bot.services.intake import triage_due
from bot.services.peaks import Peaks
from bot.services.routing import Landing, land_items
from bot.services.sight import why_not_theirs
from bot.services.waking import wake_due
from bot.speech.speech import marked
from bot.store.cards import CardRow


def item_of(deciding: Deciding, card: CardRow) -> Item:
    return deciding.tx.items.get(ItemId(card.subject_id))


def no_reply_needed(deciding: Deciding, card: CardRow) -> Outcome:
    item = item_of(deciding, card)
    if item.state not in UNDECIDED:
        return stands_otherwise(item)
    deciding.tx.items.set_state(item.id, ItemState.CLOSED)
    deciding.tx.due.drop(f"draft:{item.id}")
    sign(deciding, card, item, EventKind.ITEM_CLOSED, "closed this, no reply needed")
    return done("Closed. Reopen it any time.")


def reopen(deciding: Deciding, card: CardRow) -> Outcome:
    item = item_of(deciding, card)
    reopenable = {ItemState.CLOSED, ItemState.QUIET, ItemState.MUTED, ItemState.ANSWERED}
    if item.state not in reopenable:
        return stands_otherwise(item)
    open_again(deciding, item)
    sign(deciding, card, item, EventKind.ITEM_REOPENED, "reopened this")
    return done("Open again.")


def open_again(deciding: Deciding, item: Item) -> None:
    """It waits for an answer from now on, and has a draft."""
    deciding.tx.items.set_state(item.id, ItemState.OPEN)
    deciding.tx.items.unsnooze(item.id)
    goals.restart(deciding.tx, deciding.rules.goals, item, deciding.now)
    if deciding.tx.items.triage(item.id) is None:
        deciding.tx.due.put(triage_due(item.id, deciding.now))
    elif deciding.tx.drafts.latest(item.id) is None:
        deciding.tx.due.put(draft_due(item, deciding.now))
    if item.state in {ItemState.QUIET, ItemState.MUTED}:
        _land(deciding, item)


def _land(deciding: Deciding, item: Item) -> None:
    """It was set aside, or silent: its own card stands in no channel yet."""
    tx = deciding.tx
    triage = tx.items.triage(item.id)
    if triage is not None:
        landing = Landing(tx.items.get(item.id), triage)
        land_items(tx, Peaks(deciding.rules.peaks), [landing], deciding.now)


def take(deciding: Deciding, card: CardRow) -> Outcome:
    item = item_of(deciding, card)
    deciding.tx.items.assign(item.id, deciding.member.id)
    sign(deciding, card, item, EventKind.ITEM_ASSIGNED, "took this")
    return done("It is yours.")


def give_to(deciding: Deciding, card: CardRow, slug: str) -> Outcome:
    item = item_of(deciding, card)
    taker = taker_of(deciding, slug)
    if isinstance(taker, Outcome):
        return taker
    hidden = why_not_theirs(deciding, taker, card)
    if hidden:
        return refused(hidden)
    deciding.tx.items.assign(item.id, taker.id)
    sign(deciding, card, item, EventKind.ITEM_ASSIGNED, f"gave this to {taker.name}", to=taker.id)
    say = deciding.speech.say
    if taker.is_away(deciding.now):
        return done(say("{name} has it now, and is away.", name=taker.name))
    return done(say("{name} has it now.", name=taker.name))


def snooze(deciding: Deciding, card: CardRow, command: c.Snooze) -> Outcome:
    item = item_of(deciding, card)
    if item.state not in UNDECIDED:
        return stands_otherwise(item)
    if command.until <= deciding.now + MINUTE / 2:
        return refused("That time has passed. Choose a later one.")
    deciding.tx.items.snooze(item.id, command.until, deciding.member.id)
    goals.snooze(deciding.tx, deciding.rules.goals, item, command.until, deciding.now)
    deciding.tx.due.put(wake_due(item.id, command.until))
    sign(deciding, card, item, EventKind.ITEM_SNOOZED, "snoozed this")
    return done("Snoozed. It comes back at its time, or when its author writes again.")


def redraft(deciding: Deciding, card: CardRow, command: c.Redraft) -> Outcome:
    """Ask the drafter for the next version; it arrives on the card."""
    item = item_of(deciding, card)
    if item.state not in UNDECIDED:
        return stands_otherwise(item)
    deciding.tx.due.put(
        draft_due(
            item,
            deciding.now,
            instruction=command.instruction[:500],
            tone=command.tone.value if command.tone else "",
        )
    )
    sign(deciding, card, item, EventKind.DRAFT_ASKED, "asked for another draft")
    return done("Writing another version.")


_NEEDS: dict[ModerationAction, Capability] = {
    ModerationAction.LIKE: Capability.LIKE,
    ModerationAction.UNLIKE: Capability.LIKE,
    ModerationAction.HIDE: Capability.HIDE,
    ModerationAction.UNHIDE: Capability.HIDE,
    ModerationAction.SPAM: Capability.SPAM,
    ModerationAction.DELETE: Capability.DELETE,
    ModerationAction.DELETE_OWN: Capability.DELETE_OWN,
}


def moderate(deciding: Deciding, card: CardRow, action: ModerationAction) -> Outcome:
    """Decided now, carried out by a worker; every act may be repeated without harm."""
    if action in APPROVER_ACTS:
        objection = lacks_role(deciding, Role.APPROVER)
        if objection is not None:
            return objection
    item = item_of(deciding, card)
    account = deciding.tx.accounts.get(item.account_id)
    line = deciding.lines.of(account.id)
    trouble = cannot_leave(deciding, account, line, _NEEDS[action])
    if trouble is not None:
        return trouble
    if account.is_shadow:
        says = "{account} is in shadow, so nothing is done on the network. Do it there yourself."
        return refused(deciding.speech.say(says, account=account.slug))
    arg: dict[str, object] = {"item": item.id, "action": action.value}
    if action is ModerationAction.DELETE_OWN:
        latest = deciding.tx.publications.latest_of_item(item.id)
        if latest is None or latest.state is not PublicationState.PUBLISHED:
            return refused("There is no reply of ours here to delete.")
        arg["publication"] = latest.id
    key = f"moderate:{item.id}:{action.value}"
    deciding.tx.due.put(NewDue("moderate", key, Lane.PUBLISH, deciding.now, arg))
    how = f"chose {action.value.replace('_', ' ')}"
    sign(deciding, card, item, EventKind.ITEM_MODERATED, how, act=action.value)
    title = deciding.lines.title(account)
    return done(deciding.speech.say(_DOING[action], network=title))


_DOING: dict[ModerationAction, str] = {
    ModerationAction.LIKE: marked("Liking it on {network}."),
    ModerationAction.UNLIKE: marked("Taking the like back on {network}."),
    ModerationAction.HIDE: marked("Hiding it on {network}."),
    ModerationAction.UNHIDE: marked("Showing it again on {network}."),
    ModerationAction.SPAM: marked("Marking it as spam on {network}."),
    ModerationAction.DELETE: marked("Deleting it on {network}."),
    ModerationAction.DELETE_OWN: marked("Deleting our reply on {network}."),
}


def sign(
    deciding: Deciding,
    card: CardRow,
    item: Item,
    kind: EventKind,
    how: str,
    *,
    text: str | None = None,
    told: Mapping[str, object] | None = None,
    **facts: Any,
) -> None:
    """Turn the card, tell the feed, write down who.

    `told` goes with the event. `text` and `facts` are for the audit: words that can be erased,
    and what holds no names.
    """
    tx, member = deciding.tx, deciding.member
    tx.cards.turn(CardKind.ITEM, item.id, deciding.now, how=how, by=member.id)
    tx.events.add(
        kind,
        item.brand_id,
        Subject.ITEM,
        item.id,
        deciding.now,
        member_id=member.id,
        how=how,
        **(told or {}),
    )
    deciding.audit(kind.value, card, text=text, **facts)
