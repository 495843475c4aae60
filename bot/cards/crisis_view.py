"""From the model to the card of a crisis: what it would hold, what it holds, what it held."""

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
    Spans,
    StateLine,
    Style,
    Text,
    Untrusted,
    When,
    woven,
)
from bot.cards.facts import CrisisFacts
from bot.cards.held_view import asked_once, decisions, posts_lines
from bot.cards.labels import RISK_LABELS, spoken_label
from bot.model.approval import ApprovalPolicy, ApprovalSubject, Demand, Shortage
from bot.model.crisis import CrisisState
from bot.model.ids import MINUTE
from bot.model.text import excerpt
from bot.speech.speech import Speech, marked

_EVERY: Mapping[str, str] = {
    "30m": marked("Remind every 30 minutes"),
    "1h": marked("Remind every hour"),
    "2h": marked("Remind every 2 hours"),
    "off": marked("Remind nobody"),
}
_S = CrisisState


def crisis_card(facts: CrisisFacts) -> Card:
    crisis, say = facts.crisis, facts.speech.say
    title = say("Crisis mode")
    return Card(
        kind=CardKind.CRISIS,
        key=facts.token,
        revision=facts.revision,
        number=crisis.id,
        source=woven(
            say("{title} · {brand} · {when}"),
            title=Bold(title),
            brand=Text(facts.brand),
            when=When(crisis.started_at or crisis.proposed_at),
        ),
        context=(Untrusted(excerpt(crisis.reason, 300)),) if crisis.reason else (),
        quote=tuple(posts_lines(facts.posts, facts.speech)),
        facts=tuple(_facts(facts)),
        actions=tuple(_actions(facts)),
        state=_state(facts),
        fallback=say("{what}: {why}", what=title, why=facts.brand),
        is_urgent=crisis.state is _S.ON,
        speech=facts.speech,
    )


def _facts(facts: CrisisFacts) -> Iterator[Spans]:
    crisis, say, plural = facts.crisis, facts.speech.say, facts.speech.plural
    count = len(facts.posts)
    match crisis.state:
        case _S.PROPOSED:
            yield _line(plural("{count} planned post waits", "{count} planned posts wait", count))
            yield from _stops(facts)
        case _S.ON:
            yield _line(plural("{count} planned post held", "{count} planned posts held", count))
        case _:
            yield _line(plural("{count} post to decide", "{count} posts to decide", count))
            return
    yield _line(_statements(facts))
    if facts.away:
        yield _line(say("{count} on their way, not stopped", count=facts.away))
    for usual, now in facts.approvals:
        yield from _approvals(usual, now, facts.speech)
    for short in facts.sums:
        why = shortage_words(short, facts.speech)
        yield _line(say("One approver more is not possible: {why}", why=why))
    if crisis.incident_id is not None:
        yield _line(say("Incident #{number}", number=crisis.incident_id))
    if crisis.update_every is not None:
        minutes = crisis.update_every // MINUTE
        yield _line(say("An update every {minutes} minutes", minutes=minutes))
    if facts.lead is not None:
        yield _line(say("Lead: {name}", name=facts.lead.name))


def _statements(facts: CrisisFacts) -> str:
    """What is at hand to be said: each name with its languages."""
    if not facts.statements:
        return facts.speech.say("No holding statement is approved")
    languages: dict[str, list[str]] = {}
    for one in facts.statements:
        languages.setdefault(one.name, []).append(one.language)
    told = ", ".join(f"{excerpt(name, 40)} ({', '.join(of)})" for name, of in languages.items())
    return facts.speech.say("Holding statements: {names}", names=excerpt(told, 300))


def _stops(facts: CrisisFacts) -> Iterator[Spans]:
    if facts.answers:
        yield _line(
            facts.speech.plural(
                "{count} answer to many at once stops",
                "{count} answers to many at once stop",
                facts.answers,
            )
        )
    yield _line(facts.speech.say("Whatever is answered is a draft until people approve it"))


_TAKES: Mapping[ApprovalSubject, str] = {
    ApprovalSubject.REPLY: marked("A reply takes {needed} approvals, usually {usual}"),
    ApprovalSubject.POST: marked("A post takes {needed} approvals, usually {usual}"),
}
_NOT_OWN: Mapping[ApprovalSubject, str] = {
    ApprovalSubject.REPLY: marked("Whoever wrote a reply does not approve it"),
    ApprovalSubject.POST: marked("Whoever wrote a post does not approve it"),
}


