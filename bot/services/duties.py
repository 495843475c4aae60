"""Shifts: when each member works on the desk, by the plan or because they said so.

    the plan begins one     a row, and its end is a due row
    started by hand         the same, until it is ended, the plan takes it over, or for 16 hours
    its time has come       it ends, and what it leaves is handed over
    ended by hand           the plan does not begin it again before its next one

There is one due row for each member: at the next moment at which something changes for them. What
it finds it compares with the plan as it is then, so neither a clock that jumps nor hours that were
changed meanwhile leave anybody on a shift that is over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.model.commands import Outcome
from bot.model.due import DueRow
from bot.model.duty import LONGEST, NO_PLAN, Duty, DutyPlan, DutyPlans
from bot.model.event import EventKind, Subject
from bot.model.goals import GoalPolicies
from bot.model.ids import BrandId, MemberId, Moment
from bot.model.member import Member, Role
from bot.services.deciding import Deciding, done
from bot.services.duty_due import duty_due
from bot.services.handing_over import hand_over
from bot.store.tx import Tx

BEGAN = "began a shift"
ENDED = "ended a shift"


@dataclass(frozen=True, slots=True)
class OnDuty:
    member: Member
    duty: Duty


def on_duty(tx: Tx, brand_id: BrandId, now: Moment) -> list[OnDuty]:
    """Who takes work now: on a shift, and not away."""
    going_on = [one for one in tx.duties.on(brand_id) if now < one.until]
    crew = [OnDuty(tx.people.get(one.member_id), one) for one in going_on]
    return [one for one in crew if works(one.member) and not one.member.is_away(now)]


def works(member: Member) -> bool:
    return member.is_active and member.role.includes(Role.AGENT)


def start(deciding: Deciding) -> Outcome:
    """Whoever was away is here with it."""
    tx, member, now = deciding.tx, deciding.member, deciding.now
    plan, duty = plan_of(tx, deciding.rules.duties, member), tx.duties.latest(member.id)
    if duty is not None and duty.is_on:
        if now < duty.until:
            return done("Your shift goes on already.")
        end_duty(tx, deciding.rules.goals, member, duty, duty.until, now)
    tx.people.be_away(member.id, None)
    planned = plan.until(member.slug, now)
    until = planned or Moment(now + LONGEST)
    goals, chat = deciding.rules.goals, deciding.identity.chat
    _begin(tx, goals, member, until, now, by_hand=planned is None, chat=chat)
    look_next(tx, plan, member, now)
    return done("Your shift has begun. What is assigned by the desk may come to you.")


def end(deciding: Deciding) -> Outcome:
    tx, member, now = deciding.tx, deciding.member, deciding.now
    plan, duty = plan_of(tx, deciding.rules.duties, member), tx.duties.latest(member.id)
    if duty is None or not duty.is_on:
        return done("You are on no shift.")
    until, goals = plan.until(member.slug, now) or now, deciding.rules.goals
    end_duty(tx, goals, member, duty, until, now, deciding.identity.chat)
    look_next(tx, plan, member, now)
    return done("Your shift is over. What you have stays with you; hand it over or give it on.")


class DutyWatch:
    """The task behind the due row of each member."""

    def __init__(self, plans: DutyPlans, goals: GoalPolicies) -> None:
        self._plans = plans
        self._goals = goals

    def tend(self, tx: Tx, rows: Sequence[DueRow]) -> list[None]:
        for row in rows:
            member = tx.people.get(MemberId(row.arg["member"]))
            if tx.due.done(row):
                plan, now = plan_of(tx, self._plans, member), tx.now()
                _follow(tx, plan, self._goals, member, now)
                look_next(tx, plan, member, now)
        return [None] * len(rows)


def _follow(tx: Tx, plan: DutyPlan, goals: GoalPolicies, member: Member, now: Moment) -> None:
    """What should be so by the plan, is."""
    duty = tx.duties.latest(member.id)
    planned = plan.until(member.slug, now) if works(member) else None
    if duty is not None and duty.is_on:
        if now < duty.until and (planned is not None or (duty.is_by_hand and works(member))):
            if planned is not None:
                tx.duties.follow_plan(duty.id, planned)
            return
        end_duty(tx, goals, member, duty, now, now)
    elif duty is not None and now < duty.until:
        return
    if planned is not None:
        _begin(tx, goals, member, planned, now, by_hand=False)


def _begin(
    tx: Tx,
    goals: GoalPolicies,
    member: Member,
    until: Moment,
    now: Moment,
    *,
    by_hand: bool,
    chat: str = "",
) -> None:
    """Whoever is the first is told what waited while nobody was there."""
    is_first = not on_duty(tx, member.brand_id, now)
    if tx.duties.begin(member.brand_id, member.id, now, until, by_hand=by_hand):
        _tell(tx, member, BEGAN, now, chat)
        if is_first:
            hand_over(tx, goals, member.brand_id, (), now)


def end_duty(
    tx: Tx,
    goals: GoalPolicies,
    member: Member,
    duty: Duty,
    until: Moment,
    now: Moment,
    chat: str = "",
) -> None:
    if tx.duties.end(duty.id, now, until):
        _tell(tx, member, ENDED, now, chat)
        hand_over(tx, goals, member.brand_id, [member.id], now)


def look_next(tx: Tx, plan: DutyPlan, member: Member, now: Moment) -> None:
    """When something changes for them by itself."""
    duty = tx.duties.latest(member.id)
    moments = [plan.begins(member.slug, now)] if works(member) else []
    if duty is not None and duty.is_on:
        moments.append(duty.until)
    coming = [one for one in moments if one is not None]
    if coming:
        tx.due.put(duty_due(member.id, min(coming)))


def plan_of(tx: Tx, plans: DutyPlans, member: Member) -> DutyPlan:
    return plans.get(tx.accounts.brand(member.brand_id).slug, NO_PLAN) if plans else NO_PLAN


def _tell(tx: Tx, member: Member, how: str, now: Moment, chat: str = "") -> None:
    """`chat` is where they said so; empty where the plan did."""
    kind, brand = EventKind.MEMBER_CHANGED, member.brand_id
    tx.events.add(kind, brand, Subject.MEMBER, member.id, now, member_id=member.id, how=how)
    if chat:
        action = how.replace(" ", "_")
        tx.audits.add(brand, action, Subject.MEMBER, member.id, now, member_id=member.id, chat=chat)
