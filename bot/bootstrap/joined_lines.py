"""The lines of accounts that were connected in the console: as the store has them, at any moment.

Each has connections of its own, and they lead to public addresses and to `allow_private_hosts`
alone: whoever may connect an account need not be whoever runs the machine.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from bot import logs
from bot.bootstrap.around import Around, closed
from bot.errors import AnswersRefused, ConfigurationError, StoreError
from bot.model.event import EventKind, Subject
from bot.model.ids import AccountId
from bot.model.joining import JoinedAccount
from bot.ports import Connector
from bot.store.tx import Tx
from integrations import NETWORKS
from integrations.definition import definition_of

_UNKNOWN = "This version of the desk does not know the network of this account."
LOOK_SECONDS = 1.0
"""How soon a process notices what another one connected."""
ALONE_SECONDS = 30.0
"""How soon the only process mends what it could not plug in at once."""


@dataclass(frozen=True, slots=True)
class _Plugged:
    """What a line was made from; one that is made from the same again is left alone."""

    network: str
    settings: Any
    sealed: Any = field(repr=False)
    has_key: bool


class JoinedLines:
    """Keeps `connectors` and `hooks` as the store says; those of other accounts are not touched."""

    def __init__(
        self,
        around: Around,
        connectors: dict[AccountId, Connector],
        hooks: dict[tuple[str, str], AccountId],
        unheard: set[AccountId],
    ) -> None:
        self._around = around
        self._connectors = connectors
        self._hooks = hooks
        self._unheard = unheard
        self._plugged: dict[AccountId, _Plugged] = {}
        self._sessions: dict[AccountId, Any] = {}
        self._turn = asyncio.Lock()

    async def plug_in(self) -> None:
        """Make the lines that are missing or changed, and end those that are not wanted."""
        async with self._turn:
            wanted = await self._around.store.read(lambda tx: tx.joined.all())
            for number in [one for one in self._plugged if one not in wanted]:
                await self._unplug(number)
            for number, joined in wanted.items():
                now = self._made_from(joined)
                if self._plugged.get(number) != now:
                    await self._unplug(number)
                    await self._plug(joined)
                    self._plugged[number] = now
                if joined.hook is not None and joined.hook.since is not None:
                    self._unheard.discard(number)

    async def close(self) -> None:
        async with self._turn:
            for number in list(self._plugged):
                await self._unplug(number)

    def _made_from(self, joined: JoinedAccount) -> _Plugged:
        has_key = self._around.sealing.look() is not None
        return _Plugged(joined.account.network, joined.settings, joined.sealed, has_key)

    async def _plug(self, joined: JoinedAccount) -> None:
        number = joined.account.id
        try:
            connector = await self._connected(joined)
        except (AnswersRefused, ConfigurationError) as error:
            # The others go on; this one says why it does not.
            await self._around.store.write(_say_trouble, (number, str(error)))
        else:
            self._connectors[number] = connector
            if joined.hook is not None:
                # a hook that the file names is the file's
                self._hooks.setdefault((joined.account.network, joined.hook.name), number)
                self._unheard.add(number)

    async def _connected(self, joined: JoinedAccount) -> Connector:
        asking = import_module("bot.bootstrap.asking")
        if joined.account.network not in NETWORKS:
            raise ConfigurationError(_UNKNOWN)
        definition = definition_of(joined.account.network)
        own = asking.settings_of(definition, joined.settings, joined.sealed)
        _refuse_when_armed(joined, own)
        secrets = self._opened(joined)
        await asyncio.to_thread(definition.connector_module)
        guard = import_module("integrations.guard")
        http = guard.guarded_session(self._around.settings.desk.allow_private_hosts)
        self._sessions[joined.account.id] = http
        around = self._around.surroundings(joined.account, http, secrets)
        return definition.connect(own, around)

    def _opened(self, joined: JoinedAccount) -> dict[str, str]:
        vault = self._around.sealing.vault() if joined.sealed else None
        secrets = {
            name: vault.open(sealed, joined.context(name))
            for name, sealed in joined.sealed.items()
            if vault is not None
        }
        for secret in secrets.values():
            logs.redact(secret)
        return secrets

    async def _unplug(self, number: AccountId) -> None:
        self._plugged.pop(number, None)
        for hook in [one for one, account in self._hooks.items() if account == number]:
            del self._hooks[hook]
        self._unheard.discard(number)
        connector = self._connectors.pop(number, None)
        if connector is not None:
            await closed(connector)
        http = self._sessions.pop(number, None)
        if http is not None:
            await http.close()


async def keep_up(seconds: float, *plug_ins: Callable[[], Awaitable[None]]) -> None:
    """Look at the store every so many seconds, for ever."""
    while True:
        await asyncio.sleep(seconds)
        for plug_in in plug_ins:
            with suppress(StoreError):
                await plug_in()


def _refuse_when_armed(joined: JoinedAccount, own: Any) -> None:
    """A desk that kills itself on purpose touches nothing real."""
    arming = import_module("bot.bootstrap.arming")
    if os.environ.get(arming.ALLOWED) == "1" and arming.leads_out(joined.account.network, own):
        raise ConfigurationError(f"{arming.ALLOWED}=1 lets this account stand still.")


def _say_trouble(tx: Tx, commands: Sequence[tuple[AccountId, str]]) -> list[None]:
    for number, says in commands:
        if tx.accounts.set_trouble(number, says):
            brand_id = tx.accounts.get(number).brand_id
            tx.events.add(EventKind.ACCOUNT_CHANGED, brand_id, Subject.ACCOUNT, number, tx.now())
    return [None] * len(commands)
