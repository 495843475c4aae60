"""The timeline of an incident in words: for its page, and for whoever writes up what happened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.cards.card import MemberName, Span, Text, When, woven
from bot.cards.incident_view import SEVERITIES, VERDICTS
from bot.cards.pages import HistoryLine
from bot.model.ids import IncidentId, Moment
from bot.model.incident import Happened, Severity, TimelineEntry, Verdict
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


def lines(tx: Tx, incident_id: IncidentId, speech: Speech) -> Iterator[HistoryLine]:
    """Oldest first."""
    for entry in tx.incidents.timeline(incident_id):
        who: tuple[Span, ...] = ()
        if entry.member_id is not None:
            member = tx.people.get(entry.member_id)
            who = (MemberName(member.slug, member.name), Text(" "))
        yield HistoryLine(entry.at, (*who, *_words(entry, speech)), "")


def _words(entry: TimelineEntry, speech: Speech) -> tuple[Span, ...]:
    return woven(speech.say(SAYS[entry.what]), **_parts(entry, speech))


def _parts(entry: TimelineEntry, speech: Speech) -> dict[str, Span]:
    """What stands in place of the names of a sentence."""
    facts, say = entry.facts, speech.say
    parts: dict[str, Span] = {
        name: Text(str(facts.get(name, ""))) for name in ("count", "step", "round", "name", "says")
    }
    parts["names"] = Text(", ".join(facts.get("names", ())) or say("the routes alone"))
    parts["route"] = Text(str(facts.get("route", "")))
    if "severity" in facts:
        parts["severity"] = Text(say(SEVERITIES[Severity(facts["severity"])]))
    if "until" in facts:
        parts["until"] = When(Moment(facts["until"]))
    if "verdict" in facts:
        parts["verdict"] = Text(say(VERDICTS[Verdict(facts["verdict"])]))
    return parts
