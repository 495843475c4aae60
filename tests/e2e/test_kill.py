"""Kill -9 at any moment: what was on the desk is on the desk, and nothing is published twice.

The network and the people live in this process, the desk in one of its own that is killed again
and again. Judged is from the network's side. REPLYDESK_KILLS says how often the demo is
killed (10; a desk of its own, on worse networks, half as often), and REPLYDESK_KILL_SEED repeats
the choices of an earlier run.
"""

import asyncio
import os
import random
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp

from integrations.sandbox.faults import Shot
from integrations.sandbox.hooks import HookTarget
from integrations.sandbox.network import SandboxNetwork
from integrations.sandbox.records import Comment, Role
from integrations.sandbox.same_origin import CONTROL_HEADER
from integrations.sandbox.server import SandboxServer
from tests.e2e.console_client import Person, SeenCard, eventually, person_at
from tests.e2e.process import HOOK_SECRET, TOKEN, DeskHome, DeskProcess, report, running
from tests.e2e.scripted_team import Book, approver, comment_of, customers
from tests.services import LOOPBACK, free_port

KILLS = int(os.environ.get("REPLYDESK_KILLS", "10"))
DESK_KILLS = max(4, KILLS // 2)
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
                for number in range(DESK_KILLS):
                    _change_the_weather(home, sandbox, chance, has_keys=number % 2 == 0)
                    await _run_and_kill(home, sandbox, book, chance)
                _change_the_weather(home, sandbox, chance, has_keys=DESK_KILLS % 2 == 0)
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


def _change_the_weather(
    home: DeskHome, sandbox: SandboxServer, chance: random.Random, *, has_keys: bool
) -> None:
    """Without webhooks and with rare polls our own echo comes late: then only looking helps."""
    sandbox.network.honours_keys = has_keys
    sandbox.faults.hooks.is_on = chance.random() < 0.4
    home.configure(
        undo_seconds=chance.choice((0, 0, 1)),
        poll_seconds=chance.choice((1, 5)),
        has_keys=has_keys,
    )


async def _run_and_kill(
    home: DeskHome, sandbox: SandboxServer, book: Book, chance: random.Random
) -> None:
    """One life of the desk, ended while it starts, while it works, or in a delicate moment."""
    how = chance.choice(["start", "while", "write", "answer", "answer", "press"])
    count, later = chance.randint(1, 5), chance.random()
    faults = sandbox.faults
    for _ in range(chance.randint(0, 2)):
        faults.strike_next(chance.choice(SHOTS), writes_only=True)
    async with home.running() as desk:
        if how == "start":
            await asyncio.sleep(later * 2)
            await desk.kill()
            return
        await desk.ready(home.url)
        match how:
            case "while":
                await asyncio.sleep(later * 4)
            case "press":
                await _more_of(lambda: len(book.done), count)
                await asyncio.sleep(later * 0.04)
            case "write":
                await _more_of(lambda: faults.traffic.writes, count)
                await asyncio.sleep(later * 0.04)
            case _:
                # the network has acted, and its answer is on its way
                faults.strike_next(Shot.SLOW_ANSWER, writes_only=True)
                await _more_of(lambda: int(Shot.SLOW_ANSWER not in faults.pending), 1)
                await asyncio.sleep(later * 0.3)
        await desk.kill()


async def _more_of(counted: Callable[[], int], more: int, seconds: float = 6.0) -> None:
    """Return in the very moment when there are so many more, or when the time is up."""
    wanted = counted() + more
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while counted() < wanted:  # noqa: ASYNC110 - what is counted knows no test
                await asyncio.sleep(0.001)


async def test_a_demo_that_is_killed_keeps_what_was_on_the_desk_and_publishes_once(
    tmp_path: Path,
) -> None:
    """The network dies with the desk here: both are one process."""
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
                async with _going_on(approver(bob, book, chance)):
                    await asyncio.sleep(chance.uniform(0.2, 2.5))
                    await demo.kill()
        async with running(folder, *words) as demo:
            await demo.ready(url)
            assert {card.token for card in before} <= {
                card.token for card in await bob.cards("all")
            }
            await eventually(lambda: _all_published(bob, book), "the undo window", SETTLE_SECONDS)
            written = {f"c{one.id}" for one in await _comments(folder) if not _is_ours(one)}
            await eventually(lambda: _all_here(bob, written), "every comment", SETTLE_SECONDS)
            assert (await demo.interrupt())[0] == 0
    replies = [comment for comment in await _comments(folder) if _is_ours(comment)]
    standing: dict[str, list[str]] = {}
    for reply in replies:
        standing.setdefault(f"c{reply.parent_id}", []).append(reply.text)
    assert list(book.objections(standing)) == []
    _say_what_happened(book)


async def _comments(folder: Path) -> Sequence[Comment]:
    """All that stands on the demo's own network now, from its file."""
    network = await SandboxNetwork.open(str(folder / ".replydesk" / "demo" / "sandbox.sqlite"))
    world = await network.after_id(0, limit=1_000)
    await network.close()
    return world.comments


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


@asynccontextmanager
async def _team(home: DeskHome) -> AsyncIterator[tuple[Person, Person]]:
    """Bob and Alice, signed in, before an account that is live."""
    async with AsyncExitStack() as stack:
        async with home.open():
            bob, alice = [
                await stack.enter_async_context(
                    person_at(home.url, link=await home.sign_in_link(member))
                )
                for member in ("bob", "alice")
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
    told = Counter(press.told.value for press in book.presses)
    report(f"{len(book.written)} comments, presses {dict(told)}")
    assert book.done, "nobody approved anything: nothing was tested"
