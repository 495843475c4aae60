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
from bot.model.ids import Moment, RemoteId
from bot.model.media import RemoteMedia
from bot.model.network import RemoteAuthor
from bot.services.settling_in import NamedChannel
from integrations import NETWORKS
from integrations.definition import definition_of
from tests.fakes.desk import FakeJoins
from tests.fakes.desk_kit import DeskKit, opened_desk
from tests.fakes.four_doors import FourDoors, four_doors
from tests.fakes.tour import speak

NO_PAGES = (
    "/events", "/media/{hash}", "/pictures/{token}", "/pictures/{token}/post", "/static/{path}"
)  # fmt: skip
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
        tokens = await _busy(kit)
        pages: dict[str, str] = {}
        for path in PATHS:
            pages[path] = await _page(doors, _with(tokens, path), language)
        walked = [_with(dict.fromkeys(tokens, "x"), path) for path in PATHS]
        assert list(_left_out(doors.console, walked)) == []
    return pages


async def _busy(kit: DeskKit) -> Mapping[str, str]:
    """A desk in which there is something on every page: the tokens of its cards, by name."""

    def join(tx: object) -> None:
        brand = tx.accounts.brands()[0].id  # type: ignore[attr-defined]
        own = {"base_url": "https://social.example"}
        hook = {"hook_secret": "sealed"}
        tx.joined.save(brand, "joined", "mastodon", own, {}, Moment(1), hook)  # type: ignore[attr-defined]

    await kit.do(join)
    before = await kit.comment("Where is the green tea? My order never arrived.")
    await kit.press("bob", await kit.card_of(before), c.ApproveEdited, "We are sorry.")
    await kit.pass_time(60)
    await kit.index()
    again = await kit.comment("Where is the green tea? My order never came.")
    jo = RemoteAuthor(RemoteId("jo"), "jo", "Jo")
    same = await kit.comment("Where is the green tea? My order never arrived at all.", author=jo)
    item = await kit.comment(media=(RemoteMedia("https://fakebook.example/1.png", "Tea"),))
    await kit.press("olga", await kit.card_of(item), c.WriteNote, "Tea.")
    await kit.press("olga", await kit.card_of(item), c.MakePromise, "2026-12-24 15:00")
    for order in (c.StartShift(), c.SetDigest((9 * 60,)), c.SetQuiet((22 * 60, 7 * 60))):
        assert (await kit.order("ada", order)).is_done
    planned = c.ComposePost((c.VariantText("acme", "Tea is ready."),), None)
    post = (await kit.order("olga", planned)).note
    await kit.press("bob", await kit.card_of(item), c.Approve)
    await kit.work()
    assert (await kit.order("ada", c.Shadow("acme-two"))).is_done
    cards = {"TOKEN": item, "AGAIN": again, "SAME": same}
    return {name: await kit.token_of(one) for name, one in cards.items()} | {"POST": post}


PATHS = (
    "/", "/?label=refund", "/?label=nothing", "/?filter=mine", "/?filter=done", "/search?q=tea",
    "/cards/TOKEN", "/compose",
    "/cards/AGAIN", "/cards/SAME", "/week", "/fragments/week",
    "/desk", "/report?span=week", "/report?account=nosuch",
    "/compose/POST", "/fragments/just-happened", "/cards/none",
    "/connect", CHANNEL, CONNECTED, "/connect/chats/telegram",
    *(f"/connect/new/{network}" for network in NETWORKS),
    "/fragments/queue", "/fragments/card/TOKEN", "/fragments/item/TOKEN",
    "/fragments/labels/TOKEN", "/fragments/desk", "/fragments/connect",
    "/sign-in", "/sign-in?token=spent",
)  # fmt: skip


def _with(tokens: Mapping[str, str], path: str) -> str:
    for name, token in tokens.items():
        path = re.sub(rf"\b{name}$", token, path)
    return path


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
