"""The whole loop, step by step, as a test drives it: a network, a comment, a card, a reply."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.cards.actions import ActionName
from integrations.sandbox.hooks import HookTarget
from integrations.sandbox.server import SandboxServer
from tests.e2e.console_client import Person, SeenCard, eventually, person_at
from tests.e2e.process import HOOK_SECRET, TOKEN, DeskHome
from tests.patience import PATIENCE


@asynccontextmanager
async def alice_at(home: DeskHome, link: str = "") -> AsyncIterator[Person]:
    """The admin, signed in."""
    async with person_at(home.url, link=link or await home.sign_in_link("alice")) as alice:
        yield alice


@asynccontextmanager
async def network_of(home: DeskHome, *, hooks: bool = True) -> AsyncIterator[SandboxServer]:
    """The network that the configuration names, from now on there."""
    port = int(home.network.rpartition(":")[2].partition("/")[0])
    target = HookTarget(home.hook, HOOK_SECRET) if hooks else None
    async with SandboxServer(token=TOKEN, hook=target, port=port) as sandbox:
        yield sandbox


async def written(sandbox: SandboxServer, text: str) -> str:
    """A customer writes under a post; the comment's name on the network."""
    posts = await sandbox.network.posts(1)
    post = posts[0] if posts else await sandbox.network.publish_post("Slow mornings")
    comment = await sandbox.network.comment("maya", text, post_id=post.id)
    return f"c{comment.id}"


async def drafted(person: Person, mark: str) -> SeenCard:
    """The card of a comment, once it has a draft."""

    async def look() -> SeenCard | None:
        card = await person.card_of(mark)
        return card if card is not None and card.draft else None

    return await eventually(look, f"a draft for {mark}")


async def page_says(person: Person, words: str, seconds: float = PATIENCE) -> None:
    async def look() -> bool:
        return words in await person.page("/fragments/desk")

    await eventually(look, f"{words!r} on the Desk page", seconds)


async def answered(sandbox: SandboxServer, person: Person, mark: str) -> SeenCard:
    """A comment comes, its draft is published, once; the card as it stands then."""
    comment = await written(sandbox, f"{mark} where is my order?")
    card = await drafted(person, mark)
    pressed = await person.press(card, ActionName.APPROVE)
    assert pressed.is_done, pressed
    return await published(sandbox, person, comment, card)


async def published(
    sandbox: SandboxServer, person: Person, comment: str, approved: SeenCard
) -> SeenCard:
    """Wait until what was approved stands under the comment and its link on the card."""

    async def stands() -> SeenCard | None:
        done = [card for card in await person.cards("done") if card.token == approved.token]
        return done[0] if done and done[0].links else None

    card = await eventually(stands, f"a link to the reply on {approved}")
    assert (await sandbox.visible_replies())[comment] == [approved.draft]
    return card
