"""A desk in a process of its own before a real network, and its team in a real browser.

The desk first speaks with the network itself. `lose_answers_from_now_on` starts it again on the
same database with a proxy in between; what stands on the network is always asked past both.
"""

from __future__ import annotations

import asyncio
import itertools
import re
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeVar

from playwright.async_api import Browser, Locator, Page, async_playwright, expect

from tests.e2e.process import DeskHome, DeskProcess
from tests.fakes import published_lines
from tests.fakes.console_tab import WIDE, watch
from tests.fakes.lost_answer_proxy import LostAnswerProxy, Mode, Predicate

CARD_MILLISECONDS = 60_000
"""Two polls of the slowest leg that is waited for."""
PUBLISHED_MILLISECONDS = 30_000
SHOWN_MILLISECONDS = 20_000
"""What this machine alone must do: it may be busy with something else."""
NOT_SURE = "Not sure it went out - we are looking"
HARMFUL = tuple(mode for mode in Mode if mode is not Mode.PASS)
LEAVES_US_UNSURE = frozenset(HARMFUL) - {Mode.TOO_MANY_REQUESTS, Mode.SLOW}
KILLED_IN = (
    Mode.DROP_BEFORE_FORWARD,
    Mode.DROP_AFTER_FORWARD,
    Mode.ERROR_500_AFTER_FORWARD,
    Mode.SLOW,
)
"""Beside the answer that is held until the desk is dead."""
HOLD_SECONDS = 5.0
"""How long the proxy sits on an answer; the account waits for two."""

T = TypeVar("T")
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Comment:
    """Something that was said to the brand; `place` is what the network calls it."""

    words: str
    place: str


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer of the brand as everybody sees it; its permalink on cards ends in `ending`."""

    words: str
    ending: str


class Street(Protocol):
    """A real network as people know it: nothing here goes through our code."""

    address: str
    """Where the desk calls it."""
    title: str
    """Its name on cards."""
    password: str
    """The brand's; the configuration reads it from the file `password`."""

    def account(self, address: str) -> str:
        """The TOML of the brand's account there, below its slug."""
        ...

    def is_write(self, method: str, target: str) -> bool:
        """The request that makes a reply visible."""
        ...

    async def comment(self, words: str) -> Comment: ...

    async def replies(self, comment: Comment) -> list[Reply]:
        """What the brand answered to a comment."""
        ...

    async def settled(self, comment: Comment, reply: Reply) -> None:
        """Wait until whoever must be told of the reply was told, once."""
        ...


def _is_read(method: str, target: str) -> bool:
    return method == "GET"


def unique(words: str) -> str:
    return f"{words} ({next(_numbers)}-{secrets.token_hex(3)})"


