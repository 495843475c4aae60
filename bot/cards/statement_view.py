"""From the model to the card of a holding statement: its words, whose, until when, approved?"""

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
    StateLine,
    Style,
    Text,
    Untrusted,
    When,
    woven,
)
from bot.cards.facts import StatementFacts
from bot.cards.labels import LANGUAGE_NAMES


def statement_card(facts: StatementFacts) -> Card:
    statement, say = facts.statement, facts.speech.say
    title = say("Holding statement")
    return Card(
        kind=CardKind.STATEMENT,
        key=facts.token,
        revision=facts.revision,
        number=statement.id,
        source=woven(
            say("{title} · {name} · {language} · version {version}"),
            title=Bold(title),
            name=Untrusted(statement.name),
            language=Text(say(LANGUAGE_NAMES[statement.language])),
            version=Text(str(statement.version)),
        ),
        quote=(Untrusted(statement.text),),
        facts=(
            (Text(say("Owner: {name}", name=facts.owner.name)),),
            woven(say("Expires {when}"), when=When(statement.expires_at)),
        ),
        actions=tuple(_actions(facts)),
        state=_state(facts),
        fallback=say("{what}: {why}", what=title, why=statement.name),
        speech=facts.speech,
    )


def _actions(facts: StatementFacts) -> Iterator[Action]:
    statement, say = facts.statement, facts.speech.say
    if statement.retired_at is not None:
        return
    if statement.approved_at is None:
        yield Action(ActionName.APPROVE, say("Approve"), Style.PRIMARY)
    yield Action(ActionName.REVISE, say("New version…"), ask=Ask.LINE)
    yield Action(
        ActionName.RETIRE,
        say("Retire"),
        Style.DANGER,
        confirm=say("Retire this statement? No card offers it any more."),
    )


def _state(facts: StatementFacts) -> StateLine:
    statement, say = facts.statement, facts.speech.say
    if statement.retired_at is not None:
        return StateLine(Light.QUIET, (Text(say("Retired")),))
    if facts.now >= statement.expires_at:
        return StateLine(Light.TROUBLE, (Text(say("Expired; write a new version")),))
    if statement.approved_at is None:
        says = say("Waits for the approval of somebody who did not write it")
        return StateLine(Light.WAITING, (Text(says),))
    name = "" if facts.approved_by is None else facts.approved_by.name
    return StateLine(Light.DONE, (Text(say("Approved by {name}", name=name)),))
