"""What every test gets: a clean environment, loopback only, and private servers on request."""

import ipaddress
import logging
import os
import sys
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import settings

from tests import services
from tests.databases import migrated_postgres
from tests.redis_server import RedisServer, find_redis, running_redis

pytest_plugins = ["pytester"]

# A run must not depend on what the person who runs it has configured.
FORGOTTEN = (
    "DATABASE_URL",
    "REDIS_URL",
    "PORT",
    "BROWSER",
    "OPENAI_API_KEY",
    "OPENAI_BASE_URL",
    "SLACK_BOT_TOKEN",
    "SLACK_APP_TOKEN",
    "SLACK_SIGNING_SECRET",
    "TELEGRAM_BOT_TOKEN",
    "PGHOST",
    "PGPORT",
    "PGUSER",
    "PGPASSWORD",
    "PGDATABASE",
    "PGSERVICE",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
)


WHOLE_DESKS = tuple(Path(__file__).parent / name for name in ("e2e", "chaos", "day"))
"""Where each test starts processes of its own."""
POSTGRES_CALLED = frozenset({"postgres", "postgresql"})
"""How a parameter asks for it; the fixture is then got by name."""
SERVERS = frozenset(
    {
        "postgres_server",
        "postgres_url",
        "migrated_postgres_url",
        "redis_server",
        "redis_url",
        "own_redis",
        "chromium_path",
    }
)


class LeftLoopback(AssertionError):
    """A test tried to reach another machine. Give it a server on loopback instead."""


def pytest_configure(config: pytest.Config) -> None:
    for name in FORGOTTEN:
        os.environ.pop(name, None)
        os.environ.pop(name.lower(), None)
    if not _has_outside_peers():
        sys.addaudithook(_stay_on_loopback)
    settings.register_profile("replydesk", deadline=None, derandomize="CI" in os.environ)
    settings.load_profile("replydesk")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What starts servers, a browser or whole desks takes the most time: `make test-servers`."""
    for item in items:
        if _wants_a_server(item):
            item.add_marker(pytest.mark.servers)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol() -> Generator[None, object, object]:
    """A log that a test set up ends with it: its stream may be closed when somebody writes."""
    handlers = list(logging.getLogger().handlers)
    try:
        return (yield)
    finally:
        logging.getLogger().handlers[:] = handlers


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was skipped for want of a service, and how to get it: a skip is never a pass."""
    lines = _missing_services(terminalreporter.stats.get("skipped", []))
    if not lines:
        return
    terminalreporter.section("Skipped because a service is missing")
    for line in lines:
        terminalreporter.line(line)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[services.PostgresServer]:
    """One private PostgreSQL for the whole run, started when the first test asks for it."""
    binaries = services.find_postgres()
    if binaries is None:
        services.lack(services.POSTGRES)
    with services.running_postgres(binaries) as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: services.PostgresServer) -> Iterator[str]:
    """An empty PostgreSQL database of this test's own, as `postgresql+psycopg://...`."""
    with postgres_server.database() as url:
        yield url


@pytest.fixture
def migrated_postgres_url(postgres_server: services.PostgresServer) -> str:
    """As `postgres_url`, with the empty tables of the desk; who alters these wants its own."""
    return migrated_postgres(postgres_server)


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """One private Redis for the whole run, started when the first test asks for it."""
    with running_redis(find_redis()) as server:
        yield server


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    """An empty Redis, as `redis://...`; other tests share the server, so leave it running."""
    redis_server.flush()
    return redis_server.url


@pytest.fixture
def own_redis() -> Iterator[RedisServer]:
    """A Redis that this test may stop and pause."""
    with running_redis(find_redis()) as server:
        yield server


@pytest.fixture(scope="session")
def chromium_path() -> Path:
    """The installed Chromium; start it with `executable_path` and `args=["--no-sandbox"]`."""
    found = services.find_chromium()
    if found is None:
        services.lack(services.CHROMIUM)
    return found


@pytest.fixture(scope="session")
def specs_dir() -> Path:
    """The folder with the vendors' machine-readable specifications."""
    return _folder_from("REPLYDESK_SPECS", services.SPECS)


@pytest.fixture(scope="session")
def bench_data_dir() -> Path:
    """The folder with the data sets that triage and alerts are measured on."""
    return _folder_from("REPLYDESK_BENCH_DATA", services.BENCH_DATA)


def _wants_a_server(item: pytest.Item) -> bool:
    if any(folder in item.path.parents for folder in WHOLE_DESKS):
        return True
    if any(item.get_closest_marker(mark) for mark in ("postgres", "redis", "browser")):
        return True
    called = getattr(item, "callspec", None)
    values = [] if called is None else [one for one in called.params.values() if type(one) is str]
    return bool(POSTGRES_CALLED.intersection(values) or SERVERS & set(_fixtures_of(item)))


def _fixtures_of(item: pytest.Item) -> Sequence[str]:
    return getattr(item, "fixturenames", ())


def _folder_from(variable: str, service: services.Service) -> Path:
    folder = os.environ.get(variable)
    if not folder:
        pytest.skip(service.reason)
    path = Path(folder).resolve()
    if not path.is_dir():
        pytest.fail(f"{variable} names {folder}, which is not a folder.", pytrace=False)
    return path


def _has_outside_peers() -> bool:
    return any(
        name.startswith("REPLYDESK_PEER_") and name.endswith("_URL") and bool(value)
        for name, value in os.environ.items()
    )


def _stay_on_loopback(event: str, arguments: tuple[object, ...]) -> None:
    if event != "socket.connect":
        return
    address = arguments[1]
    if isinstance(address, tuple) and not _is_loopback(str(address[0])):
        raise LeftLoopback(f"A test tried to reach {address}. Give it a server on loopback.")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _missing_services(reports: list[pytest.TestReport]) -> list[str]:
    reasons = Counter(
        report.longrepr[2].removeprefix("Skipped: ")
        for report in reports
        if isinstance(report.longrepr, tuple)
    )
    return [
        f"{reason.removeprefix(services.MISSING).strip()}  ({tests} skipped)"
        for reason, tests in sorted(reasons.items())
        if reason.startswith(services.MISSING)
    ]
