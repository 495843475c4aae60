"""PostgreSQL plans a look-up by account while its table is empty, and keeps to it for a while."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event

from bot.cards.kinds import CardKind
from bot.coordination.clock import SystemClock
from bot.model.ids import AccountId, RemoteId
from bot.store.connection import Connection
from bot.store.database import parse, writing_engine
from bot.store.tx import Tx

pytestmark = pytest.mark.postgres
KEYS = [RemoteId(f"c{number}") for number in range(100)]
ACCOUNT = AccountId(1)


@pytest.mark.parametrize(
    ("ask", "second"),
    [
        (lambda tx: tx.items.known(ACCOUNT, KEYS), "remote_id"),
        (lambda tx: tx.items.known_authors(ACCOUNT, KEYS), "remote_id"),
        (lambda tx: tx.erasures.wordless(ACCOUNT, KEYS), "remote_id"),
        (lambda tx: tx.cards.of_all(CardKind.ITEM, range(100)), "subject_id"),
    ],
)
def test_the_keys_are_found_by_the_index_and_not_by_reading_the_account(
    migrated_postgres_url: str, ask: Callable[[Tx], object], second: str
) -> None:
    heard: list[tuple[str, Any]] = []
    engine = writing_engine(parse(migrated_postgres_url))
    event.listen(engine, "before_cursor_execute", lambda *call: heard.append((call[2], call[3])))
    with engine.connect() as below, below.begin():
        ask(Tx(below, SystemClock()))
        sql, terms = heard[-1]
        cursor: Any = Connection(below)._cursor
        plan = [row[0] for row in cursor.execute(f"EXPLAIN {sql}", terms).fetchall()]
    engine.dispose()
    conditions = [line for line in plan if "Index Cond" in line]
    assert any(second in line for line in conditions), "\n".join(plan)
