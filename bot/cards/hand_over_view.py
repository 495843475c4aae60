"""From the model to the card of a hand-over: what is open, what was promised, what waits."""

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
from bot.cards.facts import HandedOver, HandOverFacts
from bot.cards.promise_view import kept_action, promised_line
from bot.model.text import excerpt

ON_PAGE = 5
"""Items of one page, each with its buttons."""
MOST_PROMISES = 5
MOST_POSTS = 3


def hand_over_card(facts: HandOverFacts) -> Card:
    title = facts.speech.say("Hand-over ({count} open)", count=facts.total)
    return Card(
        kind=CardKind.PEAK,
        key=facts.token,
        revision=facts.revision,
        number=facts.peak.id,
        source=(Bold(title),),
        quote=tuple(_page(facts)),
        facts=tuple(_facts(facts)),
        actions=tuple(_actions(facts)),
        state=_state(facts),
        fallback=title,
        speech=facts.speech,
    )


def _page(facts: HandOverFacts) -> Iterator[Span]:
    for place, one in enumerate(facts.shown):
        if place:
            yield Text("\n")
        yield from _line(facts, one)


def _line(facts: HandOverFacts, one: HandedOver) -> Spans:
    say, author = facts.speech.say, excerpt(one.author, 40)
    who: Span = Link(author, one.permalink) if one.permalink else Untrusted(author)
    more: Spans = (Text(say(" · nobody has it")),)
    if one.assignee is not None:
        name = MemberName(one.assignee.slug, one.assignee.name)
        more = woven(say(" · with {name}"), name=name)
    if one.asks_approval:
        more = (*more, Text(say(" · waits for approval")))
    if one.due_at is not None:
        more = (*more, *woven(say(" (due {when})"), when=When(one.due_at)))
    return (Text(f"#{one.item_id} "), who, Text(": "), Untrusted(excerpt(one.text, 80)), *more)


def _facts(facts: HandOverFacts) -> Iterator[Spans]:
    say = facts.speech.say
    for one in facts.promises:
        number = Text(f"#{one.promise.item_id} ")
        yield (number, *promised_line(one, facts.speech))
    for post, slot in facts.posts:
        number = Text(str(post))
        if slot is None:
            yield woven(say("Post #{number} waits for approval"), number=number)
        else:
            says = say("Post #{number} waits for approval, to leave {when}")
            yield woven(says, number=number, when=When(slot))
    if not facts.is_over:
        for member, users in facts.called:
            yield woven(say("On shift: {name}"), name=MemberName(member.slug, member.name, users))


def _actions(facts: HandOverFacts) -> Iterator[Action]:
    if facts.is_over:
        return
    say = facts.speech.say
    for one in facts.shown:
        yield from _of_item(facts, one)
    for made in facts.promises:
        label = say("Done: promise of #{number}", number=made.promise.item_id)
        yield kept_action(made, facts.speech, label)
    if facts.pages > 1:
        following = facts.page % facts.pages + 1
        label = say("Page {number} of {count}", number=following, count=facts.pages)
        yield Action(ActionName.TURN, label, argument=str(following))


def _of_item(facts: HandOverFacts, one: HandedOver) -> Iterator[Action]:
    say, about = facts.speech.say, excerpt(f"{one.author}: {one.text}", 60)
    had_by = 0 if one.assignee is None else one.assignee.id
    yield Action(
        ActionName.TAKE_ONE,
        say("Take #{number}", number=one.item_id),
        group=Group.TAKE_ONE,
        argument=f"{one.item_id}-{had_by}",
        hint=about,
    )
    yield Action(
        ActionName.OPEN_ONE,
        say("Open #{number}", number=one.item_id),
        group=Group.OPEN_ONE,
        argument=str(one.item_id),
        hint=about,
    )


def _state(facts: HandOverFacts) -> StateLine:
    say = facts.speech.say
    if facts.is_over:
        return StateLine(Light.QUIET, (Text(say("This hand-over is over")),))
    if not (facts.total or facts.promises or facts.posts):
        return StateLine(Light.DONE, (Text(say("Nothing of it waits any more")),))
    return StateLine(Light.WAITING, (Text(say("Take what you go on with")),))
