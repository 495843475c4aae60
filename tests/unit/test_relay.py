"""The relay over real HTTP: signed cards out, signed presses in, every failure by its class."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from bot.cards.posting import Posting
from bot.coordination.clock import SystemClock
from bot.errors import (
    AuthenticationFailed,
    CannotTell,
    OutcomeUnknown,
    RateLimited,
    TargetGone,
    Unavailable,
)
from bot.model.channel import Place
from bot.model.ids import MessageId, Moment, Monotonic, PostKey
from bot.model.member import ChatIdentity
from bot.model.network import ReadBack
from handlers.relay import RelayFrontend, RelayOptions, build_door
from handlers.relay.form import card_form
from handlers.relay.signing import signed
from tests.fakes.desk_kit import DeskKit, desk_address, opened_desk
from tests.fakes.relay_tool import SECRET, Fault, RelayTool
from tests.fakes.sample_cards import waiting

PLACE = Place("room")
KEY = PostKey("0" * 32)
CLOCK = SystemClock()


@pytest.fixture
async def tool() -> AsyncIterator[RelayTool]:
    async with RelayTool().serving() as served:
        yield served


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


def frontend(tool: RelayTool, http: aiohttp.ClientSession, **options: Any) -> RelayFrontend:
    return RelayFrontend(http, CLOCK, RelayOptions(tool.url, SECRET, **options))


def soon() -> Monotonic:
    return Monotonic(CLOCK.monotonic() + 5)


async def post(relay: RelayFrontend) -> MessageId:
    return await relay.post(Posting(KEY, PLACE, waiting()), soon())


async def test_a_card_is_posted_redrawn_and_found_by_its_key(
    tool: RelayTool, http: aiohttp.ClientSession
) -> None:
    relay = frontend(tool, http)
    assert await relay.find(KEY, PLACE, Moment(0)) is None
    message = await post(relay)
    await relay.redraw(PLACE, message, waiting())
    assert await relay.find(KEY, PLACE, Moment(0)) == message
    [shown] = tool.messages
    assert shown.channel == "room"
    assert shown.cards == [card_form(waiting())] * 2
    assert tool.refused == []


@pytest.mark.parametrize(
    ("fault", "error", "arrived"),
    [
        (Fault.LOSE_ANSWER, OutcomeUnknown, 1),
        (Fault.LOSE_REQUEST, OutcomeUnknown, 0),
        (Fault.ERROR_AFTER_ACTING, OutcomeUnknown, 1),
        (Fault.ERROR, OutcomeUnknown, 0),
        (Fault.TOO_MANY, RateLimited, 0),
    ],
)
async def test_every_failure_has_the_class_of_what_may_have_happened(
    tool: RelayTool,
    http: aiohttp.ClientSession,
    fault: Fault,
    error: type[Exception],
    arrived: int,
) -> None:
    tool.faults.append(fault)
    with pytest.raises(error):
        await post(frontend(tool, http))
    assert len(tool.messages) == arrived


async def test_a_tool_that_is_not_there_got_nothing(http: aiohttp.ClientSession) -> None:
    with pytest.raises(Unavailable):
        await post(frontend(RelayTool(), http))


async def test_nothing_leaves_after_the_deadline(
    tool: RelayTool, http: aiohttp.ClientSession
) -> None:
    late = Monotonic(CLOCK.monotonic() - 1)
    with pytest.raises(Unavailable):
        await frontend(tool, http).post(Posting(KEY, PLACE, waiting()), late)
    assert tool.messages == []


async def test_a_message_that_is_not_there_any_more_is_gone(
    tool: RelayTool, http: aiohttp.ClientSession
) -> None:
    with pytest.raises(TargetGone):
        await frontend(tool, http).redraw(PLACE, MessageId("m77"), waiting())


async def test_a_wrong_secret_is_an_authentication_failure(
    tool: RelayTool, http: aiohttp.ClientSession
) -> None:
    relay = RelayFrontend(http, CLOCK, RelayOptions(tool.url, "another"))
    with pytest.raises(AuthenticationFailed):
        await post(relay)
    assert tool.messages == []


async def test_without_read_back_nobody_is_asked(
    tool: RelayTool, http: aiohttp.ClientSession
) -> None:
    relay = frontend(tool, http, read_back=False)
    assert relay.abilities.read_back is ReadBack.NONE
    with pytest.raises(CannotTell):
        await relay.find(KEY, PLACE, Moment(0))


@pytest.fixture
async def kit(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DeskKit]:
    async with opened_desk(desk_address(request, tmp_path)) as found:
        yield found


@pytest.fixture
async def desk(kit: DeskKit) -> AsyncIterator[str]:
    """The base URL of a relay's door."""
    door = build_door(kit.desk, kit.clock, SECRET)
    app = aiohttp.web.Application()
    app.add_subapp("/chats/relay", door)
    async with TestServer(app) as server:
        kit.clock.jump((CLOCK.now() - kit.clock.now()) / 1000)
        yield str(server.make_url("")).rstrip("/")


async def _bob(kit: DeskKit) -> None:
    def link(tx: Any) -> None:
        bob = tx.people.by_slug(tx.accounts.brands()[0].id, "bob")
        tx.people.identify(bob, _identity("bob@example.com"))

    await kit.do(link)


def _identity(user: str) -> ChatIdentity:
    return ChatIdentity("relay", user)


async def test_a_press_publishes_once_however_often_it_is_sent(kit: DeskKit, desk: str) -> None:
    await _bob(kit)
    item = await kit.comment()
    data = f"approve.{await kit.token_of(item)}.{(await kit.card_of(item)).revision}"
    tool = RelayTool()
    told = [await tool.press(desk, "bob@example.com", data, press_id="p1") for _ in range(3)]
    assert [status for status, _ in told] == [200, 200, 200]
    assert told[0] == told[1] == told[2]
    await kit.pass_time(30)
    assert len(kit.network.visible) == 1


async def test_strangers_stale_cards_and_nonsense_are_refused(kit: DeskKit, desk: str) -> None:
    await _bob(kit)
    item = await kit.comment()
    card = await kit.card_of(item)
    tool = RelayTool()
    stranger = await tool.press(desk, "eve", f"approve.{card.key}.{card.revision}", press_id="a")
    stale = await tool.press(desk, "bob@example.com", f"approve.{card.key}.1", press_id="b")
    nonsense = await tool.press(desk, "bob@example.com", "approve.x", press_id="c")
    assert (stranger[0], stale[0], nonsense[0]) == (403, 409, 400)
    await kit.pass_time(30)
    assert kit.network.visible == []


@pytest.mark.parametrize("change", ["secret", "body", "time", "none"])
async def test_a_press_that_the_tool_did_not_sign_is_refused(
    kit: DeskKit, desk: str, http: aiohttp.ClientSession, change: str
) -> None:
    await _bob(kit)
    body = b'{"id": "x", "user": "bob@example.com", "data": "approve.AAAAAAAAAAAA.1"}'
    path = "/chats/relay/press"
    now = Moment(CLOCK.now() - (3_600_000 if change == "time" else 0))
    headers = signed("other" if change == "secret" else SECRET, "POST", path, body, now)
    sent = body + b" " if change == "body" else body
    async with http.post(
        f"{desk}{path}", data=sent, headers={} if change == "none" else headers
    ) as answer:
        assert answer.status == 401
