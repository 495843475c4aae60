"""The names of the AT Protocol: handles, DIDs, at-uris and record keys that are times (TIDs).

A TID is a 64 bit number in 13 digits of a sortable base 32: a zero bit, 53 bits of microseconds
since 1970, and 10 bits of clock id. See https://atproto.com/specs/tid and its neighbours.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from bot.model.ids import Moment

_DIGITS = "234567abcdefghijklmnopqrstuvwxyz"
_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
_HANDLE = re.compile(rf"(?:{_LABEL}\.)+[a-zA-Z](?:[a-zA-Z0-9-]{{0,61}}[a-zA-Z0-9])?")
_DID = re.compile(r"did:[a-z]+:[a-zA-Z0-9._:%-]*[a-zA-Z0-9._-]")
_NSID = re.compile(
    rf"[a-zA-Z](?:[a-zA-Z0-9-]{{0,61}}[a-zA-Z0-9])?(?:\.{_LABEL})+\.[a-zA-Z][a-zA-Z0-9]{{0,62}}"
)
_RECORD_KEY = re.compile(r"[a-zA-Z0-9_~.:-]{1,512}")
_TID = re.compile(r"[234567abcdefghij][234567a-z]{12}")


def is_handle(text: str) -> bool:
    return len(text) <= 253 and _HANDLE.fullmatch(text) is not None


def is_did(text: str) -> bool:
    return len(text) <= 2048 and _DID.fullmatch(text) is not None


def is_nsid(text: str) -> bool:
    return len(text) <= 317 and _NSID.fullmatch(text) is not None


def is_record_key(text: str) -> bool:
    return _RECORD_KEY.fullmatch(text) is not None and text not in {".", ".."}


def is_tid(text: str) -> bool:
    return _TID.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class AtUri:
    """Where one record lives: `at://repo/collection/key`."""

    repo: str
    """A DID, or a handle in what people write."""
    collection: str
    key: str

    def __str__(self) -> str:
        return f"at://{self.repo}/{self.collection}/{self.key}"

    @classmethod
    def parse(cls, text: str) -> AtUri:
        """ValueError when `text` does not name one record."""
        parts = text.removeprefix("at://").split("/")
        if not text.startswith("at://") or len(parts) != 3:
            raise ValueError(f"{text[:80]!r} is not the at-uri of a record")
        repo, collection, key = parts
        if not ((is_did(repo) or is_handle(repo)) and is_nsid(collection) and is_record_key(key)):
            raise ValueError(f"{text[:80]!r} is not the at-uri of a record")
        return cls(repo, collection, key)


def repo_of(uri: str) -> str:
    """The repository that a uri points into, or an empty string when it is none."""
    try:
        return AtUri.parse(uri).repo
    except ValueError:
        return ""


def mint_tid(at: Moment, seed: bytes) -> str:
    """The record key of a write: its moment, told apart within the millisecond by the seed."""
    noise = int.from_bytes(hashlib.sha256(seed).digest()[:8], "big")
    microseconds = max(0, at) * 1_000 + noise % 1_000
    return _digits(microseconds % (1 << 53) << 10 | (noise >> 32) % 1_024)


def derived_tid(name: str) -> str:
    """Always the same record key for the same name, so that a repeat meets its first try."""
    return _digits(int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") >> 1)


def _digits(number: int) -> str:
    return "".join(_DIGITS[number >> shift & 31] for shift in range(60, -1, -5))
