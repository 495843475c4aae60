"""Escalating: the steps of a policy, one after the other, until somebody acknowledges.

The timer is one due row for each incident, written with the incident and put off to the next step
in the transaction that writes this step's pages. So a step is fired once, however often processes
die, and the next is never forgotten.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.model.due import DueRow
from bot.model.ids import MINUTE, SECOND, IncidentId, Moment
from bot.model.incident import Happened, Incident, IncidentState
from bot.model.member import Member, Role
from bot.model.oncall import EscalationPolicy, OnCall, Step
from bot.services.alarms import turned
from bot.services.page_due import want_page
from bot.store.tx import Tx

AGAIN = 5 * MINUTE
"""How long until it is looked again for somebody to page, where there is nobody now."""
HOW = "The desk paged the next"


@dataclass(frozen=True, slots=True)
class Next:
    """The step that is taken at a moment, and whom it pages then."""

    round: int
    index: int
    step: Step
    members: tuple[Member, ...]


def next_step(tx: Tx, oncall: OnCall, incident: Incident, at: Moment) -> Next | None:
    """From where the incident stands; None when nothing is left that pages anybody then."""
    policy = oncall.policy(incident.policy)
    if policy is None:
        return None
    overrides = tx.overrides.ahead(incident.brand_id, at)
    for round_, index in _ahead(policy, incident):
        step = policy.steps[index]
        members = _members(tx, incident, oncall.people(step, at, overrides))
        if oncall.applies(step, at) and (members or not step.who):
            return Next(round_, index, step, members)
    return None


def _ahead(policy: EscalationPolicy, incident: Incident) -> list[tuple[int, int]]:
    here = (incident.round, incident.step)
    every = [
        (round_, index) for round_ in range(policy.repeat + 1) for index in range(len(policy.steps))
    ]
    return [one for one in every if one >= here]


def _members(tx: Tx, incident: Incident, slugs: Sequence[str]) -> tuple[Member, ...]:
    """Those who may still act here."""
    found = (tx.people.by_slug(incident.brand_id, slug) for slug in slugs)
    return tuple(one for one in found if one and one.is_active and one.role.includes(Role.AGENT))


class Escalating:
    def __init__(self, oncall: OnCall) -> None:
        self._oncall = oncall

    def fire(self, tx: Tx, rows: Sequence[DueRow]) -> list[bool]:
        """Whether a step was fired; nothing was sent yet."""
        return [self._fire(tx, row, tx.now()) for row in rows]

    def _fire(self, tx: Tx, row: DueRow, now: Moment) -> bool:
        incident = tx.incidents.locked(IncidentId(row.arg["incident"]))
        if incident.state is not IncidentState.FIRING:
            self._end(tx, row)
            return False
        wait = max(self._waits_until(incident, now) - now, 0)
        if wait:
            self._put_off(tx, row, incident, now, wait)
            return False
        step = next_step(tx, self._oncall, incident, now)
        if step is None:
            self._nobody(tx, row, incident, now)
            return False
        if not self._again(tx, row, step.step.timeout):
            return False
        self._page(tx, incident, step, now)
        return True

    def _waits_until(self, incident: Incident, now: Moment) -> Moment:
        quiet = self._oncall.waits_until(incident.severity, now)
        return max(quiet, incident.silenced_until or now)

    def _put_off(self, tx: Tx, row: DueRow, incident: Incident, now: Moment, wait: int) -> None:
        until = Moment(now + wait)
        if self._again(tx, row, wait):
            if not incident.is_silent(now):
                tx.incidents.happened(incident.id, Happened.WAITS, now, until=until)
            tx.incidents.note(incident.id, next_at=until)
            turned(tx, incident, now, how=HOW)

    def _nobody(self, tx: Tx, row: DueRow, incident: Incident, now: Moment) -> None:
        """The steps are over; or there was none yet, and it is looked again soon."""
        is_over = (incident.round, incident.step) > (0, 0)
        if is_over or self._oncall.policy(incident.policy) is None:
            if not self._end(tx, row):
                return
            tx.incidents.happened(incident.id, Happened.EXHAUSTED, now)
            tx.incidents.note(incident.id, next_at=None)
        else:
            if not self._again(tx, row, AGAIN):
                return
            tx.incidents.happened(incident.id, Happened.NOBODY, now)
            tx.incidents.note(incident.id, next_at=now + AGAIN)
        turned(tx, incident, now, how=HOW)

    def _page(self, tx: Tx, incident: Incident, step: Next, now: Moment) -> None:
        policy = self._oncall.policy(incident.policy)
        last = policy is not None and step.index + 1 == len(policy.steps)
        turn = incident.turn + 1
        tx.incidents.note(
            incident.id,
            step=0 if last else step.index + 1,
            round=step.round + 1 if last else step.round,
            turn=turn,
            next_at=now + step.step.timeout,
        )
        members: Sequence[Member | None] = step.members or [None]
        for member in members:
            member_id = None if member is None else member.id
            want_page(tx, incident, member_id, turn, step.step.routes, now)
        names = [member.name for member in step.members]
        facts: dict[str, Any] = {"step": step.index + 1, "round": step.round + 1, "names": names}
        tx.incidents.happened(incident.id, Happened.STEP, now, **facts)
        turned(tx, incident, now, how=HOW)

    def _again(self, tx: Tx, row: DueRow, wait: int) -> bool:
        tx.due.retime(row.key, max(wait, SECOND))
        return tx.due.again(row, wait, counts=False)

    def _end(self, tx: Tx, row: DueRow) -> bool:
        if not tx.due.done(row):
            return False
        tx.due.drop(row.key)
        return True
