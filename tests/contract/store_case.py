"""What the contract suites of the store share: a migrated database and one table to write into."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.coordination.clock import SystemClock
from bot.store.database import parse, writing_engine
from bot.store.store import Store, open_store
from bot.store.tx import Tx
from tests.databases import bring_to_schema

DATABASES = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


def make_database(
    request: pytest.FixtureRequest, folder: Path, postgres: str = "migrated_postgres_url"
) -> str:
    """A migrated database with a table `note` beside ours; `postgres` is the fixture it is of."""
    address = (
        f"sqlite:///{folder / 'desk.db'}"
        if request.param == "sqlite"
        else str(request.getfixturevalue(postgres))
    )
    prepare(address)
    return address


def prepare(address: str) -> None:
    bring_to_schema(address)
    execute(address, "CREATE TABLE jotting (word VARCHAR(200) PRIMARY KEY)")


def execute(address: str, *statements: str) -> None:
    engine = writing_engine(parse(address))
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


def stored(address: str) -> set[str]:
    """The notes that a new connection sees."""
    engine = writing_engine(parse(address))
    with engine.begin() as connection:
        words = set(connection.execute(text("SELECT word FROM jotting")).scalars())
    engine.dispose()
    return words


@asynccontextmanager
async def opened(address: str) -> AsyncIterator[Store]:
    store = await open_store(address, SystemClock())
    try:
        yield store
    finally:
        await store.close()


def note(tx: Tx, words: Sequence[str]) -> Sequence[str]:
    """Write notes; one that is there already breaks the primary key."""
    tx.connection.execute(
        text("INSERT INTO jotting (word) VALUES (:word)"), [{"word": word} for word in words]
    )
    return [f"noted {word}" for word in words]


def remembering(batches: list[list[str]]) -> Callable[[Tx, Sequence[str]], Sequence[str]]:
    """An operation that also keeps what it was given at once."""

    def note_and_remember(tx: Tx, words: Sequence[str]) -> Sequence[str]:
        batches.append(list(words))
        return note(tx, words)

    return note_and_remember
