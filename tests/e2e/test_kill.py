"""A demo that is killed at any moment: what was on the desk is there, and published once.

The network dies with the desk here: both are one process. How a desk of its own is killed stands in
tests/chaos. REPLYDESK_KILLS says how often the demo is killed (2), and REPLYDESK_KILL_SEED repeats
the choices of an earlier run.
"""

import asyncio
import os
import random
import secrets
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import pytest

from integrations.sandbox.network import SandboxNetwork
from integrations.sandbox.records import Comment, Role
from integrations.sandbox.same_origin import CONTROL_HEADER
from tests.chaos.book import Book, comment_of
from tests.chaos.judge import Scene, judge
from tests.chaos.people import approver
from tests.chaos.seats import AtConsole
from tests.chaos.stage import going_on
from tests.e2e.console_client import Person, SeenCard, eventually, person_at
from tests.e2e.process import report, running
from tests.services import LOOPBACK, free_port

KILLS = int(os.environ.get("REPLYDESK_KILLS", "2"))
SEED = int(os.environ.get("REPLYDESK_KILL_SEED") or secrets.randbelow(2**32))
SETTLE_SECONDS = 60.0


@pytest.mark.sampled
async def test_a_demo_that_is_killed_keeps_what_was_on_the_desk_and_publishes_once(
    tmp_path: Path,
) -> None:
    report(f"REPLYDESK_KILLS={KILLS} REPLYDESK_KILL_SEED={SEED}")
    chance = random.Random(SEED)
    book = Book()
    folder, port = tmp_path / "demo", free_port()
    folder.mkdir()
    url = f"http://{LOOPBACK}:{port}"
    words = ("demo", "--no-browser", "--port", str(port))
    async with AsyncExitStack() as stack:
        async with running(folder, *words) as demo:
            await demo.ready(url)
            bob = await stack.enter_async_context(person_at(url, act_as="bob"))
            await _burst(url)
            before = await eventually(bob.newest, "cards", SETTLE_SECONDS)
        for _ in range(KILLS):
            async with running(folder, *words) as demo:
                await demo.ready(url)
                assert _tokens(before) <= _tokens(await bob.cards("all"))
                before = await bob.cards("all")
                async with going_on(approver(AtConsole(bob, "bob"), book, chance)):
                    await asyncio.sleep(chance.uniform(0.2, 2.5))
                    await demo.kill()
        async with running(folder, *words) as demo:
            await demo.ready(url)
            assert _tokens(before) <= _tokens(await bob.cards("all"))
            await eventually(lambda: _all_published(bob, book), "the undo window", SETTLE_SECONDS)
            written = {f"c{one.id}" for one in await _comments(folder) if not _is_ours(one)}
            await eventually(lambda: _all_here(bob, written), "every comment", SETTLE_SECONDS)
            cards = await bob.cards("all")
            assert (await demo.interrupt())[0] == 0
    standing: dict[str, list[str]] = {}
    for reply in await _comments(folder):
        if _is_ours(reply):
            standing.setdefault(f"c{reply.parent_id}", []).append(reply.text)
    assert judge(Scene(book, standing, cards)).faults == {}
    report(f"{book.yeses()} approvals, {sum(map(len, standing.values()))} replies")
    assert book.yeses(), "nobody approved anything: nothing was tested"


async def _comments(folder: Path) -> Sequence[Comment]:
    """What stands on the demo's own network now, from its file, without its made-up past."""
    network = await SandboxNetwork.open(str(folder / ".replydesk" / "demo" / "sandbox.sqlite"))
    world = await network.after_id(0, limit=10_000)
    await network.close()
    recent = time.time() * 1000 - 115 * 60_000
    return [one for one in world.comments if one.published_at > recent]


def _is_ours(comment: Comment) -> bool:
    return comment.author.role is Role.BRAND


async def _all_here(person: Person, written: set[str]) -> bool:
    """What a hook did not tell because the desk was dead, the next poll brings."""
    return written <= {number for card in await person.cards("all") if (number := comment_of(card))}


def _tokens(cards: Sequence[SeenCard]) -> set[str]:
    return {card.token for card in cards}


async def _burst(url: str) -> None:
    """The button on the network's pane that makes fifty customers write."""
    async with (
        aiohttp.ClientSession() as http,
        http.post(f"{url}/sandbox/control/burst", json={}, headers={CONTROL_HEADER: "1"}) as answer,
    ):
        assert answer.status == 200


async def _all_published(person: Person, book: Book) -> bool:
    done = {comment_of(card) for card in await person.cards("done") if card.links}
    return {press.comment for press in book.done} <= done
