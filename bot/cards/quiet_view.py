"""From the model to the card of what needs no reply: how much, why, a page of it, what to do.

Advertising has the same card with another name and another verb.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.cards.actions import ActionName
from bot.cards.card import (
    Action,
    Bold,
    Card,
    CardKind,
    Group,
    Light,
    Spans,
    StateLine,
    Text,
)
from bot.cards.facts import QuietFacts
from bot.cards.leaving_view import leaving_lines
from bot.cards.retold import retold
from bot.cards.sample_lines import sample_lines
from bot.model.bulk import ALL, BulkVerb
from bot.model.peak import RollKind
from bot.model.text import excerpt
from bot.speech.speech import marked

MOST_REASONS = 5
"""Reasons whose counts are shown."""


_NO_REPLY = marked("No reply needed ({count})")
_ADVERTISING = marked("Advertising ({count})")
_STOPS = {
    BulkVerb.CLOSE: marked("Stop closing"),
    BulkVerb.LIKE: marked("Stop liking"),
    BulkVerb.HIDE: marked("Stop hiding"),
}


def quiet_card(facts: QuietFacts) -> Card:
    says = _ADVERTISING if _advertises(facts) else _NO_REPLY
    title = facts.speech.say(says, count=facts.waiting)
    where = f" · {facts.network} · {facts.account_name}"
    return Card(
        kind=CardKind.PEAK,
        key=facts.token,
        revision=facts.revision,
        number=facts.peak.id,
        source=(Bold(title), Text(where)),
        quote=tuple(sample_lines(facts.shown)),
        facts=(*leaving_lines(facts), *_reasons(facts)),
        actions=tuple(_actions(facts)),
        state=_state(facts),
        account=facts.account_name,
        fallback=title + where,
        speech=facts.speech,
    )


def _reasons(facts: QuietFacts) -> Iterator[Spans]:
    for reason, count in facts.reasons[:MOST_REASONS]:
        yield (Text(f"{retold(facts.speech, reason)} ({count})"),)


def _actions(facts: QuietFacts) -> Iterator[Action]:
    say, stops = facts.speech.say, {}
    for bulk in facts.bulks:
        does = say(_STOPS[bulk.verb])
        stops[bulk.verb] = Action(ActionName.STOP_BULK, does, argument=str(bulk.id))
    yield from stops.values()
    if not facts.waiting:
        return
    if not stops:
        yield from _bulks(facts)
    if facts.pages > 1:
        following = facts.page % facts.pages + 1
        label = say("Page {number} of {count}", number=following, count=facts.pages)
        yield Action(ActionName.TURN, label, argument=str(following))
    for one in facts.shown:
        label = excerpt(f"{one.author}: {one.text}", 60)
        yield Action(
            ActionName.PULL,
            label,
            group=Group.PULL,
            argument=str(one.item_id),
            hint=say("Give this one a card of its own"),
        )


def _bulks(facts: QuietFacts) -> Iterator[Action]:
    say = facts.speech.say
    offered = [(BulkVerb.CLOSE, say("Close all {count}", count=facts.waiting))]
    if _advertises(facts):
        if facts.can_hide:
            offered.append((BulkVerb.HIDE, say("Hide and close all {count}", count=facts.waiting)))
    elif facts.can_like:
        offered.append((BulkVerb.LIKE, say("Like all {count}", count=facts.waiting)))
    for verb, does in offered:
        confirm = say("{does} now?", does=does)
        yield Action(ActionName.BULK, does, argument=f"{verb.value}-{ALL}", confirm=confirm)


def _advertises(facts: QuietFacts) -> bool:
    return facts.peak.rolling.kind is RollKind.SPAM


def _state(facts: QuietFacts) -> StateLine:
    say = facts.speech.say
    if not facts.waiting:
        return StateLine(Light.QUIET, (Text(say("All of them are decided")),))
    if facts.pages > 1:
        says = say("Page {number} of {count} is shown", number=facts.page, count=facts.pages)
        return StateLine(Light.QUIET, (Text(says),))
    return StateLine(Light.QUIET, (Text(say("All of them are shown")),))
