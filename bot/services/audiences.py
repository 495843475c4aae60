"""Audiences: who reads which channel, learnt from its chat and kept until it tells again.

A channel of a chat that can tell is asked about when it is named, and again every few minutes;
whoever comes or goes in between is told by the chat. Before it tells, and when it does not tell any
more, nobody but managers sees what stands there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from bot.model.audience import Audience
from bot.model.channel import Channel, Place
from bot.model.due import NEVER_DEAD, DueRow, Lane, NewDue
from bot.model.ids import MINUTE
from bot.model.member import ChatIdentity
from bot.store.tx import Tx

EVERY = 10 * MINUTE
KIND = "audience"


def follow(tx: Tx, channels: Iterable[Channel], tell: Collection[str]) -> None:
    """Ask about these now and from now on: where their chats `tell` for certain who reads each of
    their channels, and wherever a channel is said to be private.
    """
    for one in channels:
        if one.private or (one.private is None and one.chat in tell):
            key = _key(one.chat, one.place.channel)
            arg = {"chat": one.chat, "channel": one.place.channel}
            tx.audiences.begin(one.chat, one.place.channel, tx.now())
            tx.due.add([NewDue(KIND, key, Lane.CARDS, tx.now(), arg, EVERY, NEVER_DEAD)])
            tx.due.hurry(key, tx.now())


def look_again(tx: Tx, chat: str) -> None:
    """Somebody became known there."""
    tx.due.hurry_like(f"{KIND}:{chat}:", tx.now())


def _key(chat: str, address: str) -> str:
    return f"{KIND}:{chat}:{address}"


@dataclass(frozen=True, slots=True)
class Asked:
    """Of which channel it is to be learnt who reads it, and about whom."""

    place: Place
    people: tuple[str, ...]


def asked(tx: Tx, chat: str, address: str) -> Asked | None:
    """None where no channel of the desk is any more."""
    here = [one for one in tx.channels.at(chat, address) if not one.is_suspended]
    return Asked(here[0].place, tuple(tx.audiences.people(chat))) if here else None


@dataclass(frozen=True, slots=True)
class Learned:
    row: DueRow
    audience: Audience
    goes_on: bool = True


def learn(tx: Tx, commands: Sequence[Learned]) -> list[None]:
    for command in commands:
        row, chat, address = command.row, command.row.arg["chat"], command.row.arg["channel"]
        if not tx.due.done(row):
            continue
        tx.audiences.put(chat, address, command.audience, tx.now())
        if not command.goes_on:
            tx.due.drop(row.key)
    return [None] * len(commands)


@dataclass(frozen=True, slots=True)
class Passage:
    """Somebody came into a channel, or left it."""

    channel: str
    who: ChatIdentity
    is_inside: bool


def passed(tx: Tx, commands: Sequence[Passage]) -> list[None]:
    """Whoever is not of the desk is not written down."""
    for command in commands:
        chat, user = command.who.chat, command.who.user
        if not command.is_inside:
            tx.audiences.leave(chat, command.channel, user)
        elif tx.channels.at(chat, command.channel) and tx.people.who(command.who) is not None:
            tx.audiences.enter(chat, command.channel, user)
    return [None] * len(commands)
