"""A private Redis for tests: started, flushed, stopped, paused and woken as they like."""

from __future__ import annotations

import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import redis

from tests.services import LOOPBACK, REDIS, START_SECONDS, free_port, lack

# Nothing is written to disk, and it stops without asking whether it should have been.
SETTINGS = ("--save", "", "--appendonly", "no", "--loglevel", "warning", "--bind", LOOPBACK)


@dataclass(slots=True)
class RedisServer:
    """One server on one port, whether it runs at the moment or not."""

    binary: str
    port: int = field(default_factory=free_port)
    _process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://{LOOPBACK}:{self.port}/0"

    def start(self) -> None:
        """Returns when it answers."""
        self._process = subprocess.Popen(
            [self.binary, "--port", str(self.port), *SETTINGS],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + START_SECONDS
        while not self.answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("Redis did not start.")
            time.sleep(0.02)

    def stop(self) -> None:
        """As a host that dies: everything it held is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(timeout=START_SECONDS)
            self._process = None

    def pause(self) -> None:
        """It holds its connections and answers nothing more."""
        self._signal(signal.SIGSTOP)

    def wake(self) -> None:
        self._signal(signal.SIGCONT)

    def flush(self) -> None:
        with self.client() as client:
            client.flushall()

    def client(self) -> redis.Redis:
        """For the test itself; blocking, so only for an answer that comes at once."""
        return redis.Redis(host=LOOPBACK, port=self.port, decode_responses=True, protocol=2)

    def answers(self) -> bool:
        try:
            with self.client() as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None, "It does not run."
        self._process.send_signal(number)


def find_redis() -> str:
    """The installed binary; skips the running test, or fails it, when there is none."""
    return shutil.which("redis-server") or lack(REDIS)


@contextmanager
def running_redis(binary: str) -> Iterator[RedisServer]:
    """Running at first; whatever the block does to it, it is gone afterwards."""
    server = RedisServer(binary)
    try:
        server.start()
        yield server
    finally:
        server.stop()
