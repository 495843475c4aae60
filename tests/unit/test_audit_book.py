"""The audit as a book: any change of what is sealed shows, and erasing a text does not."""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from bot.model.event import Subject
from bot.model.ids import BrandId
from bot.services.audit_book import export, seal, seal_all, verify_file, verify_store
from bot.store.store import Store, open_store
from bot.store.tx import Tx
from tests.fakes.clock import START, FakeClock
from tests.unit.small_desk import small_desk

WORDS = ["Sorry, Fanny!", "Дуже дякуємо 👩\u200d💻", None, "line\nbreak \u2028", "the last"]
LAST_SEAL = f"{datetime.fromtimestamp(START // 1000 + 60, UTC):%Y-%m-%d %H:%M:%S} UTC"
START_SEAL = f"{datetime.fromtimestamp(START // 1000, UTC):%Y-%m-%d %H:%M:%S} UTC"


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with five sealed rows, made once and copied for each test."""
    path = tmp_path_factory.mktemp("book") / "desk.db"

    async def fill() -> None:
        async with filled(f"sqlite:///{path}"):
            pass

    asyncio.run(fill())
    return path


@pytest.fixture
async def store(book: Path, tmp_path: Path) -> AsyncIterator[Store]:
    shutil.copy(book, tmp_path / "desk.db")
    store = await open_store(f"sqlite:///{tmp_path}/desk.db", FakeClock())
    yield store
    await store.close()


@asynccontextmanager
async def filled(address: str) -> AsyncIterator[Store]:
    """Three rows sealed, and a minute later two more."""
    clock = FakeClock()
    async with small_desk(address, clock) as store:
        await store.write(decide, WORDS[:3])
        await seal_all(store)
        clock.advance(60)
        await store.write(decide, WORDS[3:])
        await seal_all(store)
        yield store


def decide(tx: Tx, commands: Sequence[Sequence[str | None]]) -> list[None]:
    """One audit row for each text."""
    brand = BrandId(tx.accounts.brands()[0].id)
    for words in commands:
        for number, text in enumerate(words):
            tx.audits.add(
                brand,
                "approval_given",
                Subject.ITEM,
                number + 1,
                tx.now(),
                chat="console",
                text=text,
                version=number,
            )
    return [None] * len(commands)


def erase(tx: Tx, commands: Sequence[Sequence[int]]) -> list[int]:
    return [tx.audits.erase(Subject.ITEM, items) for items in commands]


def change(tx: Tx, statements: Sequence[str]) -> list[int]:
    """What somebody with the database's password might do."""
    return [tx.connection.exec_driver_sql(statement).rowcount for statement in statements]


async def exported(store: Store) -> bytes:
    return b"".join([line async for line in export(store)])


def check(file: bytes) -> tuple[bool, int | None]:
    verdict = verify_file(file.splitlines(keepends=True))
    return verdict.is_sound, verdict.first_bad


async def test_what_nobody_changed_is_sound(store: Store) -> None:
    verdict = await verify_store(store)
    assert verdict.is_sound
    assert verdict.says == f"All 5 sealed rows are sound; the last seal is of {LAST_SEAL}."


async def test_the_book_is_the_same_on_postgresql(migrated_postgres_url: str) -> None:
    async with filled(migrated_postgres_url) as store:
        assert (await verify_store(store)).says.startswith("All 5 sealed rows are sound")
        assert check(await exported(store)) == (True, None)
        await store.write(decide, [str(number) for number in range(50)])
        await asyncio.gather(*(store.write(seal, None, key=f"seal{n}") for n in range(4)))
        assert (await verify_store(store)).rows == 55
        await store.write(change, "UPDATE audit SET facts = '[]' WHERE seal_number = 30")
        assert (await verify_store(store)).first_bad == 30


async def test_an_empty_book_is_sound(tmp_path: Path) -> None:
    async with small_desk(f"sqlite:///{tmp_path}/empty.db") as store:
        assert (await verify_store(store)).says == "Nothing was sealed yet."
        assert check(await exported(store)) == (True, None)


async def test_rows_that_are_not_sealed_yet_are_counted(store: Store) -> None:
    await store.write(decide, ["fresh"])
    assert (await verify_store(store)).says.endswith("1 more is not sealed yet.")


@pytest.mark.parametrize(
    "assignment",
    [
        "at = at + 1",
        "action = 'approval_givem'",
        "chat = 'consola'",
        "subject = 'post'",
        "subject_id = subject_id + 1",
        "member_id = (SELECT min(id) FROM member)",
        "text_hash = randomblob(32)",
        "text_hash = lower(hex(text_hash))",
        "text_hash = 'ÿ'",
        "facts = '{\"version\": 7}'",
        "facts = '[]'",
        "facts = '5'",
        "seal_hash = randomblob(32)",
        "seal_hash = lower(hex(seal_hash))",
        "seal_hash = CAST(x'ff' AS TEXT)",
        "sealed_at = sealed_at + 1",
        "seal_number = 900",
        "seal_number = -1",
        "seal_number = NULL",
    ],
)
@pytest.mark.parametrize("number", [1, 2, 4])
async def test_a_changed_row_is_found_and_named(store: Store, assignment: str, number: int) -> None:
    statement = f"UPDATE audit SET {assignment} WHERE seal_number = {number}"
    assert await store.write(change, statement) == 1
    verdict = await verify_store(store)
    assert not verdict.is_sound
    assert verdict.first_bad == number
    assert f"sealed row {number} " in verdict.says


