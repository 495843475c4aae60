"""A tab of a real browser on a console over the scripted desk."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from playwright.async_api import Browser, Page, expect

from bot.model import commands
from handlers.console.app import build_console
from handlers.http import Readiness, build_app, is_hook
from handlers.rooms import Rooms
from tests.fakes import sample_cards
from tests.fakes.clock import FakeClock
from tests.fakes.console import DEMO, HOSTS
from tests.fakes.desk import FakeChatJoins, FakeDesk, FakeGreets, FakeJoins, FakeSignsIn

WIDE = {"width": 1280, "height": 860}
PHONE = {"width": 390, "height": 844}

# Everything that can be pressed or filled in has a name that a screen reader can say.
NAMELESS = """() => {
  const kinds = 'button, a[href], input, textarea, select, summary, iframe, dialog, [role=group]';
  const named = (it) => {
    const by = (it.getAttribute('aria-labelledby') ?? '').split(' ');
    const label = by.map((id) => document.getElementById(id)?.textContent ?? '').join('');
    const labels = [...(it.labels ?? [])].map((one) => one.textContent).join('');
    const own = ['BUTTON', 'A', 'SUMMARY'].includes(it.tagName) ? it.textContent : '';
    return (it.getAttribute('aria-label') || label || labels || own || it.title).trim();
  };
  return [...document.querySelectorAll(kinds)]
    .filter((it) => it.type !== 'hidden' && !it.closest('[hidden], dialog:not([open])'))
    .filter((it) => !named(it))
    .map((it) => it.outerHTML.slice(0, 160));
}"""


@dataclass
class Screen:
    page: Page
    desk: FakeDesk
    url: str
    troubles: list[str] = field(default_factory=list)

    async def commands(self) -> list[commands.Command]:
        return [order.command for order in self.desk.orders]


@asynccontextmanager
async def served(
    desk: FakeDesk,
    joins: FakeJoins | None = None,
    greets: FakeGreets | None = None,
    chat_joins: FakeChatJoins | None = None,
) -> AsyncIterator[str]:
    """The whole door with a console at the root and a stand-in for the network's pane."""
    console = build_console(
        desk,
        desk.feed,
        FakeSignsIn(),
        joins or FakeJoins(),
        greets or FakeGreets(),
        chat_joins or FakeChatJoins(),
        act_as=DEMO,
        sandbox=True,
        clock=FakeClock(),
        allowed_hosts=HOSTS,
    )

    async def ready() -> Readiness:
        return Readiness(True)

    async def metrics() -> bytes:
        return b""

    rooms = Rooms(is_taken=is_hook)
    app = build_app(
        NoInlet(),
        ready=ready,
        metrics=metrics,
        allowed_hosts=HOSTS,
        rooms=rooms,
    )
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        await rooms.open({"/": console, "/sandbox": pane()})
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


class NoInlet:
    async def receive_hook(self, network: str, hook: str, request: object) -> str:
        raise KeyError(hook)


def pane() -> web.Application:
    app = web.Application()

    async def show(request: web.Request) -> web.Response:
        return web.Response(text="<!doctype html><p>The network", content_type="text/html")

    app.router.add_get("/", show)
    return app


@asynccontextmanager
async def looking(
    chromium: Browser,
    desk: FakeDesk | None = None,
    viewport: dict[str, int] | None = None,
    joins: FakeJoins | None = None,
    greets: FakeGreets | None = None,
    chat_joins: FakeChatJoins | None = None,
) -> AsyncIterator[Screen]:
    """A tab on the console; fails when the page's scripts or its policy complained."""
    desk = desk or FakeDesk(sample_cards.every_shape())
    width, height = (viewport or WIDE).values()
    async with served(desk, joins, greets, chat_joins) as url:
        context = await chromium.new_context(viewport={"width": width, "height": height})
        context.set_default_timeout(10_000)
        screen = Screen(await context.new_page(), desk, url)
        watch(screen.page, screen.troubles)
        await screen.page.goto(url)
        await expect(screen.page.locator("#live")).to_have_attribute("data-live", "on")
        yield screen
        await context.close()
    assert screen.troubles == []


def watch(page: Page, troubles: list[str]) -> None:
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("dialog", lambda dialog: troubles.append(dialog.message))
    page.on(
        "console",
        lambda message: (
            troubles.append(message.text)
            if message.type == "error" and "Failed to load resource" not in message.text
            else None
        ),
    )
