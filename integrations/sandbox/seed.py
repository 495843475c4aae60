"""The demo's first sight: two posts with a few comments, then a trickle of new ones."""

from __future__ import annotations

import asyncio
import random

from integrations.sandbox.hooks import HOOKS_THROUGH
from integrations.sandbox.network import SandboxNetwork
from integrations.sandbox.past import seed_past
from integrations.sandbox.voices import POSTS, QUIET_LINES, SEED, STORY

_HOUR = 3_600_000
_LIVED = "life_lines"
"""The network's fact that says how many lines of the story were told in earlier runs."""


async def seed(network: SandboxNetwork, *, past_days: int = 0, has_comments: bool = True) -> bool:
    """Whether there was anything to do: a network with a history is left as it is.

    What is seeded is old news: it is listed, and no webhook tells of it.
    """
    if await network.posts(1):
        return False
    if past_days:
        await seed_past(network, past_days)
    start = network.now() - 6 * _HOUR
    posts = [
        await network.publish_post(text, at=start + index * 2 * _HOUR)
        for index, text in enumerate(POSTS)
    ]
    for index, (post, persona, text) in enumerate(SEED if has_comments else ()):
        moment = start + (3 * _HOUR) + index * 17 * 60_000
        await network.comment(persona, text, post_id=posts[post].id, at=moment)
    await network.remember(HOOKS_THROUGH, str(await network.latest_change()))
    return True


async def life(
    network: SandboxNetwork,
    stop: asyncio.Event,
    *,
    first: float = 1.5,
    between: tuple[float, float] = (20.0, 40.0),
    most: int = 60,
    seed_number: int = 7,
) -> None:
    """A comment after `first` seconds, then one every so often, at most `most` in this run.

    The story is told once, in order; a later run goes on where it stopped, then small talk.
    """
    chance = random.Random(seed_number + await network.latest_change())
    pause = first
    for _ in range(most):
        if await _stopped(stop, pause):
            return
        await _say_something(network, chance)
        pause = chance.uniform(*between)


async def _say_something(network: SandboxNetwork, chance: random.Random) -> None:
    posts = [post for post in await network.posts(2) if not post.is_deleted]
    if not posts:
        return
    told = int(await network.recall(_LIVED) or 0)
    if told < len(STORY):
        place, persona, text = STORY[told]
        post = posts[::-1][min(place, len(posts) - 1)]
        await network.comment(persona, text, post_id=post.id)
        await network.remember(_LIVED, str(told + 1))
        return
    persona, text = chance.choice(QUIET_LINES)
    await network.comment(persona, text, post_id=chance.choice(posts).id)


async def _stopped(stop: asyncio.Event, seconds: float) -> bool:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return False
    return True
