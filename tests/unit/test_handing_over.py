"""The hand-over card: what stands on it, who sees it, and what its buttons do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.cards.card import Card, CardKind, Light, plain
from bot.cards.pages import DeskQuery
from bot.model import commands as c
from bot.model.channel import Place, Route
from bot.model.goals import GoalPolicy, ReplyGoal
from bot.model.ids import HOUR, SECOND, ItemId, Moment, RemoteId
from bot.services.deciding import DeskRules
from bot.services.settling_in import NamedChannel
from tests.fakes.chat import CHAT
from tests.fakes.desk_kit import COMPLAINT, DeskKit, desk_address, opened_desk
from tests.fakes.oncall_kit import CARE, MEMBERS

LEADS = NamedChannel("leads", CHAT, Place("C-leads"), routes=(Route(languages=("xx",)),))
GOALS = GoalPolicy((ReplyGoal(4 * HOUR, HOUR),), lead_channel="leads")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def kit(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DeskKit]:
    address = desk_address(request, tmp_path, request.param)
    rules = DeskRules(goals={"acme": GOALS})
    channels = [CARE, LEADS]
    async with opened_desk(address, rules=rules, channels=channels, members=MEMBERS) as found:
        yield found


async def one(kit: DeskKit, number: int) -> ItemId:
    return await kit.comment(f"{COMPLAINT} {number}", thread_remote_id=RemoteId(f"p-{number}"))


async def taken(kit: DeskKit, member: str, number: int) -> ItemId:
    item = await one(kit, number)
    assert (await kit.press(member, await kit.card_of(item), c.Take)).is_done
    return item


def hand_overs(kit: DeskKit, channel: str = "C-leads") -> list[Card]:
    shown = [one.card for one in kit.chat.in_channel(channel)]
    return [one for one in shown if one.kind is CardKind.PEAK]


async def now(kit: DeskKit) -> Card:
    await kit.work()
    return await kit.card(hand_overs(kit)[-1].key)


async def test_at_the_end_of_a_shift_the_leads_channel_has_what_it_leaves_for_who_is_on(
    kit: DeskKit,
) -> None:
    mine, theirs = await taken(kit, "olga", 1), await taken(kit, "eve", 2)
    nobodys = await one(kit, 3)
    await kit.order("bob", c.StartShift())
    await kit.order("olga", c.StartShift())
    await kit.work()
    before = len(hand_overs(kit))
    await kit.order("olga", c.EndShift())
    card = await now(kit)
    assert len(hand_overs(kit)) == max(1, before)
    lines = plain(card.quote)
    assert f"#{mine} A Fan" in lines
    assert "with Olga" in lines
    assert f"#{nobodys} A Fan" in lines
    assert "nobody has it" in lines
    assert "(due " in lines
    assert f"#{theirs}" not in lines
    assert "U-bob" in str(card.facts)
    assert "U-olga" not in str(card.facts)


async def test_one_line_is_taken_once_and_its_card_comes_along(kit: DeskKit) -> None:
    mine = await taken(kit, "olga", 1)
    await kit.order("olga", c.StartShift())
    await kit.order("olga", c.EndShift())
    card = await now(kit)
    [take] = [one for one in card.actions if one.label == f"Take #{mine}"]
    item, had_by = map(int, take.argument.split("-"))
    assert (await kit.press("bob", card, c.TakeOne, item, had_by)).says == "It is yours."
    late = await kit.press("eve", card, c.TakeOne, item, had_by)
    assert late.says == "Bob has it now. Look at the card again."
    after = await now(kit)
    assert "with Bob" in plain(after.quote)
    kinds = [one.card.kind for one in kit.chat.in_channel("C-leads")]
    assert CardKind.ITEM in kinds


async def test_what_was_decided_is_gone_from_it_and_cannot_be_taken(kit: DeskKit) -> None:
    mine = await taken(kit, "olga", 1)
    await kit.order("olga", c.HandOver())
    card = await now(kit)
    assert (await kit.press("olga", await kit.card_of(mine), c.NoReplyNeeded)).is_done
    refusal = await kit.press("bob", card, c.TakeOne, int(mine), 0)
    assert "not on the card any more" in refusal.says
    await kit.pass_time(601)
    after = await now(kit)
    assert plain(after.quote) == ""
    assert after.state.light is Light.DONE


async def test_waiting_approvals_and_promises_stand_on_it_whoever_has_them(kit: DeskKit) -> None:
    asked = await taken(kit, "eve", 1)
    waits = await kit.press("olga", await kit.card_of(asked), c.ApproveEdited, "We are sorry.")
    assert waits.is_done
    slot = Moment(kit.clock.now() + HOUR)
    post = await kit.order("olga", c.ComposePost((c.VariantText("acme", "Tea."),), slot))
    assert post.is_done
    card = await kit.card_of(asked)
    assert (await kit.press("eve", card, c.MakePromise, "Tomorrow we call back")).is_done
    await kit.order("bob", c.HandOver())
    card = await now(kit)
    told = [plain(fact) for fact in card.facts]
    assert any("Promised by Eve" in one and "Tomorrow we call back" in one for one in told)
    assert any(one.startswith("Post #1 waits for approval, to leave") for one in told)
    [kept] = [one for one in card.actions if one.label.startswith("Done: promise")]
    assert (await kit.press("bob", card, c.KeepPromise, int(kept.argument))).is_done
    assert not any("Promised" in plain(fact) for fact in (await now(kit)).facts)


async def test_nothing_left_is_no_card(kit: DeskKit) -> None:
    await kit.order("olga", c.StartShift())
    await kit.order("olga", c.EndShift())
    await kit.work()
    assert hand_overs(kit) == []
    assert (await kit.order("olga", c.HandOver())).says.startswith("Nothing is open")


async def test_shifts_that_end_together_have_one_card_and_later_ones_the_next(
    kit: DeskKit,
) -> None:
    first, second = await taken(kit, "olga", 1), await taken(kit, "eve", 2)
    for member in ("olga", "eve"):
        await kit.order(member, c.StartShift())
    await kit.pass_time(11 * 60)
    for member in ("olga", "eve"):
        await kit.order(member, c.EndShift())
    card = await now(kit)
    assert all(f"#{number}" in plain(card.quote) for number in (first, second))
    stands = len(hand_overs(kit))
    await kit.pass_time(11 * 60)
    await kit.order("olga", c.HandOver())
    await kit.work()
    assert len(hand_overs(kit)) == stands + 1
    over = await kit.card(card.key)
    assert plain(over.state.spans) == "This hand-over is over"


async def test_whoever_is_first_on_a_shift_is_told_what_waited_and_given_nothing(
    kit: DeskKit,
) -> None:
    waits = await one(kit, 1)
    await kit.order("olga", c.StartShift())
    card = await now(kit)
    assert f"#{waits}" in plain(card.quote)
    assert "U-olga" in str(card.facts)
    assert (await kit.item(waits)).assignee_id is None


async def test_a_channel_shows_only_what_all_who_read_it_may_see(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    address = desk_address(request, tmp_path)
    rules = DeskRules(goals={"acme": GOALS})
    channels = [replace(CARE, private=True), LEADS]
    async with opened_desk(address, rules=rules, channels=channels, members=MEMBERS) as kit:
        await one(kit, 1)
        await kit.order("alice", c.HandOver())
        await kit.work()
        assert hand_overs(kit) == []


async def test_the_desk_page_says_what_its_reader_would_leave(kit: DeskKit) -> None:
    mine, _theirs = await taken(kit, "olga", 1), await taken(kit, "eve", 2)
    card = await kit.card_of(mine)
    assert (await kit.press("olga", card, c.MakePromise, "Tomorrow we call back")).is_done
    desk = await kit.desk.view(DeskQuery(), kit.who("olga"))
    assert [one.says.partition(":")[0] for one in desk.left] == [
        f"#{mine} A Fan",
        f"Promised, #{mine}",
    ]
    assert {one.token for one in desk.left} == {card.key}


async def test_the_end_by_itself_hands_over_too(kit: DeskKit) -> None:
    mine = await taken(kit, "olga", 1)
    await kit.order("olga", c.StartShift())
    kit.clock.advance(17 * HOUR / SECOND)
    card = await now(kit)
    assert f"#{mine}" in plain(card.quote)
