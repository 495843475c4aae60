"""Who gets an item that wants a reply, in the transaction that opens its card.

    writes again            whoever answered last; off shift or away: the shift
    none                    whoever takes it
    last-answerer           whoever answered this author last, while on shift; else
    round-robin             whoever on shift has the fewest open items; of equals, whose turn is
                            longest ago

Nobody is given what they may not see. Where nobody is on shift it waits for whoever takes it, and
what waits is handed to nobody when a shift begins. Where a brand has no shifts, whoever answered
before is here unless they are away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.model.audience import Sight
from bot.model.duty import NO_PLAN, Assignment, DutyPlan, DutyPlans
from bot.model.event import EventKind, Subject
from bot.model.ids import AuthorId, BrandId, ItemId, MemberId, Moment
from bot.model.item import Item
from bot.model.member import Member
from bot.services.duties import OnDuty, on_duty, works
from bot.services.routing import channels_of_item
from bot.services.sight import sight_of
from bot.store.tx import Tx


@dataclass(frozen=True, slots=True)
class Opened:
    """An item that wants a reply and that nobody has."""

    item: Item
    is_again: bool
    """Its author writes again."""
    answerer: Member | None
    """Who answered what it answers again."""
    is_shown: bool
    """It has a card of its own; what a peak collapsed is not handed out."""


def assign(tx: Tx, plans: DutyPlans, opened: Sequence[Opened], now: Moment) -> None:
    crews: dict[BrandId, _Crew] = {}
    for one in opened:
        brand_id = one.item.brand_id
        plan = _plan(tx, plans, brand_id)
        if not (one.is_again or (one.is_shown and plan.assigns)):
            continue
        if tx.accounts.get(one.item.account_id).is_practice:
            continue
        if brand_id not in crews:
            crews[brand_id] = _Crew(tx, brand_id, plan, now)
        _assign(tx, crews[brand_id], one, now)


def _assign(tx: Tx, crew: _Crew, opened: Opened, now: Moment) -> None:
    item, answerer = opened.item, opened.answerer
    if opened.is_again:
        if answerer is not None and crew.has_here(answerer) and crew.sees(answerer, item.id):
            _give(tx, item, answerer, f"came back to {answerer.name}, who answered before", now)
        elif crew.on:
            _give_next(tx, crew, item, now)
        return
    policy = crew.policy_for(item.id)
    if policy is Assignment.NONE:
        return
    known = crew.answered(item.author_id) if policy is Assignment.LAST_ANSWERER else None
    if known is None or not crew.sees(known.member, item.id):
        _give_next(tx, crew, item, now)
        return
    crew.took(known)
    name = known.member.name
    _give(tx, item, known.member, f"was given to {name}, who answered this author before", now)


def _give_next(tx: Tx, crew: _Crew, item: Item, now: Moment) -> None:
    for one in crew.in_turn():
        if crew.sees(one.member, item.id):
            crew.took(one)
            _give(tx, item, one.member, f"was given to {one.member.name}, who is on shift", now)
            return


def _give(tx: Tx, item: Item, member: Member, how: str, now: Moment) -> None:
    if tx.followings.give_back(item.id, member.id):
        tx.events.add(EventKind.ITEM_ASSIGNED, item.brand_id, Subject.ITEM, item.id, now, how=how)


@dataclass(slots=True)
class _Crew:
    """Who works for a brand now; each thing is read when it is first asked for."""

    tx: Tx
    brand_id: BrandId
    plan: DutyPlan
    now: Moment
    on: list[OnDuty] = field(init=False)
    _loads: dict[MemberId, int] = field(init=False)
    _turns: dict[MemberId, int] = field(init=False)
    _sights: dict[MemberId, Sight | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.on = on_duty(self.tx, self.brand_id, self.now)
        members = [one.member.id for one in self.on]
        self._loads = self.tx.duties.open_with(self.brand_id, members) if members else {}
        self._turns = {one.member.id: one.duty.turn for one in self.on}

    def has_here(self, member: Member) -> bool:
        """On shift; where the brand has no shifts, simply not away."""
        if self.on or self.plan.hours:
            return any(one.member.id == member.id for one in self.on)
        return works(member) and not member.is_away(self.now)

    def sees(self, member: Member, item_id: ItemId) -> bool:
        if member.id not in self._sights:
            self._sights[member.id] = sight_of(self.tx, member)
        sight = self._sights[member.id]
        return sight is None or bool(self.tx.audiences.items([item_id], sight))

    def policy_for(self, item_id: ItemId) -> Assignment:
        """Of the first channel that takes it and has one of its own, else of the brand."""
        taken = channels_of_item(self.tx, item_id) if self.plan.channels else ()
        own = (self.plan.channels[one.slug] for one in taken if one.slug in self.plan.channels)
        return next(own, self.plan.assignment)

    def answered(self, author_id: AuthorId) -> OnDuty | None:
        """Who of them answered this author last."""
        who = self.tx.followings.last_answerers([author_id]).get(author_id)
        return next((one for one in self.on if one.member.id == who), None)

    def in_turn(self) -> list[OnDuty]:
        def rank(one: OnDuty) -> tuple[int, int, int]:
            key = one.member.id
            return self._loads.get(key, 0), self._turns[key], one.duty.id

        return sorted(self.on, key=rank)

    def took(self, one: OnDuty) -> None:
        key, turn = one.member.id, max(self._turns.values()) + 1
        self._loads[key], self._turns[key] = self._loads.get(key, 0) + 1, turn
        self.tx.duties.took_turn(one.duty.id, turn)


def _plan(tx: Tx, plans: DutyPlans, brand_id: BrandId) -> DutyPlan:
    return plans.get(tx.accounts.brand(brand_id).slug, NO_PLAN) if plans else NO_PLAN
