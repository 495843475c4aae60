"""The kinds of value that tables are made of, each refused with a sentence when it is wrong."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from typing import Annotated
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from bot.speech.speech import LANGUAGES

_SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
REDIS_OPTIONS = frozenset({"db", "ssl_ca_certs", "ssl_cert_reqs", "ssl_check_hostname"})
_SLASH_COMMAND = re.compile(r"/[a-z0-9][a-z0-9_-]{0,30}")
_LANGUAGE = re.compile(r"[a-z]{2}")


def _slug(value: str) -> str:
    if not _SLUG.fullmatch(value):
        raise ValueError("use 1 to 60 small letters, digits, - and _, beginning with a letter")
    return value


def why_no_slug(value: str) -> str | None:
    """What is wrong with a slug, for whoever asks for one; None when nothing is."""
    return _complaint(_slug, value)


def why_no_zone(value: str) -> str | None:
    """What is wrong with a time zone's name; None when nothing is."""
    return _complaint(_zone, value)


def _complaint(validate: Callable[[str], str], value: str) -> str | None:
    try:
        validate(value)
    except ValueError as error:
        return str(error)
    return None


def _hook(value: str) -> str:
    return value if value == "" else _slug(value)


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (OSError, ValueError, KeyError):
        near = difflib.get_close_matches(value, available_timezones(), n=1)
        hint = f"; did you mean {near[0]}?" if near else ", for example Europe/Bucharest"
        raise ValueError(f"there is no time zone of this name{hint}") from None
    return value


def _language(value: str) -> str:
    if not _LANGUAGE.fullmatch(value):
        raise ValueError("write a language as two small letters, for example en")
    return value


def _desk_language(value: str) -> str:
    if value not in LANGUAGES:
        raise ValueError(f"the desk speaks {', '.join(LANGUAGES[:-1])} and {LANGUAGES[-1]}")
    return value


def _address(value: str) -> str:
    if value == "":
        return value
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("write a whole address that begins with https:// or http://")
    return value.rstrip("/")


def _redis_address(value: str) -> str:
    if value == "":
        return value
    parts = urlsplit(value)
    if parts.scheme == "unix" and parts.path:
        return _with_known_options(value, parts.query)
    if parts.scheme not in {"redis", "rediss"} or not parts.hostname:
        raise ValueError(
            "write an address such as redis://host:6379/0, or rediss:// for one that is encrypted"
        )
    number = parts.path.strip("/")
    if number and not number.isdecimal():
        raise ValueError("end the address with the number of a database, for example /0")
    return _with_known_options(value, parts.query)


def _with_known_options(address: str, query: str) -> str:
    """Others would change what the desk relies on, its time-outs for example."""
    if {name for name, _ in parse_qsl(query, keep_blank_values=True)} - REDIS_OPTIONS:
        known = ", ".join(sorted(REDIS_OPTIONS))
        raise ValueError(f"after the question mark of the address only {known} may stand")
    return address


def _host_name(value: str) -> str:
    if not value or "/" in value or value.count(":") == 1:
        raise ValueError("write a host's name alone, without https:// and without a port")
    return value.lower()


def _slash_command(value: str) -> str:
    if not _SLASH_COMMAND.fullmatch(value):
        raise ValueError("write / and 1 to 31 small letters, digits, - or _, for example /desk")
    return value


def _email(value: str) -> str:
    name, _, host = value.rpartition("@")
    if value and not (name and "." in host and value.isascii() and " " not in value):
        raise ValueError("write an e-mail address, for example bob@example.com")
    return value


Email = Annotated[str, AfterValidator(_email)]
Slug = Annotated[str, AfterValidator(_slug)]
Hook = Annotated[str, AfterValidator(_hook)]
Zone = Annotated[str, AfterValidator(_zone)]
Language = Annotated[str, AfterValidator(_language)]
DeskLanguage = Annotated[str, AfterValidator(_desk_language)]
Address = Annotated[str, AfterValidator(_address)]
RedisAddress = Annotated[str, AfterValidator(_redis_address)]
SlashCommand = Annotated[str, AfterValidator(_slash_command)]
HostName = Annotated[str, AfterValidator(_host_name)]
Name = Annotated[str, Field(min_length=1, max_length=200)]
OwnLabel = Annotated[str, Field(pattern=r"^[^\s,][^,\n]{0,39}$")]
Initials = Annotated[str, Field(pattern=r"^\p{L}{0,4}$")]


class Table(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        hide_input_in_errors=True,
        # a table inside of another one is read by what that one builds: its own was never used
        defer_build=True,
    )