@dataclass(slots=True)
class DeskOnAPeer:
    """The desk, its street, and Bob the approver before his console."""

    street: Street
    home: DeskHome
    proxy: LostAnswerProxy
    bob: Page
    running: AsyncExitStack
    waiting: list[Comment] = field(default_factory=list)
    """What was said before the desk came: its first look brings it all."""
    answered: dict[Comment, str] = field(default_factory=dict)
    process: DeskProcess | None = None

    async def start(self, address: str) -> None:
        _configure(self.home, self.street, address)
        self.process = await self.running.enter_async_context(self.home.open())

    async def kill(self) -> None:
        """As `kill -9`."""
        await self.running.aclose()

    async def lose_answers_from_now_on(self) -> None:
        await self.kill()
        await self.start(self.proxy.url)
        await self.bob.goto(f"{self.home.url}/?filter=all")

    def card(self, comment: Comment) -> Locator:
        quote = self.bob.locator(".card-quote", has_text=comment.words)
        return self.bob.locator(".card").filter(has=quote)

    @asynccontextmanager
    async def explained(self) -> AsyncIterator[None]:
        """A failure says what the page told Bob, and what the desk wrote last."""
        try:
            yield
        except AssertionError as error:
            error.add_note(await self.bob.locator("#toasts").inner_text())
            if self.process is not None:
                error.add_note(self.process.said[-3000:])
            raise

    async def approve_edited(self, comment: Comment) -> str:
        """Bob changes the draft and publishes it in one step; the words that he approved."""
        card = self.card(comment)
        await expect(card.locator(".card-draft .draft-text")).to_be_visible(
            timeout=CARD_MILLISECONDS
        )
        await card.get_by_role("button", name="Edit").click()
        area = card.get_by_label("Your reply")
        draft = await area.input_value()
        words = unique(f"{draft.strip()} Ask for Bob")
        await area.fill(words)
        await card.locator(".editor").get_by_role("button", name="Publish").click()
        async with self.explained():
            await expect(card.locator(".editor")).to_have_count(0, timeout=SHOWN_MILLISECONDS)
        return words

    async def published(
        self,
        comment: Comment,
        words: str,
        lines: Sequence[str] = (published_lines.PUBLISHED,),
    ) -> Reply:
        """The card says so in one of the `lines`, and exactly these words stand on the network,
        where its link leads.
        """
        card = self.card(comment)
        state = card.locator(".state-words")
        async with self.explained():
            await expect(state).to_have_text(_any_of(lines), timeout=PUBLISHED_MILLISECONDS)
        await expect(card.locator(".card-draft .draft-text")).to_have_text(words)
        link = card.locator(".card-links").get_by_role(
            "link", name=f"Our reply on {self.street.title}"
        )
        permalink = await link.get_attribute("href")
        reply = await self.the_one_reply(comment, words)
        assert permalink is not None
        assert permalink.endswith(reply.ending), permalink
        await self.street.settled(comment, reply)
        self.answered[comment] = words
        return reply

    async def the_one_reply(self, comment: Comment, words: str) -> Reply:
        async def shown() -> list[Reply]:
            return await self.street.replies(comment)

        standing = await eventually(shown)
        assert [reply.words for reply in standing] == [words], standing
        return standing[0]

    async def publish_while(self, mode: Mode, comment: Comment) -> Reply:
        """The flow with one harmed write; nobody can look for it until Bob has read so."""
        before = self._writes()
        is_unsure = mode in LEAVES_US_UNSURE
        lines: Sequence[str] = (published_lines.PUBLISHED,)
        words = await self.approve_and_harm(mode, comment, lost=_is_read if is_unsure else None)
        if is_unsure:
            await self._is_unsure_while_nobody_can_look(comment)
            lines = published_lines.AFTER_A_LOST_ANSWER
        reply = await self.published(comment, words, lines)
        assert self._writes() == before + 1, "more than one write reached the network"
        return reply

    async def _is_unsure_while_nobody_can_look(self, comment: Comment) -> None:
        try:
            async with self.explained():
                state = self.card(comment).locator(".state-words")
                await expect(state).to_have_text(NOT_SURE, timeout=PUBLISHED_MILLISECONDS)
        finally:
            self.proxy.arm(Mode.PASS)

    async def approve_and_harm(
        self, mode: Mode, comment: Comment, lost: Predicate | None = None
    ) -> str:
        """Until the request that makes the reply visible is in the hands of the proxy.

        From then on requests that are `lost` do not arrive.
        """
        before = self.proxy.harmed.total()
        self.proxy.arm(mode, only=self.street.is_write, afterwards_lost=lost)
        words = await self.approve_edited(comment)

        async def harmed() -> bool:
            return self.proxy.harmed.total() > before

        await eventually(harmed)
        return words

    async def killed_while_sending(self, comment: Comment) -> Reply:
        """The network has it, the desk dies before it hears so, and another one starts."""
        before = self._writes()
        words = await self.approve_and_harm(Mode.DELAY_BEYOND_TIMEOUT, comment)
        await self.kill()
        await self.the_one_reply(comment, words)
        await self.start(self.proxy.url)
        await self.bob.goto(f"{self.home.url}/?filter=all")
        # plain where a poll of the next desk shows it before anybody knows of a lost answer
        once = [one for one in published_lines.ALL if one != published_lines.SENT_AGAIN]
        reply = await self.published(comment, words, once)
        assert self._writes() == before + 1, "it was sent again after the restart"
        return reply

    async def killed_when_harmed(self, mode: Mode, comment: Comment) -> Reply:
        """The desk dies as its write meets the mode: it may have heard of it, or not."""
        before = self._writes()
        words = await self.approve_and_harm(mode, comment)
        await self.kill()
        await self.start(self.proxy.url)
        await self.bob.goto(f"{self.home.url}/?filter=all")
        reply = await self.published(comment, words, published_lines.ALL)
        assert self._writes() == before + 1, "more than one write reached the network"
        return reply

    async def nothing_came_late(self) -> None:
        """Of everything that was answered here, each still stands exactly once."""
        assert self.answered
        for comment, words in self.answered.items():
            await self.the_one_reply(comment, words)

    def _writes(self) -> int:
        reached = self.proxy.forwarded.items()
        return sum(count for request, count in reached if self.street.is_write(*request))


