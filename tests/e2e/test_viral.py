"""A complaint goes viral on the sandbox, and the right person is woken, by the real process.

A desk that has just been connected knows the last weeks of its account (`recall`), so nobody waits
for it to learn. The clock of the process is set forward where minutes would have to pass.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from bot.detection.surge import COLD_BUCKETS
from integrations.sandbox.hooks import HookTarget
from integrations.sandbox.past import seed_past
from integrations.sandbox.server import SandboxServer
from integrations.sandbox.world import WorldOptions
from tests.e2e.console_client import eventually
from tests.e2e.flood import A_SECOND, COMMENTS
from tests.e2e.loop import alice_at
from tests.e2e.process import HOOK_SECRET, DeskHome, report
from tests.e2e.process import TOKEN as SANDBOX_TOKEN
from tests.fakes import slack_server, telegram_server
from tests.fakes.slack_server import SlackServer
from tests.fakes.telegram_people import Person
from tests.fakes.telegram_server import TelegramServer
from tests.fakes.telegram_world import Chat, Shown
from tests.patience import PATIENCE
from tests.services import LOOPBACK, free_port

CHANNEL, ALICE = "C0CARE", "U0ALICE"
BOB = 1003
BUCKET = 300.0
WITHIN = 10.0
"""Seconds from the comment that crosses the threshold to the page: the promise, and a line of the
issue, so it is asserted. The whole cascade is posted within it, so it is counted from the first."""
FLOOD_WITHIN = 5.0
"""The same in a flood of ten thousand a minute."""
STEP = 60.0
ENVIRONMENT = {
    "SLACK_BOT_TOKEN": slack_server.BOT_TOKEN,
    "SLACK_APP_TOKEN": slack_server.APP_TOKEN,
    "TELEGRAM_BOT_TOKEN": telegram_server.TOKEN,
}
CONFIGURATION = """
[[brands.channels]]
slug = "care"
chat = "slack"
channel = "{channel}"

[slack]
api_url = "{slack}"

[telegram]
mode = "polling"
base_url = "{telegram}"

[[oncall.routes]]
slug = "telegram"
kind = "direct"
chat = "telegram"
[[oncall.routes]]
slug = "slack"
kind = "direct"
chat = "slack"
[[oncall.policies]]
slug = "default"
repeat = 0
[[oncall.policies.steps]]
who = ["bob"]
routes = ["telegram"]
minutes = 1
[[oncall.policies.steps]]
who = ["alice"]
routes = ["slack"]
minutes = 1
"""


@dataclass(slots=True)
class Team:
    """Bob is on call in Telegram, then Alice in Slack; the channel of incidents is in Slack."""

    home: DeskHome
    sandbox: SandboxServer
    slack: SlackServer
    telegram: TelegramServer
    clock: Path

    def pages_of_bob(self) -> list[Shown]:
        return self.telegram.world.by_bot(BOB)

    def pages_of_alice(self) -> list[str]:
        return [_said(one) for one in self.slack.in_channel(f"D{ALICE[1:]}")]

    def in_channel(self, *words: str) -> list[str]:
        cards = map(_said, self.slack.in_channel(CHANNEL))
        return [one for one in cards if all(word in one for word in words)]

    async def press(self, button: str) -> None:
        """On the sandbox's own page."""
        url, headers = f"{self.sandbox.pane_url}control/{button}", {"X-Sandbox-Control": "1"}
        async with aiohttp.ClientSession() as http:
            answer = await http.post(url, json={}, headers=headers)
            assert answer.status == 200, await answer.text()

    async def is_calm(self) -> bool:
        async with aiohttp.ClientSession() as http:
            answer = await http.get(f"{self.sandbox.pane_url}state")
            return not (await answer.json())["viral"]

    async def complaints(self, many: int) -> None:
        """One after the other, of a matter that harms nobody."""
        [post] = await self.sandbox.network.posts(1)
        for number in range(many):
            text = f"My order never arrived, where is it? I want my money back. ({number})"
            await self.sandbox.network.comment("maya", text, post_id=post.id)
            await asyncio.sleep(0.1)

    def let_pass(self, seconds: float) -> None:
        self.clock.write_text(str(float(self.clock.read_text("ascii")) + seconds), "ascii")

    async def knows_its_past(self) -> bool:
        with closing(sqlite3.connect(self.home.database)) as db:
            rows = db.execute("SELECT state FROM watch").fetchall()
        return any(json.loads(one)["detector"]["closed"] > COLD_BUCKETS for (one,) in rows)


