"""The file that every run begins with: a desk with a drafted comment on each account.

It is made once, by a desk that works, and copied. A copy may lie in memory: what dies here is a
process, and for a process it makes no difference where a file lies.
"""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path

from sqlalchemy import text

from bot.model.ids import CardToken
from bot.model.peak import PeakRule
from bot.services.deciding import DeskRules
from bot.store import migrate
from tests.chaos.model.judge import WATCHERS
from tests.chaos.model.process import Process
from tests.chaos.model.world import World
from tests.fakes.chat import Message

MEMORY = Path("/dev/shm")


def folder() -> tempfile.TemporaryDirectory[str]:
    """Where the files of a run may lie."""
    place = MEMORY if MEMORY.is_dir() else None
    return tempfile.TemporaryDirectory(prefix="replydesk-model-", dir=place)


def fresh_world(file: Path) -> tuple[World, list[CardToken]]:
    """A world whose file is the template's copy, and the cards that are in it."""
    content, tokens, before = _template()
    for part in ("", "-wal", "-shm"):
        Path(f"{file}{part}").unlink(missing_ok=True)
    file.write_bytes(content)
    world = World(f"sqlite:///{file}")
    for chat in world.chats.values():
        chat.messages = [replace(one, looks=list(one.looks)) for one in before[chat.name]]
        chat.since = {one.id: 0.0 for one in chat.messages}
    return world, list(tokens)


@cache
def _template() -> tuple[bytes, tuple[CardToken, ...], dict[str, list[Message]]]:
    """The file's bytes, the cards in it, and the messages that the chats show."""
    with folder() as place:
        file = Path(place) / "template.db"
        migrate.upgrade(f"sqlite:///{file}")
        world = World(f"sqlite:///{file}")
        tokens = asyncio.run(_worked_on(world))
        with sqlite3.connect(file) as connection:
            for statement in WATCHERS:
                connection.execute(statement)
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        shown = {name: chat.messages for name, chat in world.chats.items()}
        return file.read_bytes(), tokens, shown


async def _worked_on(world: World) -> tuple[CardToken, ...]:
    process = Process("template", world, DeskRules(peaks=PeakRule(0, 0, sets_aside=False)))
    await process.open()
    for _ in range(6):
        for row in await process.claim():
            await process.work(row)
    found = await process.read(
        lambda tx: (
            tx.connection.execute(
                text("SELECT token FROM card WHERE kind IN ('item', 'post') ORDER BY id")
            )
            .scalars()
            .all()
        )
    )
    await process.die()
    return tuple(CardToken(token) for token in found)
