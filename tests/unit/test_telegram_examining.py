"""What `check` is told of Telegram: whose token it is, and what the bot may do in each group."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from bot.coordination.clock import SystemClock
from bot.errors import AuthenticationFailed, Unavailable
from bot.model.channel import Place
from handlers.telegram import TelegramOptions, examiner
from tests.fakes.telegram_server import TOKEN, TelegramServer
from tests.fakes.telegram_world import GROUP, Chat

PLACE = Place(str(GROUP))


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramServer]:
    async with TelegramServer().serving() as served:
        yield served


async def found(
    telegram: TelegramServer, *places: Place, topics: str = "none", token: str = TOKEN
) -> tuple[list[str], list[str]]:
    """What is in order, and what is not."""
    options = TelegramOptions(token, telegram.url, topics=topics)
    async with aiohttp.ClientSession() as http:
        findings = await examiner(http, SystemClock(), options).examine(places or (PLACE,))
    assert all(one.says.endswith(".") for one in findings)
    return (
        [one.says for one in findings if not one.is_trouble],
        [one.says for one in findings if one.is_trouble],
    )


async def test_a_bot_in_its_group_is_in_order_and_nothing_is_posted(
    telegram: TelegramServer,
) -> None:
    fine, trouble = await found(telegram, PLACE, PLACE)
    assert trouble == []
    assert fine[1:] == ["Cards can be posted in Acme care."]
    assert telegram.world.messages == []
    assert {name for name, _ in telegram.calls} == {"getMe", "getChat", "getChatMember"}


async def test_a_bot_that_hears_everything_and_edits_nowhere_is_told_of(
    telegram: TelegramServer,
) -> None:
    fine, _ = await found(telegram)
    assert "/setinline" in fine[0]
    assert "/setprivacy" not in fine[0]
    telegram.me["can_read_all_group_messages"] = True
    telegram.me["supports_inline_queries"] = True
    fine, _ = await found(telegram)
    assert "/setprivacy" in fine[0]
    assert "/setinline" not in fine[0]


async def test_what_the_bot_may_not_do_is_said_with_what_to_do(telegram: TelegramServer) -> None:
    chat = telegram.world.chat(GROUP)
    chat.rights = {"send"}
    fine, _ = await found(telegram)
    assert "no pinned counter" in fine[-1]
    _, trouble = await found(telegram, Place(str(GROUP), "Reviews"))
    assert "has no topics" in trouble[0]
    chat.is_forum = True
    _, trouble = await found(telegram, Place(str(GROUP), "Reviews"))
    assert "may not make topics" in trouble[0]
    _, trouble = await found(telegram, topics="account")
    assert "may not make topics" in trouble[0]
    _, trouble = await found(telegram, Place(str(GROUP), "42"))
    assert trouble == []
    chat.is_member = False
    _, trouble = await found(telegram)
    assert "Add it to the group" in trouble[0]


async def test_a_group_that_moved_and_one_that_is_not_there_are_named(
    telegram: TelegramServer,
) -> None:
    telegram.world.chats[-5] = Chat(-5, "group", moved_to=GROUP)
    _, trouble = await found(telegram, Place("-5"), Place("-6"))
    assert str(GROUP) in trouble[0]
    assert trouble[1].startswith("-6: Telegram knows no such group")


async def test_a_persons_own_chat_is_a_place_too(telegram: TelegramServer) -> None:
    telegram.world.chats[1003] = Chat(1003, "private", "Bob")
    fine, trouble = await found(telegram, Place("1003"))
    assert "own chat" in fine[-1]
    assert trouble == []


async def test_a_wrong_token_and_a_silent_server_are_errors(telegram: TelegramServer) -> None:
    with pytest.raises(AuthenticationFailed):
        await found(telegram, token="1:x")
    telegram.port = 9
    with pytest.raises(Unavailable):
        await found(telegram)
