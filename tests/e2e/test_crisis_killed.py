"""Crisis mode outlives kill -9 where it begins and where it ends: what is held stays held."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import aiohttp
import pytest

from bot.cards.actions import ActionName
from bot.faults import FaultPoint
from integrations.sandbox.server import SandboxServer
from tests.e2e.console_client import Answer, Person, SeenCard, eventually, person_at, read_cards
from tests.e2e.loop import network_of
from tests.e2e.process import DeskHome, said_by
from tests.services import LOOPBACK, free_port

POINTS = {FaultPoint.CRISIS_DECIDED: "proposed", FaultPoint.CRISIS_COMMITTED: "on"}
"""How the crisis stands after a death there while it begins."""
SLOT = timedelta(seconds=15)
WORDS = "Tea is ready, come and celebrate."


@dataclass(slots=True)
class Scene:
    home: DeskHome
    sandbox: SandboxServer
    alice: Person
    olga: Person

    @asynccontextmanager
    async def desk(self, dies_at: FaultPoint | None = None) -> AsyncIterator[None]:
        """A process that is killed at the end, or dies there by itself before."""
        death = {"REPLYDESK_CHAOS": "1", "REPLYDESK_KILL_AT": f"{dies_at}:1"} if dies_at else {}
        async with self.home.open(environment=death) as desk:
            yield
            if dies_at is None:
                await desk.kill()
            else:
                assert await desk.ended() == -9

    async def card(self, token: str) -> SeenCard:
        return read_cards(await self.alice.page(f"/fragments/card/{token}"))[0]

    async def dies_on(self, data: str, press: str) -> None:
        """The person gets no answer."""
        with pytest.raises(aiohttp.ClientError):
            await self.alice.press_data(data, press=press)

    async def planned(self) -> datetime:
        """A post that two people want out soon; when it is due."""
        slot = datetime.now(UTC) + SLOT
        words = [{"account": "acme", "text": WORDS}]
        composed = await self.olga.order(
            "compose_post", variants=words, slot=f"{slot:%Y-%m-%dT%H:%M:%S}"
        )
        assert composed.is_done, composed
        card = await self.card(composed.note)
        assert (await self.alice.press(card, ActionName.APPROVE)).is_done
        return slot

    async def stands(self) -> int:
        """How often the post is on the network."""
        posts = await self.sandbox.network.posts(50)
        return sum(post.text == WORDS and not post.is_deleted for post in posts)

    def stored(self) -> str:
        with closing(sqlite3.connect(self.home.database)) as db:
            return str(db.execute("SELECT state FROM crisis ORDER BY id DESC").fetchone()[0])


@pytest.mark.parametrize("point", POINTS)
async def test_what_a_crisis_holds_stays_held_whatever_dies(
    tmp_path: Path, point: FaultPoint
) -> None:
    home = DeskHome(tmp_path / "desk", network=f"http://{LOOPBACK}:{free_port()}/sandbox/api")
    home.configure()
    home.lay_database()
    async with network_of(home) as sandbox:
        async with home.open():
            links = [await home.sign_in_link(one) for one in ("alice", "olga")]
        async with home.open() as first:
            alice_at, olga_at = (person_at(home.url, link=link) for link in links)
            async with alice_at as alice, olga_at as olga:
                assert (await alice.order("go_live", account="acme")).is_done
                await first.kill()
                here = Scene(home, sandbox, alice, olga)
                await _begins(here, point)
                await _ends(here, point)


async def _begins(here: Scene, point: FaultPoint) -> None:
    press = str(uuid4())
    async with here.desk(dies_at=point):
        slot = await here.planned()
        token = (await here.alice.order("propose_crisis", reason="A recall")).note
        data = (await here.card(token)).button(ActionName.START_CRISIS)
        assert data is not None
        await here.dies_on(data, press)
    assert here.stored() == POINTS[point]
    async with here.desk():
        again = await here.alice.press_data(data, press=press)
        assert again.is_done, again
        assert "1 planned post is held. Nothing was on its way." in again.says
        code, said = await said_by(here.home.folder, "crisis", "status")
        assert (code, "crisis mode is on, started by Alice. Posts held: 1." in said) == (0, True)
        await asyncio.sleep(max(0.0, (slot - datetime.now(UTC)).total_seconds()) + 2)
        assert await here.stands() == 0
    assert here.stored() == "on"


async def _ends(here: Scene, point: FaultPoint) -> None:
    press = str(uuid4())
    async with here.desk(dies_at=point):
        assert await here.stands() == 0
        token = next(one.token for one in await here.alice.cards() if "A recall" in one.raw)
        data = (await here.card(token)).button(ActionName.END_CRISIS)
        assert data is not None
        await here.dies_on(data, press)
    async with here.desk():
        ended = await here.alice.press_data(data, press=press)
        assert ended.is_done, ended
        assert "1 planned post was held; its card asks what becomes of it." in ended.says
        await asyncio.sleep(2)
        assert await here.stands() == 0, "it left by itself"
        button = next(one for one in (await here.card(token)).buttons if ".now-" in one)
        decided: Answer = await here.alice.press_data(button)
        assert decided.is_done, decided

        async def is_there() -> bool:
            return await here.stands() > 0

        await eventually(is_there, "the post, once somebody said so")
    assert await here.stands() == 1
