"""Keeps requests to addresses that strangers chose away from private networks (SSRF).

The check is made where it cannot be talked round: on the addresses that the connection is about
to be opened to. Names are judged by what they resolve to, in the very answer that is then
connected to, so a name that changes its address between check and use gains nothing; every
redirect opens a connection of its own and is judged again. An address written as a number never
reaches a resolver, so sockets are judged once more before they are made.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Collection, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_network

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

Address = IPv4Address | IPv6Address

# `is_global` differs between Python versions; these are refused in all of them.
_NEVER = tuple(
    ip_network(block)
    for block in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local, and the metadata service of clouds
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "::/128",
        "::1/128",
        "64:ff9b:1::/48",
        "100::/64",
        "2001:db8::/32",
        "fc00::/7",
        "fe80::/10",
        "fec0::/10",
        "ff00::/8",
    )
)
_TRANSLATED = ip_network("64:ff9b::/96")
_COMPATIBLE = ip_network("::/96")


class AddressRefused(OSError):
    """A request was about to go to an address that is not public."""

    def __init__(self, host: str, address: str) -> None:
        super().__init__(f"{host} leads to {address}, which is not a public address")
        self.host = host
        self.address = address


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet; what cannot be read does not."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return all(_is_public(each) for each in (parsed, *_inside(parsed)))


def _is_public(address: Address) -> bool:
    if address.is_multicast or address.is_unspecified or address.is_loopback:
        return False
    return address.is_global and not any(
        address in block for block in _NEVER if block.version == address.version
    )


def _inside(address: Address) -> tuple[Address, ...]:
    """The IPv4 addresses that an IPv6 address may stand for; a gateway would go there."""
    if isinstance(address, IPv4Address):
        return ()
    found = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in _TRANSLATED or address in _COMPATIBLE:
        found.append(IPv4Address(int(address) & 0xFFFFFFFF))
    return tuple(each for each in found if each is not None)


class _Resolver(AbstractResolver):
    """Resolves names, and gives only what may be connected to."""

    def __init__(self, inner: AbstractResolver, gate: _Gate) -> None:
        self._inner = inner
        self._gate = gate

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        return [self._gate.pass_name(host, each) for each in found]

    async def close(self) -> None:
        await self._inner.close()


class _Gate:
    """What is allowed: public addresses, and the hosts that an operator wrote down."""

    def __init__(self, allowed_hosts: Collection[str]) -> None:
        self._hosts = frozenset(host.strip("[]").rstrip(".").casefold() for host in allowed_hosts)
        self._addresses: set[str] = {host for host in self._hosts if _is_number(host)}

    def pass_name(self, host: str, found: ResolveResult) -> ResolveResult:
        """One private address among public ones refuses the name: somebody is playing games."""
        if host.rstrip(".").casefold() in self._hosts:
            self._addresses.add(found["host"])
        elif not is_public(found["host"]):
            raise AddressRefused(host, found["host"])
        return found

    def open_socket(self, target: aiohttp.AddrInfoType) -> socket.socket:
        family, kind, protocol, _, where = target
        address = str(where[0])
        if address not in self._addresses and not is_public(address):
            raise AddressRefused(address, address)
        return socket.socket(family, kind, protocol)


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def guarded_session(
    allowed_hosts: Collection[str] = (),
    *,
    resolver: AbstractResolver | None = None,
    middlewares: Sequence[aiohttp.ClientMiddlewareType] = (),
) -> aiohttp.ClientSession:
    """A session that connects to public addresses and to `allowed_hosts`, and keeps no cookies.

    A refused request fails with an aiohttp client error; `refusal` finds the reason in it.
    Must be called inside a running event loop; the caller closes the session.
    """
    gate = _Gate(allowed_hosts)
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(
            resolver=_Resolver(resolver or aiohttp.ThreadedResolver(), gate),
            socket_factory=gate.open_socket,
            use_dns_cache=False,
            limit=4,
        ),
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        middlewares=middlewares,
    )


def refusal(error: BaseException | None) -> AddressRefused | None:
    """The refused address behind an error, if that is what went wrong."""
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        each = waiting.pop()
        if each is None or id(each) in seen:
            continue
        if isinstance(each, AddressRefused):
            return each
        seen.add(id(each))
        waiting += [each.__cause__, each.__context__, getattr(each, "os_error", None)]
        waiting += getattr(each, "exceptions", ())
    return None
