"""A desk with all four doors open in one web process, and presses as each of them gets them.

Slack by HTTP, Telegram by webhook, the relay and the console, behind the whole HTTP door. No card
stands in any chat: a press names a card by its token, wherever it was pressed.
"""

from __future__ import annotations

import contextlib
import itertools
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.coordination.clock import SystemClock
from bot.coordination.feed import StoreFeed
from bot.coordination.wakeup import LocalWakeup
from bot.metrics import Metrics
from bot.model.ids import Moment
from bot.model.member import ChatIdentity
from bot.services.chat_memory import StoredMemory
from bot.services.gallery import StoredGallery
from bot.services.presence import StoredPresence
from bot.services.sign_in import SignIn
from bot.services.unproved import EVERY_SECONDS, Unproved
from handlers.console.app import build_console
from handlers.http import Readiness, build_app, is_hook
from handlers.relay import build_door as relay_door
from handlers.relay.signing import signed
from handlers.rooms import Rooms
from handlers.slack.connecting import InFlight, SlackOptions, by_http, slack_line
from handlers.slack.render import ACT
from handlers.telegram import PATH, TelegramOptions, Webhook, connect
from tests.fakes.desk import FakeGreets, FakeJoins
from tests.fakes.desk_kit import DeskKit
from tests.fakes.slack_people import call
from tests.fakes.slack_server import BOT_TOKEN, SIGNING_SECRET, TEAM, SlackServer
from tests.fakes.telegram_people import Person, until
from tests.fakes.telegram_server import TOKEN, TelegramServer
from tests.fakes.telegram_world import BOT, GROUP, Chat, Shown
from tests.services import LOOPBACK

NUMBERS = {"vic": 1001, "olga": 1002, "bob": 1003, "eve": 1004, "alice": 1005, "ada": 1006}
ROBOT = "robot"
CHANNEL = "C0CARE"
RELAY_SECRET = "relay-secret-of-this-test"
WEBHOOK_SECRET = "a-secret_of-this-test"
RELAY_PATH = "/chats/relay/press"


def user_of(chat: str, who: str) -> str:
    """Who they are in a chat; strangers have an id there too."""
    if chat == "telegram":
        return str(NUMBERS.get(who, 9_000 + sum(who.encode())))
    return {"slack": f"U0{who.upper()}", "relay": f"{who}@example.com"}.get(chat, who)


@dataclass(frozen=True, slots=True)
class Told:
    """What the presser alone was told; empty where what was done is seen on the card."""

    status: int
    says: str = ""


