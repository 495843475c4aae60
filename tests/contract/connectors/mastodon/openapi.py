"""Judges requests and answers by Mastodon's OpenAPI description."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from tests.contract.connectors.mastodon.fake import Exchange

_HERE = "urn:mastodon"


class OpenApi:
    def __init__(self, schema: Path) -> None:
        self._spec = json.loads(schema.read_text(encoding="utf-8"))
        resource = DRAFT202012.create_resource(self._spec)
        self._registry: Registry[Any] = Registry().with_resource(_HERE, resource)

    def problems(self, exchange: Exchange) -> list[str]:
        """What is wrong with an exchange; empty when nothing is."""
        found = self._operation(exchange)
        if found is None:
            return [f"{exchange.method} {exchange.path} is not described"]
        pointer, operation = found
        return [
            f"{exchange.method} {exchange.path}: {problem}"
            for problem in (
                *self._in_params(exchange, operation),
                *self._in_headers(exchange, operation),
                *self._in_body(exchange, pointer, operation),
                *self._in_answer(exchange, pointer, operation),
            )
        ]

    def _operation(self, exchange: Exchange) -> tuple[str, dict[str, Any]] | None:
        """The described path with the fewest placeholders that fits."""
        for path in sorted(self._spec["paths"], key=lambda each: each.count("{")):
            pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path))
            method = exchange.method.lower()
            if re.fullmatch(pattern, exchange.path) and method in self._spec["paths"][path]:
                escaped = path.replace("~", "~0").replace("/", "~1")
                pointer = f"{_HERE}#/paths/{escaped}/{method}"
                return pointer, self._spec["paths"][path][method]
        return None

    def _in_params(self, exchange: Exchange, operation: dict[str, Any]) -> list[str]:
        described = {
            one["name"]: one["schema"]
            for one in operation.get("parameters", [])
            if one["in"] == "query"
        }
        told = []
        for name, value in exchange.params:
            schema = described.get(name.removesuffix("[]"))
            if schema is None:
                told.append(f"the parameter {name} is not described")
            elif (schema.get("type") == "array") != name.endswith("[]"):
                told.append(f"the parameter {name} is a list or is not")
            elif schema.get("type") == "integer" and not value.isdecimal():
                told.append(f"the parameter {name} is not a number: {value}")
            elif schema.get("type") == "boolean" and value not in {"true", "false"}:
                told.append(f"the parameter {name} is neither true nor false: {value}")
        return told

    def _in_headers(self, exchange: Exchange, operation: dict[str, Any]) -> list[str]:
        described = {
            one["name"] for one in operation.get("parameters", []) if one["in"] == "header"
        }
        if "Idempotency-Key" in exchange.headers and "Idempotency-Key" not in described:
            return ["takes no Idempotency-Key"]
        return []

    def _in_body(self, exchange: Exchange, pointer: str, operation: dict[str, Any]) -> list[str]:
        if exchange.body is None:
            return ["needs a body"] if operation.get("requestBody", {}).get("required") else []
        content = operation.get("requestBody", {}).get("content", {})
        if exchange.content_type not in content:
            return [f"takes no {exchange.content_type}"]
        kind = exchange.content_type.replace("/", "~1")
        there = f"{pointer}/requestBody/content/{kind}/schema"
        choices = content[exchange.content_type]["schema"].get("oneOf")
        if not choices:
            body = {name: _text(value) for name, value in exchange.body.items()}
            return [*self._faults(there, body), *self._unknown(there, exchange.body)]
        # A status with words and pictures is both a text and a media status: the document says
        # "exactly one of them" where it means "at least one".
        judged = [self._faults(f"{there}/oneOf/{n}", exchange.body) for n in range(len(choices))]
        faults = [] if [] in judged else judged[0]
        return [*faults, *self._unknown(f"{there}/oneOf/0", exchange.body)]

    def _unknown(self, pointer: str, body: dict[str, Any]) -> list[str]:
        known = self._leaves(self._registry.resolver().lookup(pointer).contents)
        return [f"the leaf {leaf} is not described" for leaf in set(body) - known]

    def _leaves(self, schema: dict[str, Any]) -> set[str]:
        if "$ref" in schema:
            return self._leaves(
                self._registry.resolver().lookup(f"{_HERE}{schema['$ref']}").contents
            )
        leaves = set(schema.get("properties", {}))
        for part in schema.get("allOf", []):
            leaves |= self._leaves(part)
        # what only a status with pictures has
        return leaves | ({"media_ids"} if "status" in leaves else set())

    def _in_answer(self, exchange: Exchange, pointer: str, operation: dict[str, Any]) -> list[str]:
        described = operation["responses"].get(str(exchange.status))
        if described is None:
            return [f"is never answered {exchange.status}"]
        if "application/json" not in described.get("content", {}):
            return []
        there = f"{pointer}/responses/{exchange.status}/content/application~1json/schema"
        return self._faults(there, exchange.answer)

    def _faults(self, pointer: str, told: Any) -> list[str]:
        judge = Draft202012Validator(
            {"$ref": pointer}, registry=self._registry, format_checker=FormatChecker()
        )
        return [
            f"{'/'.join(map(str, error.absolute_path))}: {error.message[:300]}"
            for error in judge.iter_errors(told)
        ]


def _text(value: Any) -> Any:
    return "bytes" if isinstance(value, bytes) else value
