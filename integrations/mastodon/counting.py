"""How long a Mastodon server finds a text.

Current servers count what a reader sees as one character, older ones code points
(https://docs.joinmastodon.org/user/posting/#text). Never fewer code points than visible
characters, so code points are the larger and what fits by them fits everywhere. An address
counts as the server's reserved length, `@name@host` as `@name`.
"""

from __future__ import annotations

import re

_ADDRESS = re.compile(
    r"https?://(?:[\w-]+\.)+\w{2,}(?::\d+)?(?:[/?#](?:[^\s<>\"]*[\w/#=&+-])?)?", re.IGNORECASE
)
NAMED = re.compile(r"(?<![\w/=])@(\w(?:[\w.-]*\w)?)(?:@(\w(?:[\w.:-]*\w)?))?")
"""A person named in a text: the name, and the host if it is written."""


def counted(text: str, reserved_per_address: int) -> int:
    """Characters as the server counts them."""
    short = _ADDRESS.sub("x" * reserved_per_address, text)
    return len(NAMED.sub(r"@\1", short))


def names_in(text: str) -> frozenset[str]:
    """Everybody named in a text, as written but in lower case."""
    found = NAMED.finditer(_ADDRESS.sub(" ", text))
    return frozenset("@".join(part for part in match.groups() if part).lower() for match in found)


def without_hosts(text: str) -> str:
    """The text with `@name@host` as `@name`, as servers show it."""
    return NAMED.sub(r"@\1", text)
