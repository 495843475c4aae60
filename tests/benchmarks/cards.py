"""From an event to its card: at 50 a second, sustained at 500 a second, and 10,000 at once.

Latency runs from the moment at which the webhook was meant to be sent to the arrival of the
card's request at the team's tool. Whoever never gets a card is counted as missing, and a run with
missing cards has no number.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

from tests.benchmarks.latency import Latencies, Numbers, Rounds, arrived, await_all
from tests.benchmarks.load import open_loop, saturate
from tests.benchmarks.outside import Outside, hook, text_of
from tests.benchmarks.plain_http import request
from tests.benchmarks.result import Measure
from tests.benchmarks.stage import HOOK_PATH, POSTGRES, SECRET, SQLITE, desk_on, floor

COMMITS = 3
"""Durable before a card's request leaves: the item, its triage with the draft, and that it is being
posted. A desk on which nothing waits makes one commit of the three; the floor keeps them apart, so
that runs of before and after compare."""

ROUNDS = 3
RATE = 50.0
SECONDS = 6
SUSTAINED = 500.0
SUSTAINED_SECONDS = 10
BURST = 10_000


def floor_event(number: int) -> bytes:
    return request("POST", "/", f'{{"text": "{text_of(number)}"}}'.encode(), {})


def desk_event(number: int) -> bytes:
    return hook(number, HOOK_PATH, SECRET)


async def latencies(
    world: Outside, port: int, numbers: range, rate: float, *, by_desk: bool
) -> Latencies:
    make = desk_event if by_desk else floor_event
    sent = await open_loop(port, [make(number) for number in numbers], rate)
    return await arrived(world.cards, numbers, sent)


async def measure() -> AsyncIterator[Measure]:
    for kind in (SQLITE, POSTGRES):
        async for found in _at_fifty(kind):
            yield found


async def _at_fifty(kind: str) -> AsyncIterator[Measure]:
    numbers, rounds = Numbers(), Rounds()
    async with desk_on(kind) as stage:
        sink = str(stage.world.port)
        async with floor("line", stage.floor_address, str(COMMITS), sink) as bare:
            count = int(RATE * SECONDS)
            for round_ in range(ROUNDS + 1):
                desk = await latencies(
                    stage.world, stage.desk.port, numbers.take(count), RATE, by_desk=True
                )
                least = await latencies(stage.world, bare, numbers.take(count), RATE, by_desk=False)
                if round_:  # the first one warms up
                    rounds.add(desk, least)
    what = "event to card at 50/s, against the floor"
    for measured in rounds.measures(f"event_to_card.{kind}", what):
        yield measured


async def measure_sustained() -> AsyncIterator[Measure]:
    for kind in (SQLITE, POSTGRES):
        async with desk_on(kind) as stage:
            numbers = Numbers()
            count = int(SUSTAINED * SUSTAINED_SECONDS)
            await latencies(stage.world, stage.desk.port, numbers.take(200), 100, by_desk=True)
            rounds = [
                await latencies(
                    stage.world, stage.desk.port, numbers.take(count), SUSTAINED, by_desk=True
                )
                for _ in range(2)
            ]
        yield Measure(
            f"sustained.{kind}.p99",
            f"card p99 at {SUSTAINED:g} events/s",
            "s",
            "lower",
            1.0,
            None,
            tuple(one.p99 for one in rounds),
            {
                "p50_seconds": [one.p50 for one in rounds],
                "missing": 0,
                "sent_again": sum(one.again for one in rounds),
            },
        )


async def measure_burst() -> AsyncIterator[Measure]:
    for kind in (SQLITE, POSTGRES):
        numbers = Numbers()
        async with desk_on(kind) as stage:
            sink = str(stage.world.port)
            async with floor("line", stage.floor_address, str(COMMITS), sink) as bare:
                await _burst(stage.world, stage.desk.port, numbers.take(200), by_desk=True)
                await _burst(stage.world, bare, numbers.take(200), by_desk=False)
                desk, again = await _burst(
                    stage.world, stage.desk.port, numbers.take(BURST), by_desk=True
                )
                least, _none = await _burst(stage.world, bare, numbers.take(BURST), by_desk=False)
        yield Measure(
            f"burst.{kind}",
            "10,000 events at once: last card, against the floor",
            "ratio",
            "lower",
            3.0,
            1.5,
            (desk / least,),
            {"desk_seconds": desk, "floor_seconds": least, "missing": 0, "sent_again": again},
        )


async def _burst(world: Outside, port: int, numbers: range, *, by_desk: bool) -> tuple[float, int]:
    """Seconds from the first request to the last card; how many requests were sent again."""
    make = desk_event if by_desk else floor_event
    requests = [make(number) for number in numbers]
    begin = time.monotonic()
    sent = await saturate(port, requests)
    await await_all(world.cards, numbers)
    return max(world.cards[number] for number in numbers) - begin, sent.again
