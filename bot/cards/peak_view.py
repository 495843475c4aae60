"""From the model to the card of a peak: how fast, about what, under which posts, and what to do."""

from __future__ import annotations

from collections.abc import Iterator

from bot.cards.actions import ActionName
from bot.cards.card import (
    Action,
    Ask,
    Bold,
    Card,
    CardKind,
    Group,
    Light,
    Span,
    Spans,
    StateLine,
    Style,
    Text,
    Untrusted,
    When,
    woven,
)
from bot.cards.clusters import told_clusters
from bot.cards.facts import PeakFacts
from bot.cards.labels import spoken_label
from bot.model.bulk import BulkVerb
from bot.model.peak import Cluster
from bot.model.text import excerpt
from bot.speech.speech import marked

MOST_SHOWN = 3
"""Clusters whose samples are shown."""


def peak_card(facts: PeakFacts) -> Card:
    total, say = sum(cluster.count for cluster in facts.clusters), facts.speech.say
    return Card(
        kind=CardKind.PEAK,
        key=facts.token,
        revision=facts.revision,
        number=facts.peak.id,
        source=woven(
            say("{peak} since {when}"), peak=Bold(say("Peak")), when=When(facts.peak.started_at)
        ),
        context=_threads(facts),
        quote=tuple(told_clusters(facts.speech, facts.clusters[:MOST_SHOWN])),
        facts=tuple(_facts(facts, total)),
        actions=tuple(_actions(facts)),
        state=_state(facts, total),
        fallback=say(
            "Peak: {total} new, {last} in the last minute", total=total, last=facts.last_minute
        ),
        speech=facts.speech,
    )


def _threads(facts: PeakFacts) -> Spans:
    spans: list[Span] = []
    say = facts.speech.say
    for title, count, first in facts.threads:
        name = Untrusted(excerpt(title or say("a post"), 60))
        counted = woven(
            say("{title} ({count}, first {when})"),
            title=name,
            count=Text(str(count)),
            when=When(first),
        )
        spans += (Text(" · "), *counted) if spans else woven(say("Under {title}"), title=counted)
    return tuple(spans)


def _facts(facts: PeakFacts, total: int) -> Iterator[Spans]:
    say = facts.speech.say
    undecided = sum(one.undecided for one in facts.clusters)
    yield (Bold(say("{total} new", total=total)),)
    yield (Text(say("{last} in the last minute", last=facts.last_minute)),)
    yield (Text(say("{count} undecided", count=undecided)),)
    if facts.silent:
        names = ", ".join(facts.silent)
        yield (Bold(say("Nothing leaves from {accounts}", accounts=names)),)
    for cluster in facts.clusters[MOST_SHOWN:]:
        yield (Text(f"{spoken_label(facts.speech, cluster.label)} ({cluster.count})"),)


_DOES = {
    BulkVerb.ANSWER: marked("Answer {what}"),
    BulkVerb.CLOSE: marked("Close {what}"),
    BulkVerb.TAKE: marked("Take {what}"),
    BulkVerb.GIVE: marked("Give {what} to…"),
    BulkVerb.SNOOZE: marked("Snooze {what}"),
    BulkVerb.HIDE: marked("Hide {what}"),
}
_STOPS = {
    BulkVerb.ANSWER: marked("Stop: answer {what}"),
    BulkVerb.CLOSE: marked("Stop: close {what}"),
    BulkVerb.TAKE: marked("Stop: take {what}"),
    BulkVerb.GIVE: marked("Stop: give {what}"),
    BulkVerb.SNOOZE: marked("Stop: snooze {what}"),
    BulkVerb.HIDE: marked("Stop: hide {what}"),
}


_ASKS = {BulkVerb.ANSWER: Ask.LINE, BulkVerb.GIVE: Ask.MEMBER}


def _actions(facts: PeakFacts) -> Iterator[Action]:
    for bulk in facts.bulks:
        what = excerpt(spoken_label(facts.speech, bulk.label), 30)
        label = facts.speech.say(_STOPS[bulk.verb], what=what)
        yield Action(ActionName.STOP_BULK, label, style=Style.DANGER, argument=str(bulk.id))
    busy = {bulk.cluster for bulk in facts.bulks}
    for cluster in facts.clusters[:MOST_SHOWN]:
        if cluster.undecided and cluster.key not in busy:
            yield from _on(cluster, facts)


def _cannot(facts: PeakFacts) -> Iterator[BulkVerb]:
    """What could be done to none of them."""
    if not facts.can_hide:
        yield BulkVerb.HIDE
    if not facts.can_answer:
        yield BulkVerb.ANSWER


def _on(cluster: Cluster, facts: PeakFacts) -> Iterator[Action]:
    speech = facts.speech
    what = f"{cluster.undecided} {excerpt(spoken_label(speech, cluster.label), 30)}"
    hint = speech.say("One text for all; {name} is the person, | separates wordings", name="{name}")
    for verb, sentence in _DOES.items():
        if verb in _cannot(facts):
            continue
        ask = _ASKS.get(verb, Ask.NOTHING)
        does = speech.say(sentence, what=what)
        yield Action(
            ActionName.BULK,
            does,
            style=Style.DANGER if verb is BulkVerb.HIDE else Style.PLAIN,
            group=Group.BULK,
            argument=f"{verb.value}-{cluster.key}",
            ask=ask,
            confirm=speech.say("{does} now?", does=does) if ask is Ask.NOTHING else "",
            hint=hint if ask is Ask.LINE else "",
        )


def _state(facts: PeakFacts, total: int) -> StateLine:
    ended = facts.peak.ended_at
    if ended is None:
        says = facts.speech.say(
            "New ones are counted here and stand in the queue; legal and safety get own cards"
        )
        return StateLine(Light.TROUBLE, (Text(says),))
    over = facts.speech.say("Over: {total} in all, calm again since {when}")
    return StateLine(Light.QUIET, woven(over, total=Text(str(total)), when=When(ended)))
