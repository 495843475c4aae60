"""A walk through every page of the console and every piece of one, in one language.

The pages are those of its router: one that nobody walks to fails the walk.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from aiohttp import web

from bot.bootstrap.asking import offer_of
from bot.cards.connecting import JoiningPage
from bot.model import commands as c
from bot.model.ids import Moment
from bot.services.settling_in import NamedChannel
from integrations import NETWORKS
from integrations.definition import definition_of
from tests.fakes.desk import FakeJoins
from tests.fakes.desk_kit import DeskKit, opened_desk
from tests.fakes.four_doors import FourDoors, four_doors
from tests.fakes.tour import speak

NO_PAGES = ("/events", "/media/{hash}", "/static/{path}")
CHANNEL = "/connect/landing?chat=slack&channel=C0CARE&topic="
CONNECTED = "/connect/accounts/joined"


async def console_pages(
    address: str, language: str, channels: Iterable[NamedChannel] = ()
) -> Mapping[str, str]:
    """HTML by what is asked for; tokens in there read TOKEN and POST."""
    joins = FakeJoins()
    joins.shown = JoiningPage(tuple(offer_of(definition_of(one)) for one in NETWORKS))
    async with (
        opened_desk(address, channels=tuple(channels)) as kit,
        four_doors(kit, ("ada", "bob"), ("slack",), joins) as doors,
    ):
        await speak(kit, language)
        token, post = await _busy(kit)
        pages: dict[str, str] = {}
        for path in _paths(token, post):
            named = path.replace(token, "TOKEN").replace(post, "POST")
            pages[named] = await _page(doors, path, language)
        walked = [path.replace(token, "x").replace(post, "x") for path in _paths(token, post)]
        assert list(_left_out(doors.console, walked)) == []
    return pages


async def _busy(kit: DeskKit) -> tuple[str, str]:
    """A desk in which there is something on every page: the tokens of a card and a post."""

    def join(tx: object) -> None:
        brand = tx.accounts.brands()[0].id  # type: ignore[attr-defined]
        own = {"base_url": "https://social.example"}
        hook = {"hook_secret": "sealed"}
        tx.joined.save(brand, "joined", "mastodon", own, {}, Moment(1), hook)  # type: ignore[attr-defined]

    await kit.do(join)
    item = await kit.comment()
    order = c.ComposePost((c.VariantText("acme", "Tea is ready."),), None)
    post = (await kit.order("olga", order)).note
    await kit.press("bob", await kit.card_of(item), c.Approve)
    await kit.work()
    return await kit.token_of(item), post


def _paths(token: str, post: str) -> list[str]:
    return [
        "/", "/?filter=mine", "/?filter=done", "/search?q=tea", f"/cards/{token}", "/compose",
        "/week", "/fragments/week",
        "/desk", "/report?span=week", "/report?account=nosuch",
        f"/compose/{post}", "/fragments/just-happened", "/cards/none",
        "/connect", CHANNEL, CONNECTED, "/connect/chats/telegram",
        *(f"/connect/new/{network}" for network in NETWORKS),
        "/fragments/queue", f"/fragments/card/{token}", f"/fragments/item/{token}",
        "/fragments/desk", "/fragments/connect", "/sign-in", "/sign-in?token=spent",
    ]  # fmt: skip


async def _page(doors: FourDoors, path: str, language: str) -> str:
    """As Ada sees it; who signs in is known by what their browser asks for alone."""
    cookies = {} if path.startswith("/sign-in") else dict(doors.browsers["ada"].cookies)
    headers = {"Accept-Language": f"{language}-XX,en;q=0.5"}
    async with doors.http.get(doors.base + path, cookies=cookies, headers=headers) as answer:
        return await answer.text()


def _left_out(console: web.Application, walked: Iterable[str]) -> Iterable[str]:
    """Addresses of pages to which no path leads."""
    for resource in console.router.resources():
        canonical = resource.canonical
        is_read = any(route.method == "GET" for route in resource)
        shape = re.compile(re.sub(r"\{\w+\}", "[^/?]+", canonical) + r"(\?.*)?")
        if is_read and canonical not in NO_PAGES and not any(map(shape.fullmatch, walked)):
            yield canonical
