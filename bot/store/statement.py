"""Statements that are compiled once and then handed to the driver as they are.

SQLAlchemy Core is how the store writes SQL, one spelling for both databases. Running a statement
through its engine costs about 40 microseconds of Python each time (a cache key, a context, a
result with metadata), ten times what SQLite needs for the row. So a statement that is run often
is a `Statement`: for each dialect and set of parameters it keeps the SQL, what turns the
parameters into the driver's, and what turns the driver's rows into rows with names.
`bot.store.connection` runs it. Of an INSERT it also keeps the form that writes many rows at once.
"""

from __future__ import annotations

import re
from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Generic, TypeVar

from sqlalchemy import Delete, Dialect, Insert, Select, Update
from sqlalchemy.sql.compiler import ExpandedState, SQLCompiler
from sqlalchemy.sql.dml import ReturningDelete, ReturningInsert, ReturningUpdate, UpdateBase
from sqlalchemy.sql.selectable import CompoundSelect
from sqlalchemy.types import TypeEngine

from bot.store.binding import Binding, Convert, Terms
from bot.store.many_rows import VALUES, ManyRows, many_rows

Core = (
    Select[*tuple[Any, ...]]
    | CompoundSelect[*tuple[Any, ...]]
    | Insert
    | Update
    | Delete
    | ReturningInsert[*tuple[Any, ...]]
    | ReturningUpdate[*tuple[Any, ...]]
    | ReturningDelete[*tuple[Any, ...]]
)
C_co = TypeVar("C_co", bound=Core, covariant=True)

Shape = Callable[[Iterable[Sequence[Any]]], list[Any]]

_NAME = re.compile(r"%\((\w+)\)s")


class Plan:
    """A statement for one dialect and one set of parameter names.

    `binding` makes the driver's parameters of ours. `shape` gives the driver's rows their names;
    None when the statement returns none. `rows` writes many rows at once; None where it cannot.
    """

    __slots__ = ("binding", "rows", "shape", "sql")

    def __init__(
        self, sql: str, binding: Binding, shape: Shape | None, rows: ManyRows | None
    ) -> None:
        self.sql = sql
        self.binding = binding
        self.shape = shape
        self.rows = rows


class Statement(Generic[C_co]):
    """A constant of a repository's module. It looks for many keys by `bot.store.among`."""

    __slots__ = ("_plans", "core")

    def __init__(self, core: C_co) -> None:
        self.core = core
        self._plans: dict[tuple[str, ...], Plan] = {}

    def plan(self, dialect: Dialect, names: Iterable[str]) -> Plan:
        """`names` are those of the parameters; of INSERT and UPDATE they choose the columns."""
        key = (dialect.name, *names)
        plan = self._plans.get(key)
        if plan is None:
            plan = self._plans[key] = self._compile(dialect, key[1:])
        return plan

    def _compile(self, dialect: Dialect, names: Sequence[str]) -> Plan:
        changes = isinstance(self.core, UpdateBase)
        compiled = self.core.compile(dialect=dialect, column_keys=list(names) if changes else None)
        assert isinstance(compiled, SQLCompiler)
        # constant lists of an IN are spelled out here; the values of our own terms come later
        state = compiled.construct_expanded_state(dict.fromkeys(names))
        converts = {
            name: convert
            for name, bound in compiled.binds.items()
            if (convert := bound.type.dialect_impl(dialect).bind_processor(dialect))
        }
        given = {name: value for name, value in state.parameters.items() if name not in names}
        is_of_rows = compiled.isinsert and VALUES in state.statement
        words = {} if is_of_rows else _words(given, converts)
        sql, asked = _in_places(state, words)
        binding = Binding(asked, given, converts)
        rows = None
        if compiled.isinsert:
            binds = compiled.binds
            types = [_spelled(binds[name].type, dialect) for name in asked if name in binds]
            rows = many_rows(sql, asked, names, types)
        return Plan(sql, binding, self._shaping(dialect), rows)

    def _shaping(self, dialect: Dialect) -> Shape | None:
        columns = self.core.exported_columns
        if not columns:
            return None
        names = tuple(name or "" for name in columns.keys())  # noqa: SIM118 - not a dictionary
        converts = [
            (place, convert)
            for place, column in enumerate(columns)
            if (convert := column.type.dialect_impl(dialect).result_processor(dialect, None))
        ]
        return _shape(_row(names)._make, converts)


@cache
def _row(names: tuple[str, ...]) -> Any:
    """One class for all statements that return the same columns: each takes four kilobytes."""
    return namedtuple("Row", names, rename=True)


def _spelled(kind: TypeEngine[Any], dialect: Dialect) -> str:
    return kind.dialect_impl(dialect).compile(dialect)


def _words(given: Terms, converts: Mapping[str, Convert]) -> dict[str, str]:
    """What the statement itself compares with, as SQL spells it: states and kinds.

    As a parameter SQLite looks at it for its partial indexes, and so plans the statement anew each
    time it is run: 30 microseconds where the row takes 3.
    """
    return {
        name: f"'{value}'"
        for name, value in given.items()
        if isinstance(value, str) and value.isidentifier() and name not in converts
    }


def _in_places(state: ExpandedState, words: Mapping[str, str]) -> tuple[str, Sequence[str]]:
    """The SQL with its parameters in places, and their names in that order.

    PostgreSQL's own `$1` is what goes over the wire, so the driver has nothing to read in it.
    """
    if state.positiontup is not None:
        first, *others = state.statement.split("?")
        names = zip(state.positiontup, others, strict=True)
        sql = first + "".join(words.get(name, "?") + other for name, other in names)
        return sql, [name for name in state.positiontup if name not in words]
    places: dict[str, int] = {}

    def place(found: re.Match[str]) -> str:
        return words.get(found[1]) or f"${places.setdefault(found[1], len(places) + 1)}"

    sql = _NAME.sub(place, state.statement).replace("%%", "%")
    return sql, tuple(places)


def _shape(make: Convert, converts: Sequence[tuple[int, Convert]]) -> Shape:
    if not converts:
        return lambda rows: [make(raw) for raw in rows]

    def converted(rows: Iterable[Sequence[Any]]) -> list[Any]:
        made = []
        for raw in rows:
            values = list(raw)
            for place, convert in converts:
                values[place] = convert(values[place])
            made.append(make(values))
        return made

    return converted
