"""What a pager is made of: an address, a secret, and what it may use of the process."""

from __future__ import annotations

from dataclasses import dataclass, field

import aiohttp

from bot.ports import Clock


@dataclass(frozen=True, slots=True)
class HttpOptions:
    """`url` is whole; `secret` may be empty where the kind needs none."""

    http: aiohttp.ClientSession
    clock: Clock
    url: str
    secret: str = field(default="", repr=False)
    knows_keys: bool = False
    """Of a webhook: whether whoever answers there tells repeats by their key."""


@dataclass(frozen=True, slots=True)
class EmailOptions:
    clock: Clock
    server: str
    port: int
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)
    security: str = "starttls"
    """`starttls`, `tls` or `none`."""
