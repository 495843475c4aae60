"""A checker of AT Protocol lexicons: says where a request or an answer breaks its schema.

Covers what https://atproto.com/specs/lexicon defines for data: objects, arrays, unions, refs,
strings with lengths and formats, integers, blobs. Unions are open unless marked closed; members
that are not described are allowed, as the specification wants it. Lengths of strings are counted
in UTF-8 bytes (`maxLength`) and grapheme clusters (`maxGraphemes`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from pyuegc import EGC

from integrations.bluesky.syntax import (
    AtUri,
    is_did,
    is_handle,
    is_nsid,
    is_record_key,
    is_tid,
)

Schema = Mapping[str, Any]
Problems = Iterator[str]

_DATETIME = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,20})?(Z|[+-]\d\d:\d\d)", flags=re.ASCII
)


def _is_datetime(text: str) -> bool:
    if not _DATETIME.fullmatch(text) or text.endswith("-00:00"):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _is_at_uri(text: str) -> bool:
    try:
        AtUri.parse(text)
    except ValueError:
        rest = text.removeprefix("at://")
        return text.startswith("at://") and (is_did(rest) or is_handle(rest))
    return True


FORMATS: Mapping[str, Callable[[str], bool]] = {
    "at-identifier": lambda text: is_did(text) or is_handle(text),
    "at-uri": _is_at_uri,
    "cid": lambda text: re.fullmatch(r"[a-zA-Z0-9+=]{8,256}", text) is not None,
    "datetime": _is_datetime,
    "did": is_did,
    "handle": is_handle,
    "language": lambda text: re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]+)*", text) is not None,
    "nsid": is_nsid,
    "record-key": is_record_key,
    "tid": is_tid,
    "uri": lambda text: re.fullmatch(r"[a-z][a-z0-9+.-]*:\S+", text) is not None,
}


class Lexicons:
    """The documents below a folder, read when they are needed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._documents: dict[str, Mapping[str, Schema]] = {}

    def definition(self, ref: str) -> Schema:
        """`nsid#name`, or `nsid` for its main definition. KeyError when there is none."""
        nsid, _, name = ref.partition("#")
        if nsid not in self._documents:
            path = self._folder.joinpath(*nsid.split(".")).with_suffix(".json")
            self._documents[nsid] = json.loads(path.read_text(encoding="utf-8"))["defs"]
        return self._documents[nsid][name or "main"]

    def request_problems(
        self, method: str, nsid: str, params: Sequence[tuple[str, str]], body: Any
    ) -> list[str]:
        """What is wrong with a request; empty when nothing is."""
        main = self.definition(nsid)
        if (main["type"], method) not in {("query", "GET"), ("procedure", "POST")}:
            return [f"{nsid} is a {main['type']}, called by {method}"]
        problems = list(self._params(nsid, main.get("parameters", {}), params))
        schema = main.get("input", {}).get("schema")
        if schema is not None:
            problems += self._value(nsid, schema, body, "$input")
        elif body and "input" not in main:
            problems.append(f"{nsid} takes no body")
        return problems

    def answer_problems(self, nsid: str, status: int, answer: Any) -> list[str]:
        """What is wrong with an answer; a refusal must have a name."""
        if status != 200:
            named = isinstance(answer, dict) and isinstance(answer.get("error"), str)
            return [] if named else [f"{nsid}: {status} without a name"]
        return list(self._value(nsid, self.definition(nsid)["output"]["schema"], answer, "$output"))

    def record_problems(self, record: Any) -> list[str]:
        """What is wrong with a record, after its own `$type`."""
        return list(self._record(record, "$record"))

    def _params(self, nsid: str, schema: Schema, given: Sequence[tuple[str, str]]) -> Problems:
        known = schema.get("properties", {})
        values: dict[str, Any] = {}
        for name, text in given:
            if name not in known:
                yield f"{nsid}: no parameter {name}"
            elif known[name]["type"] == "array":
                values.setdefault(name, []).append(text)
            else:
                values[name] = int(text) if known[name]["type"] == "integer" else text
        yield from self._object(nsid, schema, values, "$params")

    def _value(self, nsid: str, schema: Schema, value: Any, at: str) -> Problems:
        match schema["type"]:
            case "object":
                yield from self._object(nsid, schema, value, at)
            case "array":
                yield from self._array(nsid, schema, value, at)
            case "ref":
                ref = _absolute(nsid, schema["ref"])
                yield from self._value(ref.split("#")[0], self.definition(ref), value, at)
            case "union":
                yield from self._union(nsid, schema, value, at)
            case "unknown":
                yield from self._unknown(value, at)
            case leaf:
                yield from _LEAVES[leaf](schema, value, at)

    def _unknown(self, value: Any, at: str) -> Problems:
        if not isinstance(value, dict):
            yield f"{at}: not an object"
        elif "$type" in value:
            yield from self._record(value, at)

    def _object(self, nsid: str, schema: Schema, value: Any, at: str) -> Problems:
        if not isinstance(value, dict):
            yield f"{at}: not an object"
            return
        for name in schema.get("required", ()):
            if name not in value:
                yield f"{at}.{name}: missing"
        for name, inner in schema.get("properties", {}).items():
            if name not in value or (value[name] is None and name in schema.get("nullable", ())):
                continue
            yield from self._value(nsid, inner, value[name], f"{at}.{name}")

    def _array(self, nsid: str, schema: Schema, value: Any, at: str) -> Problems:
        if not isinstance(value, list):
            yield f"{at}: not an array"
            return
        if len(value) > schema.get("maxLength", len(value)):
            yield f"{at}: array too big (maximum {schema['maxLength']}, got {len(value)})"
        for place, entry in enumerate(value):
            yield from self._value(nsid, schema["items"], entry, f"{at}[{place}]")

    def _union(self, nsid: str, schema: Schema, value: Any, at: str) -> Problems:
        if not isinstance(value, dict) or not isinstance(value.get("$type"), str):
            yield f"{at}: a union member without $type"
            return
        refs = {_absolute(nsid, ref) for ref in schema["refs"]}
        kind = value["$type"]
        if kind in refs:
            yield from self._value(kind.split("#")[0], self.definition(kind), value, at)
        elif schema.get("closed"):
            yield f"{at}: {kind} is not in the union"

    def _record(self, value: Any, at: str) -> Problems:
        try:
            definition = self.definition(value["$type"])
        except (KeyError, FileNotFoundError):
            yield f"{at}: no lexicon for {value.get('$type')}"
            return
        if definition["type"] != "record":
            yield f"{at}: {value['$type']} is not a record"
            return
        yield from self._object(value["$type"], definition["record"], value, at)


