"""The desk on that day: two sandbox networks, Slack and Telegram, four languages, reply goals.

Everything but the clock is real: the network and both chats are spoken to over HTTP, by the
connectors and front ends of the product, at the pace that they declare.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp

from bot.bootstrap.workshop import rates
from bot.coordination.clock import SystemClock
from bot.coordination.limits import Rate
from bot.model.account import SecretRef
from bot.model.business_hours import BusinessHours, Opening
from bot.model.channel import Place, Route
from bot.model.due import Lane
from bot.model.goals import GoalPolicy, ReplyGoal
from bot.model.ids import HOUR, SECOND, AccountId, Moment, Monotonic
from bot.ports import ChatFrontend, Clock
from bot.services.deciding import DeskRules
from bot.services.language import identifier_for
from bot.services.lexicon import LANGUAGES, load_cues
from bot.services.settling_in import NamedChannel, Verified, identify, set_to_work
from bot.services.triage_rules import Triager
from bot.store.tx import Tx
from bot.workers.items import TriageTask
from handlers.slack.connecting import SocketTiming
from integrations.definition import Surroundings
from integrations.sandbox.connector import SandboxConnector, connect
from integrations.sandbox.server import SandboxServer
from integrations.sandbox.settings import SandboxSettings
from tests.contract.connectors.sandbox.case import NoVault
from tests.databases import migrated_sqlite
from tests.day.generator import POSTS
from tests.day.shapes import ACCOUNTS
from tests.fakes.desk_kit import WORK, DeskKit, opened_desk
from tests.fakes.slack_desk import CHANNEL, SlackDesk, connect_tasks, slack_over
from tests.fakes.telegram_team import Team, team_over
from tests.fakes.telegram_world import GROUP

TUESDAY = 15 * HOUR // SECOND
"""Seconds from the start of the test clock to the midnight at which the day begins."""
POLL = 240
"""Seconds between two looks at a network."""
LANES = (*WORK, Lane.POLLS, Lane.THREADS)
WEEK = ((Opening(8 * 60, 22 * 60),),) * 7
GOALS = GoalPolicy((ReplyGoal(4 * HOUR, 2 * HOUR),), BusinessHours("UTC", WEEK))
CHANNELS = (
    NamedChannel("care", "slack", Place(CHANNEL), routes=(Route(accounts=("acme",)),)),
    NamedChannel("market", "telegram", Place(str(GROUP)), routes=(Route(accounts=("acme-two",)),)),
)


@dataclass(frozen=True, slots=True)
class House:
    """`networks` by the slug of the account that is on them."""

    kit: DeskKit
    slack: SlackDesk
    telegram: Team
    networks: Mapping[str, SandboxServer]

    async def pass_time(self, seconds: float) -> None:
        await self.kit.pass_time(seconds, *LANES)

    def account(self, slug: str) -> AccountId:
        return self.kit.account if slug == "acme" else self.kit.other


@dataclass(frozen=True, slots=True)
class WallOfTheDay:
    """The wall of the day, and a hand that moves by itself: connections are kept by it."""

    day: Clock

    def now(self) -> Moment:
        return self.day.now()

    def monotonic(self) -> Monotonic:
        return SystemClock().monotonic()


@asynccontextmanager
async def house(folder: Path) -> AsyncIterator[House]:
    """At midnight, with nothing said yet and everybody there."""
    declared: dict[str, Any] = {}

    def pace(key: str) -> Rate | None:
        return declared["rates"](key) if declared else None

    rules = DeskRules(goals={"acme": GOALS})
    async with (
        opened_desk(
            migrated_sqlite(folder / "day.db"),
            rules=rules,
            channels=CHANNELS,
            has_goals=True,
            languages=LANGUAGES,
            rates=pace,
        ) as kit,
        aiohttp.ClientSession() as http,
        contextlib.AsyncExitStack() as stack,
    ):
        kit.clock.advance(TUESDAY)
        networks = {}
        for slug in ACCOUNTS:
            server = await stack.enter_async_context(SandboxServer(now=kit.clock.now))
            networks[slug] = server
            await _join(kit, http, server, kit.account if slug == "acme" else kit.other)
        await kit.store.write(set_to_work, kit.lines.connectors)
        # whose tokens they are is asked each minute, which says nothing of this day
        for account in kit.lines.connectors:
            await kit.do(partial(_unasked, account))
        slack = await stack.enter_async_context(
            slack_over(kit, timing=SocketTiming(), clock=WallOfTheDay(kit.clock))
        )
        team = await stack.enter_async_context(team_over(kit))
        slack.slack.passed = kit.clock.monotonic
        # the desk keeps Telegram's pace by the clock of the day, which is faster than this one
        team.server.world.per_minute = 100_000
        frontends: Mapping[str, ChatFrontend] = {
            "slack": slack.frontend,
            "telegram": team.connected.frontend,
        }
        connect_tasks(kit, frontends)
        triager = Triager(load_cues(), identifier_for(LANGUAGES))
        kit.tasks = {**kit.tasks, "triage": TriageTask(kit.store, triager, kit.lines, rules)}
        declared["rates"] = rates(kit.lines, frontends)
        yield House(kit, slack, team, networks)


def _unasked(account: AccountId, tx: Tx) -> None:
    tx.due.drop(f"verify:{account}")


async def _join(
    kit: DeskKit, http: aiohttp.ClientSession, server: SandboxServer, account: AccountId
) -> None:
    for number in range(1, POSTS + 1):
        await server.network.publish_post(f"Our tea of the week, number {number}")
    settings = SandboxSettings(base_url=server.url, token=SecretRef(env="TOKEN"), poll_seconds=POLL)
    around = Surroundings(http, kit.clock, NoVault(), {"token": "sandbox-token"}, "sandbox")
    line: SandboxConnector = connect(settings, around)
    connectors: Any = kit.lines.connectors
    connectors[account] = line
    await kit.store.write(identify, Verified(account, await line.verify()))
