"""A member's own digest and quiet hours: what is with them, told once, where they can be told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.cards.card import Card, CardKind
from bot.cards.pages import DeskQuery
from bot.errors import OutcomeUnknown, Rejected, Unavailable
from bot.model import commands as c
from bot.model.commands import OutcomeKind
from bot.model.ids import DAY, HOUR, SECOND, ItemId
from bot.model.network import ReadBack
from bot.model.question import DueBy
from bot.speech.speech import ENGLISH
from handlers import pace_words
from tests.fakes.chat import ChatStep
from tests.fakes.desk_kit import DeskKit, desk_address, opened_desk
from tests.fakes.oncall_kit import CARE, MEMBERS, words

TEN = 10 * 60
"""Minutes of the day; the desk of these tests begins at 9:00 UTC."""


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def kit(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DeskKit]:
    address = desk_address(request, tmp_path, request.param)
    async with opened_desk(address, channels=[CARE], members=MEMBERS) as kit:
        yield kit


async def taken(kit: DeskKit, who: str = "bob") -> ItemId:
    item = await kit.comment()
    assert (await kit.press(who, await kit.card_of(item), c.Take)).is_done
    return item


def direct(kit: DeskKit, who: str = "bob") -> list[Card]:
    return [one.card for one in kit.chat.in_channel(f"D-U-{who}")]


async def hours(kit: DeskKit, count: float) -> None:
    kit.clock.advance(count * HOUR / SECOND)
    await kit.work()


async def test_what_waits_for_them_comes_at_their_time_and_once(kit: DeskKit) -> None:
    item = await taken(kit)
    await kit.comment("Where can I buy the green tea in Lyon?")
    assert (await kit.order("bob", c.SetDigest((TEN,)))).is_done
    await hours(kit, 1)
    [digest] = direct(kit)
    assert f"#{item} A Fan" in words(digest)
    assert "1 with you" in words(digest)
    assert "2 in the queue" in words(digest)
    await hours(kit, 1)
    kit.clock.jump(-2 * HOUR / SECOND)
    await hours(kit, 3)
    assert len(direct(kit)) == 1, "also where the clock is set back"
    await hours(kit, 24)
    assert len(direct(kit)) == 2


async def test_with_nothing_that_waits_there_is_no_message(kit: DeskKit) -> None:
    await kit.comment()
    assert (await kit.order("bob", c.SetDigest((TEN,)))).is_done
    await hours(kit, 1)
    assert direct(kit) == []


async def test_what_was_due_while_nothing_ran_is_told_once(kit: DeskKit) -> None:
    await taken(kit)
    assert (await kit.order("bob", c.SetDigest((TEN,)))).is_done
    await hours(kit, 3 * DAY / HOUR)
    await kit.pass_time(60)
    assert len(direct(kit)) == 1


async def test_nobody_is_told_while_away_or_when_it_is_off(kit: DeskKit) -> None:
    for who in ("bob", "eve"):
        await taken(kit, who)
        assert (await kit.order(who, c.SetDigest((TEN,)))).is_done
    assert (await kit.order("bob", c.GoAway())).is_done
    await taken(kit)
    assert (await kit.order("eve", c.SetDigest(()))).is_done
    await hours(kit, 25)
    assert direct(kit) + direct(kit, "eve") == []


@pytest.mark.parametrize(
    ("call", "step", "count"),
    [
        ("direct", ChatStep(error=Unavailable("down")), 1),
        ("direct", ChatStep(error=OutcomeUnknown("lost")), 1),
        ("direct", ChatStep(error=Rejected("never began")), 0),
        ("post", ChatStep(acts=False, error=Unavailable("down")), 1),
        ("post", ChatStep(acts=False, error=OutcomeUnknown("lost")), 1),
        ("post", ChatStep(acts=True, error=OutcomeUnknown("lost")), 1),
        ("post", ChatStep(acts=False, error=Rejected("blocked")), 0),
    ],
)
async def test_it_is_sent_again_only_where_it_is_not_there_for_certain(
    kit: DeskKit, call: str, step: ChatStep, count: int
) -> None:
    await taken(kit)
    assert (await kit.order("bob", c.SetDigest((TEN,)))).is_done
    kit.chat.script(call, step)
    await hours(kit, 1)
    await kit.pass_time(120)
    assert len(direct(kit)) == count
    await hours(kit, 24)
    assert len(direct(kit)) == count + 1, "the next one comes all the same"


@pytest.mark.parametrize("acts", [True, False])
async def test_where_a_chat_cannot_be_read_back_it_is_sent_once_more_and_says_so(
    kit: DeskKit, *, acts: bool
) -> None:
    kit.chat.read_back = ReadBack.NONE
    await taken(kit)
    assert (await kit.order("bob", c.SetDigest((TEN,)))).is_done
    lost = ChatStep(acts=acts, error=OutcomeUnknown("lost"))
    kit.chat.script("post", lost, lost)
    before = kit.chat.calls.count("post")
    await hours(kit, 1)
    await kit.pass_time(300)
    assert [one.is_repeat for one in kit.chat.in_channel("D-U-bob")] == [False, True][: 2 * acts]
    assert kit.chat.calls.count("post") - before == 2


async def test_in_quiet_hours_nobody_mentions_them_and_their_end_tells_what_waits(
    kit: DeskKit,
) -> None:
    assert (await kit.order("bob", c.SetQuiet((8 * 60, 7 * 60)))).is_done
    asked = await kit.press(
        "olga", await kit.card_of(await kit.comment()), c.AskColleague, "bob", DueBy.HOURS, "Why?"
    )
    assert asked.is_done
    await kit.work()
    [question] = [one for one in kit.chat.messages if one.card.kind is CardKind.QUESTION]
    assert "Bob" in words(question.card)
    assert "U-bob" not in str(question.card.facts)
    await hours(kit, 22)
    [digest] = direct(kit)
    assert "1 with you" in words(digest)


async def test_whom_no_chat_knows_is_told_to_link_one(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    async with opened_desk(desk_address(request, tmp_path, "sqlite")) as kit:
        refusal = await kit.order("bob", c.SetDigest((TEN,)))
        assert refusal.kind is OutcomeKind.REFUSED
        assert "Link one first" in refusal.says


async def test_the_desk_says_how_it_is_set(kit: DeskKit) -> None:
    for command in (c.SetDigest((TEN, 16 * 60)), c.SetQuiet((22 * 60, 7 * 60))):
        assert (await kit.order("bob", command)).is_done
    page = await kit.desk.view(DeskQuery(), kit.who("bob"))
    assert pace_words.told(page.pace, ENGLISH) == [
        "Your digest comes at 10:00, 16:00 (UTC).",
        "Your quiet hours are 22:00 to 07:00 (UTC).",
    ]


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("16:00 09:00", c.SetDigest((540, 960))),
        ("9.30", c.SetDigest((570,))),
        ("off", c.SetDigest(())),
        ("quiet 22:00 – 07:00", c.SetQuiet((1320, 420))),
        ("quiet off", c.SetQuiet(None)),
    ],
)
def test_the_words_are_the_same_in_every_chat(said: str, meant: c.Command) -> None:
    assert pace_words.read(said) == meant


@pytest.mark.parametrize("said", ["", "soon", "25:00", "quiet", "quiet 7:00-7:00", "quiet 22:00"])
def test_other_words_are_explained(said: str) -> None:
    with pytest.raises(ValueError, match=r"^"):
        pace_words.read(said)
