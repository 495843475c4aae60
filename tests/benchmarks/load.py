"""Requests sent at moments that are fixed in advance, or as fast as they are answered.

In an open loop the times do not wait for answers: when the server falls behind, the delay counts
from the moment at which the request was meant to leave, so nothing is left out. A request that is
answered 503 is sent again, as a network delivers again; how often that happened is told.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

from tests.benchmarks.plain_http import Caller

SPIN_SECONDS = 0.0015
"""The event loop's clock is a millisecond coarse; the rest of the wait is spent looking at it."""
CALLERS = 64
AGAIN_SECONDS = 0.1
MOST_TRIES = 50


@dataclass(slots=True)
class Sent:
    """`moments` (monotonic): when each was meant to leave; `again`: how many answers were 503."""

    moments: list[float]
    seconds: float = 0.0
    again: int = 0

    @property
    def per_second(self) -> float:
        return len(self.moments) / self.seconds


async def open_loop(port: int, requests: Sequence[bytes], rate: float) -> Sent:
    """Send them `rate` a second. A group with a RuntimeError when one is refused in the end."""
    idle: asyncio.Queue[Caller] = asyncio.Queue()
    callers = [await Caller.to(port) for _ in range(min(CALLERS, len(requests)))]
    for caller in callers:
        idle.put_nowait(caller)
    begin = time.monotonic() + 0.05
    sent = Sent([begin + number / rate for number in range(len(requests))])

    async def call(data: bytes) -> None:
        caller = await idle.get()
        await _deliver(caller, data, sent)
        idle.put_nowait(caller)

    try:
        async with asyncio.TaskGroup() as sending:
            for moment, data in zip(sent.moments, requests, strict=True):
                await _until(moment)
                sending.create_task(call(data))
    finally:
        _close(callers)
    sent.seconds = time.monotonic() - begin
    return sent


async def _until(moment: float) -> None:
    left = moment - time.monotonic()
    if left > SPIN_SECONDS:
        await asyncio.sleep(left - SPIN_SECONDS)
    while time.monotonic() < moment:  # noqa: ASYNC110 - an event would wake us a millisecond late
        await asyncio.sleep(0)


async def saturate(port: int, requests: Sequence[bytes], callers: int = CALLERS) -> Sent:
    """Send them all, each caller the next when its last was answered."""
    waiting = iter(requests)
    made = [await Caller.to(port) for _ in range(callers)]
    begin = time.monotonic()
    sent = Sent([begin] * len(requests))

    async def call(caller: Caller) -> None:
        for data in waiting:
            await _deliver(caller, data, sent)

    try:
        async with asyncio.TaskGroup() as calling:
            for caller in made:
                calling.create_task(call(caller))
    finally:
        _close(made)
    sent.seconds = time.monotonic() - begin
    return sent


def _close(callers: Sequence[Caller]) -> None:
    for caller in callers:
        caller.close()


async def _deliver(caller: Caller, data: bytes, sent: Sent) -> None:
    answer = await caller.send(data)
    tries = 1
    while answer.status == 503 and tries < MOST_TRIES:
        sent.again += 1
        await asyncio.sleep(AGAIN_SECONDS)
        answer = await caller.send(data)
        tries += 1
    if answer.status != 200:
        raise RuntimeError(f"Answered {answer.status}: {answer.body[:200]!r}")
