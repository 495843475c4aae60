"""`among(column, "keys")`: whether a column is one of many keys, in one text for any number.

An IN list is spelled out anew for every number of keys. Here the keys are one parameter: for
SQLite a JSON list, for PostgreSQL an array.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ARRAY, JSON, ColumnElement, any_, bindparam, func, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler


class _Among(ColumnElement[bool]):
    inherit_cache = False

    def __init__(self, column: ColumnElement[Any], name: str) -> None:
        listed = func.json_each(bindparam(name, None, JSON, required=False))
        self.of_json = column.in_(select(listed.table_valued("value").c.value))
        self.of_array = column == any_(bindparam(name, None, ARRAY(column.type), required=False))


@compiles(_Among, "sqlite")
def _on_sqlite(element: _Among, compiler: SQLCompiler, **how: Any) -> str:
    return compiler.process(element.of_json, **how)


@compiles(_Among, "postgresql")
def _on_postgresql(element: _Among, compiler: SQLCompiler, **how: Any) -> str:
    return compiler.process(element.of_array, **how)


def among(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """`column` is one of the keys that are given as the parameter `name`, a list."""
    return _Among(column, name)