def _approvals(demand: Demand, now: ApprovalPolicy, speech: Speech) -> Iterator[Spans]:
    usual = demand.policy
    if now.needed != usual.needed:
        says = speech.say(_TAKES[demand.subject], needed=now.needed, usual=usual.needed)
        yield _line(_of_risks(demand, says, speech))
    if now.four_eyes != usual.four_eyes:
        yield _line(_of_risks(demand, speech.say(_NOT_OWN[demand.subject]), speech))


def _of_risks(demand: Demand, says: str, speech: Speech) -> str:
    """`Legal risk: A reply takes 3 approvals, usually 2`."""
    if not demand.risks:
        return says
    names = ", ".join(RISK_LABELS[risk] for risk in demand.risks)
    return speech.say("{what}: {why}", what=spoken_label(speech, names.capitalize()), why=says)


_WOULD_TAKE: Mapping[ApprovalSubject, str] = {
    ApprovalSubject.REPLY: marked(
        "A reply would take {needed} of role {role} or above, and there are {have}."
    ),
    ApprovalSubject.POST: marked(
        "A post would take {needed} of role {role} or above, and there are {have}."
    ),
}


def shortage_words(short: Shortage, speech: Speech) -> str:
    """The sum of a policy that a team cannot satisfy."""
    demand = short.demand
    policy, role = demand.policy, speech.say(demand.policy.role.value)
    says = speech.say(_WOULD_TAKE[demand.subject], needed=policy.needed, role=role, have=short.have)
    says = _of_risks(demand, says, speech)
    if short.left == short.have:
        return says
    sum_ = speech.say(
        "Whoever writes does not count: {have} - 1 = {left}.", have=short.have, left=short.left
    )
    return f"{says} {sum_}"


def _line(says: str) -> Spans:
    return (Text(says),)


def _actions(facts: CrisisFacts) -> Iterator[Action]:
    say = facts.speech.say
    match facts.crisis.state:
        case _S.PROPOSED:
            label = say("Start crisis mode")
            yield from asked_once(
                ActionName.START_CRISIS, label, ActionName.DROP_CRISIS, facts.speech
            )
        case _S.ON:
            yield Action(
                ActionName.END_CRISIS,
                say("End crisis mode"),
                confirm=say("End crisis mode? What was held is asked about; nothing leaves yet."),
            )
            send = say("Send update…")
            yield Action(ActionName.SEND_UPDATE, send, Style.PRIMARY, ask=Ask.LINE)
            for argument, label in _EVERY.items():
                yield Action(ActionName.UPDATES, say(label), group=Group.UPDATES, argument=argument)
            yield Action(ActionName.TAKE, say("Take it"), group=Group.TEAM)
            yield Action(ActionName.GIVE, say("Give to…"), group=Group.TEAM, ask=Ask.MEMBER)
        case _S.OVER:
            yield from decisions(facts.posts, facts.speech)
        case _:
            return


def _state(facts: CrisisFacts) -> StateLine:
    crisis, say = facts.crisis, facts.speech.say
    match crisis.state:
        case _S.PROPOSED:
            name = facts.proposed_by.name
            return _told(Light.WAITING, say("{name} asks whether to start it", name=name))
        case _S.DROPPED:
            return _told(Light.QUIET, say("Dropped. Nothing was held."))
        case _S.ON:
            who = "" if facts.started_by is None else facts.started_by.name
            at = When(crisis.started_at or crisis.proposed_at)
            says = say("{who} started it at {when}; no planned post leaves")
            return StateLine(Light.TROUBLE, woven(says, who=Text(who), when=at))
        case _S.OVER:
            who = "" if facts.ended_by is None else facts.ended_by.name
            at = When(crisis.ended_at or crisis.proposed_at)
            if facts.posts:
                says = say("{who} ended it at {when}; what was held waits for a decision")
                return StateLine(Light.WAITING, woven(says, who=Text(who), when=at))
            says = say("{who} ended it at {when}; nothing that was held waits any more")
            return StateLine(Light.DONE, woven(says, who=Text(who), when=at))


def _told(light: Light, says: str) -> StateLine:
    return StateLine(light, (Text(says),))
