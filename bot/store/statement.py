"""Statements that are compiled once and then handed to the driver as they are.

SQLAlchemy Core is how the store writes SQL, one spelling for both databases. Running a statement
through its engine costs about 40 microseconds of Python each time (a cache key, a context, a
result with metadata), ten times what SQLite needs for the row. So a statement that is run often
is a `Statement`: for each dialect and set of parameters it keeps the SQL, what turns the
parameters into the driver's, and what turns the driver's rows into rows with names.
`bot.store.connection` runs it. Of an INSERT it also keeps the forms that write many rows at once:
each statement gives up the interpreter's lock, or goes to a server and is planned there.
"""

from __future__ import annotations

import re
from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any, Generic, TypeVar

from sqlalchemy import Delete, Dialect, Insert, Select, Update
from sqlalchemy.sql.compiler import ExpandedState, SQLCompiler
from sqlalchemy.sql.dml import ReturningDelete, ReturningInsert, ReturningUpdate, UpdateBase
from sqlalchemy.sql.selectable import CompoundSelect

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

Terms = Mapping[str, Any]
Arguments = Sequence[Any]
Convert = Callable[[Any], Any]
Shape = Callable[[Iterable[Sequence[Any]]], list[Any]]

ROWS_AT_ONCE = (64, 16, 4)
"""Of one INSERT. Few sizes, so that the driver finds its prepared statements again."""
_VALUES = " VALUES ("
_NAME = re.compile(r"%\((\w+)\)s")
_NUMBER = re.compile(r"\$(\d+)")


class Plan:
    """A statement for one dialect and one set of parameter names.

    `bind` makes the driver's parameters of ours. `shape` gives the driver's rows their names; None
    when the statement returns none. `rows` writes many rows at once; None where it cannot.
    """

    __slots__ = ("bind", "rows", "shape", "sql")

    def __init__(self, sql: str, bind: Callable[[Terms], Arguments], shape: Shape | None) -> None:
        self.sql = sql
        self.bind = bind
        self.shape = shape
        self.rows: ManyRows | None = None


class ManyRows:
    """An INSERT whose VALUES are repeated; what stands behind them has the same terms for all."""

    __slots__ = ("_of_one", "_plans", "_terms", "_values")

    def __init__(self, of_one: Plan, values: str, terms: int) -> None:
        """`values` are the one row with its parentheses, and `terms` how many parameters it has."""
        self._of_one = of_one
        self._values = values
        self._terms = terms
        self._plans: dict[int, Plan] = {}

    def plan(self, size: int) -> Plan:
        plan = self._plans.get(size)
        if plan is None:
            one, terms = self._of_one, self._terms
            before, behind = one.sql.split(self._values, 1)
            rows = ", ".join(_renumbered(self._values, row * terms) for row in range(size))
            sql = before + rows + _renumbered(behind, (size - 1) * terms)
            plan = self._plans[size] = Plan(sql, one.bind, one.shape)
        return plan

    def join(self, arguments: Sequence[Arguments]) -> Arguments:
        """The driver's parameters of several rows as those of one statement."""
        flat = [value for one in arguments for value in one[: self._terms]]
        return (*flat, *arguments[0][self._terms :])


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
        sql, asked = _in_places(state)
        bind = _in_order(asked, _binding(state, names, converts))
        plan = Plan(sql, bind, self._shaping(dialect))
        if compiled.isinsert:
            plan.rows = _many_rows(plan, asked, names)
        return plan

    def _shaping(self, dialect: Dialect) -> Shape | None:
        columns = self.core.exported_columns
        if not columns:
            return None
        names = [name or "" for name in columns.keys()]  # noqa: SIM118 - not a dictionary
        row: Any = namedtuple("Row", names, rename=True)  # type: ignore[misc]
        converts = [
            (place, convert)
            for place, column in enumerate(columns)
            if (convert := column.type.dialect_impl(dialect).result_processor(dialect, None))
        ]
        return _shape(row._make, converts)


def _values_of(sql: str) -> str:
    """The one row of terms of an INSERT, with its parentheses; they hold no literals."""
    start = sql.find(_VALUES)
    if start < 0:
        return ""
    start += len(_VALUES) - 1
    depth = 0
    for place, character in enumerate(sql[start:], start):
        depth += (character == "(") - (character == ")")
        if not depth:
            return sql[start : place + 1]
    return ""


def _many_rows(plan: Plan, asked: Sequence[str], names: Sequence[str]) -> ManyRows | None:
    """None when something behind the VALUES differs from row to row."""
    values = _values_of(plan.sql)
    terms = values.count("?") or len(set(_NUMBER.findall(values)))
    if not values or not set(names).isdisjoint(asked[terms:]):
        return None
    return ManyRows(plan, values, terms)


def _in_places(state: ExpandedState) -> tuple[str, Sequence[str]]:
    """The SQL with its parameters in places, and their names in that order.

    PostgreSQL's own `$1` is what goes over the wire, so the driver has nothing to read in it.
    """
    if state.positiontup is not None:
        return state.statement, state.positiontup
    places: dict[str, int] = {}

    def place(found: re.Match[str]) -> str:
        return f"${places.setdefault(found[1], len(places) + 1)}"

    sql = _NAME.sub(place, state.statement).replace("%%", "%")
    return sql, tuple(places)


def _renumbered(sql: str, by: int) -> str:
    return _NUMBER.sub(lambda found: f"${int(found[1]) + by}", sql)


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


def _binding(
    state: ExpandedState, names: Sequence[str], converts: Mapping[str, Convert]
) -> Callable[[Terms], Terms]:
    constants = {
        name: converts[name](value) if name in converts else value
        for name, value in state.parameters.items()
        if name not in names
    }
    return _named(constants, {name: converts[name] for name in names if name in converts})


def _named(constants: Terms, converts: Mapping[str, Convert]) -> Callable[[Terms], Terms]:
    if not constants and not converts:
        return lambda terms: terms

    def converted(terms: Terms) -> Terms:
        whole = {**constants, **terms}
        for name, convert in converts.items():
            whole[name] = convert(whole[name])
        return whole

    return converted


def _in_order(
    asked: Sequence[str], named: Callable[[Terms], Terms]
) -> Callable[[Terms], Sequence[Any]]:
    if len(asked) < 2:
        return lambda terms: [named(terms)[name] for name in asked]
    pick = itemgetter(*asked)
    return lambda terms: pick(named(terms))
