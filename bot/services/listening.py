"""Listening: one due row for each chat whose presses come through a connection that we hold.

Its lease is the election of the only listener, and its error, while it has one, is what the team
is told: cards may still be posted, but nobody's press is heard.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.model.due import NEVER_DEAD, DueRow, Lane, NewDue
from bot.model.event import EventKind, Subject
from bot.model.ids import MINUTE, Moment
from bot.store.tx import Tx

_KIND = "listen"


def set_to_listen(tx: Tx, commands: Sequence[Sequence[str]]) -> list[None]:
    """A row for each of these chats and of those that were connected in the console, due now.

    Rows of others are dropped.
    """
    now = tx.now()
    for chats in commands:
        # one that another process connects at this moment is among them
        wanted = {*chats, *tx.team_chats.connected()}
        rows = [_row(chat, now) for chat in sorted(wanted)]
        tx.due.drop_unlisted(_KIND, [row.key for row in rows])
        tx.due.add(rows)
        tx.due.hurry_like(_key(""), now)
    return [None] * len(commands)


def begin_to_listen(tx: Tx, chat: str, at: Moment) -> None:
    """From now on, whoever has its line first."""
    tx.due.add([_row(chat, at)])
    tx.due.hurry_like(_key(chat), at)


def stop_listening(tx: Tx, chat: str) -> None:
    tx.due.drop(_key(chat))


def connected(tx: Tx, rows: Sequence[DueRow]) -> list[None]:
    """The connection stands: what kept it from standing is over."""
    for row in rows:
        if tx.due.recovered(row):
            _tell(tx, row)
    return [None] * len(rows)


@dataclass(frozen=True, slots=True)
class Deaf:
    """The connection is lost, or could not be made; try again in `wait` milliseconds."""

    row: DueRow
    wait: int
    says: str


def deaf(tx: Tx, commands: Sequence[Deaf]) -> list[None]:
    for command in commands:
        if tx.due.again(command.row, command.wait, error=command.says):
            _tell(tx, command.row)
    return [None] * len(commands)


def silent_chats(tx: Tx) -> dict[str, str]:
    """Chats whose presses are not heard now, and why."""
    return {key.removeprefix(_key("")): says for key, says in tx.due.errors(_KIND).items()}


def _tell(tx: Tx, row: DueRow) -> None:
    for channel in tx.channels.of_chat(row.arg["chat"]):
        tx.events.add(
            EventKind.CHANNEL_CHANGED, channel.brand_id, Subject.CHANNEL, channel.id, tx.now()
        )


def _row(chat: str, at: Moment) -> NewDue:
    return NewDue(_KIND, _key(chat), Lane.STREAMS, at, {"chat": chat}, MINUTE, NEVER_DEAD)


def _key(chat: str) -> str:
    return f"{_KIND}:{chat}"
