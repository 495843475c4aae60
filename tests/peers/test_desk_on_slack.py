"""The whole desk with its team in a workspace of npm `emulate`: a card, an edit, a permalink."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from handlers.slack.frontend import EVENT_TYPE
from integrations.sandbox.server import SandboxServer
from tests.e2e.loop import alice_at, network_of, written
from tests.e2e.process import DeskHome, said_by
from tests.fakes.lost_answer_proxy import LostAnswerProxy, Mode
from tests.peers.servers import SlackPeer
from tests.peers.slack_workspace import Colleague, Tap, Workspace, tapped
from tests.services import LOOPBACK, free_port


@dataclass(slots=True)
class Room:
    """The desk before its network, and Bob in the channel."""

    home: DeskHome
    sandbox: SandboxServer
    workspace: Workspace
    bob: Colleague
    tap: Tap
    proxy: LostAnswerProxy
    """Between the desk and the tap."""
    environment: dict[str, str]


@pytest.fixture
async def room(slack_peer: SlackPeer, tmp_path: Path) -> AsyncIterator[Room]:
    timeout = aiohttp.ClientTimeout(total=10)
    async with (
        aiohttp.ClientSession(timeout=timeout) as http,
        tapped(slack_peer, http) as tap,
        LostAnswerProxy(tap.url, hold_seconds=3.0) as proxy,
    ):
        workspace = Workspace(slack_peer, http)
        channel, bob = await workspace.channel("general"), await workspace.member("bob")
        home = _home(tmp_path, f"{proxy.url}/api", channel, bob)
        colleague = Colleague(workspace, bob, channel, f"{home.url}/chats/slack/events")
        environment = {
            "SLACK_BOT_TOKEN": slack_peer.bot_token,
            "SLACK_SIGNING_SECRET": slack_peer.signing_secret,
        }
        async with network_of(home) as sandbox:
            yield Room(home, sandbox, workspace, colleague, tap, proxy, environment)


def _home(folder: Path, api_url: str, channel: str, bob: str) -> DeskHome:
    home = DeskHome(folder / "desk", network=f"http://{LOOPBACK}:{free_port()}/sandbox/api")
    home.configure(
        more=f"""
[[brands.channels]]
slug = "care"
chat = "slack"
channel = "{channel}"

[slack]
mode = "http"
api_url = "{api_url}"
timeout_seconds = 2
"""
    )
    text = home.configuration.read_text("utf-8")
    text = text.replace('slug = "bob"\n', f'slug = "bob"\nslack = "{bob}"\n')
    home.configuration.write_text(text, "utf-8")
    return home


@asynccontextmanager
async def live(room: Room) -> AsyncIterator[None]:
    async with room.home.open(environment=room.environment):
        async with alice_at(room.home) as alice:
            assert (await alice.order("go_live", account="acme")).is_done
        yield


async def test_a_comment_is_edited_and_approved_in_a_modal_and_its_card_has_the_permalink(
    room: Room,
) -> None:
    bob, channel = room.bob, room.bob.channel
    async with live(room):
        comment = await written(room.sandbox, "KLOOP where is my order?")
        card = await room.workspace.card(channel, "KLOOP", "Publish")
        assert card["metadata"]["event_type"] == EVENT_TYPE
        await bob.press(card, "Edit")
        view = (await room.tap.answered("views.open"))["view"]
        assert view["submit"]["text"] == "Publish"
        await bob.submit(view, "We found it, it comes tomorrow.")
        card = await room.workspace.card(channel, "KLOOP", "Published")
    assert (await room.sandbox.visible_replies())[comment] == ["We found it, it comes tomorrow."]
    links = [part["url"] for part in _parts(card["blocks"]) if part.get("type") == "link"]
    assert any(link.startswith(room.home.network.removesuffix("/api")) for link in links), links
    assert room.tap.counts["chat.postMessage"] == 1


async def test_a_lost_answer_to_a_posting_is_found_by_its_key_and_leaves_one_card(
    room: Room,
) -> None:
    def is_posting(method: str, target: str) -> bool:
        return target.endswith("/chat.postMessage")

    room.proxy.arm(Mode.DROP_AFTER_FORWARD, only=is_posting)
    async with live(room):
        await written(room.sandbox, "KLOST where is my order?")
        card = await room.workspace.card(room.bob.channel, "KLOST", "Publish")
        await room.bob.press(card, "No reply needed")
        await room.workspace.card(room.bob.channel, "KLOST", "Closed, no reply needed")
    assert room.proxy.harmed.total() == 1
    assert room.tap.counts["chat.postMessage"] == 1


async def test_the_home_tab_shows_the_queue(room: Room) -> None:
    async with live(room):
        await written(room.sandbox, "KHOME where is my order?")
        await room.workspace.card(room.bob.channel, "KHOME", "Publish")
        await room.bob.open_home()
        view = (await room.tap.answered("views.publish"))["view"]
    assert view["type"] == "home"
    assert "KHOME" in json.dumps(view["blocks"])


async def test_check_says_that_cards_can_be_posted(room: Room) -> None:
    code, said = await said_by(room.home.folder, "check", environment=room.environment)
    assert "This is @admin of Acme." in said, said
    assert "Cards can be posted in #general." in said, said
    assert code == 0, said


def _parts(found: Any) -> list[dict[str, Any]]:
    """Every object in a tree of blocks."""
    if isinstance(found, list):
        return [part for one in found for part in _parts(one)]
    if isinstance(found, dict):
        return [found, *(part for one in found.values() for part in _parts(one))]
    return []
