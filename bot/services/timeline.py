"""The timelines of incidents and crises in words: for their pages, and for who writes them up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.cards.card import MemberName, Span, Text, When, woven
from bot.cards.incident_view import SEVERITIES, VERDICTS
from bot.cards.pages import HistoryLine
from bot.model.crisis import CrisisMoment
from bot.model.hold import HeldVerb
from bot.model.ids import CrisisId, IncidentId, MemberId, Moment
from bot.model.incident import Happened, IncidentRole, Severity, TimelineEntry, Verdict
from bot.services.incidents import ASSIGNED
from bot.speech.speech import Speech, marked
from bot.store.tx import Tx

SAYS: Mapping[Happened, str] = {
    Happened.OPENED: marked("opened with {severity}"),
    Happened.JOINED: marked("{count} so far"),
    Happened.GREW_GRAVER: marked("is graver now: {severity}"),
    Happened.FIRED_AGAIN: marked("fires again: {count} so far"),
    Happened.STEP: marked("step {step}, round {round}: pages {names}"),
    Happened.NOBODY: marked("nobody is on call now; it is looked again in 5 minutes"),
    Happened.WAITS: marked("waits for the end of the quiet hours at {until}"),
    Happened.EXHAUSTED: marked("all steps were taken, and nobody acknowledged"),
    Happened.DELIVERED: marked("{name} was reached by {route}"),
    Happened.UNDELIVERED: marked("no route took the page for {name}: {says}"),
    Happened.SENT_AGAIN: marked("{route} gave no answer; the page for {name} is sent again"),
    Happened.ACKNOWLEDGED: marked("acknowledged it"),
    Happened.LED: marked("made {name} the lead"),
    Happened.SILENCED: marked("silenced it until {until}"),
    Happened.ESCALATED: marked("escalated it"),
    Happened.RESOLVED: marked("resolved it"),
    Happened.JUDGED: marked("said: {verdict}"),
}

CRISIS_SAYS: Mapping[CrisisMoment, str] = {
    CrisisMoment.PROPOSED: marked("asked whether to start crisis mode"),
    CrisisMoment.DROPPED: marked("dropped this proposal"),
    CrisisMoment.STARTED: marked(
        "started crisis mode: posts held {held}, on their way already {away}, works on many "
        "stopped {stopped}, replies called off {off}"
    ),
    CrisisMoment.LED: marked("made {name} the lead"),
    CrisisMoment.ENDED: marked("ended crisis mode: posts held {held}"),
    CrisisMoment.SCHEDULED: marked("set updates for stakeholders to every {minutes} minutes"),
    CrisisMoment.UPDATE_DUE: marked("an update was due"),
    CrisisMoment.UPDATED: marked("sent update {number}"),
    CrisisMoment.MISSED: marked("the update before was not sent in time"),
    CrisisMoment.DECIDED: marked("decided about post #{post}: {verb}"),
}
_DECIDED: Mapping[HeldVerb, str] = {
    HeldVerb.NOW: marked("publish now"),
    HeldVerb.HOUR: marked("in an hour"),
    HeldVerb.DAY: marked("in a day"),
    HeldVerb.CANCEL: marked("cancel"),
    HeldVerb.AT: marked("at another time"),
    HeldVerb.MOVED: marked("at another time"),
}


HANDED_OVER: Mapping[IncidentRole, str] = {
    IncidentRole.COMMS: marked("handed communications over from {before} to {name}"),
    IncidentRole.SCRIBE: marked("made {name} the scribe instead of {before}"),
}
BORNE = marked("said: {verdict}; false alarms of this kind borne from now on: {bears} a week")


def lines(tx: Tx, incident_id: IncidentId, speech: Speech) -> Iterator[HistoryLine]:
    """Oldest first."""
    for entry in tx.incidents.timeline(incident_id):
        yield HistoryLine(entry.at, (*_who(tx, entry.member_id), *_words(entry, speech)), "")


def crisis_lines(tx: Tx, crisis_id: CrisisId, speech: Speech) -> Iterator[HistoryLine]:
    """Oldest first."""
    for entry in tx.crises.timeline(crisis_id):
        parts: dict[str, Span] = {name: Text(str(told)) for name, told in entry.facts.items()}
        if "verb" in entry.facts:
            parts["verb"] = Text(speech.say(_DECIDED[HeldVerb(entry.facts["verb"])]))
        told = woven(speech.say(CRISIS_SAYS[entry.what]), **parts)
        yield HistoryLine(entry.at, (*_who(tx, entry.member_id), *told), "")


def _who(tx: Tx, member_id: MemberId | None) -> tuple[Span, ...]:
    if member_id is None:
        return ()
    member = tx.people.get(member_id)
    return (MemberName(member.slug, member.name), Text(" "))


def _words(entry: TimelineEntry, speech: Speech) -> tuple[Span, ...]:
    return woven(speech.say(_sentence(entry)), **_parts(entry, speech))


def _sentence(entry: TimelineEntry) -> str:
    if entry.what is Happened.ASSIGNED:
        return (HANDED_OVER if "before" in entry.facts else ASSIGNED)[
            IncidentRole(entry.facts["role"])
        ]
    return BORNE if "bears" in entry.facts else SAYS[entry.what]


def _parts(entry: TimelineEntry, speech: Speech) -> dict[str, Span]:
    """What stands in place of the names of a sentence."""
    facts, say = entry.facts, speech.say
    parts: dict[str, Span] = {
        name: Text(str(facts.get(name, "")))
        for name in ("count", "step", "round", "name", "says", "before")
    }
    parts["names"] = Text(", ".join(facts.get("names", ())) or say("the routes alone"))
    parts["route"] = Text(str(facts.get("route", "")))
    if "severity" in facts:
        parts["severity"] = Text(say(SEVERITIES[Severity(facts["severity"])]))
    if "bears" in facts:
        parts["bears"] = Text(f"{facts['bears']:.2g}")
    if "until" in facts:
        parts["until"] = When(Moment(facts["until"]))
    if "verdict" in facts:
        parts["verdict"] = Text(say(VERDICTS[Verdict(facts["verdict"])]))
    return parts
