"""The schema's history: up, down, with data, on both databases."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Executable, func, insert, inspect, select, text
from sqlalchemy.schema import CreateIndex

from bot.errors import SchemaMismatch, StoreCorrupt
from bot.store import migrate, schema
from bot.store.database import parse, writing_engine
from bot.store.version import revisions
from tests.contract.store_case import DATABASES, execute


@pytest.fixture(params=DATABASES)
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'data' / 'desk.db'}"
    return str(request.getfixturevalue("postgres_url"))


FULL_TEXT = ("search_fts", "ix_search_text_words")
"""What only one of the databases has, and SQLAlchemy does not know how to say."""


def tables(address: str) -> set[str]:
    engine = writing_engine(parse(address))
    with engine.begin() as connection:
        names = set(inspect(connection).get_table_names())
    engine.dispose()
    return {name for name in names - {"alembic_version"} if not name.startswith(FULL_TEXT)}


def test_the_migrated_schema_is_the_one_the_code_is_written_for(address: str) -> None:
    migrate.upgrade(address)
    engine = writing_engine(parse(address))
    with engine.begin() as connection:
        context = MigrationContext.configure(
            connection,
            # SQLite does not tell an identity from a default
            opts={
                "compare_type": True,
                "compare_server_default": not parse(address).is_sqlite,
                "include_object": lambda _thing, name, *_: not str(name).startswith(FULL_TEXT),
            },
        )
        difference = compare_metadata(context, schema.METADATA)
    engine.dispose()
    assert difference == []


def test_every_index_has_the_condition_that_the_code_wants(tmp_path: Path) -> None:
    # the comparison above does not see the condition of a partial index; SQLite keeps its words
    address = f"sqlite:///{tmp_path / 'desk.db'}"
    migrate.upgrade(address)
    engine = writing_engine(parse(address))
    with engine.begin() as connection:
        rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master").all()
    engine.dispose()
    made = {row.name: row.sql for row in rows}
    for table in schema.METADATA.sorted_tables:
        for index in table.indexes:
            wanted = str(CreateIndex(index).compile(dialect=engine.dialect))
            assert made[index.name] == wanted


def test_up_and_down_and_up_again_with_data_in_it(address: str) -> None:
    migrate.upgrade(address)
    _write_a_brand(address)
    migrate.upgrade(address)
    assert _brands(address) == 1
    migrate.downgrade(address, "base")
    assert tables(address) == set()
    assert migrate.current(address) is None
    migrate.upgrade(address)
    assert tables(address) == set(schema.METADATA.tables)
    assert _brands(address) == 0


def test_every_revision_goes_down_one_step_and_up_again(address: str) -> None:
    migrate.upgrade(address)
    for older in reversed(("base", *revisions()[:-1])):
        migrate.downgrade(address, older)
        assert migrate.current(address) == (None if older == "base" else older)
    migrate.upgrade(address)
    migrate.check(address)


def test_a_second_migration_at_the_same_time_waits_and_finds_nothing_to_do(address: str) -> None:
    command = [
        sys.executable,
        "-c",
        "import sys; from bot.store import migrate; migrate.upgrade(sys.argv[1])",
        address,
    ]
    runs = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    said = [run.communicate(timeout=60)[1] for run in runs]
    assert [run.returncode for run in runs] == [0, 0], said
    migrate.check(address)


def test_a_newer_schema_is_neither_opened_nor_migrated(address: str) -> None:
    migrate.upgrade(address)
    execute(address, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(SchemaMismatch, match="newer replydesk"):
        migrate.check(address)
    with pytest.raises(SchemaMismatch, match="newer replydesk"):
        migrate.upgrade(address)


def test_revisions_are_numbered_in_a_straight_line() -> None:
    line = list(revisions())
    assert line == sorted(set(line))
    assert all(one.isdigit() and len(one) == 4 for one in line)
    assert migrate.head() == revisions()[-1]


def test_a_migration_that_leaves_a_row_pointing_nowhere_is_undone(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'desk.db'}"
    migrate.upgrade(address)
    _write_a_brand(address)
    execute(
        address,
        "CREATE TABLE sticker (id INTEGER PRIMARY KEY, brand_id INTEGER REFERENCES brand (id))",
        "INSERT INTO sticker (brand_id) VALUES (1)",
    )
    with pytest.raises(StoreCorrupt, match="a row of sticker points to a row of brand"):
        migrate.downgrade(address, "base")
    assert migrate.current(address) == migrate.head()
    assert _brands(address) == 1


def _write_a_brand(address: str) -> None:
    engine = writing_engine(parse(address))
    with engine.begin() as connection:
        connection.execute(
            insert(schema.brand),
            {"slug": "blue-cup", "languages": ["en"], "keywords": [], "zone": "UTC"},
        )
    engine.dispose()


def _brands(address: str) -> int:
    engine = writing_engine(parse(address))
    with engine.begin() as connection:
        count = connection.execute(select(func.count()).select_from(schema.brand)).scalar_one()
    engine.dispose()
    return count


def test_the_key_of_a_card_in_a_chat_goes_through_every_form(address: str) -> None:
    key = "00ff" * 8
    migrate.upgrade(address)
    migrate.downgrade(address, "0030")
    execute(address, *_a_card_ref(key))
    migrate.upgrade(address)
    assert _value(address, select(schema.card_ref.c.key)) == key
    assert _value(address, select(schema.card_ref.c.look)) == ""
    migrate.downgrade(address, "0030")
    assert _value(address, text("SELECT key FROM card_ref")) == key


def _a_card_ref(key: str) -> Sequence[str]:
    return (
        "INSERT INTO brand (id, slug, languages, keywords, zone) "
        "VALUES (1, 'b', '[]', '[]', 'UTC')",
        "INSERT INTO channel (id, brand_id, slug, chat, address, language, zone, shows, routes, "
        "is_active, from_file) VALUES (1, 1, 'c', 'n', 'a', 'en', 'UTC', '[]', '[]', true, true)",
        "INSERT INTO card (id, brand_id, token, kind, subject_id, revision, changed_at) "
        "VALUES (1, 1, 't', 'item', 1, 1, 1)",
        "INSERT INTO card_ref (id, card_id, channel_id, state, key, look) "
        f"VALUES (1, 1, 1, 'shown', '{key}', 'abcd')",
    )


def test_labels_that_items_have_already_are_known_and_found(address: str) -> None:
    migrate.upgrade(address)
    migrate.downgrade(address, "0183")
    by_hand = ('["Press kit", "gift"]', '["press  KIT"]', "[]")
    execute(address, *_items_called(by_hand))
    migrate.upgrade(address)
    engine = writing_engine(parse(address))
    with engine.begin() as connection:
        found = connection.execute(
            select(schema.item_label.c.item_id, schema.label.c.name, schema.label.c.folded)
            .join(schema.label)
            .order_by(schema.item_label.c.item_id, schema.label.c.id)
        )
        rows = [tuple(row) for row in found]
    engine.dispose()
    assert rows == [
        (1, "Press kit", "press kit"), (1, "gift", "gift"), (2, "Press kit", "press kit")
    ]  # fmt: skip


def _items_called(by_hand: Sequence[str]) -> Sequence[str]:
    items = [
        "INSERT INTO item (id, brand_id, account_id, conversation_id, author_id, remote_id, kind, "
        "revision, state, published_at, received_at, thread_remote_id, hints, media, by_hand) "
        f"VALUES ({number}, 1, 1, 1, 1, 'r{number}', 'comment', 1, 'open', 1, 1, 't', '{{}}', "
        f"""'[]', '{{"intents": [], "urgency": "", "own": {own}}}')"""
        for number, own in enumerate(by_hand, 1)
    ]
    return (
        "INSERT INTO brand (id, slug, languages, keywords, zone) "
        "VALUES (1, 'b', '[]', '[]', 'UTC')",
        "INSERT INTO account (id, brand_id, slug, network, state, resume_state) "
        "VALUES (1, 1, 'a', 'n', 'live', 'live')",
        "INSERT INTO author (id, account_id, remote_id) VALUES (1, 1, 'x')",
        "INSERT INTO conversation (id, account_id, root_remote_id, changed_at) "
        "VALUES (1, 1, 'x', 1)",
        *items,
    )


def _value(address: str, wanted: Executable) -> object:
    engine = writing_engine(parse(address))
    with engine.begin() as connection:
        found: object = connection.execute(wanted).scalar_one()
    engine.dispose()
    return found
