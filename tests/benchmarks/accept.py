"""Webhooks at saturation: signature, deduplication, durable storage, answer; floor: a bare POST.

64 connections ask as fast as they are answered. The desk's worker works too: what it does for
earlier hooks is part of the picture. Interleaved rounds, the ratio of each pair.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from tests.benchmarks.load import saturate
from tests.benchmarks.outside import hook
from tests.benchmarks.plain_http import request
from tests.benchmarks.result import Measure
from tests.benchmarks.stage import HOOK_PATH, POSTGRES, SECRET, SQLITE, desk_on, floor

ROUNDS = 3
REQUESTS = 3_000
BOUNDS = {SQLITE: (0.6, 0.75), POSTGRES: (0.4, 0.5)}


async def measure() -> AsyncIterator[Measure]:
    for kind in (SQLITE, POSTGRES):
        yield await _measure(kind)


async def _measure(kind: str) -> Measure:
    ratios, ours, floors, again = [], [], [], 0
    async with desk_on(kind) as stage, floor("accept") as bare:
        body = hook(0, HOOK_PATH, SECRET).partition(b"\r\n\r\n")[2]
        bare_requests = [request("POST", "/hook", body, {})] * REQUESTS
        await saturate(stage.desk.port, _hooks(0))
        await saturate(bare, bare_requests)
        for round_ in range(1, ROUNDS + 1):
            sent = await saturate(stage.desk.port, _hooks(round_))
            again += sent.again
            ours.append(sent.per_second)
            floors.append((await saturate(bare, bare_requests)).per_second)
            ratios.append(ours[-1] / floors[-1])
    gate, goal = BOUNDS[kind]
    return Measure(
        f"accept.{kind}",
        "webhooks accepted, against a bare aiohttp POST",
        "ratio",
        "higher",
        gate,
        goal,
        tuple(ratios),
        {"desk_per_second": ours, "floor_per_second": floors, "sent_again": again},
    )


def _hooks(round_: int) -> list[bytes]:
    first = round_ * REQUESTS + 1
    return [hook(number, HOOK_PATH, SECRET) for number in range(first, first + REQUESTS)]
