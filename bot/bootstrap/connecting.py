"""Connecting: configured accounts become rows in the store and connectors in memory.

The second pass of the configuration: each connector's own settings are checked against its own
model, and its secrets are resolved and handed over by field name.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import aiohttp

from bot.bootstrap.around import Around, Line, closed
from bot.bootstrap.joined_lines import JoinedLines
from bot.bootstrap.loading import loaded
from bot.bootstrap.sealing import Sealing
from bot.config import (
    AccountSettings,
    BrandSettings,
    ChannelSettings,
    Settings,
)
from bot.model.account import Account, AccountState
from bot.model.channel import Place, Route
from bot.model.ids import AccountId
from bot.model.oncall import moment_of
from bot.ports import Clock, Connector
from bot.services.lines import Lines
from bot.services.settling_in import (
    NamedAccount,
    NamedBrand,
    NamedChannel,
    NamedMember,
    Roster,
    settle_in,
)
from bot.store.store import Store

TELL_AUDIENCE = frozenset({"slack"})
"""Chats whose front ends say who reads each of their channels."""


def roster_of(settings: Settings, first_state: AccountState) -> Roster:
    return Roster(
        tuple(_named(brand) for brand in settings.brands),
        first_state,
        settings.policies.in_force(),
        settings.policies.solo_team,
        settings.named_chats,
        TELL_AUDIENCE,
    )


def _account(account: AccountSettings) -> NamedAccount:
    ends = account.token_ends
    return NamedAccount(
        account.slug, account.network, None if ends is None else moment_of(ends, 0, "UTC")
    )


def _named(brand: BrandSettings) -> NamedBrand:
    return NamedBrand(
        slug=brand.slug,
        name=brand.name,
        languages=tuple(brand.languages),
        keywords=tuple(brand.keywords),
        zone=brand.zone,
        voice=brand.voice,
        members=tuple(
            NamedMember(
                one.slug,
                one.name,
                one.role,
                one.identities,
                one.tongue(brand.languages),
                one.direct,
            )
            for one in brand.members
        ),
        accounts=tuple(_account(one) for one in brand.accounts),
        channels=tuple(_channel(brand, channel) for channel in brand.channels),
        has_goals=brand.goals is not None,
        on_plan=frozenset(brand.shifts.plan(brand.zone).hours) if brand.shifts else frozenset(),
    )


def _channel(brand: BrandSettings, named: ChannelSettings) -> NamedChannel:
    zone = named.zone or brand.zone
    return NamedChannel(
        slug=named.slug,
        chat=named.chat,
        place=Place(named.channel, named.topic, named.language, zone),
        title=named.title or named.slug,
        shows=frozenset(named.shows),
        routes=tuple(
            Route(one.accounts, one.kinds, one.languages, one.risks, one.labels)
            for one in named.routes
        ),
        reads=named.reads or brand.languages,
        threads=named.threads,
        private=named.private,
        pace=named.pace(zone),
    )


@asynccontextmanager
async def connecting(
    settings: Settings,
    store: Store,
    clock: Clock,
    sealing: Sealing,
    *,
    first_state: AccountState = AccountState.WATCH_ONLY,
) -> AsyncIterator[Connecting]:
    """The accounts that receive webhooks are connected, the others not yet; nothing is sent.

    ConfigurationError when a secret of any of them is missing. Closed again at the end.
    """
    rows = await store.write(settle_in, roster_of(settings, first_state))
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        made = Connecting(settings, rows, Around(settings, http, clock, store, sealing))
        try:
            yield made
        finally:
            await made.close()


class Connecting:
    """Connects accounts in two steps, because a connector takes time to import.

    First those with a hook, so that webhooks are taken; `the_rest` when they are. Both stand in
    the same `lines`.
    """

    def __init__(
        self, settings: Settings, rows: Mapping[tuple[str, str], Account], around: Around
    ) -> None:
        self._lines: dict[AccountId, Line] = {}
        self._connectors: dict[AccountId, Connector] = {}
        self._practices = [row.id for row in rows.values() if row.is_practice]
        hooks: dict[tuple[str, str], AccountId] = {}
        unheard: set[AccountId] = set()
        self._is_whole = False
        self.joined = JoinedLines(around, self._connectors, hooks, unheard)
        for brand, named in settings.accounts:
            row = rows[brand.slug, named.slug]
            line = self._lines[row.id] = around.line(named, row)
            if named.hook:
                hooks[named.network, named.hook] = row.id
                self._connectors[row.id] = line.connect()
        self.lines = Lines(
            self._connectors, hooks, unheard, lambda: self._is_whole, self._connect_again
        )

    async def the_rest(self) -> None:
        """Connect every account that is not connected yet, and the lines of practice."""
        for number, line in self._lines.items():
            if number not in self._connectors:
                await asyncio.to_thread(line.definition.connector_module)
                self._connectors[number] = line.connect()
        practice = await loaded("integrations.sandbox.practice")
        for number in self._practices:
            self._connectors[number] = practice.PracticeLine()
        await self.joined.plug_in()
        self._is_whole = True

    async def close(self) -> None:
        await self.joined.close()
        for connector in self._connectors.values():
            await closed(connector)

    async def _connect_again(self, account_id: AccountId) -> None:
        if account_id not in self._lines:
            await self.joined.plug_in()
            return
        old = self._connectors[account_id]
        line = self._lines[account_id] = self._lines[account_id].read_again()
        self._connectors[account_id] = line.connect()
        await closed(old)
