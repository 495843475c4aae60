"""Drafting: what a drafter is told about an item, and keeping what it wrote.

A draft is written for one revision of an item. When the item changed meanwhile, or somebody
decided already, the words are dropped: they answer what is not there any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.cards.card import CardKind
from bot.model.account import Brand
from bot.model.draft import Draft, DraftProposal, DraftRequest, Tone, normalised
from bot.model.due import DueRow, Lane, NewDue
from bot.model.event import EventKind, Subject
from bot.model.ids import BrandId, ItemId, Moment
from bot.model.item import UNDECIDED, Item
from bot.model.network import Capability
from bot.model.note import Note
from bot.model.publication import OutgoingText
from bot.model.question import Question, QuestionState
from bot.model.signature import unsigned
from bot.model.triage import Triage
from bot.services.lines import Lines
from bot.services.translating import translate_due
from bot.store.drafts import NewDraft
from bot.store.events import event_row
from bot.store.items import WholeItem
from bot.store.tx import Tx

MOST_NOTES = 10
"""Notes that the drafter is told, the newest."""


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
    item, triage = whole.item, whole.triage
    if item.state not in UNDECIDED or item.revision != row.arg["revision"]:
        return None
    tone = Tone(row.arg["tone"]) if row.arg["tone"] else Tone.FRIENDLY
    instruction = str(row.arg["instruction"])
    return requests_of(tx, lines, [(whole, triage)], int(row.arg["seed"]), instruction, tone)[0]


def requests_of(
    tx: Tx,
    lines: Lines,
    wanted: Sequence[tuple[WholeItem, Triage | None]],
    seed: int,
    instruction: str = "",
    tone: Tone = Tone.FRIENDLY,
) -> list[DraftRequest | None]:
    """What to ask a drafter about these items; None where nobody can reply to one."""
    items = [whole.item for whole, _triage in wanted]
    brands = {key: tx.accounts.brand(key) for key in {item.brand_id for item in items}}
    latest = tx.drafts.latest_of([item.id for item in items])
    known = _known(tx, items)
    asked = []
    for whole, triage in wanted:
        brand, previous = brands[whole.item.brand_id], latest.get(whole.item.id)
        told = known.get(whole.item.id, ())
        asked.append(
            _request_of(lines, whole, triage, brand, previous, seed, instruction, tone, told)
        )
    return asked


def _known(tx: Tx, items: Sequence[Item]) -> dict[ItemId, tuple[str, ...]]:
    """What colleagues answered about each and noted; nothing is asked of the store without any."""
    told = [one.id for one in items if one.has_asides]
    answers, notes = tx.questions.of_items(told), tx.notes.of_items(told)
    return {key: _told(answers.get(key, ()), notes.get(key, ())) for key in told}


def _told(answers: Sequence[Question], notes: Sequence[Note]) -> tuple[str, ...]:
    answered = [one.answer for one in answers if one.state is QuestionState.ANSWERED]
    return (*answered, *(one.text for one in notes[-MOST_NOTES:]))


def _request_of(
    lines: Lines,
    whole: WholeItem,
    triage: Triage | None,
    brand: Brand,
    latest: Draft | None,
    seed: int,
    instruction: str,
    tone: Tone,
    knowledge: tuple[str, ...],
) -> DraftRequest | None:
    item, author = whole.item, whole.author
    line = lines.of(item.account_id)
    if line is None or line.capabilities.why_not(Capability.REPLY) is not None:
        return None
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
        tone=tone,
        instruction=instruction,
        knowledge=knowledge,
        previous=unsigned(latest.text) if latest else "",
        seed=seed + item.id,
    )


def _language(found: str, spoken: Sequence[str]) -> str:
    """The comment's language when it is known, else the brand's first."""
    return found if found != "und" else spoken[0]


@dataclass(frozen=True, slots=True)
class Drafted:
    """`proposal` None: there was nothing to draft, or nothing came and nothing will."""

    row: DueRow
    proposal: DraftProposal | None
    translates: bool = False
    """Have the comment and the draft translated for those who do not read them."""


def keep(tx: Tx, commands: Sequence[Drafted]) -> list[bool]:
    """Save what was written; False when it came too late or the lease was lost."""
    return [_keep(tx, command) for command in commands]


def _keep(tx: Tx, command: Drafted) -> bool:
    row, proposal = command.row, command.proposal
    number = ItemId(row.arg["item"])
    is_mine = tx.due.done(row)
    if is_mine and command.translates:
        tx.due.put(translate_due(number, tx.now()))
    if not is_mine or proposal is None:
        return False
    # A member may be writing the next version at the same moment.
    tx.cards.lock_of(CardKind.ITEM, number)
    item = tx.items.get(number)
    if item.state not in UNDECIDED or item.revision != row.arg["revision"]:
        return False
    now = tx.now()
    save(tx, item, proposal, now)
    tx.cards.turn(CardKind.ITEM, item.id, now, how="The drafter wrote a new draft")
    return True


def save(tx: Tx, item: Item, proposal: DraftProposal, now: Moment) -> None:
    """The item's next version. Whoever calls this holds the lock of its card, or turns it first."""
    save_all(tx, [(item, proposal)], now)


def save_all(tx: Tx, proposals: Sequence[tuple[Item, DraftProposal]], now: Moment) -> None:
    """As `save`, of different items."""
    drafts = tx.drafts.add_all([_draft_of(item, proposal) for item, proposal in proposals], now)
    brands = {item.id: item.brand_id for item, _proposal in proposals}
    tx.events.add_many([_saved(draft, brands[draft.item_id], now) for draft in drafts])


def _draft_of(item: Item, proposal: DraftProposal) -> NewDraft:
    text, origin = normalised(proposal.text), proposal.origin
    return NewDraft(item.id, item.revision, text, origin, None, proposal.note)


def _saved(draft: Draft, brand_id: BrandId, now: Moment) -> dict[str, Any]:
    facts = {"version": draft.version, "origin": draft.origin.value}
    return event_row(EventKind.DRAFT_SAVED, brand_id, Subject.ITEM, draft.item_id, now, facts)
