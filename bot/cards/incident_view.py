"""From the model to the card of an incident: how grave, about what, who is at it, what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.cards.actions import ActionName
from bot.cards.card import (
    Action,
    Ask,
    Bold,
    Card,
    CardKind,
    Group,
    Light,
    Link,
    MemberName,
    Span,
    Spans,
    StateLine,
    Style,
    Text,
    Untrusted,
    When,
    plain,
    woven,
)
from bot.cards.chart import Chart, sparkline
from bot.cards.clusters import told_clusters
from bot.cards.facts import IncidentFacts, Raised
from bot.cards.silence_view import said_of_silence
from bot.model.ids import CardToken, PostKey
from bot.model.incident import AlertKind, IncidentRole, IncidentState, Severity, Verdict
from bot.model.paging import Page
from bot.model.text import excerpt
from bot.speech.speech import Speech, marked

TITLES: Mapping[AlertKind, str] = {
    AlertKind.SAFETY: marked("Somebody may be harmed"),
    AlertKind.REACH: marked("An author with reach wrote"),
    AlertKind.MENTIONS: marked("More is said than usual"),
    AlertKind.COMPLAINTS: marked("Complaints are rising"),
    AlertKind.LEGAL: marked("Legal threats are rising"),
    AlertKind.VIRAL: marked("A post is spreading"),
    AlertKind.SILENCE: marked("Something went silent"),
    AlertKind.ESCALATED: marked("Escalated by the team"),
}
SEVERITIES: Mapping[Severity, str] = {
    Severity.CRITICAL: marked("severity 1, critical"),
    Severity.HIGH: marked("severity 2, high"),
    Severity.NOTICE: marked("severity 3, notice"),
}
VERDICTS: Mapping[Verdict, str] = {
    Verdict.RIGHT: marked("Right to wake me"),
    Verdict.NEEDLESS: marked("Not worth waking me"),
    Verdict.LATE: marked("Too late"),
}
COMMS, SCRIBE = marked("Communications: {name}"), marked("Scribe: {name}")
GIVEN: Mapping[IncidentRole, str] = {
    IncidentRole.LEAD: marked("{name}, you lead this now."),
    IncidentRole.COMMS: marked("{name}, you do communications in this."),
    IncidentRole.SCRIBE: marked("{name}, you are the scribe of this."),
}
SILENCES = "1h"
MOST_NAMES = 4
MINUTES_EACH = 5
"""Of a number in the curve."""
A_COLUMN = 30
"""Minutes of a number in the table."""


def incident_card(facts: IncidentFacts) -> Card:
    incident, say = facts.incident, facts.speech.say
    title = say(TITLES[incident.kind])
    return Card(
        kind=CardKind.INCIDENT,
        key=facts.token,
        revision=facts.revision,
        number=incident.id,
        source=woven(
            say("{title} · {severity} · since {when}"),
            title=Bold(title),
            severity=Text(say(SEVERITIES[incident.severity])),
            when=When(incident.opened_at),
        ),
        context=_first(facts),
        quote=_quote(facts),
        facts=tuple(_facts(facts)),
        chart=_chart(facts),
        actions=tuple(_actions(facts)),
        state=_state(facts),
        fallback=_fallback(facts, title),
        account=facts.account,
        is_urgent=incident.severity is not Severity.NOTICE,
        speech=facts.speech,
    )


def _fallback(facts: IncidentFacts, title: str) -> str:
    if facts.incident.kind is AlertKind.SILENCE:
        return f"{title}. {said_of_silence(facts)}"
    return facts.speech.say(
        "{title}: {count} so far. {account}",
        title=title,
        count=facts.incident.count,
        account=facts.account,
    ).strip()


def test_card(key: PostKey, name: str, speech: Speech) -> Card:
    """What a test page shows: it belongs to nothing, so there is nothing to press."""
    title = speech.say("Test page")
    says = speech.say("Nothing happened. Pages for {name} arrive here.", name=name or title)
    return Card(
        kind=CardKind.INCIDENT,
        key=CardToken(key[:12]),
        revision=1,
        number=0,
        source=(Bold(title),),
        state=StateLine(Light.QUIET, (Text(says),)),
        fallback=f"{title}. {says}",
        speech=speech,
    )


def called(speech: Speech, who: MemberName | None, page: Page) -> Spans:
    """The sentence above a card that pages somebody; nothing where it pages a route alone."""
    if who is None:
        return ()
    if page.incident_id is None:
        says = speech.say("A test page for {name}.", name="{name}")
    elif page.role is not None:
        says = speech.say(GIVEN[page.role], name="{name}")
        if page.is_repeat:
            says += " " + speech.say("Sent again: the first message may have arrived.")
    elif page.is_repeat:
        says = speech.say(
            "{name}, you are paged; sent again, the first message may have arrived.", name="{name}"
        )
    else:
        says = speech.say("{name}, you are paged.", name="{name}")
    return woven(says, name=who)


def summary_of(card: Card) -> str:
    """One line for a pager."""
    return card.fallback or plain(card.source)


def _first(facts: IncidentFacts) -> Spans:
    if not facts.samples:
        return ()
    first, say = facts.samples[0], facts.speech.say
    name = excerpt(first.author, 40) or say("a post")
    link = Link(name, first.permalink) if first.permalink else Untrusted(name)
    return woven(say("First seen: {author}"), author=link)


def _quote(facts: IncidentFacts) -> Spans:
    if facts.incident.kind is AlertKind.SILENCE:
        return (Text(said_of_silence(facts)),)
    if facts.clusters:
        return tuple(told_clusters(facts.speech, facts.clusters))
    return tuple(_samples(facts))


def _samples(facts: IncidentFacts) -> Iterator[Span]:
    for place, sample in enumerate(facts.samples):
        if place:
            yield Text("\n")
        yield Untrusted(excerpt(sample.text, 200))


def _facts(facts: IncidentFacts) -> Iterator[Spans]:
    incident, say = facts.incident, facts.speech.say
    if facts.raised is not None:
        yield from raised_lines(facts.raised, facts.speech)
        if facts.called:
            yield woven(say("{names}: please look at this"), names=_all_called(facts))
    elif incident.kind is not AlertKind.SILENCE:
        yield _counted(facts)
    if facts.curve:
        yield (Text(_drawn(facts)),)
        yield (Text(_table(facts)),)
    if facts.borne is not None:
        yield (
            Text(
                say("False alarms of this kind borne: {count} a week", count=f"{facts.borne:.2g}")
            ),
        )
    if incident.reach:
        yield (Text(say("Reach ≈ {count}", count=_thousands(incident.reach))),)
    if facts.networks:
        yield (Text(" · ".join(f"{name} {count}" for name, count in facts.networks)),)
    if facts.lead is not None:
        yield (Text(say("Lead: {name}", name=facts.lead.name)),)
    yield from _roles(facts)
    if facts.delivered:
        told = ", ".join(f"{name} ({route})" for name, route in facts.delivered[:MOST_NAMES])
        yield (Text(say("Paged: {names}", names=told)),)
    for name, why in facts.undelivered[:MOST_NAMES]:
        yield woven(
            say("Not delivered yet to {name}: {why}"),
            name=Bold(name or say("nobody")),
            why=Text(excerpt(why, 120)),
        )


def _counted(facts: IncidentFacts) -> Spans:
    incident, say = facts.incident, facts.speech.say
    if incident.expected is None or not incident.minutes:
        return (Bold(say("{count} so far", count=incident.count)),)
    return woven(
        say("{count} in {minutes} min (usual {usual})"),
        count=Bold(str(incident.count)),
        minutes=Text(str(incident.minutes)),
        usual=Text(f"{incident.expected:.3g}"),
    )


def _roles(facts: IncidentFacts) -> Iterator[Spans]:
    """Who is missing is said once somebody leads, from the severity on that takes them."""
    incident, say = facts.incident, facts.speech.say
    is_asked = incident.takes_roles and incident.is_open and facts.lead is not None
    for label, member in ((COMMS, facts.comms), (SCRIBE, facts.scribe)):
        if member is not None or is_asked:
            yield (Text(say(label, name=say("nobody yet") if member is None else member.name)),)


def raised_lines(raised: Raised, speech: Speech) -> Iterator[Spans]:
    """Who escalated it, when and to whom; and why."""
    who, when = MemberName(raised.by.slug, raised.by.name), When(raised.at)
    if raised.called:
        told = Text(", ".join(raised.called[:MOST_NAMES]))
        says = speech.say("Escalated by {name} to {names}, {when}")
        yield woven(says, name=who, names=told, when=when)
    else:
        yield woven(speech.say("Escalated by {name}, {when}"), name=who, when=when)
    if raised.reason:
        yield woven(speech.say("Why: {why}"), why=Untrusted(raised.reason))


def _all_called(facts: IncidentFacts) -> Spans:
    spans: list[Span] = []
    for member, users in facts.called[:MOST_NAMES]:
        spans += [Text(", ")] if spans else []
        spans.append(MemberName(member.slug, member.name, users))
    return tuple(spans)


def _drawn(facts: IncidentFacts) -> str:
    return facts.speech.say(
        "{line} in {hours} h, at most {most} in {minutes} min",
        line=sparkline(facts.curve),
        hours=len(facts.curve) * MINUTES_EACH // 60,
        most=max(facts.curve),
        minutes=MINUTES_EACH,
    )


def _table(facts: IncidentFacts) -> str:
    """The same counts as numbers, the oldest first."""
    every = A_COLUMN // MINUTES_EACH
    starts = range(len(facts.curve) % every, len(facts.curve), every)
    columns = [str(sum(facts.curve[start : start + every])) for start in starts]
    return facts.speech.say(
        "Every {minutes} min: {counts}", minutes=A_COLUMN, counts=" | ".join(columns)
    )


def _chart(facts: IncidentFacts) -> Chart | None:
    incident = facts.incident
    if not facts.curve or incident.expected is None:
        return None
    usual = incident.expected * MINUTES_EACH / max(incident.minutes, MINUTES_EACH)
    return Chart(facts.curve, MINUTES_EACH, usual, _drawn(facts))


def _thousands(count: int) -> str:
    return f"{count:,}".replace(",", " ")


def _actions(facts: IncidentFacts) -> Iterator[Action]:
    incident, say = facts.incident, facts.speech.say
    if incident.state is IncidentState.RESOLVED:
        if incident.verdict is None and incident.kind is not AlertKind.SILENCE:
            yield from (
                Action(ActionName.JUDGE, say(label), argument=verdict.value)
                for verdict, label in VERDICTS.items()
            )
        return
    is_firing = incident.state is IncidentState.FIRING
    if is_firing:
        yield Action(ActionName.ACKNOWLEDGE, say("Acknowledge"), Style.PRIMARY)
    resolve = Style.PLAIN if is_firing else Style.PRIMARY
    yield Action(ActionName.RESOLVE, say("Resolve"), resolve)
    yield Action(ActionName.TAKE, say("Take it"), group=Group.TEAM)
    yield Action(ActionName.GIVE, say("Give to…"), group=Group.TEAM, ask=Ask.MEMBER)
    if incident.takes_roles:
        label = say("Communications…")
        yield Action(ActionName.COMMS, label, group=Group.TEAM, ask=Ask.MEMBER)
        yield Action(ActionName.SCRIBE, say("Scribe…"), group=Group.TEAM, ask=Ask.MEMBER)
    if not incident.is_silent(facts.now):
        yield Action(ActionName.SILENCE, say("Silence 1 h"), argument=SILENCES)
    if incident.policy:
        yield Action(ActionName.ESCALATE, say("Escalate now"), Style.DANGER)


def _state(facts: IncidentFacts) -> StateLine:
    incident, say = facts.incident, facts.speech.say
    if incident.state is IncidentState.RESOLVED:
        return StateLine(Light.DONE, _resolved(facts))
    if incident.state is IncidentState.ACKNOWLEDGED:
        who = "" if facts.acknowledged_by is None else facts.acknowledged_by.name
        says = say("{who} acknowledged it at {when}")
        at = When(incident.acknowledged_at or incident.fired_at)
        return StateLine(Light.WORKING, woven(says, who=Text(who), when=at))
    return StateLine(Light.TROUBLE, _firing(facts))


def _resolved(facts: IncidentFacts) -> Spans:
    incident, say = facts.incident, facts.speech.say
    at = When(incident.resolved_at or incident.fired_at)
    if facts.resolved_by is None:
        return woven(say("It works again since {when}"), when=at)
    says = say("{who} resolved it at {when}")
    spans = woven(says, who=Text(facts.resolved_by.name), when=at)
    if incident.verdict is None:
        return spans
    return (*spans, Text(f" · {say(VERDICTS[incident.verdict])}"))


def _firing(facts: IncidentFacts) -> Spans:
    incident, say = facts.incident, facts.speech.say
    if incident.silenced_until is not None and incident.is_silent(facts.now):
        return woven(say("Silent until {when}"), when=When(incident.silenced_until))
    on_call = ", ".join(facts.on_call[:MOST_NAMES]) or say("nobody yet")
    if facts.next_names is None or incident.next_at is None:
        if not incident.policy:
            return (Text(say("Nobody is paged for this; it waits for whoever looks")),)
        return (Text(say("On call: {names}; nobody further is paged", names=on_call)),)
    names = ", ".join(facts.next_names[:MOST_NAMES]) or say("the next route")
    return woven(
        say("On call: {names}; escalates to {others} at {when} unless acknowledged"),
        names=Text(on_call),
        others=Text(names),
        when=When(incident.next_at),
    )