def _absolute(nsid: str, ref: str) -> str:
    return nsid + ref if ref.startswith("#") else ref


def _string(schema: Schema, value: Any, at: str) -> Problems:
    if not isinstance(value, str):
        yield f"{at}: not a string"
        return
    size, graphemes = len(value.encode()), len(EGC(value))
    if size > schema.get("maxLength", size):
        yield f"{at}: string too big (maximum {schema['maxLength']}, got {size})"
    if graphemes > schema.get("maxGraphemes", graphemes):
        yield f"{at}: grapheme too big (maximum {schema['maxGraphemes']}, got {graphemes})"
    if "const" in schema and value != schema["const"]:
        yield f"{at}: not {schema['const']!r}"
    if "format" in schema and not FORMATS[schema["format"]](value):
        yield f"{at}: {value!r} is not a {schema['format']}"


def _integer(schema: Schema, value: Any, at: str) -> Problems:
    if not isinstance(value, int) or isinstance(value, bool):
        yield f"{at}: not an integer"
    elif not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        yield f"{at}: {value} is out of range"


def _boolean(schema: Schema, value: Any, at: str) -> Problems:
    if not isinstance(value, bool):
        yield f"{at}: not a boolean"


def _blob(schema: Schema, value: Any, at: str) -> Problems:
    ref = value.get("ref") if isinstance(value, dict) else None
    if not isinstance(ref, dict) or value.get("$type") != "blob" or "$link" not in ref:
        yield f"{at}: not a blob"
        return
    if value["size"] > schema.get("maxSize", value["size"]):
        yield f"{at}: blob too big (maximum {schema['maxSize']}, got {value['size']})"
    accept = [kind.rstrip("*") for kind in schema.get("accept", ("",))]
    if not any(value["mimeType"].startswith(kind) for kind in accept):
        yield f"{at}: {value['mimeType']} is not accepted"


_LEAVES: Mapping[str, Callable[[Schema, Any, str], Problems]] = {
    "string": _string,
    "integer": _integer,
    "boolean": _boolean,
    "blob": _blob,
}
