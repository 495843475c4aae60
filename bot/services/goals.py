"""Reply goals: the clock of each item that wants a reply, and who is told before it runs out.

    wants a reply       the clock starts when its author wrote; `next` for whoever writes again
    at 75 %             whoever has it is told, in the channel where its card stands
    at 100 %            the leads are told, in their channel
    answered            it stops, also by a reply that was made on the network itself
    snoozed             it runs on, unless the policy says that it stands still
    reopened            it starts anew, with the goal of a next reply

One recurring due row for each brand tells what is to be told. What comes close together is one card
for each person that rolls on, so that a flood of late replies is not a flood of messages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median

from bot.model.account import PRACTICE_SLUG
from bot.model.due import NEVER_DEAD, DueRow, Lane, NewDue
from bot.model.event import EventKind, Subject
from bot.model.goals import GoalPolicies, GoalPolicy, GoalReport
from bot.model.ids import (
    MINUTE,
    AccountId,
    BrandId,
    ItemId,
    MemberId,
    Moment,
    PromiseId,
    QuestionId,
)
from bot.model.item import Item, ReplyClock
from bot.model.member import Member, Role
from bot.model.peak import Rolling, RollKind
from bot.model.triage import Triage, Urgency
from bot.services import rolling
from bot.store.goals import Waited
from bot.store.tx import Tx

EVERY = MINUTE
"""Milliseconds between two looks at what is to be told."""
AT_ONCE = 200
"""Items of one look."""


def goals_due(brand_id: BrandId, now: Moment, arg: Mapping[str, object]) -> NewDue:
    """`arg` names the policy by which the clocks of the brand run."""
    told = {"brand": brand_id, **arg}
    return NewDue("goals", f"goals:{brand_id}", Lane.CARDS, now, told, EVERY, NEVER_DEAD)


def start(
    tx: Tx,
    policies: GoalPolicies,
    found: Sequence[tuple[Item, Triage, bool]],
) -> None:
    """Of items that want a reply, each with whether it answers our answer."""
    if not policies or not found:
        return
    names = _Names(tx)
    clocks = []
    for item, triage, is_next in found:
        clock = _clock(names, policies, item, triage.urgency, item.clock, is_next=is_next)
        if clock is None or item.clock is None or clock.due_at != item.clock.due_at:
            clocks.append((item.id, clock))
    tx.goals.set(clocks)


def restart(tx: Tx, policies: GoalPolicies, item: Item, now: Moment) -> None:
    """It was reopened."""
    if not policies:
        return
    triage, anew = tx.items.triage(item.id), ReplyClock(now, now, None)
    urgency = Urgency.NORMAL if triage is None else triage.urgency
    clock = _clock(_Names(tx), policies, item, urgency, anew, is_next=True)
    tx.goals.restart(item.id, clock)


def snooze(tx: Tx, policies: GoalPolicies, item: Item, until: Moment, now: Moment) -> None:
    """Where the policy says so, the clock stands still until then."""
    if not policies or item.clock is None:
        return
    policy = policies.get(_Names(tx).brand(item.brand_id))
    if policy is not None and policy.snooze_stops:
        tx.goals.set([(item.id, policy.paused(item.clock, now, until))])


class _Names:
    """Slugs, each read once."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self._brands: dict[BrandId, str] = {}
        self._accounts: dict[AccountId, str] = {}

    def brand(self, brand_id: BrandId) -> str:
        if brand_id not in self._brands:
            self._brands[brand_id] = self._tx.accounts.brand(brand_id).slug
        return self._brands[brand_id]

    def account(self, account_id: AccountId) -> str:
        if account_id not in self._accounts:
            self._accounts[account_id] = self._tx.accounts.get(account_id).slug
        return self._accounts[account_id]


def _clock(
    names: _Names,
    policies: GoalPolicies,
    item: Item,
    urgency: Urgency,
    running: ReplyClock | None,
    *,
    is_next: bool,
) -> ReplyClock | None:
    policy, account = policies.get(names.brand(item.brand_id)), names.account(item.account_id)
    if policy is None or account == PRACTICE_SLUG:
        return None
    # a network's clock may be ahead of ours
    wrote = min(item.published_at, item.received_at)
    since = wrote if running is None else running.since
    return policy.clock(account, item.kind, urgency, since, is_next=is_next or since > wrote)


