"""Kill -9 at any moment: what was on the desk is on the desk, and nothing is published twice.

The network and the people live in this process, the desk in one of its own that is killed again
and again. Judged is from the network's side. REPLYDESK_KILLS says how often (10), and
REPLYDESK_KILL_SEED repeats the choices of an earlier run.
"""

import asyncio
import os
import random
import secrets
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from integrations.sandbox.faults import Shot
from integrations.sandbox.hooks import HookTarget
from integrations.sandbox.server import SandboxServer
from tests.e2e.console_client import Person, eventually, person_at
from tests.e2e.process import HOOK_SECRET, TOKEN, DeskHome, DeskProcess, report
from tests.e2e.scripted_team import Book, approver, customers

KILLS = int(os.environ.get("REPLYDESK_KILLS", "10"))
SEED = int(os.environ.get("REPLYDESK_KILL_SEED") or secrets.randbelow(2**32))
SETTLE_SECONDS = 60.0
SHOTS = (
    Shot.LOSE_ANSWER,
    Shot.LOSE_REQUEST,
    Shot.SERVER_ERROR_AFTER_ACTING,
    Shot.SLOW_ANSWER,
    Shot.GARBAGE,
)


async def test_a_desk_that_is_killed_again_and_again_loses_nothing_and_repeats_nothing(
    tmp_path: Path,
) -> None:
    report(f"REPLYDESK_KILLS={KILLS} REPLYDESK_KILL_SEED={SEED}")
    chance = random.Random(SEED)
    book = Book()
    home = DeskHome(tmp_path / "desk")
    target = HookTarget(home.hook, HOOK_SECRET)
    async with SandboxServer(token=TOKEN, hook=target) as sandbox:
        home.network = sandbox.url
        sandbox.faults.slow_ms = 10
        sandbox.faults.slow_answer_ms = 1_500
        home.configure()
        async with _team(home) as team:
            async with _going_on(
                customers(sandbox.network, book, random.Random(SEED + 1)),
                *(
                    approver(person, book, random.Random(SEED + 2 + number))
                    for number, person in enumerate(team)
                ),
            ):
                for number in range(KILLS):
                    has_keys = number % 2 == 0
                    sandbox.network.honours_keys = has_keys
                    home.configure(undo_seconds=chance.choice((0, 0, 1)), has_keys=has_keys)
                    await _run_and_kill(home, sandbox, book, chance)
            async with home.open() as desk:
                await _settled(desk, sandbox, book, team[0])
    _say_what_happened(book)


async def _settled(desk: DeskProcess, sandbox: SandboxServer, book: Book, person: Person) -> None:
    """Everything that was begun comes to its end, and that end is the right one."""

    async def all_is_said() -> bool:
        return not list(book.objections(await sandbox.visible_replies()))

    async def all_is_here() -> bool:
        return not book.missing(await person.cards("all"))

    try:
        await eventually(all_is_here, "every comment on a card", SETTLE_SECONDS)
        await eventually(all_is_said, "every approval published once", SETTLE_SECONDS)
    except AssertionError:
        objections = list(book.objections(await sandbox.visible_replies()))
        missing = book.missing(await person.cards("all"))
        raise AssertionError(f"{objections=} {missing=}\n{desk.said[-6000:]}") from None
    # Nobody comes late: after the longest look everything still stands exactly once.
    await asyncio.sleep(1.5)
    assert list(book.objections(await sandbox.visible_replies())) == []
    assert "Everything that was to be done got done." in await person.page("/fragments/desk")
    cards = await person.cards("done")
    replies = {link.rpartition("#")[2] for card in cards for link in card.links}
    assert len(replies) == sum(map(len, (await sandbox.visible_replies()).values()))


async def _run_and_kill(
    home: DeskHome, sandbox: SandboxServer, book: Book, chance: random.Random
) -> None:
    how = chance.choice(["start", "while", "write", "write", "press"])
    count, later = chance.randint(1, 5), chance.random()
    for _ in range(chance.randint(0, 2)):
        sandbox.faults.strike_next(chance.choice(SHOTS), writes_only=True)
    async with home.running() as desk:
        if how == "start":
            await asyncio.sleep(later * 2)
            await desk.kill()
            return
        await desk.ready(home.url)
        if how == "while":
            await asyncio.sleep(later * 4)
        elif how == "write":
            await _more_of(lambda: sandbox.faults.traffic.writes, count)
            await asyncio.sleep(later * 0.04)
        else:
            await _more_of(lambda: len(book.done), count)
            await asyncio.sleep(later * 0.04)
        await desk.kill()


async def _more_of(counted: Callable[[], int], more: int, seconds: float = 6.0) -> None:
    """Return in the very moment when there are so many more, or when the time is up."""
    wanted = counted() + more
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while counted() < wanted:  # noqa: ASYNC110 - what is counted knows no test
                await asyncio.sleep(0.001)


@asynccontextmanager
async def _team(home: DeskHome) -> AsyncIterator[tuple[Person, Person]]:
    """Bob and Alice, signed in, before an account that is live."""
    async with AsyncExitStack() as stack:
        async with home.open():
            links = await asyncio.gather(home.sign_in_link("bob"), home.sign_in_link("alice"))
            bob, alice = [
                await stack.enter_async_context(person_at(home.url, link=link)) for link in links
            ]
            live = await alice.order("go_live", account="acme")
            assert live.is_done, live
        yield bob, alice


@asynccontextmanager
async def _going_on(*lives: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """They go on beside the block; a fault in one of them is a fault of the test."""
    tasks = [asyncio.create_task(life) for life in lives]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
    faults = [one for one in ended if not isinstance(one, asyncio.CancelledError)]
    assert not faults, faults


def _say_what_happened(book: Book) -> None:
    told = {}
    for press in book.presses:
        told[press.told.value] = told.get(press.told.value, 0) + 1
    report(f"{len(book.written)} comments, presses {told}")
    assert book.done, "nobody approved anything: nothing was tested"
