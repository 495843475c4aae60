"""Statements are prepared on PostgreSQL; never behind a pooler, where a name is not ours alone."""

import threading
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import literal_column, select
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError

from bot.store.connection import Connection
from bot.store.database import Database, parse, reading_engine, writing_engine
from bot.store.postgres import PREPARE_AFTER
from bot.store.statement import Core, Statement
from tests.pgbouncer import running_pgbouncer
from tests.services import PostgresServer

pytestmark = pytest.mark.postgres

QUESTIONS: list[Statement[Core]] = [
    Statement(select(literal_column(str(number)).label("number"))) for number in range(20)
]
"""Prepared in another order by each client, so that equal names would be different questions."""
ROUNDS = 12
CLIENTS = 6


@pytest.fixture
def pooler(postgres_server: PostgresServer) -> Iterator[PostgresServer]:
    with running_pgbouncer(postgres_server, processes=2) as pooler:
        yield pooler


@pytest.mark.parametrize("engine_of", [writing_engine, reading_engine])
def test_what_is_asked_often_is_prepared(
    postgres_url: str, engine_of: Callable[[Database], Engine]
) -> None:
    engine = engine_of(parse(postgres_url))
    assert _asked(engine, first=0) == []
    with engine.connect() as below, below.begin():
        names = below.exec_driver_sql("SELECT name FROM pg_prepared_statements").all()
    engine.dispose()
    assert len(names) == len(QUESTIONS)


@pytest.mark.parametrize("engine_of", [writing_engine, reading_engine])
def test_behind_a_pooler_nothing_is_prepared_and_every_answer_is_right(
    postgres_url: str, pooler: PostgresServer, engine_of: Callable[[Database], Engine]
) -> None:
    address = pooler.url(postgres_url.rsplit("/", 1)[1])
    engines = [engine_of(parse(address)) for _ in range(CLIENTS)]
    wrong: list[str] = []

    def ask(client: int) -> None:
        wrong.extend(_asked(engines[client], first=client))

    clients = [threading.Thread(target=ask, args=(number,)) for number in range(CLIENTS)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    with engines[0].connect() as below, below.begin():
        prepared = below.exec_driver_sql("SELECT name FROM pg_prepared_statements").all()
    for engine in engines:
        engine.dispose()
    assert wrong == []
    assert prepared == []


def _asked(engine: Engine, *, first: int) -> list[str]:
    """Ask all questions, each more than often enough; what went wrong."""
    assert ROUNDS > PREPARE_AFTER
    wrong = []
    for round_ in range(ROUNDS):
        for place in range(len(QUESTIONS)):
            number = (first * 3 + place) % len(QUESTIONS)
            try:
                with engine.connect() as below, below.begin():
                    found = Connection(below).execute(QUESTIONS[number]).scalar_one()
            except DBAPIError as error:
                wrong.append(f"round {round_}: {type(error.orig).__name__}")
                continue
            if found != number:
                wrong.append(f"round {round_}: {found} instead of {number}")
    return wrong
