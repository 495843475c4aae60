"""A desk that is told where to die dies there, and the next one takes up its work."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

from bot.cards.actions import ActionName
from tests.e2e.loop import alice_at, drafted, network_of, published, written
from tests.e2e.process import DeskHome
from tests.services import LOOPBACK, free_port


def kill_at(point: str) -> dict[str, str]:
    return {"REPLYDESK_CHAOS": "1", "REPLYDESK_KILL_AT": point}


async def test_a_desk_dies_where_it_was_told_to_and_the_next_one_takes_up_its_work(
    tmp_path: Path,
) -> None:
    home = DeskHome(tmp_path / "desk", network=f"http://{LOOPBACK}:{free_port()}/sandbox/api")
    # our own echo must not settle it before the process dies: it comes by a rare poll alone
    home.configure(poll_seconds=4)
    home.lay_database()
    async with (
        network_of(home, hooks=False) as sandbox,
        home.running(environment=kill_at("publish.called:1")) as desk,
    ):
        await desk.ready(home.url)
        link = await home.sign_in_link("alice")
        async with alice_at(home, link) as alice:
            assert (await alice.order("go_live", account="acme")).is_done
            comment = await written(sandbox, "KDIES where is my order?")
            card = await drafted(alice, "KDIES")
            assert (await alice.press(card, ActionName.APPROVE)).is_done
            assert await desk.ended() == -9
            assert (await sandbox.visible_replies())[comment] == [card.draft]
            assert publication_of(home) == "sending"
            await _dies_at_boot(home)
            async with home.open():
                await published(sandbox, alice, comment, card)


async def _dies_at_boot(home: DeskHome) -> None:
    """What the dead one held is free again, and nothing was begun with it."""
    assert leased(home)
    async with home.running(environment=kill_at("boot.reconcile:1")) as desk:
        assert await desk.ended() == -9
    assert not leased(home)
    assert publication_of(home) == "sending"


async def test_without_permission_nothing_is_armed(tmp_path: Path) -> None:
    home = DeskHome(tmp_path / "desk", network=f"http://{LOOPBACK}:{free_port()}/sandbox/api")
    home.configure()
    home.lay_database()
    only_half = {"REPLYDESK_KILL_AT": "boot.reconcile:1"}
    async with home.running(environment=only_half) as desk:
        await desk.ready(home.url)
        await asyncio.sleep(0.3)
        assert desk.is_alive
        assert (await desk.interrupt())[0] == 0


def publication_of(home: DeskHome) -> str:
    return str(_first(home, "SELECT state FROM publication"))


def leased(home: DeskHome) -> int:
    return int(str(_first(home, "SELECT count(*) FROM due WHERE owner IS NOT NULL")))


def _first(home: DeskHome, question: str) -> object:
    with closing(sqlite3.connect(home.database)) as db:
        return db.execute(question).fetchone()[0]
