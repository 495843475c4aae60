"""The judge is judged: it is silent about the desk as it is, and catches each broken promise."""

from __future__ import annotations

import sys

import pytest

from bot.faults import FaultPoint
from tests.chaos.plan import Chat, House, Network, Slice
from tests.chaos.stage import Played, Stage
from tests.e2e.process import report

pytestmark = pytest.mark.slow

PATIENCE = 12.0
"""Seconds; what a mutant has lost never comes."""


async def played(network: Network, point: FaultPoint, mutant: str = "") -> Played:
    one = Slice("short", House.SQLITE, network, Chat.READABLE, (point,) * 2, 6, seed=20_261_129)
    if not mutant:
        return await Stage(one).play()
    program = (sys.executable, "-m", f"tests.chaos.mutants.{mutant}")
    found = await Stage(one, program=program, patience=PATIENCE).play()
    report(f"{mutant}: {found.verdict.faults}")
    return found


@pytest.mark.parametrize(
    ("network", "point"),
    [
        (Network.LOOKS, FaultPoint.PUBLISH_CALLED),
        (Network.HOOKS_ONLY, FaultPoint.HOOK_VERIFIED),
    ],
)
async def test_the_desk_as_it_is_keeps_its_promises(network: Network, point: FaultPoint) -> None:
    found = await played(network, point)
    assert found.verdict.faults == {}, found.said
    assert found.toll.at_point == {point: 2}
    assert found.replies >= 12


async def test_a_publisher_that_sends_before_it_records_is_caught() -> None:
    found = await played(Network.LOOKS, FaultPoint.PUBLISH_CALLED, "send_first")
    assert found.verdict.published_twice


async def test_a_publisher_that_sends_again_without_looking_is_caught() -> None:
    found = await played(Network.LOOKS, FaultPoint.PUBLISH_RECONCILE, "resend_blindly")
    assert found.verdict.published_twice


async def test_a_desk_that_acknowledges_before_it_stores_is_caught() -> None:
    found = await played(Network.HOOKS_ONLY, FaultPoint.HOOK_VERIFIED, "acknowledge_first")
    assert any("is on no card" in said for said in found.verdict.lost)
