"""The live part of `replydesk check`: each account's secrets, token, abilities and webhook."""

from __future__ import annotations

import asyncio

import aiohttp

from bot.bootstrap.wiring import NoVault
from bot.cli.findings import Finding, fail, ok, warn
from bot.config import (
    AccountSettings,
    BrandSettings,
    Settings,
    resolve_all,
    resolve_if_set,
    secrets_of,
    settings_for,
)
from bot.coordination.clock import SystemClock
from bot.errors import ConfigurationError, ConnectorError, PermissionMissing
from bot.model.network import Capabilities, Capability
from bot.ports import Closes, Connector, ReceivesWebhooks
from integrations.definition import ConnectorSettings, Surroundings, definition_of

VERIFY_SECONDS = 20.0
WORTH_SAYING = (Capability.READ, Capability.REPLY, Capability.POST)
"""What a team asks of an account first; the rest is listed only where it can be done."""


async def check_accounts(settings: Settings) -> list[Finding]:
    """Asks every account's network whose token it has; all at the same time."""
    if not settings.accounts:
        says = "The file names no account. Add [[brands.accounts]], or connect one in the console."
        return [warn("accounts", says)]
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        checks = [_check(settings, brand, named, http) for brand, named in settings.accounts]
        found = await asyncio.gather(*checks)
    return [finding for findings in found for finding in findings]


async def _check(
    settings: Settings, brand: BrandSettings, named: AccountSettings, http: aiohttp.ClientSession
) -> list[Finding]:
    about = named.slug
    own = own_settings(brand, named)
    missing = _missing_secrets(about, own)
    if missing:
        return missing
    connector = connected(settings, named, own, http)
    try:
        return [
            *await verified(about, connector),
            *abilities(about, connector.capabilities),
            *_hook(settings, named, connector),
        ]
    finally:
        if isinstance(connector, Closes):
            await connector.close()


def own_settings(brand: BrandSettings, named: AccountSettings) -> ConnectorSettings:
    where = f"brands[{brand.slug}].accounts[{named.slug}]"
    return settings_for(named.settings, definition_of(named.network).settings, where=where)


def connected(
    settings: Settings, named: AccountSettings, own: ConnectorSettings, http: aiohttp.ClientSession
) -> Connector:
    """A connector that leaves no session behind. ConfigurationError when a secret is missing."""
    around = Surroundings(
        http=http,
        clock=SystemClock(),
        vault=NoVault(),
        secrets=resolve_all(own),
        slug=named.slug,
        allow_private_hosts=settings.desk.allow_private_hosts,
    )
    return definition_of(named.network).connect(own, around)


def _missing_secrets(about: str, own: ConnectorSettings) -> list[Finding]:
    found = []
    for name, ref in secrets_of(own).items():
        try:
            if resolve_if_set(ref) is None:
                says = f"{name} is not there: set the {ref}, then check again."
                found.append(fail(about, says))
        except ConfigurationError as error:
            found.append(fail(about, f"{name}: {error}"))
    return found


async def verified(about: str, connector: Connector) -> list[Finding]:
    title = connector.capabilities.title
    try:
        async with asyncio.timeout(VERIFY_SECONDS):
            identity = await connector.verify()
    except PermissionMissing as error:
        return [fail(about, f"{error} The scope that is missing is {error.scope}.")]
    except ConnectorError as error:
        return [fail(about, f"{title}: {error}")]
    except TimeoutError:
        says = f"{title} did not answer within {VERIFY_SECONDS:g} seconds. Check the address."
        return [fail(about, says)]
    except (aiohttp.ClientError, OSError) as error:
        return [fail(about, f"{title} is out of reach: {error}. Check the address and network.")]
    return [ok(about, f"{title} answers; this is {identity.handle or identity.display_name}.")]


def abilities(about: str, capabilities: Capabilities) -> list[Finding]:
    can = [ability.value.replace("_", " ") for ability in Capability if ability in capabilities.can]
    found = [ok(about, f"Can {', '.join(can) or 'do nothing'}.")]
    for ability in WORTH_SAYING:
        why = capabilities.why_not(ability)
        if why is not None:
            found.append(ok(about, f"Cannot {ability.value}: {why}"))
    return found


def _hook(settings: Settings, named: AccountSettings, connector: Connector) -> list[Finding]:
    if not named.hook:
        return []
    path = f"/hooks/{named.network}/{named.hook}"
    if not isinstance(connector, ReceivesWebhooks):
        title = connector.capabilities.title
        says = f"{title} sends no webhooks; take hook out, polling brings everything."
        return [warn(named.slug, says)]
    if not settings.desk.public_url:
        return [
            warn(
                named.slug,
                f"Webhooks are expected at {path}, but [desk] public_url does not say under which "
                "address the network reaches it. Polling works without.",
            )
        ]
    return [ok(named.slug, f"Webhooks belong at {settings.desk.public_url}{path}.")]
