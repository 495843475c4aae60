"""One incident in two chats of the team, over the wire with the real libraries."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.cards.card import CardKind
from bot.model.ids import MINUTE, IncidentId
from bot.model.incident import IncidentRole, IncidentState
from bot.model.oncall import EscalationPolicy, Route, RouteKind, Step
from bot.services.chat_memory import StoredMemory
from bot.services.deciding import DeskRules
from bot.services.gallery import StoredGallery
from bot.workers.page import PageTask
from handlers.charting import ChartPainter
from handlers.slack.frontend import SlackFrontend
from handlers.slack.line import SlackOptions, slack_line
from handlers.telegram.albums import Albums
from handlers.telegram.frontend import TelegramFrontend
from handlers.telegram.line import Myself, TelegramOptions, open_bot
from handlers.telegram.topics import Topics
from tests.fakes.desk_kit import DeskKit, desk_address, opened_desk
from tests.fakes.four_doors import FourDoors, four_doors, user_of
from tests.fakes.oncall_kit import ONCALL, POISONED
from tests.fakes.slack_people import Person, by_http
from tests.fakes.slack_server import BOT_TOKEN, Message
from tests.fakes.telegram_server import TOKEN
from tests.fakes.telegram_world import Shown

ROUTES = {
    one.slug: one
    for one in (
        Route("slack-dm", RouteKind.DIRECT, chat="slack"),
        Route("telegram-dm", RouteKind.DIRECT, chat="telegram"),
    )
}
STEPS = (
    Step(("rotation:first",), ("slack-dm",), 5 * MINUTE),
    Step(("alice",), ("telegram-dm",), 10 * MINUTE),
)
PEOPLE = ("vic", "bob", "eve", "alice")


@dataclass(slots=True)
class TwoChats:
    doors: FourDoors

    def in_slack(self, who: str) -> list[Message]:
        return self.doors.slack.in_channel(f"D{user_of('slack', who)[1:]}")

    def in_telegram(self, who: str) -> list[Shown]:
        return self.doors.telegram.world.by_bot(int(user_of("telegram", who)))

    async def data(self, action: str) -> str:
        card = await self.doors.kit.read(lambda tx: tx.cards.of(CardKind.INCIDENT, 1))
        return f"{action}.{card.token}.{card.revision}"


async def role(kit: DeskKit, which: IncidentRole) -> str:
    def named(tx: Any) -> str:
        member = tx.incidents.get(IncidentId(1)).in_role(which)
        return str(tx.people.get(member).name)

    return await kit.read(named)


@pytest.fixture
async def chats(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[TwoChats]:
    policy = EscalationPolicy("default", STEPS, repeat=0)
    rules = DeskRules(oncall=replace(ONCALL, policies=(policy,), routes=ROUTES))
    async with AsyncExitStack() as stack:
        kit = await stack.enter_async_context(
            opened_desk(desk_address(request, tmp_path), rules=rules)
        )
        doors = await stack.enter_async_context(four_doors(kit, PEOPLE))
        http = await stack.enter_async_context(aiohttp.ClientSession())
        for who in PEOPLE:
            doors.person(who)
            doors.slack.people[user_of("slack", who)] = {}
        slack = SlackOptions(BOT_TOKEN, api_url=doors.slack.api_url)
        line = await stack.enter_async_context(slack_line(slack, kit.clock))
        bot = open_bot(http, kit.clock, TelegramOptions(TOKEN, doors.telegram.url))
        memory = StoredMemory(kit.store, "telegram")
        telegram = TelegramFrontend(
            bot,
            Myself(bot, kit.clock),
            memory,
            Topics(bot, memory, kit.clock, "none"),
            Albums(bot, memory, StoredGallery(kit.store), ChartPainter("no_such_library")),
            kit.clock,
        )
        tasks: Any = kit.tasks
        frontends: Any = {"slack": SlackFrontend(line), "telegram": telegram}
        tasks["page"] = PageTask(kit.store, kit.clock, kit.lines, rules, frontends, {})
        yield TwoChats(doors)


async def test_acknowledged_in_telegram_it_goes_no_further_and_slack_says_who(
    chats: TwoChats,
) -> None:
    kit = chats.doors.kit
    await kit.comment(POISONED)
    [message] = chats.in_slack("bob")
    assert "acknowledge." in str(message.blocks)
    told = await chats.doors.press("telegram", "eve", await chats.data("acknowledge"))
    assert told.status == 200
    await kit.pass_time(30 * 60)
    assert "Eve acknowledged it" in str(message.blocks)
    assert "acknowledge." not in str(message.blocks)
    assert chats.in_telegram("alice") == []


async def test_unacknowledged_the_second_person_is_paged_in_their_own_chat(
    chats: TwoChats,
) -> None:
    kit = chats.doors.kit
    await kit.comment(POISONED)
    await kit.pass_time(5 * 60 + 1)
    [shown] = chats.in_telegram("alice")
    assert shown.text.startswith("Alice, you are paged.")
    await chats.doors.person("alice").tap(shown, "Acknowledge")
    incident = await kit.read(lambda tx: tx.incidents.open_in(tx.accounts.brands()[0].id)[0])
    assert incident.state is IncidentState.ACKNOWLEDGED
    await kit.work()
    [message] = chats.in_slack("bob")
    assert "Alice acknowledged it" in str(message.blocks)


async def test_whoever_may_not_is_told_alone_and_it_stays_open(chats: TwoChats) -> None:
    kit = chats.doors.kit
    await kit.comment(POISONED)
    for chat in ("slack", "telegram"):
        told = await chats.doors.press(chat, "vic", await chats.data("acknowledge"))
        assert "this takes an agent" in told.says
    incident = await kit.read(lambda tx: tx.incidents.open_in(tx.accounts.brands()[0].id)[0])
    assert incident.state is IncidentState.FIRING
    history = await kit.history_of((await chats.data("x")).split(".")[1])
    assert sum("Vic" in line for line in history.audit) == 2, history.audit


async def test_a_role_is_given_from_each_chat_and_the_console(chats: TwoChats) -> None:
    kit, doors = chats.doors.kit, chats.doors
    await kit.comment(POISONED)
    await kit.pass_time(5 * 60 + 1)
    [shown] = chats.in_telegram("alice")
    alice = doors.person("alice")
    await alice.tap(shown, "Team")
    await alice.tap(shown, "Scribe…")
    await alice.tap(shown, "Eve")
    assert await role(kit, IncidentRole.SCRIBE) == "Eve"
    told = await doors.press("console", "bob", await chats.data("comms"), entry="alice")
    assert "Alice does communications now." in told.says
    [card] = chats.in_slack("bob")
    bob = Person(doors.slack, user_of("slack", "bob"), by_http(f"{doors.base}/chats/slack/events"))
    await bob.press(card, "Acknowledge")
    await kit.work()
    assert "Communications: Alice · Scribe: Eve" in str(card.blocks)
    await bob.press(card, "Communications…")
    await bob.submit({"entry": "olga"})
    assert await role(kit, IncidentRole.COMMS) == "Olga"


async def test_who_is_on_call_is_asked_in_both_chats(chats: TwoChats) -> None:
    said = await chats.doors.slash("bob", "oncall")
    assert "first: Bob until" in said
    assert "Bob: unreachable" in said
    answer = await chats.doors.writes("alice", "/oncall")
    assert "first: Bob until" in answer.text
    assert "takes a manager" in await chats.doors.slash("eve", "oncall test")
    assert "Write: test" in await chats.doors.slash("eve", "oncall override bob")
    told = await chats.doors.writes("alice", "/oncall override olga until 4h")
    assert "Olga is on call now" in told.text
    assert "first: Olga until" in await chats.doors.slash("bob", "oncall")
