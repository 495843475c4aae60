"""A tab of a real browser on the console of a real desk, whose clock is a test's.

What a person clicks goes through the console's own scripts, over HTTP, to the desk and its store;
the workers do what is due when the test says so. The networks are scripted.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web
from playwright.async_api import Browser, Locator, Page, expect

from bot.cards.card import CardKind
from bot.coordination.feed import StoreFeed
from bot.coordination.wakeup import LocalWakeup
from bot.services.sign_in import SignIn
from handlers.console.app import build_console
from tests.fakes.console import HOSTS
from tests.fakes.console_tab import WIDE, watch
from tests.fakes.desk_kit import TEAM, DeskKit
from tests.services import LOOPBACK

PICTURES = os.environ.get("REPLYDESK_PICTURES", "")
"""Folder for pictures of what the flows end with; without it none are taken."""


@dataclass
class ConsoleDay:
    kit: DeskKit
    page: Page
    url: str
    troubles: list[str] = field(default_factory=list)

    async def go(self, path: str = "/") -> None:
        await self.page.goto(f"{self.url}{path}")

    async def act_as(self, name: str) -> None:
        button = self.page.locator(f'.act-as button:has-text("{name}")')
        await button.click()
        await expect(button).to_have_attribute("aria-pressed", "true")

    async def card(self, subject: int, kind: CardKind = CardKind.ITEM) -> Locator:
        return self.page.locator(f"#card-{await self.kit.token_of(subject, kind)}")

    async def says(self, words: str) -> None:
        await expect(self.page.locator("#toasts")).to_contain_text(words)

    async def picture(self, name: str, of: Locator | None = None) -> None:
        """For the documentation, when it is made."""
        if PICTURES:
            path = Path(PICTURES) / f"{name}.png"
            await self.page.evaluate("document.querySelector('#toasts').replaceChildren()")
            await (of or self.page.locator("main")).screenshot(path=path)


@asynccontextmanager
async def day_on(
    kit: DeskKit, chromium: Browser, viewport: dict[str, int] | None = None
) -> AsyncIterator[ConsoleDay]:
    """Fails when the page's scripts or its policy complained."""
    width, height = (viewport or WIDE).values()
    async with _served(kit) as url:
        context = await chromium.new_context(
            viewport={"width": width, "height": height}, timezone_id="UTC"
        )
        context.set_default_timeout(20_000)
        day = ConsoleDay(kit, await context.new_page(), url)
        watch(day.page, day.troubles)
        await day.go()
        await expect(day.page.locator("#live")).to_have_attribute("data-live", "on")
        yield day
        await context.close()
    assert day.troubles == []


@asynccontextmanager
async def _served(kit: DeskKit) -> AsyncIterator[str]:
    wakeup = LocalWakeup()
    kit.store.on_commit(wakeup.ring)
    console = build_console(
        kit.desk,
        StoreFeed(kit.store, wakeup),
        SignIn(kit.store, kit.clock),
        act_as=[member.slug for member in TEAM if member.slug != "vic"],
        sandbox=False,
        clock=kit.clock,
        allowed_hosts=HOSTS,
    )
    runner = web.AppRunner(console)
    await runner.setup()
    try:
        await web.TCPSite(runner, LOOPBACK, 0).start()
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()