@pytest.mark.parametrize("assignment", ["text = text || '.'", "salt = 'x'", "text = 'other words'"])
async def test_changed_words_are_found(store: Store, assignment: str) -> None:
    row = "(SELECT id FROM audit WHERE seal_number = 2)"
    await store.write(change, f"UPDATE audit_text SET {assignment} WHERE audit_id = {row}")
    verdict = await verify_store(store)
    assert (verdict.is_sound, verdict.first_bad) == (False, 2)


async def test_words_added_to_a_row_without_any_are_found(store: Store) -> None:
    row = "(SELECT id FROM audit WHERE seal_number = 3)"
    await store.write(
        change, f"INSERT INTO audit_text (audit_id, salt, text) VALUES ({row}, 'a', 'b')"
    )
    assert (await verify_store(store)).first_bad == 3


@pytest.mark.parametrize("number", [1, 3])
async def test_a_row_that_was_taken_out_is_missed(store: Store, number: int) -> None:
    row = f"(SELECT id FROM audit WHERE seal_number = {number})"
    await store.write(change, f"DELETE FROM audit_text WHERE audit_id = {row}")
    await store.write(change, f"DELETE FROM audit WHERE seal_number = {number}")
    assert (await verify_store(store)).first_bad == number


async def test_a_row_that_cannot_even_be_read_is_named(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    async with small_desk(f"sqlite:///{path}") as store:
        await store.write(decide, WORDS)
        await seal_all(store)
        with sqlite3.connect(path) as other:
            other.execute("UPDATE audit SET facts = '{' WHERE seal_number = 4")
        other.close()
        verdict = await verify_store(store)
    assert (verdict.is_sound, verdict.first_bad) == (False, 4)


async def test_the_book_is_sound_after_words_were_erased(store: Store) -> None:
    await store.write(erase, [1, 2])
    verdict = await verify_store(store)
    assert verdict.is_sound
    assert verdict.erased == 4
    file = await exported(store)
    assert check(file) == (True, None)
    assert b"Fanny" not in file


async def test_an_export_seals_first_and_tells_every_row(store: Store) -> None:
    await store.write(decide, ["fresh"])
    file = await exported(store)
    head, *rows, tail = [json.loads(line) for line in file.splitlines()]
    assert head["rows"] == 6
    assert head["last_seal"] == START_SEAL
    assert head["head"] == rows[-1]["seal_hash"]
    assert [row["seal_number"] for row in rows] == list(range(1, 7))
    assert [row["text"] for row in rows[:5]] == WORDS
    assert tail.keys() == {"digest"}
    assert check(file) == (True, None)


async def test_every_changed_byte_of_an_exported_file_is_detected(tmp_path: Path) -> None:
    async with small_desk(f"sqlite:///{tmp_path}/desk.db") as store:
        await store.write(decide, WORDS[:2])
        file = await exported(store)
    for place in range(len(file)):
        changed = bytearray(file)
        changed[place] ^= 1
        assert not check(bytes(changed))[0], f"byte {place} was changed and nobody noticed"


async def test_a_changed_row_of_a_file_is_named(store: Store) -> None:
    lines = (await exported(store)).splitlines(keepends=True)
    lines[3] = lines[3].replace(b'"version":2', b'"version":3')
    verdict = verify_file(lines)
    assert (verdict.is_sound, verdict.first_bad) == (False, 3)


async def test_a_file_that_is_cut_stretched_or_shuffled_is_detected(store: Store) -> None:
    lines = (await exported(store)).splitlines(keepends=True)
    assert check(b"".join(lines))[0]
    for number in range(len(lines)):
        assert not check(b"".join(lines[:number]))[0]
        assert not check(b"".join(lines[:number] + lines[number + 1 :]))[0]
    for one, two in pairwise(range(len(lines))):
        swapped = [*lines]
        swapped[one], swapped[two] = swapped[two], swapped[one]
        assert not check(b"".join(swapped))[0]
    assert not check(b"".join([*lines, lines[-1]]))[0]
    assert not check(b"".join([*lines, b"\n"]))[0]
    assert not check(b"")[0]


@pytest.mark.parametrize("line", [b"\xff\n", b"[]\n", b"1\n", b'{"a":1}\n', b"[" * 100_000])
async def test_a_file_that_is_something_else_is_refused(line: bytes) -> None:
    assert not check(line)[0]
