"""Coming to rest: the networks are well, nobody presses anything, and all that is due is done."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, text

from bot.model.account import AccountState
from bot.model.ids import SECOND
from bot.model.publication import PublicationState
from bot.store.tx import Tx
from tests.chaos.model.book import Broken
from tests.chaos.model.judge import Judge
from tests.chaos.model.process import Process
from tests.chaos.model.world import World

ROUNDS = 400
LOOKS_EVERY = 30
"""Seconds, at the least, between two looks at what a clock that was set back keeps in doubt."""
A_POLL = 61.0
"""Seconds in which everything that recurs comes round."""


async def come_to_rest(hosts: list[Process], world: World, judge: Judge) -> None:
    world.settle()
    for host in hosts:
        while host.parked:
            await host.resume(host.parked[0], heard=True)
    host = hosts[0]
    for _ in range(2):
        await _until_nothing_is_due(host, world)
        world.pass_time(A_POLL)
    await _until_nothing_is_due(host, world)
    await judge.after_a_step(host, by_a_person=False)
    await judge.at_rest(host)


async def _until_nothing_is_due(host: Process, world: World) -> None:
    for _ in range(ROUNDS + int(world.set_back / LOOKS_EVERY)):
        rows = await host.claim()
        for row in rows:
            await host.work(row)
        if rows:
            continue
        wait = await host.read(_wait)
        if wait is None:
            return
        world.pass_time(max(wait, 1) / SECOND)
    raise Broken("the work never comes to rest")


def _wait(tx: Tx) -> int | None:
    """Milliseconds until something that does not recur is due; None when nothing ever will be."""
    rows = tx.connection.execute(_WAITING).all()
    if not rows:
        return None
    accounts = tx.accounts.all()
    is_paused = any(account.state is AccountState.PAUSED for account in accounts)
    # What is held looks again and again, and may do so for as long as something else waits.
    moving = [row for row in rows if is_paused or not _is_held(row)]
    return int(moving[0].due_at - tx.now()) if moving else None


def _is_held(row: Row[Any]) -> bool:
    return row.state == PublicationState.QUEUED.value and "Held" in row.trouble


_WAITING = text(
    "SELECT d.due_at, p.state, p.trouble FROM due d "
    "LEFT JOIN publication p ON d.kind = 'publish' AND p.id = json_extract(d.arg, '$.publication') "
    "WHERE d.every IS NULL AND d.due_at IS NOT NULL ORDER BY d.due_at"
)
