"""One account's session with its network, sealed in the store; kept in memory without a key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from bot.store.store import Store
from bot.store.tx import Tx


class Seals(Protocol):
    """`bot.store.vault.Vault`, which brings a library that who has no key does without."""

    def seal(self, secret: str, context: str) -> str: ...

    def open(self, sealed: str, context: str) -> str: ...


class StoredSession:
    """Implements `SessionVault`. Without a vault nothing is written down."""

    def __init__(self, store: Store, vault: Seals | None, key: str) -> None:
        self._store = store
        self._vault = vault
        self._key = key
        self._in_memory: str | None = None

    async def load(self) -> str | None:
        if self._vault is None:
            return self._in_memory
        sealed = await self._store.read(lambda tx: tx.sessions.secret(self._key))
        return None if sealed is None else self._vault.open(sealed, self._key)

    async def save(self, secret: str) -> None:
        if self._vault is None:
            self._in_memory = secret
            return
        await self._store.write(_save, (self._key, self._vault.seal(secret, self._key)))


def _save(tx: Tx, secrets: Sequence[tuple[str, str]]) -> list[None]:
    for key, sealed in secrets:
        tx.sessions.save_secret(key, sealed, tx.now())
    return [None] * len(secrets)