@dataclass(slots=True)
class FourDoors:
    kit: DeskKit
    slack: SlackServer
    telegram: TelegramServer
    metrics: Metrics
    base: str
    in_flight: InFlight
    http: aiohttp.ClientSession
    console: web.Application
    browsers: dict[str, Browser] = field(default_factory=dict)
    _presses: int = 0

    async def press(self, chat: str, who: str, data: str, press: str = "", entry: str = "") -> Told:
        """One press of one person; `press` is its number, a new one unless given."""
        number = press or self.next_press()
        match chat:
            case "slack":
                return await self._by_slack(who, data, number)
            case "telegram":
                return await self._by_telegram(who, data, number)
            case "relay":
                return await self.by_relay(who, data, number, entry)
            case _:
                return await self._by_console(who, data, number, entry)

    def next_press(self) -> str:
        self._presses += 1
        return str(50_000 + self._presses)

    async def _by_slack(self, who: str, data: str, number: str) -> Told:
        before = len(self.slack.whispers)
        status, _answer = await self.slack_request(who, data, number)
        await self.in_flight.settle(10.0)
        user = user_of("slack", who)
        told = [text for _channel, to, text in self.slack.whispers[before:] if to == user]
        return Told(status, " ".join(told))

    async def slack_request(self, who: str, data: str, number: str, **how: Any) -> Any:
        payload = {
            "type": "block_actions",
            "user": {"id": user_of("slack", who), "username": who, "team_id": TEAM},
            "team": {"id": TEAM, "domain": "acme"},
            "trigger_id": self.slack.trigger(user_of("slack", who)),
            "container": {"type": "message", "message_ts": "1.1", "channel_id": CHANNEL},
            "actions": [
                {
                    "type": "button",
                    "action_id": f"{ACT}.x",
                    "block_id": "act",
                    "value": data,
                    "action_ts": number,
                }
            ],
        }
        return await call(f"{self.base}/chats/slack/events", "interactive", payload, **how)

    async def _by_telegram(self, who: str, data: str, number: str) -> Told:
        queries = self.telegram.world.queries
        queries.setdefault(number, None)
        status = await self.telegram.send_update(
            self.telegram_update(who, data, number), WEBHOOK_SECRET
        )
        answered = await until(self.telegram, lambda: queries[number])
        return Told(status, answered.get("text", "") if answered.get("show_alert") else "")

    def telegram_update(self, who: str, data: str, number: str) -> dict[str, Any]:
        presser = {"id": int(user_of("telegram", who)), "first_name": who, "is_bot": who == ROBOT}
        message = {
            "message_id": 77,
            "date": 1_796_029_200,
            "chat": self.telegram.world.chats[GROUP].form(),
            "from": BOT,
            "text": "A card",
        }
        query = {"id": number, "from": presser, "message": message, "chat_instance": "1"}
        return {"update_id": 7_000_000 + int(number), "callback_query": query | {"data": data}}

    async def by_relay(
        self,
        who: str,
        data: str,
        number: str,
        entry: str = "",
        *,
        secret: str = RELAY_SECRET,
        age: int = 0,
    ) -> Told:
        press = {"id": number, "user": user_of("relay", who), "data": data, "entry": entry}
        body = json.dumps(press).encode()
        headers = signed(secret, "POST", RELAY_PATH, body, Moment(SystemClock().now() - age * 1000))
        async with self.http.post(self.base + RELAY_PATH, data=body, headers=headers) as answer:
            return Told(answer.status, str((await answer.json())["says"]))

    async def _by_console(self, who: str, data: str, number: str, entry: str) -> Told:
        browser = self.browsers.get(who, Browser({}, ""))
        return await self.by_browser(browser, data, number, entry)

    async def by_browser(
        self, browser: Browser, data: str, number: str, entry: str = "", **headers: str
    ) -> Told:
        body = {"id": f"00000000-0000-4000-8000-{int(number):012}", "data": data, "entry": entry}
        sent = {"X-CSRF-Token": browser.csrf, **headers}
        async with self.http.post(
            f"{self.base}/act", json=body, headers=sent, cookies=dict(browser.cookies)
        ) as answer:
            return Told(answer.status, str((await answer.json())["says"]))

    # Words

    async def slash(self, who: str, text: str, trigger: str = "") -> str:
        """What `/desk ...` in Slack is answered to them alone; a trigger that was is a repeat."""
        user = user_of("slack", who)
        command = {
            "command": "/desk",
            "text": text,
            "user_id": user,
            "team_id": TEAM,
            "channel_id": CHANNEL,
            "trigger_id": trigger or self.slack.trigger(user),
        }
        address = f"{self.base}/chats/slack/events"
        status, answer = await call(address, "slash_commands", command)
        assert (status, answer.get("response_type")) == (200, "ephemeral")
        return str(answer["text"])

    async def writes(self, who: str, text: str, chat: int = 0, **how: Any) -> Shown:
        """What the bot says next when they write to it, alone unless a chat is named."""
        person = self.person(who)
        before = len(self.telegram.world.messages) + 1
        person.write(text, chat=chat or person.id, **how)
        await until(self.telegram, lambda: len(self.telegram.world.messages) > before)
        return self.telegram.world.messages[-1]

    def person(self, who: str) -> Person:
        number = int(user_of("telegram", who))
        self.telegram.world.chats.setdefault(number, Chat(number, "private", who.title()))
        return Person(self.telegram, number, who.title())

    async def order(self, who: str, name: str, **fields: Any) -> dict[str, Any]:
        """What the console's page is answered."""
        browser, number = self.browsers[who], int(self.next_press())
        body = {"id": f"00000000-0000-4000-8000-{number:012}", **fields}
        async with self.http.post(
            f"{self.base}/orders/{name}",
            json=body,
            headers={"X-CSRF-Token": browser.csrf},
            cookies=dict(browser.cookies),
        ) as answer:
            return dict(await answer.json())

    async def sign_in(self, who: str) -> None:
        """By the link that `replydesk console-token` prints."""
        ticket = await SignIn(self.kit.store, self.kit.clock).issue(who)
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
            async with http.get(f"{self.base}/sign-in?token={ticket}") as page:
                csrf = _csrf(await page.text())
            form = {"csrf": csrf, "token": ticket}
            async with http.post(f"{self.base}/sign-in", data=form) as page:
                csrf = _csrf(await page.text())
            cookies = {cookie.key: cookie.value for cookie in http.cookie_jar}
        self.browsers[who] = Browser(cookies, csrf)


