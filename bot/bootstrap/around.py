"""One account as bootstrap has it before it is connected, and what every connector is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import aiohttp

from bot.bootstrap.sealing import Sealing
from bot.config import AccountSettings, Settings, resolve_all, settings_for
from bot.model.account import Account
from bot.ports import Clock, Closes, Connector
from bot.store.session_vault import StoredSession
from bot.store.store import Store
from integrations.definition import (
    ConnectorSettings,
    NetworkDefinition,
    Surroundings,
    definition_of,
)


async def closed(connector: Connector) -> None:
    if isinstance(connector, Closes):
        await connector.close()


@dataclass(frozen=True, slots=True)
class Line:
    """One account, its settings checked and its secrets read."""

    definition: NetworkDefinition[ConnectorSettings]
    own: ConnectorSettings
    surroundings: Surroundings

    def connect(self) -> Connector:
        return self.definition.connect(self.own, self.surroundings)

    def read_again(self) -> Line:
        """With the secrets as they are kept now; ConfigurationError when one is not there."""
        return replace(self, surroundings=replace(self.surroundings, secrets=resolve_all(self.own)))


class Around:
    """What every connector of this process gets."""

    def __init__(
        self,
        settings: Settings,
        http: aiohttp.ClientSession,
        clock: Clock,
        store: Store,
        sealing: Sealing,
    ) -> None:
        self.settings = settings
        self._http = http
        self.clock = clock
        self.store = store
        self.sealing = sealing

    def line(self, named: AccountSettings, row: Account) -> Line:
        definition = definition_of(named.network)
        own = settings_for(named.settings, definition.settings, where=f"accounts[{named.slug}]")
        return Line(definition, own, self.surroundings(row, self._http, resolve_all(own)))

    def surroundings(
        self, row: Account, http: aiohttp.ClientSession, secrets: Mapping[str, str]
    ) -> Surroundings:
        return Surroundings(
            http=http,
            clock=self.clock,
            vault=StoredSession(self.store, self.sealing.look(), f"session:{row.id}"),
            secrets=secrets,
            slug=row.slug,
            allow_private_hosts=tuple(self.settings.desk.allow_private_hosts),
        )
