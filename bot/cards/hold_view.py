"""From the model to the card of a pause or its end: what it would do, and what is late then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.cards.actions import ActionName
from bot.cards.card import (
    Action,
    Bold,
    Card,
    CardKind,
    Light,
    StateLine,
    Text,
    Untrusted,
    When,
    woven,
)
from bot.cards.facts import HoldFacts
from bot.cards.held_view import asked_once, decisions, posts_lines
from bot.model.hold import HoldChangeState, HoldKind, HoldVerb
from bot.model.text import excerpt
from bot.speech.speech import Speech


def hold_card(facts: HoldFacts) -> Card:
    change, say = facts.change, facts.speech.say
    is_pause = change.verb is HoldVerb.PAUSE
    title = say("Pause") if is_pause else say("Unpause")
    what = what_of(change.kinds, facts.account, facts.speech)
    return Card(
        kind=CardKind.HOLD,
        key=facts.token,
        revision=facts.revision,
        number=change.id,
        source=woven(
            say("{title} · {brand} · {when}"),
            title=Bold(title),
            brand=Text(facts.brand),
            when=When(change.asked_at),
        ),
        context=(Untrusted(excerpt(change.reason, 300)),) if change.reason else (),
        quote=tuple(posts_lines(facts.posts, facts.speech)),
        facts=tuple((Text(one),) for one in (what, *_counts(facts))),
        actions=tuple(_actions(facts)),
        state=_state(facts),
        fallback=say("{what}: {why}", what=title, why=what),
        speech=facts.speech,
    )


def what_of(kinds: Sequence[HoldKind], account: str, speech: Speech) -> str:
    """`replies and posts everywhere`; without an account it is everywhere."""
    what = speech.say("replies and posts")
    if len(kinds) == 1:
        what = speech.say("replies") if kinds[0] is HoldKind.REPLIES else speech.say("posts")
    if not account:
        return speech.say("{what} everywhere", what=what)
    return speech.say("{what} on {account}", what=what, account=account)


def _counts(facts: HoldFacts) -> Iterator[str]:
    plural, posts = facts.speech.plural, len(facts.posts)
    match facts.change.state:
        case HoldChangeState.DONE if posts:
            yield plural("{count} post to decide", "{count} posts to decide", posts)
        case HoldChangeState.ASKED:
            if posts:
                yield plural("{count} planned post waits", "{count} planned posts wait", posts)
            if facts.late:
                yield plural(
                    "{count} of them is late and asked about",
                    "{count} of them are late and asked about",
                    facts.late,
                )
            if facts.replies:
                yield plural(
                    "{count} approved reply waits", "{count} approved replies wait", facts.replies
                )
            if not posts and not facts.replies:
                yield facts.speech.say("Nothing waits to leave.")
            if facts.away and facts.change.verb is HoldVerb.PAUSE:
                yield facts.speech.say("{count} on their way, not stopped", count=facts.away)
        case _:
            return


def _actions(facts: HoldFacts) -> Iterator[Action]:
    say, change = facts.speech.say, facts.change
    match change.state:
        case HoldChangeState.ASKED:
            label = say("Pause now") if change.verb is HoldVerb.PAUSE else say("Unpause now")
            yield from asked_once(ActionName.GO_AHEAD, label, ActionName.NOT_NOW, facts.speech)
        case _:
            yield from decisions(facts.posts, facts.speech)


def _state(facts: HoldFacts) -> StateLine:
    change, say, name = facts.change, facts.speech.say, facts.asked_by.name
    is_pause = change.verb is HoldVerb.PAUSE
    match change.state:
        case HoldChangeState.ASKED:
            says = say("Nothing is paused yet") if is_pause else say("Nothing leaves yet")
            return StateLine(Light.WAITING, (Text(says),))
        case HoldChangeState.DROPPED:
            return StateLine(Light.QUIET, (Text(say("Put away. Nothing was changed.")),))
        case HoldChangeState.DONE if facts.posts:
            says = say("{name} unpaused; what was late waits for a decision", name=name)
            return StateLine(Light.WAITING, (Text(says),))
        case _:
            says = say("{name} paused this", name=name)
            if not is_pause:
                says = say("{name} unpaused this", name=name)
            return StateLine(Light.DONE, (Text(says),))