@asynccontextmanager
async def team(folder: Path, *, pace: float = 0.1) -> AsyncIterator[Team]:
    """A desk that was connected just now; `pace` is the sandbox's, in seconds."""
    clock = folder / "clock"
    clock.write_text("0", "ascii")
    port = free_port()
    home = DeskHome(
        folder / "desk",
        network=f"http://{LOOPBACK}:{port}/sandbox/api",
        program=(sys.executable, "-m", "tests.e2e.shifted_clock"),
    )
    target = HookTarget(home.hook, HOOK_SECRET)
    options = WorldOptions(is_seeded=False, life_most=0, pace=pace)
    async with (
        SlackServer().serving() as slack,
        TelegramServer().serving() as telegram,
        SandboxServer(token=SANDBOX_TOKEN, hook=target, port=port, options=options) as sandbox,
    ):
        slack.people[ALICE] = {}
        # he has written to the bot once, so it may write to him
        telegram.world.chats[BOB] = Chat(BOB, "private", "Bob")
        await seed_past(sandbox.network, 6)
        await sandbox.network.publish_post("Spring tea boxes are on their way!")
        _configure(home, slack, telegram)
        environment = {**ENVIRONMENT, "REPLYDESK_TEST_CLOCK": str(clock)}
        async with home.open(environment=environment), alice_at(home) as alice:
            assert (await alice.order("go_live", account="acme")).is_done
            found = Team(home, sandbox, slack, telegram, clock)
            await eventually(found.knows_its_past, "what is usual for it", 2 * PATIENCE)
            yield found
        assert (slack.complaints, telegram.judged) == ([], [])


def _configure(home: DeskHome, slack: SlackServer, telegram: TelegramServer) -> None:
    home.configure(
        more=CONFIGURATION.format(channel=CHANNEL, slack=slack.api_url, telegram=telegram.url)
    )
    home.lay_database()
    text = home.configuration.read_text("utf-8")
    text = text.replace('slug = "bob"\n', f'slug = "bob"\ntelegram = {BOB}\n')
    text = text.replace('slug = "alice"\n', f'slug = "alice"\nslack = "{ALICE}"\n')
    home.configuration.write_text(text, "utf-8")


def _said(message: slack_server.Message) -> str:
    return json.dumps(message.looks[-1], ensure_ascii=False)


async def once(look: Callable[[], object], about: str, seconds: float = PATIENCE) -> None:
    async def looked() -> bool:
        return bool(look())

    await eventually(looked, about, seconds)


async def test_noticed_paged_and_acknowledged_in_telegram_it_stops_and_slack_shows_it(
    tmp_path: Path,
) -> None:
    async with team(tmp_path) as acme:
        begun = time.monotonic()
        await acme.press("viral")
        await once(acme.pages_of_bob, "a page for Bob", WITHIN)
        report(f"paged {time.monotonic() - begun:.2f} s after the first complaint")
        # it is mold: the first comment wakes, and the rise is told on the same card
        rising = ("Somebody may be harmed", "in 15 min (usual")
        await once(lambda: acme.in_channel(*rising), "the rise in the channel", BUCKET)
        await eventually(acme.is_calm, "the end of the cascade")
        [page] = acme.pages_of_bob()
        await Person(acme.telegram, BOB, "Bob").tap(page, "Acknowledge")
        acknowledged = (*rising, "Bob acknowledged it")
        await once(lambda: acme.in_channel(*acknowledged), "who is at it, in Slack")
        acme.let_pass(3 * STEP)
        await asyncio.sleep(3.0)
        assert acme.pages_of_alice() == []
        assert len(acme.pages_of_bob()) == 1


async def test_unacknowledged_the_second_person_is_paged_on_time(tmp_path: Path) -> None:
    async with team(tmp_path) as acme:
        begun = time.monotonic()
        await acme.complaints(40)
        await once(acme.pages_of_bob, "a page for Bob", WITHIN)
        report(f"paged {time.monotonic() - begun:.2f} s after the first complaint")
        assert acme.pages_of_alice() == []
        begun = time.monotonic()
        acme.let_pass(STEP)
        await once(acme.pages_of_alice, "a page for Alice", WITHIN)
        report(f"the second person was paged {time.monotonic() - begun:.2f} s after it was time")
        [page] = acme.pages_of_alice()
        assert "Complaints are rising" in page


@pytest.mark.slow
async def test_ten_thousand_comments_in_a_minute_are_one_incident_told_within_seconds(
    tmp_path: Path,
) -> None:
    async with team(tmp_path) as acme:
        flooding = asyncio.create_task(_flood(acme.sandbox))
        begun = time.monotonic()
        await once(acme.pages_of_bob, "a page in the midst of it", FLOOD_WITHIN)
        report(f"paged {time.monotonic() - begun:.2f} s after the first of {COMMENTS}")
        await flooding
        await eventually(lambda: _all_sorted(acme.home), "every comment", 180.0)
        with closing(sqlite3.connect(acme.home.database)) as db:
            incidents = db.execute("SELECT kind, count FROM incident").fetchall()
        assert len(incidents) == 1, incidents
        assert len(acme.pages_of_bob()) == 1


async def _flood(sandbox: SandboxServer) -> None:
    [post], begun = await sandbox.network.posts(1), time.monotonic()
    for number in range(0, COMMENTS, A_SECOND):
        several = [
            sandbox.network.comment(
                "maya", f"F{one} my box is full of mold, I want my money back.", post_id=post.id
            )
            for one in range(number, min(number + A_SECOND, COMMENTS))
        ]
        await asyncio.gather(*several)
        await asyncio.sleep(max(0.0, begun + number / A_SECOND + 1 - time.monotonic()))


async def _all_sorted(home: DeskHome) -> bool:
    with closing(sqlite3.connect(home.database)) as db:
        found = db.execute("SELECT count(*) FROM item WHERE triage IS NOT NULL").fetchone()[0]
    return int(found) >= COMMENTS
