"""What is wrong with a configuration, all of it at once, and what to write instead.

Nothing here ever repeats a value that might be a secret: a value is shown only when it is one
of a few closed words that were misspelt, and never when it looks like a token.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from bot.config.shape import Location, keys_at
from bot.errors import ConfigurationError

_TOKEN_SHAPE = re.compile(r"[A-Za-z0-9_\-.:+/=]{16,}")
_TOKEN_START = re.compile(
    r"(?i)^(sk-|pk-|xox[a-z]-|xapp-|gh[pousr]_|glpat-|eyJ|AKIA|bearer |basic |\d{6,}:)"
)
_APP_PASSWORD = re.compile(r"(?:[A-Za-z0-9]{4}[ -]){3,}[A-Za-z0-9]{4}")
"""Groups of four, as Bluesky and WordPress make them."""
_PASSWORD_IN_ADDRESS = re.compile(r"://[^/\s:@]*:[^/\s@]+@")
_EXPECTED: Mapping[str, str] = {
    "string": "write text in quotes",
    "int": "write a whole number without quotes",
    "float": "write a number without quotes",
    "bool": "write true or false without quotes",
    "list": "write a list in square brackets",
    "tuple": "write a list in square brackets",
    "dict": "write a table",
    "model": "write a table",
    "model_attributes": "write a table",
    "dataclass": "write a table",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend. `section` is `desk` or `brands[acme].accounts[blog]`."""

    file: str
    section: str
    key: str
    says: str

    def __str__(self) -> str:
        return (
            f"{':'.join(part for part in (self.file, self.section, self.key) if part)}: {self.says}"
        )


class SettingsRefused(ConfigurationError):
    """Everything that is wrong with the settings; mend the file and start again."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        lines = "\n".join(f"  {problem}" for problem in self.problems)
        head = "There is 1 problem" if count == 1 else f"There are {count} problems"
        super().__init__(f"{head} in the configuration:\n{lines}")


@dataclass(frozen=True, slots=True)
class Source:
    """What was validated: the file, the section that `raw` stands for, and the model's shape."""

    file: str
    raw: Any
    model: type[BaseModel]
    within: str = ""
    more_keys: tuple[str, ...] = ()
    """Keys that the outermost table may have beside those of the model."""

    def problem(self, location: Location, says: str) -> Problem:
        section, key = place(location, self.raw)
        if self.within:
            section = f"{self.within}.{section}" if section else self.within
        return Problem(self.file, section, _safe_key(key), says)

    def keys_at(self, location: Location) -> tuple[str, ...]:
        outermost = self.more_keys if len(location) <= 1 else ()
        return (*keys_at(self.model, location[:-1]), *outermost)


def from_validation(error: ValidationError, source: Source) -> list[Problem]:
    """One sentence for each thing that pydantic found."""
    found = error.errors(include_url=False, include_context=True)
    inner = {details["loc"][:-1] for details in found}
    return [
        source.problem(details["loc"], _sentence(details, source))
        for details in found
        # a list whose entries are wrong is not also too short
        if not (details["type"] == "too_short" and details["loc"] in inner)
    ]


def unknown_key(key: str, known: Iterable[str]) -> str:
    """Names the nearest right key."""
    choices = sorted(known)
    near = difflib.get_close_matches(key, choices, n=1, cutoff=0.6)
    if near:
        return f"there is no such key; did you mean {near[0]}?"
    return f"there is no such key here; the keys are {', '.join(choices)}."


def unknown_word(value: object, known: Collection[str]) -> str:
    """Names the nearest right word."""
    choices = ", ".join(known)
    if not isinstance(value, str) or looks_secret(value) or len(value) > 40:
        return f"write one of {choices}."
    near = difflib.get_close_matches(value, list(known), n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]}?" if near else "."
    return f"{value!r} is none of {choices}{hint}"


def looks_secret(value: str) -> bool:
    """Whether a text might be a token: such a text is never repeated."""
    if _TOKEN_START.match(value) or _PASSWORD_IN_ADDRESS.search(value):
        return True
    if _APP_PASSWORD.fullmatch(value):
        return True
    has_both = any(c.isdigit() for c in value) and any(c.isalpha() for c in value)
    return has_both and _TOKEN_SHAPE.fullmatch(value) is not None


def has_password(value: str) -> bool:
    """Whether an address carries a password: `scheme://user:password@host`."""
    return _PASSWORD_IN_ADDRESS.search(value) is not None


def place(location: Location, raw: Any) -> tuple[str, str]:
    """Section and key of a place in `raw`: tables of a list are named by their slug."""
    section = ""
    here = raw
    for position, step in enumerate(location):
        is_last = position == len(location) - 1
        if isinstance(step, int):
            here = _at(here, step)
            slug = here.get("slug") if isinstance(here, dict) else None
            named = slug if isinstance(slug, str) and slug.isprintable() else step + 1
            section += f"[{named if not looks_secret(str(named)) else step + 1}]"
            continue
        if is_last:
            return section, step
        here = _at(here, step)
        if not isinstance(here, (dict, list)):
            return section, step
        section += f".{step}" if section else step
    return section, ""


def _at(here: Any, step: str | int) -> Any:
    try:
        return here[step]
    except (KeyError, IndexError, TypeError):
        return None


def _safe_key(key: str) -> str:
    return "(a key that looks like a secret)" if looks_secret(key) else key


def _sentence(details: ErrorDetails, source: Source) -> str:
    kind = details["type"]
    context = details.get("ctx", {})
    value = details["input"]
    if kind in {"missing", "missing_argument"}:
        return "this key is missing; add it."
    if kind in {"extra_forbidden", "unexpected_keyword_argument"}:
        return unknown_key(str(details["loc"][-1]), source.keys_at(details["loc"]))
    if kind in {"literal_error", "enum"}:
        return unknown_word(value, re.findall(r"'([^']*)'", str(context.get("expected", ""))))
    if kind == "value_error":
        return _own_words(str(context.get("error", details["msg"])), value)
    stem = kind.removesuffix("_type").removesuffix("_parsing").removesuffix("_from_float")
    if stem in _EXPECTED and stem != kind:
        return f"{_EXPECTED[stem]}; this is {_kind_of(value)}."
    return _bounds(kind, context) or _own_words(details["msg"], value)


def _bounds(kind: str, context: Mapping[str, Any]) -> str:
    match kind:
        case "greater_than_equal":
            return f"it must be at least {context['ge']}."
        case "greater_than":
            return f"it must be more than {context['gt']}."
        case "less_than_equal":
            return f"it must be at most {context['le']}."
        case "less_than":
            return f"it must be less than {context['lt']}."
        case "string_too_short" | "too_short":
            return (
                "it may not be empty."
                if context["min_length"] == 1
                else (f"it needs at least {context['min_length']}.")
            )
        case "string_too_long" | "too_long":
            return f"it may have at most {context['max_length']}."
        case "url_parsing" | "url_type" | "url_scheme":
            return "write a whole address that begins with https://."
        case _:
            return ""


def _own_words(says: str, value: object) -> str:
    sentence = says.strip().rstrip(".")
    if isinstance(value, str) and len(value) > 3 and looks_secret(value):
        sentence = sentence.replace(value, "(not shown)")
    return sentence if sentence.endswith("?") else f"{sentence}."


def _kind_of(value: object) -> str:
    match value:
        case bool():
            return "true or false"
        case str():
            return "text"
        case int() | float():
            return "a number"
        case list():
            return "a list"
        case dict():
            return "a table"
        case _:
            return "something else"
