"""What a settings model looks like from outside: its keys, and which of them hold secrets."""

from __future__ import annotations

import types
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from bot.model.account import SecretRef

Location = tuple[str | int, ...]


def keys_at(model: type[BaseModel], location: Location) -> tuple[str, ...]:
    """The keys of the table at a location; none when there is no table of fixed keys."""
    here: Any = model
    for step in location:
        table = _table(here)
        if isinstance(step, int) or table is None:
            continue
        field = table.model_fields.get(step)
        if field is None:
            return ()
        here = field.annotation
    return _keys(here)


def secret_fields(model: type[BaseModel]) -> frozenset[str]:
    """Fields of this very table that hold a reference to a secret."""
    return frozenset(
        name for name, field in model.model_fields.items() if SecretRef in leaves(field.annotation)
    )


def tables(model: type[BaseModel]) -> dict[str, type[BaseModel]]:
    """Fields whose value is a table, or a list of tables, of another model."""
    found = {name: _table(field.annotation) for name, field in model.model_fields.items()}
    return {name: table for name, table in found.items() if table is not None}


def _keys(annotation: Any) -> tuple[str, ...]:
    for leaf in leaves(annotation):
        if isinstance(leaf, type) and issubclass(leaf, BaseModel):
            return tuple(leaf.model_fields)
        if is_dataclass(leaf):
            return tuple(field.name for field in fields(leaf))
    return ()


def _table(annotation: Any) -> type[BaseModel] | None:
    for leaf in leaves(annotation):
        if isinstance(leaf, type) and issubclass(leaf, BaseModel):
            return leaf
    return None


def leaves(annotation: Any) -> Iterator[Any]:
    """The types inside optional, annotated, union and container types."""
    origin = get_origin(annotation)
    if origin is None:
        yield annotation
    elif origin is Annotated:
        yield from leaves(get_args(annotation)[0])
    elif origin in {Union, types.UnionType} or isinstance(origin, type):
        for argument in get_args(annotation):
            yield from leaves(argument)
