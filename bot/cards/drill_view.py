"""The report card of a drill: points, times and mistakes. Nothing on it can be pressed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.cards.card import (
    Bold,
    Card,
    CardKind,
    Light,
    Span,
    Spans,
    StateLine,
    Text,
    Untrusted,
    When,
    woven,
)
from bot.model.drill import DrillScore, Mistake, MistakeKind, Part
from bot.model.ids import MINUTE, SECOND, CardToken, PostKey
from bot.model.text import excerpt
from bot.speech.speech import Speech, marked

MOST_SHOWN = 5
GOOD = 80
"""Points from which on the light is green."""
MISTAKES: Mapping[MistakeKind, str] = {
    MistakeKind.WRONG_APPROVAL: marked("#{number}: answered, and silence was better. {who}"),
    MistakeKind.BANNED_WORD: marked("#{number}: the answer says “{says}”. {who}"),
    MistakeKind.UNAPPROVED: marked("#{number}: answered past the desk, so nobody approved it"),
    MistakeKind.UNSEEN: marked("#{number}: nobody saw it. “{says}”"),
}


def drill_card(score: DrillScore, key: PostKey, speech: Speech) -> Card:
    say = speech.say
    title = say("Drill: {name}", name=excerpt(score.storm.name, 80))
    points = say("{points} of 100 points", points=score.points)
    return Card(
        kind=CardKind.INCIDENT,
        key=CardToken(key[:12]),
        revision=1,
        number=0,
        source=woven(say("{title} · {when}"), title=Bold(title), when=When(score.begun_at)),
        quote=tuple(_mistakes(score, speech)),
        facts=tuple(_facts(score, speech)),
        state=StateLine(
            Light.DONE if score.points >= GOOD else Light.TROUBLE,
            (Text(f"{points}. {say('Nothing left the sandbox.')}"),),
        ),
        fallback=f"{title}. {points}",
        speech=speech,
    )


def mistake_words(mistake: Mistake, speech: Speech) -> Spans:
    return woven(
        speech.say(MISTAKES[mistake.kind]),
        number=Text(str(mistake.item_id)),
        who=Text(mistake.who),
        says=Untrusted(mistake.says),
    )


def time_words(milliseconds: int | None, speech: Speech) -> str:
    """`4:05 min`."""
    if milliseconds is None:
        return speech.say("never")
    minutes, seconds = divmod(milliseconds // SECOND, MINUTE // SECOND)
    return speech.say("{minutes}:{seconds} min", minutes=minutes, seconds=f"{seconds:02}")


def _facts(score: DrillScore, speech: Speech) -> Iterator[Spans]:
    say, storm = speech.say, score.storm
    if score.alarmed_at is None:
        yield (Text(say("No alarm: nothing in this storm woke anybody")),)
    else:
        yield _timed(
            say("Acknowledged after {time} (target {target})"),
            score.acknowledged_after,
            storm.acknowledge_within,
            score.acknowledge,
            speech,
        )
        yield _timed(
            say("Holding statement after {time} (target {target})"),
            score.statement_after,
            storm.statement_within,
            score.statement,
            speech,
        )
    told = say("Answered: {count} of {wanted}", count=score.answered, wanted=score.wanted)
    yield (Text(f"{told} · {_part(score.answers)}"),)
    told = say("Mistakes: {count}", count=len(score.mistakes))
    yield (Text(f"{told} · {_part(score.care)}"),)


def _timed(says: str, taken: int | None, target: int, part: Part, speech: Speech) -> Spans:
    told = woven(
        says,
        time=Bold(time_words(taken, speech)),
        target=Text(time_words(target, speech)),
    )
    return (*told, Text(f" · {_part(part)}"))


def _part(part: Part) -> str:
    return f"{part.points}/{part.most}"


def _mistakes(score: DrillScore, speech: Speech) -> Iterator[Span]:
    for place, mistake in enumerate(score.mistakes[:MOST_SHOWN]):
        if place:
            yield Text("\n")
        yield from mistake_words(mistake, speech)
    more = len(score.mistakes) - MOST_SHOWN
    if more > 0:
        yield Text("\n" + speech.say("and {count} more", count=more))
