"""Listening: one due row for each chat whose presses come through a connection that we hold.

Its lease is the election of the only listener, and its error, while it has one, is what the team
is told: cards may still be posted, but nobody's press is heard.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.model.due import NEVER_DEAD, DueRow, Lane, NewDue
from bot.model.event import EventKind, Subject
from bot.model.ids import MINUTE
from bot.store.tx import Tx

_KIND = "listen"


def set_to_listen(tx: Tx, commands: Sequence[Sequence[str]]) -> list[None]:
    """A row for each of these chats, due now; rows of others are dropped."""
    now = tx.now()
    for chats in commands:
        rows = [
            NewDue(_KIND, _key(chat), Lane.STREAMS, now, {"chat": chat}, MINUTE, NEVER_DEAD)
            for chat in chats
        ]
        tx.due.drop_unlisted(_KIND, [row.key for row in rows])
        tx.due.add(rows)
        tx.due.hurry_like(_key(""), now)
    return [None] * len(commands)


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


def _key(chat: str) -> str:
    return f"{_KIND}:{chat}"
