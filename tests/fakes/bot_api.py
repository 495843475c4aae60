"""The Bot API as its vendor describes it: what is held against a call, name by name.

Reads the machine-readable description that REPLYDESK_SPECS points to. It knows names, what is
required and the shape of everything; it knows no lengths, no HTML and no rights.
"""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

_PLAIN: dict[str, tuple[type, ...]] = {
    "String": (str,),
    "Integer": (int,),
    "Float": (int, float),
    "Boolean": (bool,),
}


def at_hand() -> BotApi | None:
    """The description, where the environment says that it is at hand."""
    folder = os.environ.get("REPLYDESK_SPECS", "")
    return _read(folder) if folder else None


@cache
def _read(folder: str) -> BotApi:
    return BotApi(Path(folder))


class BotApi:
    """`api.json` of the description, read once."""

    def __init__(self, folder: Path) -> None:
        described = json.loads((folder / "telegram" / "api.json").read_text("utf-8"))
        self._methods: dict[str, Any] = described["methods"]
        self._types: dict[str, Any] = described["types"]

    def complaints(self, method: str, values: dict[str, Any]) -> list[str]:
        """Everything that is wrong with a call; `values` are decoded from JSON."""
        known = self._methods.get(method)
        if known is None:
            return [f"there is no method {method}"]
        return self._fields(method, known.get("fields", []), values)

    def answer_complaints(self, method: str, result: Any) -> list[str]:
        """Everything that is wrong with what a server of ours answers to it."""
        kinds = self._methods[method]["returns"]
        if any(self._fits(kind, result) for kind in kinds):
            return []
        return [f"the answer to {method} is no {' or '.join(kinds)}: {result}"]

    def _fields(self, where: str, fields: list[Any], values: dict[str, Any]) -> list[str]:
        known = {field["name"]: field for field in fields}
        found = [f"{where} has no {name}" for name in values if name not in known]
        for name, field in known.items():
            if name not in values:
                if field["required"]:
                    found.append(f"{where} needs {name}")
                continue
            if not any(self._fits(kind, values[name]) for kind in field["types"]):
                found.append(f"{where}.{name} is no {' or '.join(field['types'])}")
        return found

    def _fits(self, kind: str, value: Any) -> bool:
        if kind.startswith("Array of "):
            inner = kind.removeprefix("Array of ")
            return isinstance(value, list) and all(self._fits(inner, one) for one in value)
        if kind in _PLAIN:
            is_truth = isinstance(value, bool)
            return isinstance(value, _PLAIN[kind]) and (kind == "Boolean") == is_truth
        described = self._types[kind]
        if "subtypes" in described:
            return any(self._fits(one, value) for one in described["subtypes"])
        if kind == "InputFile" or not described.get("fields"):
            return True
        return isinstance(value, dict) and not self._fields(kind, described["fields"], value)
