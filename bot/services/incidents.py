"""What people decide about an incident: it is theirs, it may wait, go further, or is over.

The first decision wins, wherever it was made; whoever comes second is told who was first. Every
decision turns the card and tells all pages that stand, so that no copy offers it any more.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.model import commands as c
from bot.model.commands import Outcome
from bot.model.ids import IncidentId, Moment
from bot.model.incident import Happened, Incident, IncidentRole, IncidentState, Verdict
from bot.model.member import Member
from bot.services.alarms import escalate_due, escalate_key, turned
from bot.services.deciding import Deciding, done, refused, stale, taker_of
from bot.services.heeding import borne
from bot.services.page_due import tell_pages, want_page
from bot.speech.speech import marked
from bot.store.cards import CardRow

ASSIGNED: Mapping[IncidentRole, str] = {
    IncidentRole.COMMS: marked("gave communications to {name}"),
    IncidentRole.SCRIBE: marked("made {name} the scribe"),
}
_HAS: Mapping[IncidentRole, str] = {
    IncidentRole.LEAD: marked("{name} has it now."),
    IncidentRole.COMMS: marked("{name} does communications now."),
    IncidentRole.SCRIBE: marked("{name} is the scribe now."),
}
ACKNOWLEDGED = marked("You acknowledged it. Nobody further is paged.")
OVER = marked("This is over. Should it come back, it opens a new incident.")
HOWS = (
    marked("acknowledged this"),
    marked("took this"),
    marked("silenced this"),
    marked("escalated this"),
    marked("resolved this"),
    marked("judged this"),
    marked("The desk paged the next"),
    marked("The desk paged somebody"),
)


def acknowledge(deciding: Deciding, card: CardRow) -> Outcome:
    """Nobody further is paged. Whoever acknowledges leads, unless somebody does already."""
    incident = _locked(deciding, card)
    match incident.state:
        case IncidentState.RESOLVED:
            return refused(OVER)
        case IncidentState.ACKNOWLEDGED if incident.acknowledged_by == deciding.member.id:
            return _acknowledged(deciding, incident)
        case IncidentState.ACKNOWLEDGED:
            return stale(deciding, card)
        case IncidentState.FIRING:
            pass
    deciding.tx.incidents.note(
        incident.id,
        state=IncidentState.ACKNOWLEDGED.value,
        acknowledged_by=deciding.member.id,
        acknowledged_at=deciding.now,
        lead_id=incident.lead_id or deciding.member.id,
        next_at=None,
        rearm_at=max(2, 2 * incident.count),
    )
    deciding.tx.due.drop(escalate_key(incident.id))
    _decided(deciding, card, incident, Happened.ACKNOWLEDGED, "acknowledged this")
    return _acknowledged(deciding, incident)


def _acknowledged(deciding: Deciding, incident: Incident) -> Outcome:
    """From severity 1 on a lead alone is too few."""
    says = deciding.speech.say(ACKNOWLEDGED)
    if not incident.takes_roles:
        return done(says)
    asks = deciding.speech.say(
        "Severity 1: name who does communications and who is the scribe, under Team."
    )
    return done(f"{says} {asks}")


def take(deciding: Deciding, card: CardRow) -> Outcome:
    incident = _locked(deciding, card)
    if not incident.is_open:
        return refused(OVER)
    deciding.tx.incidents.note(incident.id, lead_id=deciding.member.id)
    name = deciding.member.name
    _decided(deciding, card, incident, Happened.LED, "took this", name=name)
    return done("It is yours.")


def give_to(deciding: Deciding, card: CardRow, slug: str) -> Outcome:
    incident = _locked(deciding, card)
    if not incident.is_open:
        return refused(OVER)
    taker = taker_of(deciding, slug)
    if isinstance(taker, Outcome):
        return taker
    deciding.tx.incidents.note(incident.id, lead_id=taker.id)
    _tell(deciding, incident, taker, IncidentRole.LEAD)
    how = f"gave this to {taker.name}"
    _decided(deciding, card, incident, Happened.LED, how, name=taker.name)
    return done(deciding.speech.say(_HAS[IncidentRole.LEAD], name=taker.name))


def assign(deciding: Deciding, card: CardRow, command: c.Assign) -> Outcome:
    """Whoever had the role before has handed it over with this."""
    incident = _locked(deciding, card)
    if not incident.is_open:
        return refused(OVER)
    taker = taker_of(deciding, command.member)
    if isinstance(taker, Outcome):
        return taker
    role, before = command.role, incident.in_role(command.role)
    if before == taker.id:
        return done(deciding.speech.say(_HAS[role], name=taker.name))
    deciding.tx.incidents.note(incident.id, **{f"{role.value}_id": taker.id})
    _tell(deciding, incident, taker, role)
    facts = {"role": role.value, "name": taker.name}
    if before is not None:
        facts["before"] = deciding.tx.people.get(before).name
    how = ASSIGNED[role].replace("{name}", taker.name)
    _decided(deciding, card, incident, Happened.ASSIGNED, how, **facts)
    return done(deciding.speech.say(_HAS[role], name=taker.name))


def _tell(deciding: Deciding, incident: Incident, taker: Member, role: IncidentRole) -> None:
    """Whoever got it from somebody else is told by the routes that would wake them."""
    oncall = deciding.rules.oncall
    policy = oncall.policy(incident.policy)
    routes = policy.steps[0].routes if policy is not None else oncall.chat_routes
    if taker.id != deciding.member.id and routes:
        turn = deciding.tx.incidents.get(incident.id).turn + 1
        deciding.tx.incidents.note(incident.id, turn=turn)
        want_page(deciding.tx, incident, taker.id, turn, routes, deciding.now, role)


def silence(deciding: Deciding, card: CardRow, until: Moment) -> Outcome:
    """The steps wait; one that was due meanwhile is taken when it ends."""
    incident = _locked(deciding, card)
    if not incident.is_open:
        return refused(OVER)
    deciding.tx.incidents.note(incident.id, silenced_until=until)
    if incident.state is IncidentState.FIRING and incident.policy and incident.next_at is not None:
        due_at = max(until, incident.next_at)
        deciding.tx.incidents.note(incident.id, next_at=due_at)
        deciding.tx.due.put(escalate_due(incident.id, Moment(due_at)))
    _decided(deciding, card, incident, Happened.SILENCED, "silenced this", until=until)
    return done("Silent for an hour. Then it goes on, unless somebody acknowledged.")


def escalate_now(deciding: Deciding, card: CardRow) -> Outcome:
    """The next step at once; where all were taken, or somebody is at it, from the first again."""
    incident = _locked(deciding, card)
    if not incident.is_open:
        return refused(OVER)
    if not incident.policy:
        return refused("Nobody is paged for this kind of incident; [oncall] says for which.")
    is_firing = incident.state is IncidentState.FIRING and incident.next_at is not None
    begins_anew: dict[str, Any] = {} if is_firing else {"round": 0, "step": 0}
    if incident.state is not IncidentState.FIRING:
        begins_anew["fired_at"] = deciding.now
    deciding.tx.incidents.note(
        incident.id,
        state=IncidentState.FIRING.value,
        silenced_until=None,
        next_at=deciding.now,
        **begins_anew,
    )
    deciding.tx.due.put(escalate_due(incident.id, deciding.now))
    _decided(deciding, card, incident, Happened.ESCALATED, "escalated this")
    return done("The next step is taken now.")


def resolve(deciding: Deciding, card: CardRow) -> Outcome:
    incident = _locked(deciding, card)
    if not incident.is_open:
        return stale(deciding, card)
    deciding.tx.incidents.note(
        incident.id,
        state=IncidentState.RESOLVED.value,
        resolved_by=deciding.member.id,
        resolved_at=deciding.now,
        next_at=None,
    )
    deciding.tx.due.drop(escalate_key(incident.id))
    _decided(deciding, card, incident, Happened.RESOLVED, "resolved this")
    return done("Resolved. Was it right to wake you? Say so on the card.")


def judge(deciding: Deciding, card: CardRow, verdict: Verdict) -> Outcome:
    """One tap afterwards; counted by kind of alert."""
    incident = _locked(deciding, card)
    if incident.is_open:
        return refused("It is not over yet. Resolve it first.")
    if incident.verdict is not None:
        return stale(deciding, card)
    rule, now = deciding.rules.watch, deciding.now
    before = borne(deciding.tx, rule, incident, now)
    deciding.tx.incidents.note(incident.id, verdict=verdict.value, verdict_by=deciding.member.id)
    after = borne(deciding.tx, rule, incident, now)
    facts: dict[str, Any] = {"verdict": verdict.value}
    if before != after and after is not None:
        facts["bears"] = round(after, 3)
    _decided(deciding, card, incident, Happened.JUDGED, "judged this", **facts)
    if "bears" not in facts:
        return done("Thank you. It is counted.")
    says = deciding.speech.say(
        "Thank you. False alarms of this kind borne from now on: {after} a week; "
        "until now {before}.",
        after=f"{after:.2g}",
        before=f"{before:.2g}",
    )
    return done(says)


def _locked(deciding: Deciding, card: CardRow) -> Incident:
    return deciding.tx.incidents.locked(IncidentId(card.subject_id))


def _decided(
    deciding: Deciding, card: CardRow, incident: Incident, what: Happened, how: str, **facts: Any
) -> None:
    tx, now, member = deciding.tx, deciding.now, deciding.member
    tx.incidents.happened(incident.id, what, now, member.id, **facts)
    turned(tx, incident, now, how=how, by=member.id)
    tell_pages(tx, incident.id, now)
    deciding.audit(f"incident_{what.value}", card, **facts)
