"""Arming the fault points: only where a killed process can hurt nobody.

REPLYDESK_CHAOS=1           allows it; without it nothing here is even looked at
REPLYDESK_KILL_AT=name:n    the process kills itself at the n-th passage of this point
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel

from bot.config import AccountSettings, PageRouteSettings, Settings, settings_for
from bot.errors import ConfigurationError
from bot.faults import AtPassage, FaultPoint, arm, kill_this_process
from bot.logs import get_logger
from bot.model.oncall import RouteKind
from integrations.definition import definition_of

ALLOWED = "REPLYDESK_CHAOS"
KILL_AT = "REPLYDESK_KILL_AT"
SANDBOX = "sandbox"
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def arm_faults(settings: Settings, environment: Mapping[str, str]) -> None:
    """Arm what the environment names; ConfigurationError when it must not be, or names nothing."""
    if environment.get(ALLOWED) != "1":
        return
    strangers = [account.slug for _brand, account in settings.accounts if _is_outside(account)]
    strangers += [chat for chat in sorted(settings.chats) if _leads_out(getattr(settings, chat))]
    strangers += [route.slug for route in settings.oncall.routes if _pages_outside(route)]
    if settings.oncall.heartbeat_url and _leads_out(settings.oncall):
        strangers.append("oncall.heartbeat_url")
    if strangers:
        raise ConfigurationError(
            f"{ALLOWED}=1 is refused: it kills this process at the worst moment, and "
            f"{', '.join(strangers)} may be real. Use it only where every account and every chat "
            "is a sandbox or stands on this machine (127.0.0.1), or take the variable away."
        )
    wanted = environment.get(KILL_AT, "")
    if wanted:
        point, number = _parsed(wanted)
        arm(point, AtPassage(number, kill_this_process))
        get_logger("desk").warning("fault_point_armed", point=point.value, passage=number)


def _parsed(wanted: str) -> tuple[FaultPoint, int]:
    name, _, number = wanted.partition(":")
    if name not in set(FaultPoint):
        raise ConfigurationError(
            f"{KILL_AT} names {name!r}, and there is no such fault point. "
            "`replydesk faultpoints` lists them."
        )
    if not (number.isascii() and number.isdigit() and int(number)):
        raise ConfigurationError(
            f"{KILL_AT} is {wanted!r}. Write the name of a fault point and which passage of it "
            f"kills, for example {FaultPoint.PUBLISH_CALLED}:1."
        )
    return FaultPoint(name), int(number)


def _is_outside(account: AccountSettings) -> bool:
    """Whether anything of this account, defaults included, may lead off this machine."""
    own = settings_for(
        account.settings,
        definition_of(account.network).settings,
        where=f"accounts[{account.slug}]",
    )
    return leads_out(account.network, own)


def leads_out(network: str, own: BaseModel) -> bool:
    """As above, of an account's own settings."""
    return network != SANDBOX and _leads_out(own)


def chat_leads_out(table: BaseModel) -> bool:
    """As above, of a chat's own settings."""
    return _leads_out(table)


def _pages_outside(route: PageRouteSettings) -> bool:
    """Of chats it is looked at where they are configured."""
    if route.route.is_chat:
        return False
    if route.kind is RouteKind.EMAIL:
        return route.server not in _LOOPBACK
    return _leads_out(route)


def _leads_out(table: BaseModel) -> bool:
    """Where no address is named, the vendor's own is meant."""
    hosts = [urlsplit(address).hostname for address in _addresses(table.model_dump(mode="json"))]
    return not hosts or not all(host in _LOOPBACK for host in hosts)


def _addresses(value: Any) -> Iterator[str]:
    match value:
        case str() if value.startswith(("http://", "https://")):
            yield value
        case dict():
            for one in value.values():
                yield from _addresses(one)
        case list():
            for one in value:
                yield from _addresses(one)
        case _:
            pass
