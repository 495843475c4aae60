"""Values as TOML spells them (https://toml.io/en/v1.0.0)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

Value = str | int | float | bool | Sequence[str] | Mapping[str, str]


def toml_value(value: Value) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case str():
            return _text(value)
        case Mapping():
            return "{ " + ", ".join(f"{key} = {_text(word)}" for key, word in value.items()) + " }"
        case _:
            return "[" + ", ".join(_text(word) for word in value) + "]"


def toml_lines(values: Mapping[str, Value]) -> list[str]:
    return [f"{key} = {toml_value(value)}" for key, value in values.items()]


def _text(value: str) -> str:
    # a JSON string is a basic string, but for DEL, which TOML wants escaped
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
