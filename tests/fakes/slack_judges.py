"""Three judges of what we send to Slack: its published types, its library, and our lint."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator, validators
from slack_sdk.models.basic_objects import JsonObject
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from tests.fakes.slack_lint import CHART, Element, message_complaints, view_complaints

SCHEMA = Path(__file__).parents[1] / "fixtures" / "slack" / "block-kit.schema.json"


def judged_message(message: Element) -> list[str]:
    """All complaints about the arguments of chat.postMessage."""
    # neither the published types nor the library know charts yet: the lint judges those alone
    blocks = [one for one in message["blocks"] if one["type"] != CHART]
    return [*message_complaints(message), *_by_types("Blocks", blocks), *_by_library(blocks)]


def judged_view(view: Element) -> list[str]:
    kind = "ModalView" if view["type"] == "modal" else "HomeView"
    found = [*view_complaints(view), *_by_types(kind, view), *_by_library(view["blocks"])]
    try:
        View(**view).validate_json()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is a verdict
        found.append(f"library: {error}")
    return found


@cache
def _types(name: str) -> Any:
    schema = json.loads(SCHEMA.read_text("utf-8"))
    ours = {"anyOf": _any_of(schema["definitions"])}
    judge = validators.extend(Draft7Validator, ours)  # type: ignore[no-untyped-call]
    return judge({**schema, "$ref": f"#/definitions/{name}"})


def _any_of(definitions: Element) -> Any:
    """`anyOf` by the `type` that a thing names, where every choice says its own: 50 times faster.

    It refuses the same things, since a choice of another type could not hold.
    """

    def holds(validator: Any, choices: list[Element], thing: Any, schema: Element) -> Any:
        if isinstance(thing, dict) and "type" in thing:
            meant = [one for one in choices if _named(one) in {thing["type"], None}]
            if len(meant) == 1:
                yield from validator.descend(thing, meant[0])
                return
            choices = meant
        yield from Draft7Validator.VALIDATORS["anyOf"](validator, choices, thing, schema)

    def _named(choice: Element) -> str | None:
        name = choice.get("$ref", "").rpartition("/")[2]
        told = definitions.get(name, {}).get("properties", {}).get("type", {})
        return told.get("const")  # type: ignore[no-any-return]

    return holds


def _by_types(name: str, thing: Any) -> list[str]:
    return [
        f"types: {'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"
        for error in _types(name).iter_errors(thing)
    ]


def _by_library(blocks: list[Element]) -> Iterator[str]:
    for block in blocks:
        try:
            parsed = Block.parse(block)
            if parsed is None:
                yield f"library: {block['type']} is unknown"
            for one in _all(parsed):
                one.validate_json()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a verdict
            yield f"library: {block.get('block_id')}: {error}"


def _all(thing: Any) -> Iterator[JsonObject]:
    """The thing and everything of the library's in it."""
    if isinstance(thing, JsonObject):
        yield thing
        for value in vars(thing).values():
            yield from _all(value)
    elif isinstance(thing, list | tuple):
        for one in thing:
            yield from _all(one)
