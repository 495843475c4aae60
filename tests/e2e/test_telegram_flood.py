"""A flood of comments under one post, and a group that takes twenty messages a minute."""

from __future__ import annotations

import asyncio
import contextlib
import time
from pathlib import Path

import pytest

from tests.e2e.console_client import eventually
from tests.e2e.flood import (
    COMMENTS,
    MOST_CALLS_A_MINUTE,
    MOST_SECONDS,
    MOST_SECONDS_OF_A_PRESS,
    all_here,
    flood,
    legal_card,
    watched,
)
from tests.e2e.loop import network_of
from tests.e2e.process import report
from tests.e2e.test_telegram_run import BOB, home_of, live, until
from tests.fakes.telegram_people import Person
from tests.fakes.telegram_server import TelegramServer
from tests.fakes.telegram_world import GROUP, Shown


@pytest.mark.slow
async def test_a_flood_costs_few_messages_and_holds_up_neither_people_nor_legal_risks(
    tmp_path: Path,
) -> None:
    async with TelegramServer().serving() as telegram:
        home = home_of(tmp_path, telegram, "polling")
        async with network_of(home) as sandbox, live(home):
            pressing = asyncio.create_task(presses(telegram))
            begun = time.monotonic()
            seconds = await asyncio.gather(
                flood(sandbox), legal_card(sandbox, lambda: legal_stands(telegram))
            )
            await eventually(lambda: all_here(home), "every comment", 120.0)
            lasted = time.monotonic() - begun
            pressing.cancel()
            [answers] = await asyncio.gather(pressing, return_exceptions=True)
            assert isinstance(answers, list)
            calls = [name for name, values in telegram.calls if values.get("chat_id") == GROUP]
            report(
                f"{COMMENTS} comments in {lasted:.0f} s: {len(calls)} calls to the group, legal "
                f"card after {seconds[1]:.2f} s, {len(answers)} presses answered within "
                f"{max(answers, default=0):.2f} s"
            )
            assert len(calls) <= MOST_CALLS_A_MINUTE * max(1.0, lasted / 60)
            assert telegram.refused == []
            assert seconds[1] < MOST_SECONDS
            # throughout: from the first card until the last comment was stored
            assert len(answers) > lasted / 2
            assert max(answers) < MOST_SECONDS_OF_A_PRESS
            await until(lambda: peak_of(telegram), "the card of the peak")


def peak_of(telegram: TelegramServer) -> Shown | None:
    found = [one for one in telegram.world.by_bot() if one.text.startswith("Peak since")]
    assert len(found) <= 1
    return found[0] if found else None


async def legal_stands(telegram: TelegramServer) -> Shown:
    return await until(
        lambda: next((one for one in telegram.world.by_bot() if "KLEGAL" in one.text), None),
        "the card of the legal risk",
    )


async def presses(telegram: TelegramServer) -> list[float]:
    """Seconds that each answer took, until cancelled."""
    bob, took = Person(telegram, BOB, "Bob"), list[float]()
    with contextlib.suppress(asyncio.CancelledError):
        async with watched() as stalls:
            while True:
                await asyncio.sleep(1.0)
                cards = [
                    one for one in telegram.world.by_bot() if any("Team" in x for x in one.labels)
                ]
                if cards:
                    token = cards[-1].data("Team").split(".")[1]
                    begun, stood = time.monotonic(), stalls.seconds
                    # of a revision that nobody saw: decided and answered, and nothing is redrawn
                    await bob.answer_to(bob.press(cards[-1], f"no_reply.{token}.999999"))
                    took.append(time.monotonic() - begun - (stalls.seconds - stood))
    return took
