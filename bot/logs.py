"""Logs: facts as data, one line each, without secrets.

    get_logger(__name__).info("publication_published", publication=7, network="bluesky")

JSON off a terminal, pretty on one; what other libraries log takes the same way. Whatever a field
holds is untrusted: registered secrets and everything that looks like a credential are taken out,
and control characters are escaped, so that no text from outside can forge or break a line.
"""

from __future__ import annotations

import base64
import json
import logging
import re
import sys
import unicodedata
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime
from enum import StrEnum
from typing import TextIO
from urllib.parse import quote, quote_plus

HIDDEN = "[redacted]"
SHORTEST_SECRET = 4
"""Characters; hiding something shorter would hide half of every line."""

_SECRET_KEY = re.compile(
    r"(?i)^(?:.*[_-])?"
    r"(?:authorization|cookie|token|password|passwd|secret|api_?key|jwt|credentials?)$"
)
_PATTERNS: Sequence[tuple[re.Pattern[str], str]] = (
    (re.compile(r"://[^/\s:@\"']*:[^/\s@\"']+@"), f"://{HIDDEN}@"),
    (re.compile(r"\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?"), HIDDEN),
    (re.compile(r"(?i)\b(bearer|basic|dpop)\s+[\w.~+/=-]{6,}"), rf"\1 {HIDDEN}"),
    (
        re.compile(r"(?i)(authorization|cookie)([\"']?\s*[:=]\s*[\"']?)(?!\[redacted)[^\r\n\"']+"),
        rf"\1\2{HIDDEN}",
    ),
    (
        # after a colon only what has a digit or is long: sentences have colons too
        re.compile(
            r"(?i)(token|password|passwd|secret|api_?key|jwt)"
            r"([\"']?\s*(?:=\s*[\"']?|:\s*[\"']|:\s*(?=[^\s,;]*\d|[^\s,;]{16})))"
            r"(?!\[redacted)[^\s\"'&,;)}\]]{4,}"
        ),
        rf"\1\2{HIDDEN}",
    ),
)
_KEPT_FORMAT_CHARACTERS = "\u200d"
_FACTS = "replydesk_facts"
_COLOURS = {"warning": "\x1b[33m", "error": "\x1b[31m", "critical": "\x1b[31m"}
_PLAIN = "\x1b[0m"
_NOISY = ("aiohttp.access", "alembic", "httpcore", "httpx", "httpx2", "openai")


class LogFormat(StrEnum):
    AUTO = "auto"
    """`console` on a terminal, `json` elsewhere."""
    JSON = "json"
    CONSOLE = "console"


class Redactor:
    """Takes known secrets and whatever looks like a credential out of texts."""

    def __init__(self) -> None:
        self._forms: set[str] = set()
        self._known: re.Pattern[str] | None = None

    def add(self, secret: str) -> None:
        """Hide this value, and the ways it is usually spelled, from now on."""
        parts = [secret, *(line for line in secret.splitlines() if len(line) > 15)]
        forms = {form for part in parts for form in _spellings(part)}
        self._forms |= {form for form in forms if len(form) >= SHORTEST_SECRET}
        if self._forms:
            longest_first = sorted(self._forms, key=len, reverse=True)
            self._known = re.compile("|".join(re.escape(form) for form in longest_first))

    def hide_known(self, text: str) -> str:
        return text if self._known is None else self._known.sub(HIDDEN, text)

    def clean(self, text: str) -> str:
        text = self.hide_known(text)
        for pattern, replacement in _PATTERNS:
            text = pattern.sub(replacement, text)
        return text


_REDACTOR = Redactor()
"""One for the process, as the loggers of the standard library are."""


def redact(secret: str) -> None:
    """Never show this value in a log; called by whoever resolves a secret."""
    _REDACTOR.add(secret)


def without_secrets(text: str) -> str:
    """The text without registered secrets; for sentences, which speak of passwords and tokens."""
    return _REDACTOR.hide_known(text)


def redacted(text: str) -> str:
    """The text without registered secrets and without what looks like a credential."""
    return _REDACTOR.clean(text)


def one_line(text: str) -> str:
    """Text from outside for a log or a terminal: control and format characters are escaped."""
    if text.isprintable():
        return text
    return "".join(_visible(character) for character in text)


class FactLogger:
    """Says what happened, a word for it and facts by name, through the standard library."""

    def __init__(self, name: str) -> None:
        self._logger = logging.getLogger(name)

    def debug(self, event: str, **facts: object) -> None:
        self._say(logging.DEBUG, event, facts)

    def info(self, event: str, **facts: object) -> None:
        self._say(logging.INFO, event, facts)

    def warning(self, event: str, **facts: object) -> None:
        self._say(logging.WARNING, event, facts)

    def error(self, event: str, *, exc_info: BaseException | None = None, **facts: object) -> None:
        self._say(logging.ERROR, event, facts, exc_info)

    def exception(self, event: str, **facts: object) -> None:
        """Of an error that is being handled."""
        self._say(logging.ERROR, event, facts, sys.exception())

    def _say(
        self,
        level: int,
        event: str,
        facts: Mapping[str, object],
        error: BaseException | None = None,
    ) -> None:
        if self._logger.isEnabledFor(level):
            # a mapping of ours, for no fact may collide with what a record has itself
            self._logger.log(level, "%s", event, exc_info=error, extra={_FACTS: facts})


