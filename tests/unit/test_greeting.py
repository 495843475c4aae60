"""A test card says whether cards arrive in a channel, and what is in the way if not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.cards.card import plain
from bot.errors import OutcomeUnknown, PermissionMissing, RateLimited, TargetGone
from bot.model.channel import Place
from bot.model.commands import Outcome, OutcomeKind
from bot.model.ids import CommandId
from bot.services.greeting import Greeting
from tests.fakes.chat import CHAT, ChatStep
from tests.fakes.desk_kit import DeskKit, desk_address, opened_desk

HERE = Place("C-care", "7")


@pytest.fixture
async def kit(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DeskKit]:
    async with opened_desk(desk_address(request, tmp_path)) as made:
        yield made


async def greet(kit: DeskKit, who: str = "ada", chat: str = CHAT) -> Outcome:
    greeting = Greeting(kit.desk, {CHAT: kit.chat}, tuple, kit.clock)
    return await greeting.greet(CommandId("press"), kit.who(who), chat, HERE)


async def audited(kit: DeskKit) -> list[str]:
    await kit.do(lambda tx: tx.audits.seal(tx.now()))
    return [row.action for row in await kit.read(lambda tx: tx.audits.sealed())]


async def test_a_test_card_stands_in_the_channel_and_says_who_sent_it(kit: DeskKit) -> None:
    outcome = await greet(kit)
    assert outcome.is_done
    (message,) = kit.chat.in_channel("C-care")
    assert message.place.topic == "7"
    assert message.card.actions == ()
    assert plain(message.card.state.spans).startswith("Sent by Ada to see whether cards arrive.")
    assert await audited(kit) == ["test_card_sent"]


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (TargetGone("The channel is not there."), "It did not arrive: The channel is not there."),
        (PermissionMissing("The bot may not write.", scope="chat:write"), "may not write"),
        (RateLimited("slow down"), "takes no more messages"),
        (OutcomeUnknown("no answer"), "Not sure that it arrived"),
        (TimeoutError(), "Not sure that it arrived"),
    ],
)
async def test_what_is_in_the_way_is_said(kit: DeskKit, error: Exception, says: str) -> None:
    kit.chat.script("post", ChatStep(acts=False, error=error))
    outcome = await greet(kit)
    assert outcome.kind is OutcomeKind.REFUSED
    assert says in outcome.says


@pytest.mark.parametrize("who", ["vic", "bob", "alice", "nobody"])
async def test_who_is_no_admin_sends_none(kit: DeskKit, who: str) -> None:
    outcome = await greet(kit, who)
    assert "Ask Ada" in outcome.says
    assert kit.chat.messages == []
    assert await audited(kit) == ["refused"]


async def test_a_chat_that_is_not_connected_is_said(kit: DeskKit) -> None:
    outcome = await greet(kit, chat="slack")
    assert outcome.kind is OutcomeKind.REFUSED
    assert "not connected to that chat" in outcome.says
