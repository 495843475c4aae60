"""How a `DATABASE_URL` may be spelled, and what is never repeated of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import ConfigurationError
from bot.store.database import parse


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_all_spellings_of_postgresql_lead_to_one_driver(scheme: str) -> None:
    database = parse(f"{scheme}://desk:hunter2@db.example:5433/desk")
    assert database.url.drivername == "postgresql+psycopg"
    assert not database.is_sqlite


def test_a_password_is_never_in_the_name_of_a_database() -> None:
    database = parse("postgres://desk:hunter2@db.example:5433/desk")
    assert database.name == "the PostgreSQL database desk at db.example:5433"
    assert "hunter2" not in repr(database)


def test_a_sqlite_file_may_be_named_from_here_or_from_the_root(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert parse("sqlite:///data/desk.db").path == tmp_path / "data/desk.db"
    assert parse("sqlite:////var/desk.db").path == Path("/var/desk.db")


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("sqlite://", "forgets everything"),
        ("sqlite:///:memory:", "forgets everything"),
        ("mysql://desk:hunter2@localhost/desk", "does not know the database mysql"),
        ("hunter2", "cannot be read"),
        ("postgresql://desk:hunter2@localhost:port/desk", "cannot be read"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_without_repeating_it(
    address: str, says: str
) -> None:
    with pytest.raises(ConfigurationError, match=says) as caught:
        parse(address)
    assert "hunter2" not in str(caught.value)
