"""Escalating an item: a person says that whoever is on call, or a manager, must look at it now.

It opens an incident of its own cause, as an alert does, so that paging, acknowledging and the
timeline are those of every incident. Where no policy of `[oncall]` takes it, nobody is paged: the
incident's card calls the managers by name, where the cards of the item land.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.model.commands import Outcome
from bot.model.event import EventKind
from bot.model.ids import Moment
from bot.model.incident import Alert, AlertKind, Escalation, Happened, Incident, Severity
from bot.model.item import UNDECIDED, Item, ItemState
from bot.model.member import Member, Role
from bot.model.triage import Risk, Urgency
from bot.services import goals
from bot.services.alarms import Alarming, is_practice
from bot.services.deciding import Deciding, ago, done, names, refused, stands_otherwise
from bot.services.escalating import Next, next_step
from bot.services.handling import item_of, open_again, sign
from bot.services.routing import land_at_once
from bot.services.waking import wake_key
from bot.store.cards import CardRow
from bot.store.tx import Tx

LONGEST = 500
"""Characters of a reason."""
_CALM = frozenset({Urgency.LOW, Urgency.NORMAL})


def escalate(deciding: Deciding, card: CardRow, reason: str) -> Outcome:
    tx, now, item = deciding.tx, deciding.now, item_of(deciding, card)
    if item.state not in UNDECIDED:
        return stands_otherwise(item)
    alert = _alert(tx, item)
    if is_practice(tx, alert):
        return refused("This is for practice, and nobody is called for it.")
    before = tx.escalations.latest([item.id]).get(item.id)
    if before is not None and before.is_open:
        return _already(deciding, before)
    _make_pressing(deciding, item)
    incident = Alarming(deciding.rules.oncall).raised(tx, alert)
    step = next_step(tx, deciding.rules.oncall, incident, now)
    called = step.members if step is not None else managers(tx, incident, deciding.member)
    made = Escalation(
        item.id, incident.id, deciding.member.id, now,
        () if incident.policy and step is None else tuple(one.name for one in called),
        reason.strip()[:LONGEST],
    )  # fmt: skip
    tx.escalations.add(made)
    tx.items.set_asides(item.id)
    tx.incidents.happened(incident.id, Happened.ESCALATED, now, deciding.member.id)
    land_at_once(tx, item.id, now)
    kind = EventKind.ITEM_ESCALATED
    sign(deciding, card, item, kind, "escalated this", text=made.reason, incident=incident.id)
    return done(_says(deciding, incident, step, called))


def managers(tx: Tx, incident: Incident, but: Member | None = None) -> Sequence[Member]:
    """Whom an escalation calls where nobody is on call; `but` only where there is nobody else."""
    team = [one for one in tx.people.of_brand(incident.brand_id) if one.role.includes(Role.MANAGER)]
    return [one for one in team if one != but] or team


def _alert(tx: Tx, item: Item) -> Alert:
    triage = tx.items.triage(item.id)
    is_grave = triage is not None and Risk.SAFETY in triage.risks
    return Alert(
        item.brand_id,
        AlertKind.ESCALATED,
        f"item:{item.id}",
        Severity.CRITICAL if is_grave else Severity.HIGH,
        (item.id,),
        item.account_id,
        count=1,
    )


def _make_pressing(deciding: Deciding, item: Item) -> None:
    """It is open, awake and urgent: in the queue, in its channel and by its goal."""
    tx, triage = deciding.tx, deciding.tx.items.triage(item.id)
    if item.state is not ItemState.OPEN:
        open_again(deciding, item)
    tx.items.unsnooze(item.id)
    tx.due.drop(wake_key(item.id))
    if triage is not None and triage.urgency in _CALM:
        triage = replace(triage, urgency=Urgency.HIGH)
        tx.items.set_triage(item.id, triage)
        item = tx.items.get(item.id)
        goals.start(tx, deciding.rules.goals, [(item, triage, item.follows_id is not None)])


def _already(deciding: Deciding, before: Escalation) -> Outcome:
    says = deciding.speech.say(
        "{who} escalated this {ago}. See the card of incident #{number}.",
        who=deciding.tx.people.get(before.member_id).name,
        ago=ago(max(0, deciding.now - before.at) // 1000, deciding.speech),
        number=before.incident_id,
    )
    return refused(says)


def _says(
    deciding: Deciding, incident: Incident, step: Next | None, called: Sequence[Member]
) -> str:
    say, told = deciding.speech.say, ", ".join(one.name for one in called)
    if not incident.policy:
        told = names(list(called), deciding.speech)
        return say("Escalated to {names}. The incident's card calls them.", names=told)
    if step is None:
        return say("Escalated. Nobody is on call right now; the desk looks again in 5 minutes.")
    if not called:
        return say("Escalated. The routes of the policy are paged.")
    if _waits(deciding, incident):
        return say("Escalated. {names}: paged when the quiet hours are over.", names=told)
    return say("Escalated. On call: {names}, paged now.", names=told)


def _waits(deciding: Deciding, incident: Incident) -> bool:
    until: Moment = deciding.rules.oncall.waits_until(incident.severity, deciding.now)
    return until > deciding.now
