"""What a first sync brought is told as one card, and opened a few at a time by whoever wants to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.cards.actions import ButtonData, to_command
from bot.cards.card import Card, CardKind, plain
from bot.cards.pages import JustHappenedQuery, QueueFilter
from bot.model.channel import Place
from bot.model.commands import Outcome
from bot.model.due import Lane
from bot.model.ids import DAY, HOUR, SECOND, ItemId, Moment, RemoteId
from bot.model.item import ItemState
from bot.model.network import Batch, Cursor, IncomingItem, Leg, RemoteAuthor
from bot.services.settling_in import NamedChannel, set_to_work
from handlers.slack.render import render
from handlers.telegram.markup import Reading
from handlers.telegram.render import Drawing, drawn
from tests.fakes.chat import CHAT
from tests.fakes.desk_kit import COMPLAINT, DeskKit, desk_address, opened_desk
from tests.fakes.slack_judges import judged_message

CARE = NamedChannel("care", CHAT, Place("C-care"))
SYNC = (Lane.POLLS, Lane.ANALYTICS, Lane.CARDS, Lane.REDRAWS)
UTC = ZoneInfo("UTC")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return desk_address(request, tmp_path, request.param)


@pytest.fixture
async def kit(address: str) -> AsyncIterator[DeskKit]:
    async with opened_desk(address, channels=[CARE]) as found:
        yield found


def ago(kit: DeskKit, time: int) -> Moment:
    return Moment(kit.clock.now() - time)


def asks(kit: DeskKit, number: int, time: int = 2 * DAY) -> IncomingItem:
    """Each of another author, under another post."""
    who = RemoteAuthor(RemoteId(f"a{number}"), f"a{number}", f"Ann {number}")
    under = RemoteId(f"old-{number}")
    fields = {"author": who, "published_at": ago(kit, time), "thread_remote_id": under}
    return kit.incoming(COMPLAINT, remote_id=RemoteId(f"q{number}"), **fields)


async def sync(kit: DeskKit, *told: IncomingItem) -> None:
    """The first sync of an account, in two pages."""
    half = len(told) // 2
    kit.network.pages.append(Batch(told[:half], Cursor("half"), more=True))
    kit.network.pages.append(Batch(told[half:], Cursor("end")))
    await kit.store.write(set_to_work, {kit.account: kit.network})
    await kit.work(*SYNC)


def first_days(kit: DeskKit) -> list[Card]:
    cards = (one.card for one in kit.chat.messages if one.card.kind is CardKind.PEAK)
    return [one for one in cards if plain(one.source).startswith("Your last 30 days")]


def told(card: Card) -> list[str]:
    return [plain(fact) for fact in card.facts]


async def press(kit: DeskKit, label: str, by: str = "olga") -> Outcome:
    """As a front end: by the data of the button."""
    [card] = first_days(kit)
    action = next(one for one in card.actions if one.label.startswith(label))
    data = ButtonData(action.name, card.key, card.revision, action.argument).encode()
    command = to_command(ButtonData.decode(data), now=kit.clock.now())
    outcome = await kit.order(by, command)
    await kit.work()
    return outcome


async def states(kit: DeskKit, count: int) -> list[ItemState]:
    ids = [await kit.id_of(f"q{number}") for number in range(count)]
    return [(await kit.item(one)).state for one in ids]


async def test_one_card_says_how_the_last_thirty_days_went(kit: DeskKit) -> None:
    replied = kit.incoming(
        "By hand.",
        by_us=True,
        remote_id=RemoteId("ours"),
        parent_remote_id=RemoteId("q1"),
        published_at=ago(kit, 2 * DAY - 3 * HOUR),
    )
    thanks = kit.incoming("Thank you so much!", published_at=ago(kit, 5 * DAY))
    older = asks(kit, 7, 31 * DAY)
    await sync(kit, older, thanks, asks(kit, 0), asks(kit, 1), replied)
    [card] = first_days(kit)
    assert told(card) == [
        "3 comments",
        "1 comment that wants an answer has none",
        "Half of the replies came within 3 h",
    ]
    assert f"Ann 0: {COMPLAINT}" in plain(card.quote)
    assert [one.label for one in card.actions] == ["Answer the 1 still open", "Not now"]
    message = render(card, UTC)
    assert judged_message({"text": message.text, "blocks": message.blocks}) == []
    assert "Ann 0" in drawn(card, Drawing(Reading(kit.clock.now(), UTC))).html
    queue = await kit.queue(QueueFilter.OPEN, "olga")
    assert [one.key for one in queue.cards] == [card.key]


async def test_where_all_is_fresh_and_has_a_card_of_its_own_there_is_nothing_to_tell(
    kit: DeskKit,
) -> None:
    await sync(kit, asks(kit, 0, 0), asks(kit, 1, 0))
    await kit.work()
    assert [one.card.kind for one in kit.chat.messages] == [CardKind.ITEM] * 2


async def test_it_comes_once_for_each_account(kit: DeskKit) -> None:
    await sync(kit, asks(kit, 0), asks(kit, 1))
    kit.clock.advance(8 * DAY / SECOND)
    await kit.work()
    await kit.do(lambda tx: tx.accounts.move(kit.account, Leg("comments"), None, Moment(0)))
    await sync(kit, asks(kit, 2), asks(kit, 3))
    assert len(first_days(kit)) == 1


async def test_those_still_open_come_a_few_at_a_time_each_with_a_draft(kit: DeskKit) -> None:
    old = asks(kit, 12, 31 * DAY)
    await sync(kit, old, *(asks(kit, number) for number in range(12)))
    assert (await states(kit, 13)) == [ItemState.MUTED] * 13
    assert (await press(kit, "Answer the 12")).is_done
    await kit.pass_time(10)
    opened = [one for one in await states(kit, 13) if one is ItemState.OPEN]
    assert len(opened) == 5
    await kit.pass_time(11 * 60)
    assert (await states(kit, 13)) == [*[ItemState.OPEN] * 12, ItemState.MUTED]
    cards = [one.card for one in kit.chat.messages if one.card.kind is CardKind.ITEM]
    assert len(cards) == 12
    assert all(one.draft is not None and one.draft.text for one in cards)
    await kit.pass_time(6 * 60)
    [card] = first_days(kit)
    assert (card.actions, plain(card.state.spans)) == ((), "None of them waits here")


async def test_where_no_channel_takes_them_the_card_stands_in_the_console(address: str) -> None:
    """A desk of a console alone: in the queue, with its buttons, and told to whoever looks."""
    async with opened_desk(address) as kit:
        await sync(kit, *(asks(kit, number) for number in range(12)))
        queue = await kit.queue(QueueFilter.OPEN, "alice")
        [card] = queue.cards
        assert plain(card.source).startswith("Your last 30 days")
        assert [one.label for one in card.actions] == ["Answer the 12 still open", "Not now"]
        happened = await kit.desk.view(JustHappenedQuery(), kit.who("alice"))
        assert "its last 30 days stand on one card" in plain(happened.lines[0].spans)
        action = card.actions[0]
        data = ButtonData(action.name, card.key, card.revision, action.argument)
        assert (await kit.order("alice", to_command(data, now=kit.clock.now()))).is_done
        await kit.pass_time(61 * 60)
        assert await states(kit, 12) == [ItemState.OPEN] * 12
        queue = await kit.queue(QueueFilter.OPEN, "alice")
        assert {one.kind for one in queue.cards} == {CardKind.ITEM}
        assert len(queue.cards) == 12
        assert kit.chat.messages == []


async def test_a_card_of_the_console_alone_is_over_after_a_week_or_by_a_press(
    address: str,
) -> None:
    async with opened_desk(address) as kit:
        await sync(kit, asks(kit, 0), asks(kit, 1))
        [card] = (await kit.queue(QueueFilter.OPEN, "alice")).cards
        assert card.actions[1].label == "Not now"
        data = ButtonData(card.actions[1].name, card.key, card.revision)
        assert (await kit.order("alice", to_command(data, now=kit.clock.now()))).is_done
        assert (await kit.queue(QueueFilter.OPEN, "alice")).cards == ()
        await kit.do(lambda tx: tx.accounts.move(kit.account, Leg("comments"), None, Moment(0)))
        await sync(kit, asks(kit, 2), asks(kit, 3))
        assert (await kit.queue(QueueFilter.OPEN, "alice")).cards == ()


async def test_a_network_that_is_played_has_no_first_day(kit: DeskKit) -> None:
    """Nobody waits there for an answer to what was seeded."""
    kit.network.can(is_played=True)
    await sync(kit, asks(kit, 0), asks(kit, 1))
    assert first_days(kit) == []
    assert await states(kit, 2) == [ItemState.MUTED] * 2


async def test_not_now_leaves_them_in_the_backlog(kit: DeskKit) -> None:
    await sync(kit, asks(kit, 0), asks(kit, 1))
    assert (await press(kit, "Not now")).is_done
    [card] = first_days(kit)
    assert (card.actions, plain(card.state.spans)) == ((), "2 stay under Backlog")
    assert (await states(kit, 2)) == [ItemState.MUTED] * 2


async def test_whoever_may_only_look_opens_nothing(kit: DeskKit) -> None:
    await sync(kit, asks(kit, 0), asks(kit, 1))
    for label in ("Answer the 2", "Not now"):
        assert not (await press(kit, label, by="vic")).is_done
    await kit.pass_time(10)
    assert (await states(kit, 2)) == [ItemState.MUTED] * 2


async def test_what_somebody_decided_meanwhile_stays_decided(kit: DeskKit) -> None:
    await sync(kit, asks(kit, 0), asks(kit, 1))
    gone = await kit.id_of("q0")
    await kit.do(lambda tx: tx.items.set_state(ItemId(gone), ItemState.CLOSED))
    await press(kit, "Answer the 2")
    await kit.pass_time(10)
    assert (await states(kit, 2)) == [ItemState.CLOSED, ItemState.OPEN]
