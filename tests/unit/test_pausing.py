"""A pause and its end say first what they would do, and then do that."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.cards.pages import DeskQuery
from bot.model import commands as c
from bot.model.commands import HoldKind
from bot.model.ids import HOUR, MINUTE, SECOND, Moment
from handlers import hold_words
from tests.fakes.desk_kit import DeskKit, desk_address, opened_desk

POSTS = (HoldKind.POSTS,)
EVERYTHING = tuple(HoldKind)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def kit(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DeskKit]:
    async with opened_desk(desk_address(request, tmp_path, request.param)) as kit:
        yield kit


async def planned(kit: DeskKit, text: str, ahead: int, account: str = "acme") -> None:
    slot = Moment(kit.clock.now() + ahead)
    composed = await kit.order("olga", c.ComposePost((c.VariantText(account, text),), slot))
    assert (await kit.press("alice", await kit.card(composed.note), c.Approve)).is_done


async def holds(kit: DeskKit) -> int:
    brand = (await kit.account_now()).brand_id
    return len(await kit.read(lambda tx: tx.accounts.holds(brand)))


async def test_it_says_what_it_would_hold_and_holds_nothing(kit: DeskKit) -> None:
    await planned(kit, "Autumn tea", 2 * HOUR)
    await planned(kit, "Winter tea", 3 * HOUR, "acme-two")
    assert (await kit.press("bob", await kit.card_of(await kit.comment()), c.Approve)).is_done
    asked = await kit.order("alice", c.Pause(EVERYTHING, is_sure=False))
    assert "Nothing is paused yet" in asked.says
    assert "2 planned posts wait\n1 approved reply waits" in asked.says
    assert "• 2026-11-30 11:00 · acme: “Autumn tea”" in asked.says
    one = await kit.order("alice", c.Pause(POSTS, "acme-two", is_sure=False))
    assert "Winter tea" in one.says
    assert "Autumn tea" not in one.says
    assert await holds(kit) == 0
    page = await kit.desk.view(DeskQuery(), kit.who("alice"))
    assert page.leaving == ("2 planned posts wait", "1 approved reply waits")


async def test_its_end_says_of_each_what_becomes_of_it_and_so_it_is(kit: DeskKit) -> None:
    assert (await kit.order("alice", c.Pause(POSTS))).is_done
    for text, ahead in (("First", 10 * MINUTE), ("Second", 80 * MINUTE), ("Third", 5 * HOUR)):
        await planned(kit, text, ahead)
    await kit.pass_time(90 * MINUTE // SECOND)
    asked = await kit.order("alice", c.Unpause(POSTS, is_sure=False))
    assert "First" not in asked.says, "it expired, and its card says so"
    assert "“Second”: leaves now, late" in asked.says
    assert "“Third”: leaves at its time" in asked.says
    assert await holds(kit) == 1
    assert kit.network.visible == []
    told = await kit.order("alice", c.Unpause(POSTS))
    assert "“Second”: leaves now, late" in told.says
    await kit.pass_time(60)
    assert [one.text for one in kit.network.visible] == ["Second"]


async def test_nothing_to_leave_is_said_too(kit: DeskKit) -> None:
    asked = await kit.order("alice", c.Pause(POSTS, is_sure=False))
    assert "Nothing waits to leave." in asked.says


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("", (False, EVERYTHING, "")),
        ("posts on acme", (False, POSTS, "on acme")),
        ("now", (True, EVERYTHING, "")),
        ("NOW Posts acme", (True, POSTS, "acme")),
        ("nowhere", (False, EVERYTHING, "nowhere")),
    ],
)
def test_only_the_word_now_is_sure(said: str, meant: object) -> None:
    assert hold_words.read(said) == meant
