"""The book stays sound, and what was changed in it stays found, when its hashes become bytes."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.services.audit_book import verify_store
from bot.store import migrate
from bot.store.store import open_store
from tests.contract.store_case import DATABASES, execute
from tests.fakes.clock import FakeClock
from tests.unit.test_audit_book import check, exported, filled

IN_DIGITS = "0189"


@pytest.fixture(params=DATABASES)
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'desk.db'}"
    return str(request.getfixturevalue("migrated_postgres_url"))


async def test_a_book_in_digits_is_the_same_book_in_bytes(address: str) -> None:
    async with filled(address) as store:
        file = await exported(store)
    migrate.downgrade(address, IN_DIGITS)
    # digits can be compared with digits, bytes cannot
    execute(address, "UPDATE audit SET seal_hash = lower(seal_hash)")
    migrate.upgrade(address)
    store = await open_store(address, FakeClock())
    assert (await verify_store(store)).says.startswith("All 5 sealed rows are sound")
    assert await exported(store) == file
    assert check(file) == (True, None)
    await store.close()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit SET seal_hash = upper(seal_hash) WHERE seal_number = 2",
        "UPDATE audit SET text_hash = upper(text_hash) WHERE seal_number = 2",
        "UPDATE audit SET text_hash = 'é' WHERE seal_number = 2",
        "UPDATE audit_text SET salt = upper(salt) WHERE audit_id IN "
        "(SELECT id FROM audit WHERE seal_number = 2)",
    ],
)
async def test_what_was_changed_before_is_found_after(address: str, change: str) -> None:
    async with filled(address):
        pass
    migrate.downgrade(address, IN_DIGITS)
    execute(address, change)
    migrate.upgrade(address)
    store = await open_store(address, FakeClock())
    verdict = await verify_store(store)
    assert (verdict.is_sound, verdict.first_bad) == (False, 2)
    await store.close()
