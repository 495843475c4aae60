"""What was said before anybody watched: two weeks of a small brand, every day much like the last.

Customers write through the day, most of them after noon; and each evening the shop answers
questions for half an hour, to which many come. So a busy half hour is nothing unusual here, and
many complaints of one thing are.
"""

from __future__ import annotations

import random

from integrations.sandbox.network import SandboxNetwork
from integrations.sandbox.records import NewComment
from integrations.sandbox.voices import PAST_POST, QUIET_LINES

_MINUTE = 60_000
_DAY = 1_440 * _MINUTE
SCATTERED = 24
"""Comments of a day outside of its evening."""
OF_AN_EVENING = 72
EVENING = (18 * 60, 18 * 60 + 35)
"""Minutes of the day, UTC."""
DAYS = 14


async def seed_past(network: SandboxNetwork, days: int = DAYS) -> None:
    """Up to two hours ago, and as much alike every time as its last day allows."""
    dice = random.Random(days)
    end = network.now() - 120 * _MINUTE
    first_day = end // _DAY - days
    moments = sorted(
        day * _DAY + round(minute * _MINUTE)
        for day in range(first_day, end // _DAY + 1)
        for minute in _minutes_of_a_day(dice)
    )
    post = await network.publish_post(PAST_POST, at=first_day * _DAY)
    told = []
    for at in moments:
        persona, text = dice.choice(QUIET_LINES)
        if at < end:
            told.append(NewComment(post.id, persona, text, at=at))
    await network.comment_all(told)


def _minutes_of_a_day(dice: random.Random) -> list[float]:
    scattered = [dice.triangular(0, 1_440, 900) for _ in range(SCATTERED)]
    return scattered + [dice.uniform(*EVENING) for _ in range(OF_AN_EVENING)]
