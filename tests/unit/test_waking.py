"""Snoozes that come back: to whom, why, and whatever ran when their time came."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.cards.card import CardKind, plain
from bot.cards.pages import QueueFilter
from bot.model import commands as c
from bot.model.ids import HOUR, SECOND, ItemId, RemoteId
from bot.model.network import RemoteAuthor
from tests.fakes.chat import Message
from tests.fakes.desk_kit import COMPLAINT, DeskKit, desk_address, opened_desk
from tests.fakes.oncall_kit import CARE, MEMBERS, words

AGAIN = "I still have no answer, where is my order?"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def kit(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DeskKit]:
    address = desk_address(request, tmp_path, request.param)
    async with opened_desk(address, channels=[CARE], members=MEMBERS) as kit:
        yield kit


def author(name: str) -> RemoteAuthor:
    return RemoteAuthor(RemoteId(name), name, name.title())


async def snoozed(kit: DeskKit, who: str = "olga", name: str = "ann") -> ItemId:
    item = await kit.comment(COMPLAINT, author=author(name))
    until = kit.clock.now() + HOUR
    assert (await kit.press(who, await kit.card_of(item), c.Snooze, until)).is_done
    await kit.work()
    return item


def told(kit: DeskKit) -> list[Message]:
    return [one for one in kit.chat.in_channel("C-care") if one.card.kind is CardKind.PEAK]


async def open_items(kit: DeskKit) -> int:
    return (await kit.queue(QueueFilter.OPEN)).counts[QueueFilter.OPEN]


async def test_at_its_time_a_new_message_calls_whoever_snoozed_it(kit: DeskKit) -> None:
    item = await snoozed(kit)
    assert "Snoozed by Olga" in words(await kit.card_of(item))
    assert await open_items(kit) == 0
    await kit.pass_time(HOUR // SECOND + 1)
    [message] = told(kit)
    assert plain(message.card.source) == "1 comment is back from a snooze"
    assert f"#{item} Ann: {COMPLAINT}" in words(message.card)
    assert "U-olga" in str(message.card.facts)
    assert "Back from a snooze of Olga" in words(await kit.card_of(item))
    assert await open_items(kit) == 1


async def test_what_comes_back_together_is_one_message_for_each_person(kit: DeskKit) -> None:
    for name in ("ann", "ben", "cem"):
        await snoozed(kit, name=name)
    await snoozed(kit, "bob", "dan")
    await kit.pass_time(HOUR // SECOND + 1)
    counts = sorted(plain(one.card.source)[:1] for one in told(kit))
    assert counts == ["1", "3"]


async def test_whoever_is_away_is_not_called_and_it_waits_in_the_queue(kit: DeskKit) -> None:
    await snoozed(kit)
    assert (await kit.order("olga", c.GoAway())).is_done
    await kit.pass_time(HOUR // SECOND + 1)
    [message] = told(kit)
    assert "U-olga" not in str(message.card.facts)
    assert await open_items(kit) == 1


async def test_a_new_comment_of_its_author_ends_it_and_no_other(kit: DeskKit) -> None:
    await snoozed(kit, name="ann")
    other = await snoozed(kit, name="ben")
    await kit.comment(AGAIN, author=author("ann"))
    [message] = told(kit)
    assert "(its author wrote more)" in words(message.card)
    assert (await kit.item(other)).snoozed_until is not None
    await kit.pass_time(HOUR // SECOND + 1)
    assert len(told(kit)) == 2, "the one of Ben comes at its time, that of Ann came already"


async def test_other_words_of_its_author_end_it(kit: DeskKit) -> None:
    item = await snoozed(kit)
    remote = (await kit.item(item)).remote_id
    await kit.take(kit.incoming(AGAIN, author=author("ann"), remote_id=remote))
    await kit.work()
    assert (await kit.item(item)).snoozed_until is None
    assert len(told(kit)) == 1


async def test_what_was_decided_meanwhile_calls_nobody(kit: DeskKit) -> None:
    item = await snoozed(kit)
    assert (await kit.press("bob", await kit.card_of(item), c.NoReplyNeeded)).is_done
    await kit.pass_time(HOUR // SECOND + 1)
    assert told(kit) == []


async def test_it_comes_back_once_where_nothing_ran_at_its_time(kit: DeskKit) -> None:
    await snoozed(kit)
    kit.clock.advance(26 * HOUR / SECOND)
    await kit.work()
    await kit.pass_time(60)
    assert len(told(kit)) == 1