@dataclass(frozen=True, slots=True)
class Browser:
    cookies: Mapping[str, str]
    csrf: str


def _csrf(page: str) -> str:
    for begins in ('name="csrf-token" content="', 'name="csrf" value="'):
        _before, found, rest = page.partition(begins)
        if found:
            return rest[:64]
    raise AssertionError(page)


@asynccontextmanager
async def four_doors(
    kit: DeskKit,
    members: Sequence[str],
    chats: Sequence[str] = ("slack", "telegram", "relay"),
    joins: FakeJoins | None = None,
) -> AsyncIterator[FourDoors]:
    """Open until the block ends; every member is known in these chats and signed in."""
    async with contextlib.AsyncExitStack() as stack:
        slack = await stack.enter_async_context(SlackServer().serving())
        telegram = TelegramServer()
        await stack.enter_async_context(telegram.serving())
        http = await stack.enter_async_context(
            aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        )
        await kit.do(_introduced(members, chats))
        metrics, in_flight, rooms = Metrics(), InFlight(), Rooms(is_taken=is_hook)
        app = build_app(
            kit.inlet,
            ready=_is_ready,
            metrics=_no_metrics,
            allowed_hosts=("localhost", LOOPBACK),
            rooms=rooms,
            unproved=_counted(metrics, Unproved(kit.store, _hours().__next__)),
        )
        server = await stack.enter_async_context(TestServer(app, host=LOOPBACK))
        base = str(server.make_url("")).rstrip("/")
        options = SlackOptions(BOT_TOKEN, "", SIGNING_SECRET, slack.api_url)
        line = await stack.enter_async_context(slack_line(options, kit.clock))
        connected = connect(
            http, kit.clock, kit.desk, StoredMemory(kit.store, "telegram"),
            StoredPresence(kit.store, "telegram"),
            StoredGallery(kit.store), TelegramOptions(TOKEN, telegram.url, counter=False),
            Webhook(f"{base}{PATH}/update", WEBHOOK_SECRET),
        )  # fmt: skip
        assert connected.door is not None
        telegram.webhook |= {"url": f"{base}{PATH}/update", "secret_token": WEBHOOK_SECRET}
        console = build_console(
            kit.desk, StoreFeed(kit.store, LocalWakeup()), SignIn(kit.store, kit.clock),
            joins, None if joins is None else FakeGreets(),
            act_as=None, sandbox=False, clock=kit.clock, allowed_hosts=("localhost", LOOPBACK),
        )  # fmt: skip
        await rooms.open(
            {
                "/chats/slack": by_http(
                    line, kit.desk, kit.clock, StoredPresence(kit.store, "slack"), in_flight
                ),
                PATH: connected.door,
                "/chats/relay": relay_door(kit.desk, SystemClock(), RELAY_SECRET),
                "/": console,
            }
        )
        doors = FourDoors(kit, slack, telegram, metrics, base, in_flight, http, console)
        for member in members:
            await doors.sign_in(member)
        yield doors
        assert slack.complaints == []
        assert telegram.judged == []


async def _is_ready() -> Readiness:
    return Readiness(is_ready=True)


async def _no_metrics() -> bytes:
    return b""


def _introduced(members: Sequence[str], chats: Sequence[str]) -> Callable[[Any], None]:
    def introduce(tx: Any) -> None:
        brand = tx.accounts.brands()[0].id
        for who in members:
            member = tx.people.by_slug(brand, who)
            for chat in chats:
                tx.people.identify(member, ChatIdentity(chat, user_of(chat, who)))

    return introduce


def _counted(metrics: Metrics, unproved: Unproved) -> Callable[[str], Awaitable[None]]:
    """As `bot.bootstrap.web` does it."""

    async def count(chat: str) -> None:
        metrics.sender_unproved(chat)
        await unproved.at_chat(chat)

    return count


def _hours() -> Iterator[float]:
    """An hour later each time, so that each request is the first one of its hour."""
    return itertools.count(1.0, EVERY_SECONDS)
