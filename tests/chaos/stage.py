"""The stage: one slice from its first comment to its verdict.

The network, the customers and the team live in this process, the desk in processes of its own.
Everything between them is real HTTP.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from bot.cards.actions import ActionName
from bot.faults import FaultPoint
from integrations.sandbox.hooks import HookTarget
from integrations.sandbox.server import BARE, SandboxServer
from integrations.sandbox.world import WorldOptions
from tests.chaos.book import Book, mark_of
from tests.chaos.fleet import Fleet
from tests.chaos.ground import A_FILE, Ground
from tests.chaos.judge import Scene, Verdict, judge
from tests.chaos.lives import Lives, Toll
from tests.chaos.people import approver
from tests.chaos.plan import House, Network, Slice
from tests.chaos.seats import AtConsole, InChat, Seat
from tests.chaos.weather import CLIMATES, IN_CHAT, change_weather, settle_climate
from tests.e2e.console_client import Person, Unserved, person_at
from tests.e2e.process import HOOK_SECRET, REPLYDESK, TOKEN, DeskHome, DeskProcess, said_by
from tests.fakes.relay_tool import RelayTool

SETTLE_SECONDS = 180.0
LATE_SECONDS = 1.5
"""After everything has settled, so long nobody may come late."""
IMPATIENT_HOOKS = (0.1,) * 6_000
"""The network tells again soon and never gives up: what it was not told was stored comes again."""


@dataclass(frozen=True, slots=True)
class Played:
    """What became of a slice."""

    book: Book
    toll: Toll
    verdict: Verdict
    replies: int
    seconds: float
    said: str
    """The end of what the desk printed."""

    @property
    def answered(self) -> int:
        """Presses whose approval was acknowledged."""
        return self.book.yeses()


@dataclass(slots=True)
class Stage:
    """`patience`: seconds after which what has not come to its end is taken for lost."""

    slice: Slice
    ground: Ground = A_FILE
    program: Sequence[str] = REPLYDESK
    patience: float = SETTLE_SECONDS

    async def play(self) -> Played:
        begun = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="replydesk-chaos-") as folder:
            home = DeskHome(Path(folder) / "desk", program=self.program)
            target = HookTarget(home.hook, HOOK_SECRET)
            async with (
                SandboxServer(token=TOKEN, hook=target, options=_NETWORK) as sandbox,
                RelayTool().serving() as tool,
            ):
                home.network = sandbox.url
                climate = CLIMATES[self.slice.network]
                settle_climate(climate, self.slice.chat, sandbox, tool, home)
                return await self._play(home, sandbox, tool, begun)

    async def _play(
        self, home: DeskHome, sandbox: SandboxServer, tool: RelayTool, begun: float
    ) -> Played:
        book = Book()
        chance = random.Random(self.slice.seed)
        environment = self.ground.environment
        if self.ground.database:
            code, said = await said_by(home.folder, "migrate", environment=environment)
            assert code == 0, said
        post = await sandbox.network.publish_post("Slow mornings deserve good leaves.")
        lives = Lives(home, sandbox, tool, book, chance, environment, post.id)
        async with self._team(home, environment) as team:
            seats: list[Seat] = [
                *(AtConsole(person, who) for who, person in team.items()),
                InChat(tool, home.url, IN_CHAT),
            ]
            people = [approver(seat, book, random.Random(chance.getrandbits(32))) for seat in seats]
            async with AsyncExitStack() as stack:
                async with going_on(*people):
                    await self._die_again_and_again(lives)
                    sandbox.faults.hooks.is_on = True
                    desk = await stack.enter_async_context(lives.living())
                    await desk.ready(home.url)
                    await self._everything_is_decided(book, team["alice"])
                scene, verdict = await self._settled(lives, team["alice"])
                said = desk.said[-20_000:] if verdict.faults else ""
        replies = sum(map(len, scene.standing.values()))
        return Played(book, lives.toll, verdict, replies, time.monotonic() - begun, said)

    async def _die_again_and_again(self, lives: Lives) -> None:
        fleet = Fleet(lives, self.ground.redis) if self.slice.house is House.FLEET else None
        async with AsyncExitStack() as stack:
            if fleet is not None:
                await stack.enter_async_context(fleet.running())
            for point in self.slice.deaths:
                _change_weather(lives, self.slice.network, point)
                async with finishing(lives.write(self.slice.per_life)):
                    if fleet is not None:
                        await fleet.disturb()
                    elif point is not None:
                        await lives.to_the_point(point)
                    else:
                        await lives.to_a_random_end()

    async def _everything_is_decided(self, book: Book, person: Person) -> None:
        """Every comment has its card, and nothing waits for a yes any more; or time is up."""
        deadline = time.monotonic() + self.patience
        while time.monotonic() < deadline:
            cards = await person.cards("all")
            marks = {mark_of(card.quote) for card in cards}
            waiting = [card for card in cards if card.button(ActionName.APPROVE)]
            if not waiting and marks >= set(book.written.values()):
                return
            await asyncio.sleep(0.3)

    async def _settled(self, lives: Lives, person: Person) -> tuple[Scene, Verdict]:
        """The scene once everything that was begun has come to its end, or time is up."""
        deadline = time.monotonic() + self.patience
        while True:
            scene = await _look(lives, person)
            if not judge(scene).unfinished or time.monotonic() > deadline:
                break
            await asyncio.sleep(0.3)
        await asyncio.sleep(LATE_SECONDS)
        scene = await _look(lives, person)
        return scene, judge(scene)

    @asynccontextmanager
    async def _team(
        self, home: DeskHome, environment: Mapping[str, str]
    ) -> AsyncIterator[Mapping[str, Person]]:
        """Bob and Alice, signed in, before an account that is live and known."""
        async with AsyncExitStack() as stack:
            async with home.open(environment=environment) as desk:
                team = {
                    member: await stack.enter_async_context(
                        person_at(
                            home.url, link=await home.sign_in_link(member, self.ground.database)
                        )
                    )
                    for member in ("bob", "alice")
                }
                live = await team["alice"].order("go_live", account="acme")
                assert live.is_done, live
                await _account_is_known(desk, team["alice"])
            yield team


def _change_weather(lives: Lives, network: Network, point: FaultPoint | None) -> None:
    must_look = point is FaultPoint.PUBLISH_RECONCILE
    climate = CLIMATES[network]
    change_weather(climate, lives.sandbox, lives.tool, lives.chance, must_look=must_look)


_NETWORK = WorldOptions(
    is_seeded=BARE.is_seeded, life_most=BARE.life_most, hook_retries=IMPATIENT_HOOKS
)


async def _account_is_known(desk: DeskProcess, person: Person) -> None:
    """The token was verified, so that webhooks find their account."""
    for _ in range(400):
        if "acme_tea" in await person.page("/fragments/desk"):
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"the account was never verified: {desk.said[-4_000:]}")


async def _look(lives: Lives, person: Person) -> Scene:
    while True:
        try:
            return Scene(
                lives.book,
                await lives.sandbox.visible_replies(),
                await person.cards("all"),
                lives.tool.messages,
                lives.tool.refused,
                lives.tool.read_back,
            )
        except (aiohttp.ClientError, TimeoutError, Unserved):
            await asyncio.sleep(0.2)


@asynccontextmanager
async def going_on(*lives: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """They go on beside the block; a fault in one of them is a fault of the stage."""
    tasks = [asyncio.create_task(life) for life in lives]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
    faults = [one for one in ended if not isinstance(one, asyncio.CancelledError)]
    assert not faults, faults


@asynccontextmanager
async def finishing(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Begun with the block and finished before its end."""
    task = asyncio.create_task(work)
    try:
        yield
        await task
    finally:
        task.cancel()
