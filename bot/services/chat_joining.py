"""Connecting a chat of the team while the desk runs: what an admin may decide about it.

The chat's tokens are sealed, and each process makes its front end as the store says. Whoever
disconnects a chat deletes its tokens; its cards wait, and are posted when it is connected again.
The configuration is the truth about the chats that it names (docs/adr/0034).
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.model import commands as c
from bot.model.commands import Outcome
from bot.model.event import EventKind, Subject
from bot.model.ids import Moment
from bot.services.deciding import Deciding, done, refused
from bot.services.listening import begin_to_listen, stop_listening
from bot.speech.speech import marked
from bot.store.tx import Tx

IN_FILE = marked(
    "The configuration names this chat and says where its tokens are kept. Change them there, and "
    "start the desk again."
)
GONE = marked("The chat is disconnected. Cards wait until an admin connects it again.")
_NONE = marked("That chat is not connected here.")
_ANOTHER_BOT = marked(
    "These tokens are for {name}, and {known} is connected. Disconnect it first, then connect the "
    "other one."
)
_NOT_ALONE = marked("Another brand of this desk has channels in this chat, so it stays connected.")
_WAITING = ("card:", "thread:", "pictures:")


def may_try(deciding: Deciding, chat: str) -> Outcome:
    """Whether somebody may ask a chat with tokens at all."""
    objection = _named(deciding, chat)
    if objection is not None:
        return objection
    _audit(deciding, "chat_tried", chat)
    return done("")


def join(deciding: Deciding, command: c.JoinChat) -> Outcome:
    """In effect in this process at once, in the others when they look."""
    tx, told, chat = deciding.tx, command.introduced, command.chat
    tx.accounts.take_turns()
    objection = _named(deciding, chat)
    if objection is not None:
        return objection
    before = tx.team_chats.connected().get(chat)
    if before is not None and before.remote_id != told.remote_id:
        return refused(deciding.speech.say(_ANOTHER_BOT, name=told.name, known=before.name))
    brand_id = deciding.member.brand_id
    tx.team_chats.save(brand_id, chat, told, dict(command.sealed), deciding.now)
    begin_to_listen(tx, chat, deciding.now)
    is_new = before is None
    _audit(deciding, "chat_joined" if is_new else "chat_renewed", chat, remote_id=told.remote_id)
    _begin_anew(tx, chat, deciding.now)
    if is_new:
        return done(deciding.speech.say("{name} is connected.", name=told.name))
    return done(deciding.speech.say("{name} has its new tokens.", name=told.name))


def disconnect(deciding: Deciding, chat: str) -> Outcome:
    """Its tokens are deleted here; what stands in the chat stays, and what comes waits."""
    tx = deciding.tx
    tx.accounts.take_turns()
    objection = _named(deciding, chat)
    if objection is not None:
        return objection
    known = tx.team_chats.connected().get(chat)
    if known is None:
        return refused(_NONE)
    mine = deciding.member.brand_id
    if any(channel.brand_id != mine for channel in tx.channels.of_chat(chat)):
        return refused(_NOT_ALONE)
    stop_listening(tx, chat)
    tx.team_chats.disconnect(chat)
    _audit(deciding, "chat_disconnected", chat)
    _begin_anew(tx, chat, deciding.now)
    return done(
        deciding.speech.say(
            "{name} is disconnected and its tokens deleted here. Cards wait until it is connected "
            "again. Take the tokens back in the chat too.",
            name=known.name,
        )
    )


def gone_chats(tx: Tx) -> dict[str, str]:
    """Chats in which nothing can be shown now, and why; by name."""
    return {
        name: one.trouble if one.is_connected else GONE
        for name, one in tx.team_chats.all().items()
        if one.trouble or not one.is_connected
    }


def plugged_in(tx: Tx, chats: Sequence[str]) -> list[None]:
    """A process has made its front end: what waited for the chat need not wait longer."""
    now = tx.now()
    for chat in chats:
        if tx.team_chats.say_trouble(chat, ""):
            _tell(tx, chat, now)
        tx.due.hurry_like(f"listen:{chat}", now)
        for kind in _WAITING:
            tx.due.hurry_like(kind, now)
    return [None] * len(chats)


def called(tx: Tx, chats: Sequence[str]) -> list[None]:
    """Its first request came, and proved itself: the page says so."""
    for chat in chats:
        if tx.team_chats.called(chat, tx.now()):
            _tell(tx, chat, tx.now())
    return [None] * len(chats)


def say_trouble(tx: Tx, commands: Sequence[tuple[str, str]]) -> list[None]:
    """(chat, why its tokens cannot be used)"""
    for chat, says in commands:
        if tx.team_chats.say_trouble(chat, says):
            _tell(tx, chat, tx.now())
    return [None] * len(commands)


def _named(deciding: Deciding, chat: str) -> Outcome | None:
    return refused(IN_FILE) if chat in deciding.rules.named_chats else None


def _begin_anew(tx: Tx, chat: str, now: Moment) -> None:
    """What was wrong in its channels was so with other tokens."""
    for channel in tx.channels.of_chat(chat):
        tx.channels.say_trouble(channel.id, "")
    _tell(tx, chat, now)


def _tell(tx: Tx, chat: str, now: Moment) -> None:
    """The channels of a chat show whether it is connected."""
    for channel in tx.channels.of_chat(chat):
        tx.events.add(EventKind.CHANNEL_CHANGED, channel.brand_id, Subject.CHANNEL, channel.id, now)


def _audit(deciding: Deciding, action: str, which: str, **facts: str) -> None:
    brand_id = deciding.member.brand_id
    deciding.tx.audits.add(
        brand_id,
        action,
        Subject.BRAND,
        brand_id,
        deciding.now,
        member_id=deciding.member.id,
        chat=deciding.identity.chat,
        which=which,
        **facts,
    )
