"""From the model to the card that tells what waits: replies due soon or late, what is back from a
snooze, the digest of a channel. Who waits, and until when.
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
    Link,
    MemberName,
    Span,
    Spans,
    StateLine,
    Text,
    Untrusted,
    When,
    woven,
)
from bot.cards.facts import GoalFacts
from bot.cards.labels import spoken_label
from bot.model.goals import Awaited
from bot.model.peak import Peak, RollKind
from bot.model.text import excerpt

MOST_SHOWN = 5
MOST_OF_A_DIGEST = 10
MOST_CLUSTERS = 5
MOST_ASKED = 300


def most_shown(peak: Peak) -> int:
    """Items whose words are shown."""
    return MOST_OF_A_DIGEST if peak.rolling.kind is RollKind.DIGEST else MOST_SHOWN


def goal_card(facts: GoalFacts) -> Card:
    count = _counted(facts)
    return Card(
        kind=CardKind.PEAK,
        key=facts.token,
        revision=facts.revision,
        number=facts.peak.id,
        source=(Bold(count),),
        quote=tuple(_awaited(facts)),
        facts=tuple(_facts(facts)),
        actions=tuple(_actions(facts)),
        state=_state(facts),
        fallback=count,
        speech=facts.speech,
    )


def _counted(facts: GoalFacts) -> str:
    plural, total = facts.speech.plural, facts.total
    if facts.peak.rolling.kind is RollKind.ASKED:
        return facts.speech.say("A colleague's answer is due")
    if facts.peak.rolling.kind is RollKind.DIGEST:
        return plural(
            "{count} comment came since the last digest",
            "{count} comments came since the last digest",
            total,
        )
    if facts.peak.rolling.kind is RollKind.WOKE:
        return plural(
            "{count} comment is back from a snooze",
            "{count} comments are back from a snooze",
            total,
        )
    if facts.peak.rolling.kind is RollKind.PROMISED:
        return facts.speech.say("What was promised is due soon")
    if facts.peak.rolling.kind is RollKind.LATE:
        return plural("{count} reply is late", "{count} replies are late", total)
    return plural("{count} reply is due soon", "{count} replies are due soon", total)


def _awaited(facts: GoalFacts) -> Iterator[Span]:
    for place, one in enumerate(facts.awaited):
        if place:
            yield Text("\n")
        yield from _line(facts, one)


def _line(facts: GoalFacts, one: Awaited) -> Spans:
    author = excerpt(one.author, 40)
    who = Link(author, one.permalink) if one.permalink else Untrusted(author)
    due: Spans = ()
    if one.due_at is not None:
        due = woven(facts.speech.say(" (due {when})"), when=When(one.due_at))
    again: Spans = (Text(facts.speech.say(" (its author wrote more)")),) if one.wrote_again else ()
    words = Untrusted(excerpt(one.text, 80))
    return (Text(f"#{one.item_id} "), who, Text(": "), words, *due, *again)


def _facts(facts: GoalFacts) -> Iterator[Spans]:
    if facts.question:
        asked = Untrusted(excerpt(facts.question, MOST_ASKED))
        is_promised = facts.peak.rolling.kind is RollKind.PROMISED
        say = facts.speech.say
        says = say("Promised: {text}") if is_promised else say("Question: {text}")
        yield woven(says, text=asked)
    if facts.peak.rolling.kind is RollKind.WOKE:
        yield woven(facts.speech.say("Since {when}"), when=When(facts.peak.started_at))
    for cluster in facts.clusters[:MOST_CLUSTERS]:
        label = spoken_label(facts.speech, cluster.label)
        yield (Text(f"{label} ({cluster.count})"),)
    if facts.waiting > len(facts.awaited):
        yield (Text(facts.speech.say("The first of them are shown")),)
    for member, users in facts.called:
        yield (MemberName(member.slug, member.name, users),)


def _actions(facts: GoalFacts) -> Iterator[Action]:
    """Of a digest: each that is shown may have a card of its own."""
    for one in facts.awaited if facts.peak.rolling.kind is RollKind.DIGEST else ():
        yield Action(
            ActionName.PULL,
            excerpt(f"{one.author}: {one.text}", 60),
            group=Group.PULL,
            argument=str(one.item_id),
            hint=facts.speech.say("Give this one a card of its own"),
        )


def _state(facts: GoalFacts) -> StateLine:
    say = facts.speech.say
    if facts.peak.rolling.kind is RollKind.ASKED:
        return _asked_state(facts)
    if facts.peak.rolling.kind is RollKind.PROMISED:
        return _promised_state(facts)
    if not facts.waiting:
        return StateLine(Light.DONE, (Text(say("All of them are decided")),))
    light = Light.TROUBLE if facts.peak.rolling.kind is RollKind.LATE else Light.WAITING
    words = say("{count} of {total} still wait", count=facts.waiting, total=facts.total)
    return StateLine(light, (Text(words),))


def _asked_state(facts: GoalFacts) -> StateLine:
    say = facts.speech.say
    if facts.peak.ended_at is not None:
        return StateLine(Light.DONE, (Text(say("Nobody waits for this answer any more")),))
    return StateLine(Light.TROUBLE, (Text(say("No answer yet. Answer it on the question's card")),))


def _promised_state(facts: GoalFacts) -> StateLine:
    say = facts.speech.say
    if facts.peak.ended_at is not None:
        return StateLine(Light.DONE, (Text(say("It is done, or over")),))
    return StateLine(Light.TROUBLE, (Text(say("Not done yet. Say so on the card of the comment")),))
