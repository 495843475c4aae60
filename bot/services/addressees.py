"""Whom a question is for: a member, or whoever reads a channel of the team's chats."""

from __future__ import annotations

from bot.model.channel import Channel
from bot.model.commands import Outcome
from bot.model.member import Member, Role
from bot.model.question import Question, channel_slug
from bot.services.deciding import Deciding, names, refused
from bot.services.routing import channels_of_item
from bot.services.sight import reads, why_not_asked, why_not_asked_in
from bot.store.cards import CardRow
from bot.store.tx import Tx

Addressee = Member | Channel


def addressee(deciding: Deciding, card: CardRow, to: str) -> Addressee | Outcome:
    """Whom the command names, or why they cannot be asked about this card."""
    slug = channel_slug(to)
    return _member(deciding, card, to) if slug is None else _channel(deciding, card, slug)


def addressee_of(tx: Tx, asked: Question) -> Addressee:
    if asked.channel_id is not None:
        return tx.channels.get(asked.channel_id)
    assert asked.asked_id is not None
    return tx.people.get(asked.asked_id)


def name_of(one: Addressee) -> str:
    return one.name if isinstance(one, Member) else one.title or one.slug


def lands_in(tx: Tx, asked: Question) -> list[Channel]:
    """Where its card belongs: in the channel that is asked, else where the item's cards do."""
    if asked.channel_id is not None:
        return [tx.channels.get(asked.channel_id)]
    return channels_of_item(tx, asked.item_id)


def reminded_in(tx: Tx, asked: Question) -> list[Channel]:
    """Whoever asked reads where the item's cards are, whomever they asked."""
    found = {one.id: one for one in (*lands_in(tx, asked), *channels_of_item(tx, asked.item_id))}
    return list(found.values())


def why_not_answered_by(deciding: Deciding, asked: Question) -> Outcome | None:
    """A refusal that says who can, or None for whoever may answer."""
    tx, member, speech = deciding.tx, deciding.member, deciding.speech
    if _can(tx, member, asked):
        return None
    if asked.channel_id is not None:
        says = speech.say(
            "This was asked in {channel}. Whoever reads that channel can answer it, or a manager.",
            channel=name_of(tx.channels.get(asked.channel_id)),
        )
        return refused(says)
    able = [one for one in tx.people.of_brand(asked.brand_id) if _can(tx, one, asked)]
    says = speech.say(
        "This was asked of somebody else. It can be answered by {names}.",
        names=names(able, speech),
    )
    return refused(says)


def _can(tx: Tx, member: Member, asked: Question) -> bool:
    if member.role.includes(Role.MANAGER):
        return True
    if asked.channel_id is not None:
        return reads(tx, member, asked.channel_id)
    return member.id == asked.asked_id


def _member(deciding: Deciding, card: CardRow, slug: str) -> Member | Outcome:
    member = deciding.tx.people.by_slug(deciding.member.brand_id, slug)
    if member is None or not member.is_active:
        says = deciding.speech.say(
            "There is no member called {name} on this desk.", name=repr(slug[:40])
        )
        return refused(says)
    if member.id == deciding.member.id:
        return refused("That is you. Choose somebody else.")
    hidden = why_not_asked(deciding, member, card)
    return refused(hidden) if hidden else member


def _channel(deciding: Deciding, card: CardRow, slug: str) -> Channel | Outcome:
    found = [
        one for one in deciding.tx.channels.of_brand(deciding.member.brand_id) if one.slug == slug
    ]
    if not found:
        says = deciding.speech.say(
            "There is no channel called {name} that the desk can write in.", name=repr(slug[:40])
        )
        return refused(says)
    hidden = why_not_asked_in(deciding, found[0], card)
    return refused(hidden) if hidden else found[0]
