"""Where the promise ends, shown: what cannot be known is parked, and a network may lie too well."""

from __future__ import annotations

import pytest

from bot.faults import FaultPoint
from tests.chaos.plan import Chat, House, Network, Slice
from tests.chaos.stage import Played, Stage

pytestmark = pytest.mark.slow

PATIENCE = 30.0
"""Seconds."""


async def killed_while_publishing(network: Network) -> Played:
    deaths = (FaultPoint.PUBLISH_CALLED,) * 2
    one = Slice("limit", House.SQLITE, network, Chat.READABLE, deaths, 6, seed=20_261_129)
    return await Stage(one, patience=PATIENCE).play()


async def test_with_neither_keys_nor_looks_a_person_is_asked_and_nothing_is_repeated() -> None:
    found = await killed_while_publishing(Network.NEITHER)
    assert found.verdict.parked
    assert found.verdict.faults == {}, found.said


async def test_a_network_that_lags_longer_than_it_declares_gets_a_reply_twice() -> None:
    """No program can know better: nothing was there when it had to be there."""
    found = await killed_while_publishing(Network.LATER_THAN_DECLARED)
    assert found.verdict.published_twice
    assert not found.verdict.lost
    assert not found.verdict.unapproved
