"""The private servers that other tests stand on."""

import socket
from pathlib import Path

import psycopg
import pytest

from tests import services
from tests.conftest import LeftLoopback


def _connect(url: str) -> psycopg.Connection:
    return psycopg.connect(url.replace("postgresql+psycopg", "postgresql"))


@pytest.mark.postgres
def test_each_test_gets_an_empty_database_of_its_own(
    postgres_server: services.PostgresServer,
) -> None:
    with postgres_server.database() as one, postgres_server.database() as other:
        with _connect(one) as connection:
            connection.execute("CREATE TABLE mine (id int)")
        with _connect(other) as connection:
            found = connection.execute("SELECT to_regclass('mine')").fetchone()
    assert one != other
    assert found == (None,)


@pytest.mark.postgres
def test_a_database_is_gone_afterwards_even_when_a_connection_stayed_open(
    postgres_server: services.PostgresServer,
) -> None:
    with postgres_server.database() as url:
        left_open = _connect(url)
    with left_open, pytest.raises(psycopg.OperationalError):
        left_open.execute("SELECT 1")
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        _connect(url)


def test_a_missing_service_skips_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REPLYDESK_REQUIRE_SERVICES", raising=False)
    with pytest.raises(pytest.skip.Exception, match="PostgreSQL; get it with: apt install"):
        services.lack(services.POSTGRES)


def test_a_missing_service_fails_where_all_are_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPLYDESK_REQUIRE_SERVICES", "1")
    with pytest.raises(pytest.fail.Exception, match="PostgreSQL; get it with: apt install"):
        services.lack(services.POSTGRES)


def test_a_run_ends_with_what_was_skipped_and_how_to_get_it(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REPLYDESK_SPECS", raising=False)
    pytester.makeconftest("pytest_plugins = ['tests.conftest']")
    pytester.makepyfile(
        "def test_one(specs_dir): ...\ndef test_two(specs_dir): ...\ndef test_three(): ..."
    )
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    result.assert_outcomes(passed=1, skipped=2)
    result.stdout.fnmatch_lines(
        [
            "*Skipped because a service is missing*",
            "vendors' specifications; get it with: REPLYDESK_SPECS=*(2 skipped)",
            "*1 passed, 2 skipped*",
        ]
    )


def test_no_test_reaches_another_machine() -> None:
    with socket.socket() as outside, pytest.raises(LeftLoopback):
        outside.connect(("192.0.2.1", 9))


def test_chromium_is_where_the_variable_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = tmp_path / "browser"
    browser.write_text("#!/bin/sh\n", encoding="utf-8")
    browser.chmod(0o755)
    monkeypatch.setenv("REPLYDESK_CHROMIUM", str(browser))
    assert services.find_chromium() == browser
    monkeypatch.setenv("REPLYDESK_CHROMIUM", str(tmp_path / "absent"))
    assert services.find_chromium() is None
