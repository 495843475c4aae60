"""A chat that calls the desk, connected in the console: its door opens without a restart."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from handlers.chat_tokens import BY_ADDRESS, WAY
from tests.e2e.console_client import Person as AtConsole
from tests.e2e.console_client import eventually, person_at
from tests.e2e.loop import alice_at, network_of, written
from tests.e2e.process import DeskHome, said_by
from tests.e2e.test_connecting import everything_kept
from tests.e2e.test_connecting_chats import (
    BOB,
    CHANNEL,
    SOON,
    card_with,
    home_of,
    joined,
    lands_in,
    slack_home,
)
from tests.fakes import telegram_server
from tests.fakes.slack_people import Person, by_http, call
from tests.fakes.slack_server import BOT_TOKEN, SIGNING_SECRET, SlackServer
from tests.fakes.telegram_server import TelegramServer
from tests.fakes.telegram_world import GROUP
from tests.services import LOOPBACK, free_port

NO_DOOR = {403, 404}
FORGED = "signing-secret-of-somebody-else"
PASTED: Mapping[str, object] = {
    "chat": "slack",
    "answers": {WAY: BY_ADDRESS, "bot_token": BOT_TOKEN, "signing_secret": SIGNING_SECRET},
}


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    async with SlackServer().serving() as served:
        yield served
        assert served.complaints == []


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramServer]:
    async with TelegramServer().serving() as served:
        yield served
        assert served.judged == []


def with_an_address(home: DeskHome) -> DeskHome:
    text = home.configuration.read_text("utf-8")
    text = text.replace("[desk]\n", f'[desk]\npublic_url = "{home.url}"\n', 1)
    home.configuration.write_text(text, "utf-8")
    return home


async def status_of(address: str, secret: str = SIGNING_SECRET) -> int:
    """Of a request as Slack sends it."""
    status, _answer = await call(address, "events", {"type": "event_callback"}, secret=secret)
    return status


async def test_slack_calls_the_desk_and_a_forged_request_is_refused_and_audited(
    tmp_path: Path, slack: SlackServer
) -> None:
    home = with_an_address(slack_home(tmp_path, slack))
    home.lay_database()
    address = f"{home.url}/chats/slack/events"
    bob = Person(slack, BOB, by_http(address))
    async with network_of(home) as sandbox:
        async with home.open() as desk, alice_at(home) as alice:
            assert (await alice.order("go_live", account="acme")).is_done
            assert await status_of(address) in NO_DOOR
            form = await alice.page("/connect/chats/slack")
            assert 'name="signing_secret" type="password"' in form
            assert address in await alice.page("/connect")
            nothing = {"chat": "slack", "answers": {WAY: BY_ADDRESS, "bot_token": BOT_TOKEN}}
            missing = await alice.ask("/chats/look", **nothing)
            assert missing["problems"].keys() == {"signing_secret"}

            await joined(alice, PASTED)
            assert "waiting for the first one" in await alice.page("/connect")
            assert await status_of(address, FORGED) == 401
            assert "waiting for the first one" in await alice.page("/connect")
            await lands_in(alice, "slack", CHANNEL)
            comment = await written(sandbox, "KFIRST where is my order?")
            card = await card_with(slack, "KFIRST", "Draft reply", '"Publish"')
            await bob.press(card, "Publish")
            await card_with(slack, "KFIRST", "✅ Published")
            assert bob.troubles == []
            assert len((await sandbox.visible_replies())[comment]) == 1
            page = await alice.page("/connect")
            assert "Its requests: coming since" in page
            assert SIGNING_SECRET not in page + await alice.page("/connect/chats/slack")
            assert not slack.sockets.open
            await desk.kill()
        assert SIGNING_SECRET.encode() not in everything_kept(home)

        async with home.open(), alice_at(home) as alice:
            await written(sandbox, "KAGAIN where is my order?")
            card = await card_with(slack, "KAGAIN", "Draft reply", '"Publish"')
            await bob.press(card, "Publish")
            await card_with(slack, "KAGAIN", "✅ Published")
            _code, said = await said_by(home.folder, "export", "audit")
            assert said.count('"sender_not_proved"') == 1
            gone = await alice.ask("/chats/disconnect", chat="slack")
            assert gone["kind"] == "done"
            assert await status_of(address) in NO_DOOR


@asynccontextmanager
async def apart(home: DeskHome, database: str) -> AsyncIterator[tuple[str, AtConsole]]:
    """Two web processes and a worker on one database; the second's address, and Alice."""
    env = {"DATABASE_URL": database, "REPLYDESK_KEY": "A" * 43 + "="}
    _code, said = await said_by(home.folder, "migrate", environment=env)
    assert "was set up" in said
    other = free_port()
    async with (
        home.running("--only", "web", environment=env) as web,
        home.running("--only", "web", environment=env | {"PORT": str(other)}, number=2) as two,
        home.running("--only", "worker", environment=env),
    ):
        await web.ready(home.url)
        await two.ready(f"http://{LOOPBACK}:{other}")
        link = await home.sign_in_link("alice", database)
        async with person_at(home.url, link=link) as alice:
            yield f"http://{LOOPBACK}:{other}", alice


@pytest.mark.postgres
async def test_telegram_is_told_where_to_call_and_every_process_hears_it(
    tmp_path: Path, telegram: TelegramServer, postgres_url: str
) -> None:
    home = with_an_address(home_of(tmp_path, "telegram", f'base_url = "{telegram.url}"'))
    tokens = {WAY: BY_ADDRESS, "bot_token": telegram_server.TOKEN}
    asked: dict[str, Any] = {"chat": "telegram", "answers": tokens}
    async with network_of(home), apart(home, postgres_url) as (there, alice):
        looked = await alice.ask("/chats/look", **asked)
        told = await alice.ask("/chats/join", **asked, remote_id=looked["found"]["remote_id"])
        assert told["kind"] == "done", told

        async def is_set() -> Any:
            return telegram.webhook.get("secret_token")

        secret = await eventually(is_set, "the webhook is set", SOON)
        assert telegram.webhook["url"] == f"{home.url}/chats/telegram/update"
        assert len(secret) > 20
        assert secret not in await alice.page("/connect")

        async def heard_there() -> bool:
            return await update_at(there, secret, 9_001) == 200

        await eventually(heard_there, "the other process has the door", SOON)
        assert await update_at(there, "another-secret", 9_002) == 401
        assert await update_at(home.url, secret, 9_003) == 200
        assert "Its requests: coming since" in await alice.page("/connect")


async def update_at(base: str, secret: str, number: int) -> int:
    message = {
        "message_id": number,
        "date": 1,
        "chat": {"id": GROUP, "type": "supergroup", "title": "Care"},
        "from": {"id": 5, "is_bot": False, "first_name": "Bob"},
        "text": "hello",
    }
    headers = {"X-Telegram-Bot-Api-Secret-Token": secret}
    body = {"update_id": number, "message": message}
    async with (
        aiohttp.ClientSession() as http,
        http.post(f"{base}/chats/telegram/update", json=body, headers=headers) as answer,
    ):
        return answer.status
