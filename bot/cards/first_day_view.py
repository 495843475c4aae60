"""From the model to the card of an account's first day: how the last 30 days went, what is open."""

from __future__ import annotations

from collections.abc import Iterator

from bot.cards.actions import ActionName
from bot.cards.card import (
    Action,
    Bold,
    Card,
    CardKind,
    Light,
    Spans,
    StateLine,
    Style,
    Text,
)
from bot.cards.facts import FirstDayFacts
from bot.cards.leaving_view import leaving_lines
from bot.cards.practice import time_taken
from bot.cards.sample_lines import sample_lines
from bot.model.bulk import BulkVerb
from bot.model.peak import ASKS


def first_day_card(facts: FirstDayFacts) -> Card:
    title = facts.speech.say("Your last 30 days")
    where = f" · {facts.network} · {facts.account_name}"
    return Card(
        kind=CardKind.PEAK,
        key=facts.token,
        revision=facts.revision,
        number=facts.peak.id,
        source=(Bold(title), Text(where)),
        quote=tuple(sample_lines(facts.shown)),
        facts=(*_facts(facts), *leaving_lines(facts)),
        actions=tuple(_actions(facts)),
        state=_state(facts),
        account=facts.account_name,
        fallback=title + where,
        speech=facts.speech,
    )


def _facts(facts: FirstDayFacts) -> Iterator[Spans]:
    say, plural = facts.speech.say, facts.speech.plural
    yield (Text(plural("{count} comment", "{count} comments", facts.comments)),)
    yield (
        Text(
            plural(
                "{count} comment that wants an answer has none",
                "{count} comments that want an answer have none",
                facts.unanswered,
            )
        ),
    )
    if facts.median is not None:
        took = time_taken(facts.median, facts.speech)
        yield (Text(say("Half of the replies came within {time}", time=took)),)


def _actions(facts: FirstDayFacts) -> Iterator[Action]:
    say, plural = facts.speech.say, facts.speech.plural
    if facts.bulks:
        number = str(facts.bulks[0].id)
        yield Action(ActionName.STOP_BULK, say("Stop opening"), argument=number)
    elif _is_asking(facts):
        label = plural(
            "Answer the {count} still open", "Answer the {count} still open", facts.waiting
        )
        yield Action(
            ActionName.BULK,
            label,
            Style.PRIMARY,
            argument=f"{BulkVerb.OPEN.value}-{ASKS}",
            hint=say("Each gets a card with a draft, a few every five minutes"),
        )
        yield Action(ActionName.LEAVE, say("Not now"))


def _is_asking(facts: FirstDayFacts) -> bool:
    return bool(facts.waiting) and facts.peak.ended_at is None


def _state(facts: FirstDayFacts) -> StateLine:
    say = facts.speech.say
    if facts.bulks:
        says = say("{count} are still to be opened", count=facts.waiting)
        return StateLine(Light.WORKING, (Text(says),))
    if _is_asking(facts):
        return StateLine(Light.WAITING, (Text(say("The newest of them are shown")),))
    if facts.waiting:
        says = say("{count} stay under Backlog", count=facts.waiting)
        return StateLine(Light.QUIET, (Text(says),))
    return StateLine(Light.DONE, (Text(say("None of them waits here")),))
