"""A `Statement` must mean what SQLAlchemy means by it, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    MetaData,
    String,
    Table,
    bindparam,
    event,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import (
    DBAPIError,
    IntegrityError,
    MultipleResultsFound,
    NoResultFound,
    OperationalError,
)

from bot.store.among import among
from bot.store.connection import Connection
from bot.store.database import parse, writing_engine
from bot.store.driver_errors import is_lost_connection
from bot.store.schema.columns import Hex
from bot.store.statement import Statement
from bot.store.upsert import Upsert
from tests.contract.store_case import DATABASES, make_database

thing = Table(
    "thing",
    MetaData(),
    Column("id", BigInteger, primary_key=True),
    Column("word", String(40)),
    Column("facts", JSON),
    Column("is_good", Boolean),
    Column("hash", Hex),
)
_ADD = Statement(insert(thing))
_ADD_AND_SAY = Statement(insert(thing).returning(thing.c.id, thing.c.facts))
_RENEW = Upsert(
    thing,
    lambda added: added.on_conflict_do_update(
        index_elements=["id"], set_={"word": "renewed"}
    ).returning(thing.c.id, thing.c.word),
)
_ALL = Statement(select(thing).order_by(thing.c.id))
_GET = Statement(select(thing).where(thing.c.id == bindparam("id")))
_AMONG = Statement(select(thing.c.id).where(among(thing.c.word, "words")).order_by(thing.c.id))
_NOT_AMONG = Statement(select(thing.c.id).where(~among(thing.c.id, "ids")).order_by(thing.c.id))
_FIXED = Statement(select(thing.c.id).where(thing.c.word.in_(["a", "c"])).order_by(thing.c.id))
_SET = Statement(update(thing).where(thing.c.id == bindparam("b_id")))
_BREAK = Statement(select(func.pg_terminate_backend(func.pg_backend_pid())))


@pytest.fixture(params=DATABASES)
def below(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[sqlalchemy.Connection]:
    engine = writing_engine(parse(make_database(request, tmp_path)))
    with engine.connect() as connection, connection.begin():
        thing.create(connection)
        yield connection
    engine.dispose()


@pytest.fixture
def connection(below: sqlalchemy.Connection) -> Connection:
    made = Connection(below)
    made.execute(_ADD, [_row(1, "a", good=True), _row(2, "b", good=False), _row(3, "c", good=True)])
    return made


def _row(number: int, word: str, *, good: bool) -> dict[str, Any]:
    return {"id": number, "word": word, "facts": {"of": [number, None]}, "is_good": good}


def test_rows_have_the_types_and_names_that_sqlalchemy_gives_them(
    connection: Connection, below: sqlalchemy.Connection
) -> None:
    ours = connection.execute(_ALL).all()
    theirs = below.execute(_ALL.core).all()
    assert [tuple(row) for row in ours] == [tuple(row) for row in theirs]
    assert ours[1].facts == {"of": [2, None]}
    assert ours[1].is_good is False


def test_a_key_of_many_finds_its_rows_and_no_key_finds_none(connection: Connection) -> None:
    assert connection.execute(_AMONG, {"words": ["c", "a", "x"]}).scalars() == [1, 3]
    assert connection.execute(_AMONG, {"words": []}).scalars() == []
    assert connection.execute(_NOT_AMONG, {"ids": [2]}).scalars() == [1, 3]
    assert connection.execute(_NOT_AMONG, {"ids": []}).scalars() == [1, 2, 3]


def test_a_constant_list_is_spelled_out(connection: Connection) -> None:
    assert connection.execute(_FIXED).scalars() == [1, 3]


def test_only_the_columns_that_are_given_are_set(connection: Connection) -> None:
    assert connection.execute(_SET, {"b_id": 2, "word": "z"}).rowcount == 1
    assert connection.execute(_SET, {"b_id": 2, "is_good": True}).rowcount == 1
    assert connection.execute(_SET, {"b_id": 9, "word": "z"}).rowcount == 0
    changed = connection.execute(_GET, {"id": 2}).one()
    assert (changed.word, changed.is_good, changed.facts) == ("z", True, {"of": [2, None]})


def test_many_rows_that_are_written_at_once_are_all_returned(connection: Connection) -> None:
    more = [_row(number, "m", good=True) for number in range(10, 20)]
    said = connection.execute(_ADD_AND_SAY, more)
    assert {row.id: row.facts for row in said} == {row["id"]: row["facts"] for row in more}


def test_many_rows_go_in_few_statements_and_all_of_them_arrive(
    connection: Connection, below: sqlalchemy.Connection
) -> None:
    heard: list[str] = []
    event.listen(below.engine, "before_cursor_execute", lambda *call: heard.append(call[2]))
    more = [_row(number, f"w{number}", good=bool(number % 2)) for number in range(10, 80)]
    assert connection.execute(_ADD, more).rowcount == len(more)
    # of SQLite's 64, 4 and the last two; PostgreSQL reads them from one document
    assert len(heard) == {"sqlite": 4, "postgresql": 1}[connection.dialect.name]
    found = {row.id: row for row in connection.execute(_ALL) if row.id >= 10}
    wanted = {row["id"]: (row["word"], row["facts"], row["is_good"]) for row in more}
    assert {key: (r.word, r.facts, r.is_good) for key, r in found.items()} == wanted


def test_whatever_a_row_holds_arrives_among_many_as_it_does_alone(connection: Connection) -> None:
    odd: list[dict[str, Any]] = [
        {"id": 20, "word": 'naïve "quoted" \\ \n 🍵', "facts": {}, "is_good": None, "hash": "00ff"},
        {"id": 21, "word": None, "facts": {"a": ["\x00", "é"]}, "is_good": True, "hash": None},
        {"id": 2**53, "word": "", "facts": [], "is_good": False, "hash": ""},
    ]
    connection.execute(_ADD, odd)
    found = [connection.execute(_GET, {"id": row["id"]}).one()._asdict() for row in odd]
    assert found == odd


@pytest.mark.postgres
def test_a_word_that_is_too_long_is_refused_among_many_too(postgres_url: str) -> None:
    engine = writing_engine(parse(postgres_url))
    with engine.connect() as below, below.begin():
        thing.create(below)
        with pytest.raises(DBAPIError):
            Connection(below).execute(_ADD, [_row(n, "x" * 41, good=True) for n in (1, 2)])
    engine.dispose()


def test_what_stands_behind_the_values_is_the_same_for_all_rows(connection: Connection) -> None:
    told = [_row(number, "new", good=False) for number in range(1, 9)]
    said = connection.execute(_RENEW[connection.dialect.name], told)
    words = {row.id: row.word for row in said}
    assert words == dict.fromkeys((1, 2, 3), "renewed") | dict.fromkeys(range(4, 9), "new")


def test_one_row_means_exactly_one(connection: Connection) -> None:
    assert connection.execute(_GET, {"id": 9}).one_or_none() is None
    with pytest.raises(NoResultFound):
        connection.execute(_GET, {"id": 9}).one()
    with pytest.raises(MultipleResultsFound):
        connection.execute(_ALL).one_or_none()


def test_what_the_driver_refuses_is_raised_as_sqlalchemy_raises_it(connection: Connection) -> None:
    with pytest.raises(IntegrityError) as caught:
        connection.execute(_ADD, [_row(1, "again", good=True)])
    assert "again" not in str(caught.value)
    assert not is_lost_connection(caught.value)


def test_who_listens_to_the_engine_hears_every_statement(
    connection: Connection, below: sqlalchemy.Connection
) -> None:
    heard: list[str] = []

    def remember(*call: Any) -> None:
        heard.append(call[2])

    event.listen(below.engine, "before_cursor_execute", remember)
    connection.execute(_GET, {"id": 1})
    connection.execute(_ADD, [_row(7, "g", good=True)])
    assert [statement.split()[0] for statement in heard] == ["SELECT", "INSERT"]


@pytest.mark.postgres
def test_a_connection_that_breaks_is_known_to_be_lost(postgres_url: str) -> None:
    engine = writing_engine(parse(postgres_url))
    with engine.connect() as below:
        lost = below.begin()
        with pytest.raises(OperationalError) as caught:
            Connection(below).execute(_BREAK)
        lost.rollback()
        assert is_lost_connection(caught.value)
        assert below.invalidated
    engine.dispose()


def test_words_that_a_statement_says_itself_are_no_parameters(connection: Connection) -> None:
    """SQLite would plan it anew each time; whatever is no plain word stays a parameter."""
    for number, word in enumerate(("open", "it's 100% ?", "open ?")):
        connection.execute(_ADD, _row(10 + number, word, good=True))
    plain = Statement(
        select(thing.c.id).where(thing.c.word == "open", thing.c.id == bindparam("id"))
    )
    assert connection.execute(plain, {"id": 10}).scalars() == [10]
    assert "'open'" in plain.plan(connection.dialect, ["id"]).sql
    odd = Statement(select(thing.c.id).where(thing.c.word == "it's 100% ?"))
    assert connection.execute(odd).scalars() == [11]
    moved = Statement(
        update(thing)
        .where(thing.c.word == "open", thing.c.id == bindparam("b_id"))
        .values(word="closed")
    )
    assert connection.execute(moved, {"b_id": 10}).rowcount == 1
    assert connection.execute(moved, {"b_id": 10}).rowcount == 0
    assert connection.execute(_GET, {"id": 10}).one().word == "closed"
