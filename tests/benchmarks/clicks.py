"""From a person's press to the request that publishes: 20 a second, against the floor.

The press is the relay's: signed, over HTTP, the button of the card as the desk last drew it.
Latency runs from the moment at which the press was meant to be sent to the arrival of the reply's
request at the network. The undo window is off. What never reaches the network is missing.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence

from bot.cards.actions import ActionName
from bot.coordination.clock import SystemClock
from handlers.relay.signing import signed
from tests.benchmarks.cards import desk_event
from tests.benchmarks.latency import Latencies, Missing, Numbers, Rounds, arrived, await_all
from tests.benchmarks.load import open_loop, saturate
from tests.benchmarks.outside import Outside
from tests.benchmarks.plain_http import request
from tests.benchmarks.result import Measure
from tests.benchmarks.stage import (
    POSTGRES,
    PRESSER,
    RELAY_SECRET,
    SQLITE,
    Stage,
    desk_on,
    floor,
)

COMMITS = 2
"""Durable before a reply's request leaves: the approval, and that it is being sent."""

ROUNDS = 3
RATE = 20.0
SECONDS = 5
PRESS_PATH = "/chats/relay/press"
DRAWN_SECONDS = 60.0


async def measure() -> AsyncIterator[Measure]:
    for kind in (SQLITE, POSTGRES):
        async for found in _on(kind):
            yield found


async def _on(kind: str) -> AsyncIterator[Measure]:
    numbers, rounds = Numbers(), Rounds()
    async with desk_on(kind) as stage:
        sink = str(stage.world.port)
        async with floor("line", stage.floor_address, str(COMMITS), sink) as bare:
            for round_ in range(ROUNDS + 1):
                desk = await _press(stage, await _drawn(stage, numbers))
                least = await _post(stage.world, bare, numbers.take(int(RATE * SECONDS)))
                if round_:  # the first one warms up
                    rounds.add(desk, least)
    what = "click to publish request at 20/s, against the floor"
    for measured in rounds.measures(f"click_to_publish.{kind}", what):
        yield measured


async def _drawn(stage: Stage, numbers: Numbers) -> Sequence[int]:
    """Comments whose cards can be approved: as many as a round presses."""
    fresh: list[int] = []
    wanted = int(RATE * SECONDS)
    while len(fresh) < wanted:
        # of what comes, some needs no reply and gets no button
        come = numbers.take(wanted)
        await saturate(stage.desk.port, [desk_event(number) for number in come])
        await await_all(stage.world.cards, come)
        fresh += await _that_offer(stage.world, come)
    return fresh[:wanted]


async def _that_offer(world: Outside, numbers: Sequence[int]) -> list[int]:
    """Those with an approval on their card, once no card was redrawn for half a second."""
    for _ in range(int(DRAWN_SECONDS / 0.5)):
        before = dict(world.shown)
        await asyncio.sleep(0.5)
        if before == world.shown:
            return [number for number in numbers if _button(world.shown[number])]
    raise Missing(f"The cards have not come to rest after {DRAWN_SECONDS:g} s")


def _button(body: bytes) -> str | None:
    """What the button that approves carries; None where the card offers none."""
    data = [str(action["data"]) for action in json.loads(body)["card"]["actions"]]
    return next((one for one in data if one.startswith(f"{ActionName.APPROVE.value}.")), None)


async def _press(stage: Stage, numbers: Sequence[int]) -> Latencies:
    presses = [_signed(number, stage.world.shown[number]) for number in numbers]
    sent = await open_loop(stage.desk.port, presses, RATE)
    return await arrived(stage.world.replies, numbers, sent)


def _signed(number: int, shown: bytes) -> bytes:
    form = {"id": f"press-{number}", "user": PRESSER, "data": _button(shown), "entry": ""}
    body = json.dumps(form).encode()
    headers = signed(RELAY_SECRET, "POST", PRESS_PATH, body, SystemClock().now())
    return request("POST", PRESS_PATH, body, {**headers, "Content-Type": "application/json"})


async def _post(world: Outside, port: int, numbers: Sequence[int]) -> Latencies:
    bodies = [json.dumps({"path": f"/comments/c{number}/replies"}) for number in numbers]
    requests = [request("POST", "/", body.encode(), {}) for body in bodies]
    sent = await open_loop(port, requests, RATE)
    return await arrived(world.replies, numbers, sent)
