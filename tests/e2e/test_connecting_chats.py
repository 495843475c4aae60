"""A chat is connected in the console of a real process: cards come without a restart."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.console_client import Person as AtConsole
from tests.e2e.console_client import eventually
from tests.e2e.loop import alice_at, network_of, written
from tests.e2e.process import DeskHome, said_by
from tests.e2e.test_connecting import everything_kept
from tests.fakes import telegram_server
from tests.fakes.slack_people import Person
from tests.fakes.slack_server import APP_TOKEN, BOT_TOKEN, SlackServer
from tests.fakes.telegram_server import TelegramServer
from tests.fakes.telegram_world import GROUP
from tests.services import LOOPBACK, free_port

CHANNEL, BOB = "C0CARE", "U0BOB"
NEW_BOT, NEW_APP = "xoxb-2-of-this-test", "xapp-2-of-this-test"
SOON = 40.0


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


def home_of(folder: Path, chat: str, address: str) -> DeskHome:
    """Its file says where the chat is, and no token."""
    home = DeskHome(folder / "desk", network=f"http://{LOOPBACK}:{free_port()}/sandbox/api")
    home.configure(more=f'\n[{chat}]\ntokens = "console"\n{address}\n')
    text = home.configuration.read_text("utf-8")
    text = text.replace('slug = "bob"\n', f'slug = "bob"\nslack = "{BOB}"\n')
    home.configuration.write_text(text, "utf-8")
    return home


def slack_home(folder: Path, slack: SlackServer) -> DeskHome:
    return home_of(folder, "slack", f'api_url = "{slack.api_url}"')


def pasted(bot: str = BOT_TOKEN, app: str = APP_TOKEN) -> dict[str, object]:
    return {"chat": "slack", "answers": {"bot_token": bot, "app_token": app}}


async def joined(alice: AtConsole, asked: Mapping[str, object]) -> Mapping[str, Any]:
    """Look and connect, as the page does it."""
    await alice.ask("/accounts/key")
    looked = await alice.ask("/chats/look", **asked)
    assert looked["kind"] == "done", looked
    told = await alice.ask("/chats/join", **asked, remote_id=looked["found"]["remote_id"])
    assert told["kind"] == "done", told
    return told


async def lands_in(alice: AtConsole, chat: str, channel: str) -> None:
    """An admin says in the console that everything lands there."""
    told = await alice.order("set_up_channel", chat=chat, channel=channel, title="Care", chosen={})
    assert told.is_done, told


async def card_with(slack: SlackServer, *words: str) -> Any:
    async def look() -> Any:
        for one in slack.in_channel(CHANNEL):
            shown = json.dumps(one.looks[-1], ensure_ascii=False)
            if all(word in shown for word in words):
                return one
        return None

    return await eventually(look, f"a card with {words}", SOON)


async def socket_stands(slack: SlackServer, made: int) -> None:
    async def look() -> bool:
        return slack.sockets.made >= made and len(slack.sockets.open) == 1

    await eventually(look, f"{made} connections made and one open", SOON)


async def test_slack_is_connected_sealed_renewed_and_disconnected_without_a_restart(
    tmp_path: Path, slack: SlackServer
) -> None:
    home = slack_home(tmp_path, slack)
    bob = Person(slack, BOB, slack.sockets.deliver)
    async with network_of(home) as sandbox:
        async with home.open() as desk, alice_at(home) as alice:
            assert (await alice.order("go_live", account="acme")).is_done
            page = await alice.page("/connect")
            assert 'href="/connect/chats/slack"' in page
            form = await alice.page("/connect/chats/slack")
            assert 'name="bot_token" type="password"' in form
            assert 'name="app_token" type="password"' in form

            # what is wrong is said at its field, and nothing is kept
            swapped = await alice.ask("/chats/look", **pasted(APP_TOKEN, BOT_TOKEN))
            assert swapped["problems"].keys() == {"bot_token", "app_token"}
            wrong = await alice.ask("/chats/look", **pasted(bot="xoxb-of-somebody-else"))
            assert "does not take this token" in wrong["problems"]["bot_token"]
            wrong = await alice.ask("/chats/look", **pasted(app="xapp-of-somebody-else"))
            assert "does not take this token" in wrong["problems"]["app_token"]
            other = f"xapp-1-A0OTHERAPP-{'1' * 10}"
            slack.sockets.app_tokens.add(other)
            wrong = await alice.ask("/chats/look", **pasted(app=other))
            assert "of another app" in wrong["problems"]["app_token"]
            slack.scopes -= {"chat:write"}
            wrong = await alice.ask("/chats/look", **pasted())
            assert "lacks chat:write" in wrong["problems"]["bot_token"]
            slack.scopes |= {"chat:write"}
            slack.scopes -= {"files:read", "users:read"}
            looked = await alice.ask("/chats/look", **pasted())
            assert looked["found"]["name"] == "@replydesk · Acme"
            assert "post and redraw cards" in looked["found"]["can"]
            assert [one.rpartition(" ")[2] for one in looked["found"]["cannot"]] == [
                "files:read.",
                "users:read.",
            ]
            test_card = {"chat": "slack", "channel": CHANNEL}
            refused = await alice.ask("/channels/test", **test_card)
            assert "not connected to that chat" in refused["says"]

            # connected: a test card, a channel, a card, a press
            await joined(alice, pasted())
            told = await alice.ask("/channels/test", **test_card)
            assert told["says"] == "The test card stands in the channel. Look at it there."
            await lands_in(alice, "slack", CHANNEL)
            comment = await written(sandbox, "KFIRST where is my order?")
            card = await card_with(slack, "KFIRST", "Draft reply", '"Publish"')
            await socket_stands(slack, 1)
            await bob.press(card, "Publish")
            await card_with(slack, "KFIRST", "✅ Published")
            assert bob.troubles == []
            assert len((await sandbox.visible_replies())[comment]) == 1
            for page in ("/connect", "/connect/chats/slack"):
                assert BOT_TOKEN not in await alice.page(page)
            await desk.kill()
        kept = everything_kept(home)
        assert BOT_TOKEN.encode() not in kept
        assert APP_TOKEN.encode() not in kept

        async with home.open(), alice_at(home) as alice:
            await socket_stands(slack, 2)
            _code, said = await said_by(home.folder, "check")
            assert "This is @replydesk · Acme, connected in the console." in said

            # new tokens: the old ones are good no more, and nobody starts anything
            slack.bot_tokens, slack.sockets.app_tokens = {NEW_BOT}, {NEW_APP}
            renewed = await joined(alice, pasted(NEW_BOT, NEW_APP))
            assert renewed["says"] == "@replydesk · Acme has its new tokens."
            await socket_stands(slack, 3)
            await written(sandbox, "KRENEWED where is my order?")
            card = await card_with(slack, "KRENEWED", "Draft reply")

            gone = await alice.ask("/chats/disconnect", chat="slack")
            assert gone["kind"] == "done"
            assert "Cards wait until" in await alice.page("/connect")
            await eventually(lambda: _no_socket(slack), "the socket's end", SOON)
            await written(sandbox, "KWAITS is anybody there?")
            await eventually(lambda: alice.card_of("KWAITS"), "the card in the console")
            refused = await alice.ask("/channels/test", **test_card)
            assert "not connected to that chat" in refused["says"]
            assert not any("KWAITS" in json.dumps(one.looks) for one in slack.messages)
            await joined(alice, pasted(NEW_BOT, NEW_APP))
            await card_with(slack, "KWAITS")
            assert "Cards wait until" not in await alice.page("/connect")


async def _no_socket(slack: SlackServer) -> bool:
    return not slack.sockets.open


async def test_a_worker_of_its_own_posts_in_a_chat_that_was_connected_in_the_web(
    tmp_path: Path, slack: SlackServer
) -> None:
    home = slack_home(tmp_path, slack)
    async with (
        network_of(home) as sandbox,
        home.running("--only", "web") as web,
        home.running("--only", "worker"),
    ):
        await web.ready(home.url)
        async with alice_at(home) as alice:
            await lands_in(alice, "slack", CHANNEL)
            await written(sandbox, "KBEFORE where is my order?")
            await eventually(lambda: alice.card_of("KBEFORE"), "the card in the console")
            await joined(alice, pasted())
            # what waited comes at once, posted by the process that nobody pressed anything in
            await card_with(slack, "KBEFORE")
            await socket_stands(slack, 1)
            await alice.ask("/chats/disconnect", chat="slack")
            await eventually(lambda: _no_socket(slack), "the worker's socket is closed", SOON)


async def test_telegram_is_connected_and_a_token_that_was_taken_back_is_replaced(
    tmp_path: Path, telegram: TelegramServer
) -> None:
    home = home_of(tmp_path, "telegram", f'base_url = "{telegram.url}"')
    old, new = telegram_server.TOKEN, "777000777:BBNewNewNewNewNewNewNewNewNewNewNew"
    asked = {"chat": "telegram", "answers": {"bot_token": old}}
    async with network_of(home) as sandbox, home.open(), alice_at(home) as alice:
        for nonsense in ("", "1:../../x", "777000777:AAWrong"):
            wrong = {"chat": "telegram", "answers": {"bot_token": nonsense}}
            told = await alice.ask("/chats/look", **wrong)
            assert told["problems"].keys() == {"bot_token"}
        telegram.me["can_join_groups"] = False
        looked = await alice.ask("/chats/look", **asked)
        assert looked["found"]["name"] == "@acme_desk_bot"
        assert any("/setjoingroups" in one for one in looked["found"]["cannot"])
        await joined(alice, asked)
        await lands_in(alice, "telegram", str(GROUP))
        await written(sandbox, "KFIRST where is my order?")
        await eventually(lambda: _says(telegram, "KFIRST"), "the card", SOON)

        telegram.tokens = {new}
        await joined(alice, {"chat": "telegram", "answers": {"bot_token": new}})
        await written(sandbox, "KNEW where is my order?")
        await eventually(lambda: _says(telegram, "KNEW"), "the card under the new token", SOON)


async def _says(telegram: TelegramServer, mark: str) -> bool:
    return any(mark in one.text for one in telegram.world.by_bot())
