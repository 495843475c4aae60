"""From the model to the card of a question, and what an item's card says of its questions."""

from __future__ import annotations

from collections.abc import Iterator

from bot.cards.actions import ActionName
from bot.cards.card import (
    Action,
    Ask,
    Bold,
    Card,
    CardKind,
    Light,
    MemberName,
    Span,
    Spans,
    StateLine,
    Style,
    Text,
    Untrusted,
    When,
    woven,
)
from bot.cards.facts import Asked, Noted, QuestionFacts
from bot.model.channel import Channel
from bot.model.member import ChatIdentity, Member
from bot.model.question import QuestionState
from bot.model.text import excerpt
from bot.speech.speech import Speech

MOST_SAID = 2
"""Questions that an item's card tells of, the newest."""
MOST_WORDS = 300


def question_card(facts: QuestionFacts) -> Card:
    asked, say = facts.asked, facts.speech.say
    return Card(
        kind=CardKind.QUESTION,
        key=facts.token,
        revision=facts.revision,
        number=asked.question.id,
        source=woven(
            say("{title} · {name} asks about #{number}"),
            title=Bold(say("Question")),
            name=MemberName(asked.asker.slug, asked.asker.name),
            number=Text(str(asked.question.item_id)),
        ),
        quote=(Untrusted(asked.question.text),),
        facts=tuple(_facts(facts)),
        actions=tuple(_actions(facts)),
        state=_state(facts),
        fallback=say("{name} asks: {text}", name=asked.asker.name, text=asked.question.text)[:150],
        is_urgent=asked.question.state is QuestionState.WAITING,
        speech=facts.speech,
    )


def _facts(facts: QuestionFacts) -> Iterator[Spans]:
    asked, say = facts.asked, facts.speech.say
    if facts.quote:
        yield woven(say("Comment: {text}"), text=Untrusted(excerpt(facts.quote, MOST_WORDS)))
    if asked.question.state is QuestionState.WAITING:
        says = say("For {name}")
        if isinstance(asked.asked, Channel):
            says = say("For whoever reads {name}")
        yield woven(says, name=name_of_asked(asked.asked, facts.called))
    if asked.answered_by is not None:
        yield from answer_lines(asked, facts.speech)


def _actions(facts: QuestionFacts) -> Iterator[Action]:
    say = facts.speech.say
    if facts.asked.question.state is QuestionState.WAITING:
        hint = say("A private note for the team; nothing of it is published")
        yield Action(ActionName.ANSWER, say("Answer…"), Style.PRIMARY, ask=Ask.LINE, hint=hint)
        yield Action(ActionName.WITHDRAW, say("Withdraw"))


def _state(facts: QuestionFacts) -> StateLine:
    question, say = facts.asked.question, facts.speech.say
    match question.state:
        case QuestionState.ANSWERED:
            return StateLine(Light.DONE, (Text(say("Answered; it stands on the comment's card")),))
        case QuestionState.WITHDRAWN:
            return StateLine(Light.QUIET, (Text(say("Withdrawn")),))
        case QuestionState.WAITING if question.is_late:
            says = say("The answer was due {when}")
            return StateLine(Light.TROUBLE, woven(says, when=When(question.due_at)))
        case QuestionState.WAITING:
            says = say("Answer due {when}")
            return StateLine(Light.WAITING, woven(says, when=When(question.due_at)))


def asked_lines(found: tuple[Asked, ...], speech: Speech) -> Iterator[Spans]:
    """For the card of the item: what waits, and what was answered."""
    shown = [one for one in found if one.question.state is not QuestionState.WITHDRAWN]
    for one in shown[-MOST_SAID:]:
        if one.answered_by is not None:
            yield from answer_lines(one, speech)
            continue
        who = name_of_asked(one.asked)
        says = speech.say("Asked {name}, answer due {when}: {text}")
        if one.question.is_late:
            says = speech.say("Asked {name}, no answer, it was due {when}: {text}")
        text = Untrusted(excerpt(one.question.text, MOST_WORDS))
        yield woven(says, name=who, when=When(one.question.due_at), text=text)


def name_of_asked(one: Member | Channel, users: tuple[ChatIdentity, ...] = ()) -> Span:
    """A channel is named without calling its readers."""
    if isinstance(one, Channel):
        return Text(one.title or one.slug)
    return MemberName(one.slug, one.name, users)


def note_line(noted: Noted, speech: Speech) -> Spans:
    """For the card of the item: how many notes there are, and how the newest begins."""
    name = MemberName(noted.by.slug, noted.by.name)
    text = Untrusted(excerpt(noted.last.first_line, MOST_WORDS))
    if noted.count == 1:
        return woven(speech.say("Private note, {name}: {text}"), name=name, text=text)
    says = speech.plural(
        "{count} private note, the last by {name}: {text}",
        "{count} private notes, the last by {name}: {text}",
        noted.count,
        name="{name}",
        text="{text}",
    )
    return woven(says, name=name, text=text)


def answer_lines(one: Asked, speech: Speech) -> Iterator[Spans]:
    assert one.answered_by is not None
    name = MemberName(one.answered_by.slug, one.answered_by.name)
    said = Untrusted(excerpt(one.question.answer, MOST_WORDS))
    yield woven(speech.say("Private note, {name}: {text}"), name=name, text=said)