def get_logger(name: str) -> FactLogger:
    """A logger that takes keyword facts; it looks at the configuration when it is used."""
    return FactLogger(name)


def configure(
    level: str = "info", log_format: str = LogFormat.AUTO, stream: TextIO | None = None
) -> None:
    """Set up the one handler of this process; called again it replaces itself.

    `level` is debug, info, warning or error. Lines go to `stream`, standard error by default.
    """
    target = sys.stderr if stream is None else stream
    chosen = LogFormat(log_format)
    is_pretty = chosen is LogFormat.CONSOLE or (chosen is LogFormat.AUTO and target.isatty())
    handler = logging.StreamHandler(target)
    handler.setFormatter(_Pretty(target.isatty()) if is_pretty else _Json())
    root = logging.getLogger()
    for old in list(root.handlers):
        if isinstance(old.formatter, _DeskFormatter):
            root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level.upper())
    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)


class _DeskFormatter(logging.Formatter):
    """Marks the handler that `configure` put up; what other libraries log takes the same way."""

    def told(self, record: logging.LogRecord) -> dict[str, object]:
        """Everything a line says, cleaned: nothing gets past this."""
        said: dict[str, object] = {
            **getattr(record, _FACTS, {}),
            "event": record.getMessage(),
            "logger": record.name,
            "level": record.levelname.lower(),
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat()[:-6] + "Z",
        }
        if record.exc_info:
            said["exception"] = self.formatException(record.exc_info)
        if record.stack_info:
            said["stack"] = self.formatStack(record.stack_info)
        return {_clean_key(key): _clean_field(str(key), value) for key, value in said.items()}


class _Json(_DeskFormatter):
    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(self.told(record), ensure_ascii=False)


class _Pretty(_DeskFormatter):
    """For a terminal: time, level, event, then facts; an error's trace below."""

    def __init__(self, has_colours: bool) -> None:
        super().__init__()
        self._has_colours = has_colours

    def format(self, record: logging.LogRecord) -> str:
        told = self.told(record)
        event, level = str(told.pop("event")), str(told.pop("level"))
        moment, name = str(told.pop("timestamp")), told.pop("logger")
        traces = [str(told.pop(key)) for key in ("stack", "exception") if key in told]
        facts = " ".join(f"{key}={_fact(value)}" for key, value in told.items())
        line = f"{moment} [{self._coloured(level)}] {event:<30} [{name}] {facts}".rstrip()
        return "\n".join([line, *traces])

    def _coloured(self, level: str) -> str:
        padded = f"{level:<8}"
        return f"{_COLOURS.get(level, '')}{padded}{_PLAIN}" if self._has_colours else padded


def _fact(value: object) -> str:
    return value if isinstance(value, str) and value and " " not in value else repr(value)


def _clean_key(key: object) -> str:
    return one_line(redacted(str(key)))


def _clean_field(key: str, value: object) -> object:
    if _SECRET_KEY.match(key) and value not in {None, "", True, False}:
        return HIDDEN
    if key in {"exception", "stack"} and isinstance(value, str):
        # set in, so that no line of an error's text can pass for a line of the log
        lines = redacted(value).split("\n")
        return "\n".join(f"  {one_line(line)}" for line in lines)
    return _clean(value)


def _clean(value: object) -> object:
    match value:
        case None | bool() | int() | float():
            return value
        case str():
            return one_line(redacted(str(value)))
        case bytes():
            return f"{len(value)} bytes"
        case Mapping():
            return {_clean_key(key): _clean_field(str(key), inner) for key, inner in value.items()}
        case list() | tuple() | AbstractSet():
            return [_clean(entry) for entry in value]
        case BaseException():
            return one_line(redacted(f"{type(value).__name__}: {value}"))
        case _:
            return one_line(redacted(repr(value)))


def _spellings(secret: str) -> set[str]:
    """As it is, in an address, in JSON, in a repr, in base64."""
    raw = secret.encode("utf-8", "surrogatepass")
    return {
        secret,
        quote(raw, safe=""),
        quote(raw),
        quote_plus(raw),
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        repr(secret)[1:-1],
        base64.b64encode(raw).decode(),
    }


def _visible(character: str) -> str:
    if character in _KEPT_FORMAT_CHARACTERS:
        return character
    if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"}:
        return character.encode("unicode_escape", "surrogatepass").decode("ascii")
    return character