@asynccontextmanager
async def desk_before(
    street: Street, folder: Path, chromium_path: Path, comments: int
) -> AsyncIterator[DeskOnAPeer]:
    """A desk that is live, whose team is signed in, and to whom so many comments were made."""
    async with AsyncExitStack() as stack:
        browser = await stack.enter_async_context(_chromium(chromium_path))
        proxy = LostAnswerProxy(street.address, hold_seconds=HOLD_SECONDS)
        await stack.enter_async_context(proxy)
        troubles: list[str] = []
        running = await stack.enter_async_context(AsyncExitStack())
        home = DeskHome(folder / "desk")
        desk = DeskOnAPeer(street, home, proxy, await _tab(browser, troubles), running)
        for _ in range(comments):
            desk.waiting.append(await street.comment(unique("Where is my parcel?")))
        await desk.start(street.address)
        await _sign_in(desk.bob, home, "bob")
        await _go_live(await _tab(browser, troubles), home)
        await desk.bob.goto(f"{home.url}/?filter=all")
        for comment in desk.waiting:
            await expect(desk.card(comment)).to_be_visible(timeout=CARD_MILLISECONDS)
        yield desk
        await desk.bob.context.close()
    assert troubles == []


@asynccontextmanager
async def _chromium(path: Path) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        await browser.close()


async def _tab(browser: Browser, troubles: list[str]) -> Page:
    width, height = WIDE.values()
    context = await browser.new_context(viewport={"width": width, "height": height})
    context.set_default_timeout(SHOWN_MILLISECONDS)
    page = await context.new_page()
    watch(page, troubles)
    return page


async def _sign_in(page: Page, home: DeskHome, member: str) -> None:
    await page.goto(await home.sign_in_link(member))
    await page.get_by_role("button", name="Sign in").click()
    live = page.locator("#live")
    await expect(live).to_have_attribute("data-live", "on", timeout=SHOWN_MILLISECONDS)


async def _go_live(alice: Page, home: DeskHome) -> None:
    await _sign_in(alice, home, "alice")
    await alice.goto(f"{home.url}/desk")
    account = alice.locator("#account-peer")
    await account.get_by_role("button", name="Go live").click()
    await alice.get_by_role("dialog").get_by_role("button", name="Go live").click()
    await expect(account.locator(".pill")).to_have_text("Live", timeout=SHOWN_MILLISECONDS)
    await alice.context.close()


def _any_of(lines: Sequence[str]) -> re.Pattern[str]:
    """Exactly one of them."""
    return re.compile(rf"^(?:{'|'.join(map(re.escape, lines))})$")


async def eventually(look: Callable[[], Awaitable[T]], seconds: float = 20.0) -> T:
    """The first answer that is not empty."""
    async with asyncio.timeout(seconds):
        while True:
            seen = await look()
            if seen:
                return seen
            await asyncio.sleep(0.05)


def _configure(home: DeskHome, street: Street, address: str) -> None:
    home.folder.mkdir(parents=True, exist_ok=True)
    (home.folder / "password").write_text(street.password, encoding="utf-8")
    written = CONFIGURATION.format(port=home.port) + street.account(address)
    home.configuration.write_text(written, encoding="utf-8")


CONFIGURATION = """\
[desk]
port = {port}
undo_seconds = 1
answer_seconds = 4
allow_private_hosts = ["localhost", "127.0.0.1"]

[drafts]
drafter = "templates"

[[brands]]
slug = "acme"
name = "Acme Tea"

[[brands.members]]
slug = "olga"
name = "Olga"
role = "agent"

[[brands.members]]
slug = "bob"
name = "Bob"
role = "approver"

[[brands.members]]
slug = "alice"
name = "Alice"
role = "admin"

[[brands.accounts]]
slug = "peer"
timeout_seconds = 2
"""
