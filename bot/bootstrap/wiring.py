"""Lines made from what a person wrote in the console: tried once, or kept for good."""

from __future__ import annotations

import os
import secrets as random
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from bot import logs
from bot.bootstrap.arming import ALLOWED, leads_out
from bot.bootstrap.asking import offer_of, settings_and_secrets
from bot.bootstrap.connecting import Connecting
from bot.bootstrap.sealing import Sealing
from bot.cards.connecting import JoiningPage
from bot.config import Settings
from bot.errors import AnswersRefused, ReplydeskError
from bot.model.ids import NetworkName
from bot.ports import Clock, Closes, Connector
from integrations import NETWORKS
from integrations.definition import Surroundings, definition_of
from integrations.guard import AddressRefused, guarded_session, refusal

HOOK_SECRET_BYTES = 32
ARMED = (
    "This desk kills itself on purpose (REPLYDESK_CHAOS=1), so it connects only what stands on "
    "this machine."
)
UNKNOWN = "This version of the desk does not know that network."
PRIVATE = (
    "{host} leads to an address inside a private network. Whoever runs the desk can allow it: "
    "allow_private_hosts in [desk]."
)


class NoVault:
    """Who is only asked leaves no session behind. Implements `bot.ports.SessionVault`."""

    async def load(self) -> str | None:
        return None

    async def save(self, secret: str) -> None:
        """Forget it at once."""


@dataclass(frozen=True, slots=True)
class TriedLine:
    """Implements `bot.ports.Tried`."""

    connector: Connector
    settings: Mapping[str, Any]
    secrets: Mapping[str, str] = field(repr=False)
    hook: Mapping[str, str] = field(repr=False)


@asynccontextmanager
async def tried_line(
    settings: Settings,
    clock: Clock,
    network: NetworkName,
    answers: Mapping[str, str],
    middlewares: Sequence[aiohttp.ClientMiddlewareType] = (),
) -> AsyncIterator[TriedLine]:
    """As `bot.ports.Wires.trying`; `middlewares` see what is asked and answered."""
    if network not in NETWORKS:
        raise AnswersRefused({"network": UNKNOWN})
    definition = definition_of(network)
    own, written, secrets = settings_and_secrets(definition, answers)
    for secret in secrets.values():
        logs.redact(secret)
    if os.environ.get(ALLOWED) == "1" and leads_out(network, own):
        raise AnswersRefused({_address_of(written): ARMED})
    allowed = settings.desk.allow_private_hosts
    async with AsyncExitStack() as stack:
        around = Surroundings(
            http=await stack.enter_async_context(guarded_session(allowed, middlewares=middlewares)),
            clock=clock,
            vault=NoVault(),
            secrets=secrets,
            slug=network,
            allow_private_hosts=allowed,
        )
        connector = definition.connect(own, around)
        if isinstance(connector, Closes):
            stack.push_async_callback(connector.close)
        try:
            yield TriedLine(connector, written, secrets, _new_hook(definition.hook_setting))
        except (ReplydeskError, AddressRefused) as error:
            refused = refusal(error)
            if refused is None:
                raise
            says = PRIVATE.format(host=refused.host)
            raise AnswersRefused({_address_of(written): says}) from error


class Wiring:
    """Implements `bot.ports.Wires`."""

    def __init__(
        self, settings: Settings, connecting: Connecting, sealing: Sealing, clock: Clock
    ) -> None:
        self._settings = settings
        self._connecting = connecting
        self._sealing = sealing
        self._clock = clock

    def page(self) -> JoiningPage:
        offers = tuple(offer_of(definition_of(network)) for network in NETWORKS)
        desk = self._settings.desk
        return JoiningPage(
            offers, self._sealing.trouble, desk.console_url, is_public=bool(desk.public_url)
        )

    def trying(
        self, network: NetworkName, answers: Mapping[str, str]
    ) -> AbstractAsyncContextManager[TriedLine]:
        return tried_line(self._settings, self._clock, network, answers)

    def seal(self, secret: str, context: str) -> str:
        return self._sealing.vault().seal(secret, context)

    def make_key(self) -> None:
        self._sealing.make()

    async def plug_in(self) -> None:
        await self._connecting.joined.plug_in()


def _new_hook(setting: str) -> Mapping[str, str]:
    return {setting: random.token_urlsafe(HOOK_SECRET_BYTES)} if setting else {}


def _address_of(written: Mapping[str, Any]) -> str:
    """The answer that an address stands in."""
    found = (name for name, value in written.items() if str(value).startswith("http"))
    return next(found, next(iter(written), ""))
