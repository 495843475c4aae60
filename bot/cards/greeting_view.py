"""A card about nothing, with which somebody sees whether cards arrive in a channel."""

from __future__ import annotations

from bot.cards.card import (
    Bold,
    Card,
    CardKind,
    Light,
    MemberName,
    StateLine,
    Text,
    woven,
)
from bot.model.ids import CardToken
from bot.model.member import Member
from bot.speech.speech import Speech


def greeting_card(key: CardToken, sender: Member, speech: Speech) -> Card:
    """It has no button: nothing knows its key."""
    title = speech.say("Test card")
    sent = speech.say("Sent by {name} to see whether cards arrive. There is nothing to decide.")
    says = speech.say("Comments will stand here like this, with a draft and its buttons below.")
    return Card(
        kind=CardKind.ACCOUNT,
        key=key,
        revision=0,
        number=0,
        source=(Bold("replydesk"), Text(f" · {title}")),
        quote=(Text(says),),
        state=StateLine(Light.DONE, woven(sent, name=MemberName(sender.slug, sender.name))),
        fallback=title,
        speech=speech,
    )