class GoalWatch:
    """The task behind the recurring row of each brand."""

    def __init__(self, policies: GoalPolicies) -> None:
        self._policies = policies

    def tend(self, tx: Tx, rows: Sequence[DueRow]) -> list[None]:
        """Tell what is to be told; where the policy is another one now, set the clocks anew."""
        for row in rows:
            if tx.due.done(row):
                brand_id = BrandId(row.arg["brand"])
                policy = self._policies.get(tx.accounts.brand(brand_id).slug)
                if policy is not None:
                    self._tend(tx, row, brand_id, policy)
        return [None] * len(rows)

    def _tend(self, tx: Tx, row: DueRow, brand_id: BrandId, policy: GoalPolicy) -> None:
        now = tx.now()
        if row.arg.get("policy") != policy.fingerprint:
            self._set_anew(tx, row, brand_id, policy, now)
            return
        found = tx.goals.to_tell(brand_id, now, AT_ONCE)
        if found:
            _tell(tx, policy, found, now)

    def _set_anew(
        self, tx: Tx, row: DueRow, brand_id: BrandId, policy: GoalPolicy, now: Moment
    ) -> None:
        """The next open items, in the order of their numbers; the last of them ends it."""
        found = tx.goals.waiting(brand_id, int(row.arg.get("after", 0)), AT_ONCE)
        sorted_ = [(item, triage) for item, triage in found if triage is not None]
        start(
            tx,
            self._policies,
            [(item, triage, item.follows_id is not None) for item, triage in sorted_],
        )
        is_last = len(found) < AT_ONCE
        arg = {"policy": policy.fingerprint} if is_last else {"after": found[-1][0].id}
        tx.due.put(goals_due(brand_id, now, arg))


def _tell(tx: Tx, policy: GoalPolicy, found: Sequence[Item], now: Moment) -> None:
    channels = tx.channels.of_brand(found[0].brand_id)
    stands = tx.goals.stands([item.id for item in found])
    told: list[tuple[ItemId, Moment | None]] = []
    for item in found:
        assert item.clock is not None
        is_late = item.clock.due_at <= now
        kind = EventKind.REPLY_LATE if is_late else EventKind.REPLY_DUE_SOON
        told.append((item.id, None if is_late else item.clock.due_at))
        tx.events.add(kind, item.brand_id, Subject.ITEM, item.id, now)
        about = Rolling(RollKind.LATE) if is_late else Rolling(RollKind.SOON, item.assignee_id or 0)
        lead = policy.lead_channel if is_late else ""
        for channel_id in rolling.told_in(channels, stands.get(item.id, []), lead):
            rolling.tell(tx, item, channel_id, about, now)
    tx.goals.told(told)


def called(tx: Tx, policies: GoalPolicies, brand_id: BrandId, about: Rolling) -> list[Member]:
    """Whom a card about late or nearly late replies is for."""
    if about.kind in {RollKind.SOON, RollKind.WOKE}:
        member = tx.people.get(MemberId(about.about)) if about.about else None
        return [] if member is None or not member.is_active else [member]
    if about.kind is RollKind.ASKED:
        asked = tx.questions.get(QuestionId(about.about))
        both = (asked.asked_id, asked.asker_id)
        members = [tx.people.get(one) for one in both if one is not None]
        return [one for one in members if one.is_active]
    if about.kind is RollKind.PROMISED:
        named = map(tx.people.get, promising_to(tx, PromiseId(about.about)))
        return [one for one in named if one.is_active]
    policy = policies.get(tx.accounts.brand(brand_id).slug)
    leads = () if policy is None else policy.leads
    return [
        one
        for one in tx.people.of_brand(brand_id)
        if (one.slug in leads if leads else one.role is Role.MANAGER)
    ]


def promising_to(tx: Tx, number: PromiseId) -> list[MemberId]:
    """Whoever noted what was promised, and whoever has its item now."""
    made = tx.promises.maybe(number)
    if made is None:
        return []
    has = tx.items.get(made.item_id).assignee_id
    return list(dict.fromkeys([made.member_id, *([] if has is None else [has])]))


def report(
    tx: Tx,
    policies: GoalPolicies,
    brand_id: BrandId,
    since: Moment,
    until: Moment,
    *,
    is_next: bool,
    account_id: AccountId | None = None,
) -> GoalReport:
    """How the first or the next replies went to those who wrote from `since` to before `until`."""
    policy, now = policies.get(tx.accounts.brand(brand_id).slug), tx.now()
    waited = [
        one
        for one in tx.goals.started(brand_id, since, until)
        if one.is_next == is_next and account_id in {None, one.account_id}
    ]
    late = [one for one in waited if (one.answered_at or now) > one.due_at]
    answered = [one for one in waited if one.answered_at is not None]
    times = [] if policy is None else [_time(policy, one) for one in answered]
    return GoalReport(
        wanted=len(waited),
        answered=len(answered),
        within=len([one for one in answered if one not in late]),
        late=len(late),
        median=round(median(times)) if times else None,
    )


def _time(policy: GoalPolicy, waited: Waited) -> int:
    assert waited.answered_at is not None
    return policy.hours.between(waited.since, waited.answered_at)
