"""What the desk of a slice stands on: a file of its own, or a database and a Redis of its own."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import NoReturn

from tests import services
from tests.chaos.plan import House
from tests.redis_server import RedisServer, running_redis


@dataclass(frozen=True, slots=True)
class Ground:
    """`database` is a DATABASE_URL; empty is SQLite in the desk's own folder."""

    database: str = ""
    redis: RedisServer | None = None

    @property
    def environment(self) -> Mapping[str, str]:
        found = {"DATABASE_URL": self.database} if self.database else {}
        return found | ({"REDIS_URL": self.redis.url} if self.redis else {})


A_FILE = Ground()


@dataclass(frozen=True, slots=True)
class Grounds:
    """Servers for many slices; each gets what no other one sees."""

    postgres: services.PostgresServer | None
    redis: str
    """The binary."""

    @contextmanager
    def of(self, house: House) -> Iterator[Ground]:
        with ExitStack() as stack:
            if house is House.SQLITE:
                yield Ground()
                return
            assert self.postgres is not None
            database = stack.enter_context(self.postgres.database())
            redis = None
            if house is House.FLEET:
                redis = stack.enter_context(running_redis(self.redis))
            yield Ground(database, redis)


@contextmanager
def prepared(houses: set[House]) -> Iterator[Grounds]:
    """What these houses need; ends the program with a sentence when it is not installed."""
    with ExitStack() as stack:
        postgres, redis = None, ""
        if houses - {House.SQLITE}:
            binaries = services.find_postgres() or _lack(services.POSTGRES)
            postgres = stack.enter_context(services.running_postgres(binaries))
        if House.FLEET in houses:
            redis = shutil.which("redis-server") or _lack(services.REDIS)
        yield Grounds(postgres, redis)


def _lack(service: services.Service) -> NoReturn:
    sys.exit(f"{service.name} is missing. Get it with: {service.remedy}")
