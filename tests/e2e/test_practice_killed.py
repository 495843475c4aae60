"""A practice outlives kill -9 at each step, as everything on the desk does."""

from contextlib import AsyncExitStack
from pathlib import Path

from bot.cards.actions import ActionName
from tests.e2e.console_client import Person, SeenCard, eventually, person_at, read_cards
from tests.e2e.process import running
from tests.services import LOOPBACK, free_port


async def test_a_practice_that_is_killed_at_each_step_ends_and_nothing_left(
    tmp_path: Path,
) -> None:
    port = free_port()
    url = f"http://{LOOPBACK}:{port}"
    words = ("demo", "--no-browser", "--port", str(port))
    async with AsyncExitStack() as stack:
        async with running(tmp_path, *words) as demo:
            await demo.ready(url)
            bob = await stack.enter_async_context(person_at(url, act_as="bob"))
            begun = await bob.order("begin_practice")
            assert begun.is_done, begun
            await demo.kill()
        async with running(tmp_path, *words) as demo:
            await demo.ready(url)
            card = await eventually(lambda: _drafted(bob, begun.note), "a draft")
            assert "Practice" in card.raw
            assert (await bob.press(card, ActionName.APPROVE)).is_done
            await demo.kill()
        async with running(tmp_path, *words) as demo:
            await demo.ready(url)
            await eventually(lambda: _over(bob, begun.note), "the end of it")
            waits = {one.token for one in await bob.cards("all")}
            assert begun.note not in waits, "practice stands in no queue"
            assert (await demo.interrupt())[0] == 0


async def _card(person: Person, token: str) -> SeenCard:
    return read_cards(await person.page(f"/fragments/card/{token}"))[0]


async def _drafted(person: Person, token: str) -> SeenCard | None:
    card = await _card(person, token)
    return card if card.button(ActionName.APPROVE) else None


async def _over(person: Person, token: str) -> bool:
    card = await _card(person, token)
    return "Bob approved version 1" in card.raw and "Nothing left the desk" in card.raw
