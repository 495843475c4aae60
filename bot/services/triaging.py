"""Triage applied: what the rules say of an item puts it on the desk or aside."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.cards.card import CardKind
from bot.errors import DraftingFailed
from bot.faults import FaultPoint, reach
from bot.model.due import DueRow
from bot.model.event import EventKind, Subject
from bot.model.ids import AccountId, ItemId, Moment
from bot.model.item import Item, ItemKind, ItemState
from bot.model.network import Capability
from bot.model.triage import Triage
from bot.ports import DraftsAtOnce
from bot.services import goals
from bot.services.alarms import Alarming
from bot.services.assigning import Opened, assign
from bot.services.deciding import DeskRules
from bot.services.drafting import draft_due, requests_of, save_all
from bot.services.following import answerers, follow
from bot.services.lines import Lines
from bot.services.peaks import Peaks
from bot.services.routing import Landing, land_items
from bot.services.tallying import tally
from bot.services.waking import authors_wrote
from bot.store.events import event_row
from bot.store.items import WholeItem
from bot.store.tx import Tx

_TAG = re.compile(r"@([\w.-]+)")
_UNSPELLED = re.compile(r"[\W_]+")
_SORTABLE = frozenset({ItemState.NEW, ItemState.OPEN, ItemState.QUIET})


@dataclass(frozen=True, slots=True)
class Question:
    """What triage looks at: one revision of one text, and the languages the brand speaks."""

    item_id: ItemId
    revision: int
    text: str
    languages: tuple[str, ...]
    follows: ItemId | None = None
    """The item answered before that it answers again."""
    to_friends: bool = False
    """It stands alone below a post and tags none of ours: whom it tags, it speaks to."""


@dataclass(frozen=True, slots=True)
class Triaged:
    """`triage` None: the item is gone, only the due row is finished."""

    row: DueRow
    question: Question | None
    triage: Triage | None


def questions(tx: Tx, wanted: Sequence[ItemId]) -> list[Question | None]:
    """What triage looks at of each of these; None where there is nothing to look at any more."""
    items = tx.items.some(wanted)
    brands = {
        brand_id: tx.accounts.brand(brand_id) for brand_id in {i.brand_id for i in items.values()}
    }
    ours = {
        key: _letters([brand.name, *(one.name for one in tx.accounts.of_brand(key))])
        for key, brand in brands.items()
    }
    followed = tx.followings.of(items)
    found = [items.get(item_id) for item_id in wanted]
    return [
        None
        if item is None or item.state is ItemState.GONE
        else Question(
            item.id,
            item.revision,
            item.text,
            brands[item.brand_id].languages,
            followed.get(item.id),
            to_friends=item.kind is ItemKind.COMMENT
            and item.id not in followed
            and not _tags(item.text, ours[item.brand_id]),
        )
        for item in found
    ]


def _letters(names: Iterable[str]) -> tuple[str, ...]:
    """Of names, what one can be tagged by, however it is written."""
    return tuple(spelled for name in names if (spelled := _UNSPELLED.sub("", name.casefold())))


def _tags(text: str, ours: tuple[str, ...]) -> bool:
    """Whether it tags one of ours, or a name that begins like one."""
    return any(
        _UNSPELLED.sub("", tagged.casefold()).startswith(ours) for tagged in _TAG.findall(text)
    )


@dataclass(frozen=True, slots=True)
class Sorted:
    """An item as it stands, and what triage says of it."""

    whole: WholeItem
    triage: Triage
    follows: ItemId | None

    @property
    def item(self) -> Item:
        return self.whole.item


class Triaging:
    """Needs the lines to know whether a reply is possible, and so whether a draft is wanted.

    A drafter that drafts at once does so here; any other is asked by a due row.
    """

    def __init__(self, lines: Lines, rules: DeskRules, at_once: DraftsAtOnce | None = None) -> None:
        self._lines = lines
        self._peaks = Peaks(rules.peaks)
        self._goals = rules.goals
        self._duties = rules.duties
        self._at_once = at_once
        self._alarming = Alarming(rules.oncall)

    def apply(self, tx: Tx, commands: Sequence[Triaged]) -> list[bool]:
        """Save triage and order the draft; False when the lease was lost or the text changed."""
        wholes = tx.items.wholes([one.question.item_id for one in commands if one.question])
        over = [one for one in commands if _is_over(one, wholes)]
        finished = dict(zip(map(id, over), tx.due.finish([one.row for one in over]), strict=True))
        for one in commands:
            if id(one) not in finished:
                finished[id(one)] = tx.due.again(one.row, 0, counts=False)
        self._save(
            tx, [_sorted_of(one, wholes) for one in over if finished[id(one)] and one.triage]
        )
        return [finished[id(one)] for one in commands]

    def _save(self, tx: Tx, found: Sequence[Sorted]) -> None:
        now = tx.now()
        ids = [one.item.id for one in found]
        tx.items.set_triages({one.item.id: one.triage for one in found})
        tx.cards.turn_all(CardKind.ITEM, ids, now, how="The desk sorted this")
        audible = [one for one in found if one.item.state is not ItemState.MUTED]
        landings = [Landing(one.item, one.triage) for one in audible]
        stands = land_items(tx, self._peaks, landings, now)
        followed = {one.item.id: one.follows for one in audible if one.follows is not None}
        follow(tx, [one.item.id for one in audible], followed)
        authors_wrote(tx, [one.item for one in audible])
        self._alarming.triaged(tx, [(one.whole, one.triage) for one in audible])
        tally(tx, [(one.item, one.triage) for one in audible], now)
        sortable = [one for one in audible if one.item.state in _SORTABLE]
        self._sort(tx, sortable)
        wanting = [one for one in sortable if one.triage.needs_reply]
        goals.start(
            tx, self._goals, [(one.item, one.triage, one.follows is not None) for one in wanting]
        )
        self._assign(tx, wanting, stands, followed, now)
        # what a peak collapsed gets no draft before somebody asks for one
        self._order_drafts(tx, [one for one in sortable if one.item.id in stands], now)
        tx.events.add_many([_triaged(one, now) for one in found])

    def _assign(
        self,
        tx: Tx,
        wanting: Sequence[Sorted],
        stands: Collection[ItemId],
        followed: Mapping[ItemId, ItemId],
        now: Moment,
    ) -> None:
        free = [one.item for one in wanting if one.item.assignee_id is None]
        new = [item for item in free if item.state is not ItemState.OPEN]
        who = answerers(tx, [item.id for item in new], followed)
        opened = [
            Opened(item, item.id in followed, who.get(item.id), item.id in stands) for item in new
        ]
        assign(tx, self._duties, opened, now)

    def _sort(self, tx: Tx, found: Sequence[Sorted]) -> None:
        """On the desk or aside; what somebody decided meanwhile stays decided."""
        wanting = [one.item.id for one in found if one.triage.needs_reply]
        tx.items.set_states(wanting, ItemState.OPEN)
        aside = [one.item for one in found if not one.triage.needs_reply]
        new = [item.id for item in aside if item.state is ItemState.NEW]
        tx.items.set_states(new, ItemState.QUIET)

    def _order_drafts(self, tx: Tx, found: Sequence[Sorted], now: Moment) -> None:
        wanted = [
            one for one in found if one.triage.needs_reply and self._can_reply(one.item.account_id)
        ]
        if self._at_once is not None:
            self._draft(tx, wanted, self._at_once, now)
            return
        for one in wanted:
            tx.due.put(draft_due(one.item, now))

    def _draft(self, tx: Tx, wanted: Sequence[Sorted], drafter: DraftsAtOnce, now: Moment) -> None:
        """The first card has its draft. Where there is no text for it, a person writes one."""
        drafts = []
        asked = requests_of(tx, self._lines, [(one.whole, one.triage) for one in wanted], int(now))
        for one, request in zip(wanted, asked, strict=True):
            if request is not None:
                with contextlib.suppress(DraftingFailed):
                    drafts.append((one.item, drafter.draft_at_once(request)))
                    reach(FaultPoint.DRAFT_CALLED)
        save_all(tx, drafts, now)

    def _can_reply(self, account_id: AccountId) -> bool:
        line = self._lines.of(account_id)
        return line is not None and line.capabilities.why_not(Capability.REPLY) is None


def _is_over(command: Triaged, wholes: Mapping[ItemId, WholeItem]) -> bool:
    """Whether the due row is finished; else the text changed, and triage looks at it again."""
    asked = command.question
    if asked is None or command.triage is None:
        return True
    return wholes[asked.item_id].item.revision == asked.revision


def _sorted_of(command: Triaged, wholes: Mapping[ItemId, WholeItem]) -> Sorted:
    assert command.question is not None
    assert command.triage is not None
    asked = command.question
    whole, triage = wholes[asked.item_id], command.triage
    by_hand = whole.item.by_hand
    return Sorted(whole, triage if by_hand is None else by_hand.over(triage), asked.follows)


def _triaged(found: Sorted, now: Moment) -> dict[str, Any]:
    item, triage = found.item, found.triage
    facts = {"label": triage.label, "needs_reply": triage.needs_reply}
    return event_row(EventKind.ITEM_TRIAGED, item.brand_id, Subject.ITEM, item.id, now, facts)
