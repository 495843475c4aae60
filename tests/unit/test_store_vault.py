"""Secrets at rest."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.coordination.clock import SystemClock
from bot.errors import ConfigurationError
from bot.store import migrate
from bot.store.session_vault import StoredSession
from bot.store.store import open_store
from bot.store.vault import Vault, create_key_file, new_key

KEY = new_key()
TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@given(TEXT, TEXT)
def test_a_sealed_secret_opens_to_what_it_was(secret: str, context: str) -> None:
    vault = Vault(KEY)
    assert vault.open(vault.seal(secret, context), context) == secret


def test_a_sealed_secret_does_not_show_what_it_is() -> None:
    vault = Vault(KEY)
    sealed = vault.seal("app-password", "account:1")
    assert "app-password" not in sealed
    assert sealed != vault.seal("app-password", "account:1")


def test_a_secret_moved_to_another_place_does_not_open() -> None:
    vault = Vault(KEY)
    sealed = vault.seal("app-password", "account:1")
    with pytest.raises(ConfigurationError, match="belongs to something else"):
        vault.open(sealed, "account:2")


def test_a_wrong_key_is_said_to_be_another_key() -> None:
    sealed = Vault(KEY).seal("app-password", "account:1")
    with pytest.raises(ConfigurationError, match="sealed with another key"):
        Vault(new_key()).open(sealed, "account:1")


@pytest.mark.parametrize("position", [0, 5, 20, -5])
def test_one_changed_character_does_not_open(position: int) -> None:
    sealed = Vault(KEY).seal("app-password", "account:1")
    changed = list(sealed)
    changed[position] = "x" if changed[position] != "x" else "y"
    with pytest.raises(ConfigurationError):
        Vault(KEY).open("".join(changed), "account:1")


@pytest.mark.parametrize("key", ["", "short", "ключ", "!" * 44, "QUJD" * 10])
def test_a_key_that_is_none_is_refused_without_being_shown(key: str) -> None:
    with pytest.raises(ConfigurationError, match="not 32 bytes") as caught:
        Vault(key)
    assert not key or key not in str(caught.value)


def test_a_key_file_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "data" / "key"
    create_key_file(path)
    made = path.read_text(encoding="ascii")
    if sys.platform != "win32":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        create_key_file(path)
    assert path.read_text(encoding="ascii") == made
    vault = Vault.from_file(path)
    assert vault.open(vault.seal("app-password", "account:1"), "account:1") == "app-password"


def test_a_missing_key_file_is_explained(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        Vault.from_file(tmp_path / "key")


async def test_without_a_key_a_session_is_kept_in_memory_and_never_written_down(
    tmp_path: Path,
) -> None:
    address = f"sqlite:///{tmp_path / 'desk.db'}"
    migrate.upgrade(address)
    store = await open_store(address, SystemClock())
    try:
        session = StoredSession(store, None, "session:1")
        await session.save("a-token")
        assert await session.load() == "a-token"
        assert await StoredSession(store, None, "session:1").load() is None
    finally:
        await store.close()
    assert b"a-token" not in (tmp_path / "desk.db").read_bytes()
