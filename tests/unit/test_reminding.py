"""A planned post that waits: reminders before its time, stand-ins, and never late."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.cards.card import Card, MemberName, plain
from bot.model import commands as c
from bot.model.channel import Place
from bot.model.commands import Order
from bot.model.ids import DAY, HOUR, MINUTE, CommandId, Moment
from bot.model.member import ChatIdentity
from bot.model.post import PostState
from bot.services.deciding import DeskRules
from bot.services.settling_in import NamedChannel
from tests.fakes.chat import CHAT
from tests.fakes.desk_kit import TEAM, DeskKit, desk_address, opened_desk

MEMBERS = tuple(replace(one, identities=(ChatIdentity(CHAT, f"U-{one.slug}"),)) for one in TEAM)
RULES = DeskRules(stand_ins={"alice": "ada"})


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def kit(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DeskKit]:
    address = desk_address(request, tmp_path, request.param)
    care = NamedChannel("care", CHAT, Place("C-care"))
    async with opened_desk(address, rules=RULES, channels=(care,), members=MEMBERS) as kit:
        yield kit


async def planned(kit: DeskKit, ahead: int = 3 * DAY) -> Card:
    slot = Moment(kit.clock.now() + ahead)
    outcome = await kit.order("olga", c.ComposePost((c.VariantText("acme", "Tea."),), slot))
    await kit.work()
    return await kit.card(outcome.note)


async def wants_alone(kit: DeskKit, member: str) -> None:
    who = ChatIdentity(CHAT, f"U-{member}")
    assert (await kit.desk.perform(Order(CommandId("dm"), who, c.WriteToMe(True)))).is_done


def reminders(kit: DeskKit, channel: str = "C-care") -> list[Card]:
    told = [one.card for one in kit.chat.messages if one.place.channel == channel]
    return [one for one in told if "waits for approval" in plain(one.source)]


def names(card: Card) -> list[str]:
    return [one.slug for fact in card.facts for one in fact if isinstance(one, MemberName)]


async def test_whoever_can_approve_is_reminded_a_day_and_two_hours_before(kit: DeskKit) -> None:
    card = await planned(kit)
    await kit.pass_time((2 * DAY - MINUTE) / 1000)
    assert reminders(kit) == []
    await kit.pass_time(120)
    [first] = reminders(kit)
    assert names(first) == ["alice", "ada"]
    await kit.pass_time(22 * HOUR / 1000)
    old, second = reminders(kit)
    assert "over" in plain(old.state.spans)
    assert names(second) == ["alice", "ada"]
    assert (await kit.press("alice", card, c.Approve)).is_done
    await kit.work()
    assert all("over" in plain(one.state.spans) for one in reminders(kit))
    assert len(reminders(kit)) == 2


async def test_it_is_passed_to_the_stand_in_of_one_who_is_away_or_does_not_decide(
    kit: DeskKit,
) -> None:
    await wants_alone(kit, "alice")
    await planned(kit, DAY + HOUR)
    await kit.pass_time(2 * HOUR / 1000)
    assert names(reminders(kit)[-1]) == ["alice"]
    assert len(reminders(kit, "D-U-alice")) == 1
    await kit.pass_time(21 * HOUR / 1000)
    assert names(reminders(kit)[-1]) == ["alice", "ada"]
    await planned(kit, DAY + HOUR)
    await kit.order("alice", c.GoAway())
    await kit.pass_time(2 * HOUR / 1000)
    assert names(reminders(kit)[-1]) == ["ada"]


async def test_a_post_that_moved_or_was_decided_reminds_at_its_new_time_or_never(
    kit: DeskKit,
) -> None:
    card, done = await planned(kit, 2 * DAY), await planned(kit, 2 * DAY)
    assert (await kit.press("alice", done, c.RequestChanges, "Milk")).is_done
    later = Moment(kit.clock.now() + 5 * DAY)
    moved = c.EditPost(card.key, card.revision, (c.VariantText("acme", "Tea."),), later)
    assert (await kit.order("olga", moved)).is_done
    await kit.pass_time(3 * DAY / 1000)
    assert reminders(kit) == []
    await kit.pass_time((DAY + HOUR) / 1000)
    assert len(reminders(kit)) == 1


async def test_after_a_jump_of_the_clock_one_reminder_is_enough_and_it_is_never_late(
    kit: DeskKit,
) -> None:
    card = await planned(kit)
    kit.clock.advance((3 * DAY - HOUR) / 1000)
    await kit.work()
    assert len(reminders(kit)) == 1
    kit.clock.advance(2 * HOUR / 1000)
    await kit.work()
    post = await kit.read(lambda tx: tx.posts.get(card.number))  # type: ignore[arg-type]
    assert post.state is PostState.DRAFT
    assert "over" in plain(reminders(kit)[-1].state.spans)
    assert kit.network.visible == []
