"""Drafting: what a drafter is told about an item, and keeping what it wrote.

A draft is written for one revision of an item. When the item changed meanwhile, or somebody
decided already, the words are dropped: they answer what is not there any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.cards.card import CardKind
from bot.model.draft import DraftProposal, DraftRequest, Tone, normalised
from bot.model.due import DueRow, Lane, NewDue
from bot.model.event import EventKind, Subject
from bot.model.ids import ItemId, Moment
from bot.model.item import UNDECIDED, Item
from bot.model.network import Capability
from bot.model.publication import OutgoingText
from bot.services.lines import Lines
from bot.store.tx import Tx


def draft_due(item: Item, at: Moment, *, instruction: str = "", tone: str = "") -> NewDue:
    arg = {
        "item": item.id,
        "revision": item.revision,
        "instruction": instruction,
        "tone": tone,
        "seed": int(at),
    }
    return NewDue("draft", f"draft:{item.id}", Lane.DRAFTS, at, arg)


def request(tx: Tx, lines: Lines, row: DueRow) -> DraftRequest | None:
    """What to ask the drafter for a due row; None when the item is past drafting."""
    whole = tx.items.whole(ItemId(row.arg["item"]))
    if whole is None:
        return None
    item, author, triage = whole.item, whole.author, whole.triage
    if item.state not in UNDECIDED or item.revision != row.arg["revision"]:
        return None
    line = lines.of(item.account_id)
    if line is None or line.capabilities.why_not(Capability.REPLY) is not None:
        return None
    brand = tx.accounts.brand(item.brand_id)
    latest = tx.drafts.latest(item.id)
    instruction = str(row.arg["instruction"])
    probe = OutgoingText("", at=item.received_at, seed=b"\0" * 16, target=whole.reply_target)
    length = line.prepare(probe).length
    return DraftRequest(
        brand_id=brand.id,
        brand_name=brand.name,
        voice=brand.voice,
        network_title=line.capabilities.title,
        max_length=length.limit - length.used,
        language=_language(triage.language if triage else "und", brand.languages),
        text=item.text,
        author_name=author.display_name or author.handle,
        context=whole.thread_title,
        intents=tuple(intent.value for intent in triage.intents) if triage else (),
        risks=tuple(risk.value for risk in triage.risks) if triage else (),
        tone=Tone(row.arg["tone"]) if row.arg["tone"] else Tone.FRIENDLY,
        instruction=instruction,
        previous=latest.text if latest else "",
        seed=int(row.arg["seed"]) + item.id,
    )


def _language(found: str, spoken: Sequence[str]) -> str:
    """The comment's language when it is known, else the brand's first."""
    return found if found != "und" else spoken[0]


@dataclass(frozen=True, slots=True)
class Drafted:
    """`proposal` None: there was nothing to draft, or nothing came and nothing will."""

    row: DueRow
    proposal: DraftProposal | None


def keep(tx: Tx, commands: Sequence[Drafted]) -> list[bool]:
    """Save what was written; False when it came too late or the lease was lost."""
    return [_keep(tx, command) for command in commands]


def _keep(tx: Tx, command: Drafted) -> bool:
    row, proposal = command.row, command.proposal
    if not tx.due.done(row) or proposal is None:
        return False
    number = ItemId(row.arg["item"])
    # A member may be writing the next version at the same moment.
    tx.cards.lock_of(CardKind.ITEM, number)
    item = tx.items.get(number)
    if item.state not in UNDECIDED or item.revision != row.arg["revision"]:
        return False
    now = tx.now()
    draft = tx.drafts.add(
        item.id,
        item.revision,
        normalised(proposal.text),
        origin=proposal.origin,
        author_id=None,
        note=proposal.note,
        at=now,
    )
    tx.cards.turn(CardKind.ITEM, item.id, now, how="The drafter wrote a new draft")
    tx.events.add(
        EventKind.DRAFT_SAVED,
        item.brand_id,
        Subject.ITEM,
        item.id,
        now,
        version=draft.version,
        origin=proposal.origin.value,
    )
    return True
