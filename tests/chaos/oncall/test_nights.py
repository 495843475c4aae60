"""Sixteen hundred escalations while processes die, clocks jump, and the chat or the pager is dead.

Nothing is missed, nothing comes twice where keys are known, and elsewhere a page that came again
says so and cost no more than the answers that were lost.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos.kth_extent import IS_WHOLE
from tests.chaos.oncall.nights import CHAT_SAYS, INCIDENTS, LATE, PAGER_SAYS, Harm, Night
from tests.fakes.desk_kit import desk_address

KINDS = {
    "kills": Harm(kill=0.06),
    "a dead chat": Harm(kill=0.03, dead=0.6),
    "the chat is gone all night": Harm(kill=0.03, gone=frozenset({CHAT_SAYS})),
    "the pager is gone all night": Harm(kill=0.03, gone=frozenset({PAGER_SAYS})),
    "both are gone for a while": Harm(
        kill=0.03, gone=frozenset({CHAT_SAYS, PAGER_SAYS}), minutes=3
    ),
    "a silent chat": Harm(kill=0.02, silent=0.4),
    "clock jumps": Harm(kill=0.03, dead=0.1, silent=0.1, jumps=0.02),
    "everything": Harm(kill=0.05, dead=0.3, silent=0.2, jumps=0.01),
}
ESCALATIONS = 1_600 if IS_WHOLE else 80
NIGHTS = ESCALATIONS // INCIDENTS // len(KINDS)


@pytest.mark.sampled
@pytest.mark.parametrize("kind", KINDS)
async def test_nobody_is_forgotten_and_nobody_is_called_twice_unsaid(
    request: pytest.FixtureRequest, tmp_path: Path, kind: str
) -> None:
    kills = undelivered = 0
    lateness: list[int] = []
    for seed in range(NIGHTS):
        folder = tmp_path / str(seed)
        folder.mkdir()
        night = Night(desk_address(request, folder), seed, KINDS[kind])
        await night.pass_by()
        assert night.complaints == [], f"seed {seed}"
        kills += night.kills
        undelivered += night.went_undelivered
        lateness += night.lateness
    assert kills >= NIGHTS
    # the promise names a time: 99 of 100 within five seconds, beside the restarts
    late = sorted(lateness)
    assert not late or late[len(late) * 99 // 100] < LATE
    assert undelivered or not KINDS[kind].gone >= {CHAT_SAYS, PAGER_SAYS}
