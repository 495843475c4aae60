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
from collections.abc import Mapping, MutableMapping, Sequence
from collections.abc import Set as AbstractSet
from enum import StrEnum
from typing import Any, TextIO
from urllib.parse import quote, quote_plus

import structlog
from structlog.stdlib import BoundLogger, ProcessorFormatter
from structlog.typing import Processor

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


def get_logger(name: str) -> BoundLogger:
    """A logger that takes keyword facts; it looks at the configuration when it is used."""
    logger: BoundLogger = structlog.stdlib.get_logger(name)
    return logger


def configure(
    level: str = "info", log_format: str = LogFormat.AUTO, stream: TextIO | None = None
) -> None:
    """Set up structlog and the standard library alike; called once, again it replaces itself.

    `level` is debug, info, warning or error. Lines go to `stream`, standard error by default.
    """
    target = sys.stderr if stream is None else stream
    chosen = LogFormat(log_format)
    is_pretty = chosen is LogFormat.CONSOLE or (chosen is LogFormat.AUTO and target.isatty())
    handler = logging.StreamHandler(target)
    handler.setFormatter(_formatter(is_pretty=is_pretty, has_colours=is_pretty and target.isatty()))
    root = logging.getLogger()
    for old in list(root.handlers):
        if isinstance(old.formatter, _DeskFormatter):
            root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level.upper())
    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_told(),
            ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=BoundLogger,
        cache_logger_on_first_use=False,
    )


class _DeskFormatter(ProcessorFormatter):
    """Marks the handler that `configure` put up."""


def _told() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
    ]


def _formatter(*, is_pretty: bool, has_colours: bool) -> _DeskFormatter:
    renderer: Processor = structlog.processors.JSONRenderer(ensure_ascii=False)
    if is_pretty:
        renderer = structlog.dev.ConsoleRenderer(colors=has_colours)
    return _DeskFormatter(
        foreign_pre_chain=_told(),
        processors=[ProcessorFormatter.remove_processors_meta, _clean_event, renderer],
    )


def _clean_event(
    logger: Any, method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """The last step before a line is drawn: nothing gets past it."""
    return {_clean_key(key): _clean_field(str(key), value) for key, value in event.items()}


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
