"""From the model to the card of an update for stakeholders: due, with the lead called; or sent."""

from __future__ import annotations

from bot.cards.actions import ActionName
from bot.cards.card import (
    Action,
    Ask,
    Bold,
    Card,
    CardKind,
    Light,
    MemberName,
    StateLine,
    Style,
    Text,
    Untrusted,
    When,
    woven,
)
from bot.cards.facts import UpdateFacts


def update_card(facts: UpdateFacts) -> Card:
    update, say = facts.update, facts.speech.say
    title = say("Update")
    if update.number:
        title = say("Update {number}", number=update.number)
    is_due = update.sent_at is None and not update.is_missed
    send = Action(ActionName.SEND_UPDATE, say("Send update…"), Style.PRIMARY, ask=Ask.LINE)
    return Card(
        kind=CardKind.UPDATE,
        key=facts.token,
        revision=facts.revision,
        number=update.id,
        source=woven(
            say("{title} · {brand} · {when}"),
            title=Bold(title),
            brand=Text(facts.brand),
            when=When(update.sent_at or update.due_at),
        ),
        quote=(Untrusted(update.text),) if update.text else (),
        actions=(send,) if is_due else (),
        state=_state(facts),
        fallback=say("{what}: {why}", what=title, why=facts.brand),
        is_urgent=is_due,
        speech=facts.speech,
    )


def _state(facts: UpdateFacts) -> StateLine:
    update, say = facts.update, facts.speech.say
    if update.sent_at is not None:
        name = "" if facts.sent_by is None else facts.sent_by.name
        return StateLine(Light.DONE, (Text(say("Sent by {name}", name=name)),))
    if update.is_missed:
        return StateLine(Light.QUIET, (Text(say("It was not sent in time")),))
    if facts.lead is None:
        return StateLine(Light.WAITING, (Text(say("An update is due")),))
    lead = MemberName(facts.lead.slug, facts.lead.name, facts.called)
    says = say("{name}, an update is due", name="{name}")
    return StateLine(Light.WAITING, woven(says, name=lead))
