"""The shortest programs with the same durable commits, each in a process of its own.

    python -m tests.benchmarks.floors accept
    python -m tests.benchmarks.floors line DATABASE COMMITS SINK_PORT

`accept` is a bare aiohttp POST: it reads the body and answers. `line` stores what it is posted,
answers, makes COMMITS durable commits in all, and then posts to the sink: no signature, no
types, no house, one table. What waits together shares a commit, as in the desk. Both print their
port and serve until they are killed.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import aiohttp
import psycopg
from aiohttp import web

Commit = Callable[[str, Sequence[tuple[object, ...]]], Awaitable[None]]
CREATE = (
    "CREATE TABLE work (id BIGINT PRIMARY KEY, body TEXT, step INTEGER, due_at BIGINT)",
    "CREATE INDEX work_due ON work (due_at)",
)


async def accept(request: web.Request) -> web.Response:
    await request.read()
    return web.Response(text="ok")


def sqlite(address: str) -> Commit:
    path = address.removeprefix("sqlite:///")
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    for statement in CREATE:
        database.execute(statement)

    async def commit(statement: str, rows: Sequence[tuple[object, ...]]) -> None:
        database.execute("BEGIN IMMEDIATE")
        database.executemany(statement.replace("%s", "?"), rows)
        database.execute("COMMIT")

    return commit


async def postgres(address: str) -> Commit:
    plain = address.replace("+psycopg", "")
    database = await psycopg.AsyncConnection.connect(plain, autocommit=True)
    for statement in CREATE:
        await database.execute(statement.encode())

    async def commit(statement: str, rows: Sequence[tuple[object, ...]]) -> None:
        async with database.transaction(), database.cursor() as cursor:
            await cursor.executemany(statement.encode(), rows)

    return commit


class Line:
    """Stored, answered, worked on in so many commits, posted."""

    def __init__(self, commit: Commit, commits: int, http: aiohttp.ClientSession, url: str) -> None:
        self._commit = commit
        self._commits = commits
        self._http = http
        self._url = url
        self._waiting: list[tuple[int, bytes, asyncio.Future[None]]] = []
        self._rung = asyncio.Event()
        self._posting: set[asyncio.Task[None]] = set()
        self._number = 0

    async def receive(self, request: web.Request) -> web.Response:
        body = await request.read()
        self._number += 1
        stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((self._number, body, stored))
        self._rung.set()
        await stored
        return web.Response(text="ok")

    async def work(self) -> None:
        while True:
            await self._rung.wait()
            self._rung.clear()
            batch, self._waiting = self._waiting, []
            rows = [(number, body.decode(), number) for number, body, _ in batch]
            await self._commit("INSERT INTO work VALUES (%s, %s, 0, %s)", rows)
            for _number, _body, stored in batch:
                if not stored.done():
                    stored.set_result(None)
            for step in range(1, self._commits):
                moved = [(step, number) for number, _, _ in batch]
                await self._commit("UPDATE work SET step = %s WHERE id = %s", moved)
            for _number, body, _stored in batch:
                posting = asyncio.create_task(self._post(body))
                self._posting.add(posting)
                posting.add_done_callback(self._posting.discard)

    async def _post(self, body: bytes) -> None:
        path = json.loads(body).get("path", "/cards")
        async with self._http.post(self._url + path, data=body) as answer:
            await answer.read()


async def line(address: str, commits: int, sink: int) -> None:
    is_sqlite = address.startswith("sqlite")
    commit = sqlite(address) if is_sqlite else await postgres(address)
    async with aiohttp.ClientSession() as http:
        worked = Line(commit, commits, http, f"http://127.0.0.1:{sink}")
        working = asyncio.create_task(worked.work())
        await _serve(worked.receive)
        await working


async def _serve(receive: Callable[[web.Request], Awaitable[web.Response]]) -> None:
    app = web.Application()
    app.router.add_post("/{path:.*}", receive)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()


async def main(arguments: Sequence[str]) -> None:
    match arguments:
        case ["accept"]:
            await _serve(accept)
            await asyncio.Event().wait()
        case ["line", address, commits, sink]:
            await line(address, int(commits), int(sink))
        case _:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    assert Path(__file__).exists()
    asyncio.run(main(sys.argv[1:]))
