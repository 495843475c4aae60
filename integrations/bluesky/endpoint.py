"""Which data server an account's DID document names, and whether we may call it.

The document is found, not configured: its address must be public and encrypted, unless the
operator allowed its host by name.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Sequence

from pydantic import JsonValue
from yarl import URL

LOOKUP_SECONDS = 5.0


def pds_named_by(did_document: JsonValue) -> str | None:
    """The address of the service `#atproto_pds`, or None when the document names none."""
    services = did_document.get("service") if isinstance(did_document, dict) else None
    for service in services if isinstance(services, list) else []:
        if not isinstance(service, dict):
            continue
        address = service.get("serviceEndpoint")
        if str(service.get("id", "")).endswith("#atproto_pds") and isinstance(address, str):
            return address.rstrip("/")
    return None


async def is_allowed(address: str, private_hosts: Sequence[str]) -> bool:
    """Whether a discovered address may be called with our token."""
    try:
        url = URL(address)
    except ValueError:
        return False
    if url.scheme not in {"https", "http"} or not url.host:
        return False
    if url.host in private_hosts or url.authority in private_hosts:
        return True
    return url.scheme == "https" and await _is_public(url.host)


async def _is_public(host: str) -> bool:
    try:
        async with asyncio.timeout(LOOKUP_SECONDS):
            found = await asyncio.get_running_loop().getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    except (OSError, TimeoutError, UnicodeError):
        return False
    addresses = [ipaddress.ip_address(str(entry[4][0]).split("%")[0]) for entry in found]
    return bool(addresses) and all(address.is_global for address in addresses)
