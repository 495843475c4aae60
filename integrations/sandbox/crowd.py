"""Customers on demand: one more comment, a burst, a complaint that goes viral, a flood."""

from __future__ import annotations

import asyncio
import random

from integrations.sandbox.network import SandboxNetwork
from integrations.sandbox.records import NewComment
from integrations.sandbox.voices import QUIET_LINES, STORY, VIRAL_LINES, Line

VIRAL_COMMENTS = 40
FLOOD = 10_000
_TALK: tuple[Line, ...] = (*QUIET_LINES, *((persona, text) for _, persona, text in STORY))


class Crowd:
    """`pace` is the seconds between two comments of the viral complaint."""

    def __init__(self, network: SandboxNetwork, *, pace: float = 1.5, chance_seed: int = 1) -> None:
        self._network = network
        self._pace = pace
        self._chance = random.Random(chance_seed)
        self._calm = asyncio.Event()
        self.is_viral = False

    async def burst(self, number: int) -> None:
        """So many comments at once, in one commit, under the newest posts."""
        posts = await self._posts()
        if posts:
            await self._network.comment_all(
                [self._any_comment(posts, index) for index in range(number)]
            )

    async def go_viral(self) -> None:
        """Forty people complain of the same thing, faster and faster; ends early when calmed."""
        posts = await self._posts()
        if self.is_viral or not posts:
            return
        self.is_viral = True
        self._calm.clear()
        try:
            for index in range(VIRAL_COMMENTS):
                persona, text = VIRAL_LINES[index % len(VIRAL_LINES)]
                await self._network.comment(persona, self._varied(text, index), post_id=posts[0])
                await self._network.react(posts[0], likes=4, shares=2, views=150)
                if await self._is_calmed(self._pace * (1.6 - index / VIRAL_COMMENTS)):
                    return
        finally:
            self.is_viral = False
            self._network.ring()

    def calm(self) -> None:
        self._calm.set()

    async def _is_calmed(self, seconds: float) -> bool:
        try:
            await asyncio.wait_for(self._calm.wait(), seconds)
        except TimeoutError:
            return False
        return True

    async def _posts(self) -> list[int]:
        return [post.id for post in await self._network.posts(2) if not post.is_deleted]

    def _any_comment(self, posts: list[int], index: int) -> NewComment:
        persona, text = self._chance.choice(_TALK)
        return NewComment(self._chance.choice(posts), persona, self._varied(text, index))

    def _varied(self, text: str, index: int) -> str:
        """People do not copy each other to the letter."""
        tails = ("", "!", " 🙏", " …", " 👀", " 😕", "!!", " ...")
        return text + tails[(index * 5 + self._chance.randrange(2)) % len(tails)]
