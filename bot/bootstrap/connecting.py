"""Connecting: configured accounts become rows in the store and connectors in memory.

The second pass of the configuration: each connector's own settings are checked against its own
model, and its secrets are resolved and handed over by field name.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from bot.config import (
    AccountSettings,
    BrandSettings,
    Settings,
    resolve_all,
    settings_for,
)
from bot.model.account import Account, AccountState
from bot.model.ids import AccountId
from bot.ports import Clock, Closes, Connector
from bot.services.lines import Lines
from bot.services.settling_in import (
    NamedAccount,
    NamedBrand,
    NamedMember,
    Roster,
    settle_in,
)
from bot.store.session_vault import StoredSession
from bot.store.store import Store
from bot.store.vault import Vault
from integrations.definition import Surroundings, definition_of


def roster_of(settings: Settings, first_state: AccountState) -> Roster:
    return Roster(tuple(_named(brand) for brand in settings.brands), first_state)


def _named(brand: BrandSettings) -> NamedBrand:
    return NamedBrand(
        slug=brand.slug,
        name=brand.name,
        languages=tuple(brand.languages),
        keywords=tuple(brand.keywords),
        zone=brand.zone,
        voice=brand.voice,
        members=tuple(NamedMember(m.slug, m.name, m.role) for m in brand.members),
        accounts=tuple(NamedAccount(a.slug, a.network) for a in brand.accounts),
    )


@asynccontextmanager
async def connected(
    settings: Settings,
    store: Store,
    clock: Clock,
    vault: Vault,
    *,
    first_state: AccountState = AccountState.WATCH_ONLY,
) -> AsyncIterator[Lines]:
    """All lines of the configuration; nothing is sent yet. Closed again at the end."""
    rows = await store.write(settle_in, roster_of(settings, first_state))
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        around = _Around(settings, http, clock, store, vault)
        accounts: dict[AccountId, tuple[AccountSettings, Account]] = {}
        hooks: dict[tuple[str, str], AccountId] = {}
        for brand in settings.brands:
            for named in brand.accounts:
                row = rows[brand.slug, named.slug]
                accounts[row.id] = (named, row)
                if named.hook:
                    hooks[named.network, named.hook] = row.id
        connectors = {number: around.connect(*account) for number, account in accounts.items()}

        async def connect_again(account_id: AccountId) -> None:
            old = connectors[account_id]
            connectors[account_id] = around.connect(*accounts[account_id])
            await _close(old)

        try:
            yield Lines(connectors, hooks, connect_again)
        finally:
            for connector in connectors.values():
                await _close(connector)


async def _close(connector: Connector) -> None:
    if isinstance(connector, Closes):
        await connector.close()


class _Around:
    """What every connector of this process gets."""

    def __init__(
        self,
        settings: Settings,
        http: aiohttp.ClientSession,
        clock: Clock,
        store: Store,
        vault: Vault,
    ) -> None:
        self._settings = settings
        self._http = http
        self._clock = clock
        self._store = store
        self._vault = vault

    def connect(self, named: AccountSettings, row: Account) -> Connector:
        definition = definition_of(named.network)
        own = settings_for(named.settings, definition.settings, where=f"accounts[{named.slug}]")
        around = Surroundings(
            http=self._http,
            clock=self._clock,
            vault=StoredSession(self._store, self._vault, f"session:{row.id}"),
            secrets=resolve_all(own),
            slug=named.slug,
            allow_private_hosts=tuple(self._settings.desk.allow_private_hosts),
        )
        return definition.connect(own, around)
