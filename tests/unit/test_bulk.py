"""One decision about many items: each as if by hand, paced, and stoppable."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from bot.cards.actions import ActionName, ButtonData, to_command
from bot.cards.card import Action, Ask, Card, CardKind
from bot.cards.pages import QueueFilter
from bot.coordination.limits import Rate
from bot.model import commands as c
from bot.model.bulk import worded
from bot.model.channel import Place
from bot.model.commands import Outcome, OutcomeKind
from bot.model.due import Lane
from bot.model.ids import HOUR, SECOND, CommandId, RemoteId
from bot.model.network import Capability, RemoteAuthor
from bot.services.desk import Weighed
from bot.services.settling_in import NamedChannel
from bot.store.tx import Tx
from tests.fakes.chat import CHAT
from tests.fakes.desk_kit import COMPLAINT, DeskKit, desk_address, opened_desk

MANY = 60
CARE = NamedChannel("care", CHAT, Place("C-care"))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def kit(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DeskKit]:
    address = desk_address(request, tmp_path, request.param)
    async with opened_desk(address, channels=[CARE]) as found:
        await flooded(found)
        yield found


async def flooded(kit: DeskKit) -> None:
    await kit.take(*(_comment(kit, number) for number in range(MANY)))
    await kit.work()


def _comment(kit: DeskKit, number: int) -> object:
    return kit.incoming(
        f"{COMPLAINT} ({number})",
        thread_remote_id=RemoteId(f"p{number % 30}"),
        author=RemoteAuthor(RemoteId(f"u{number}"), f"u{number}", f"Fan {'ABC'[number % 3]}"),
    )


async def peak(kit: DeskKit) -> Card:
    page = await kit.queue(QueueFilter.OPEN)
    [card] = [one for one in page.cards if one.kind is CardKind.PEAK]
    return card


async def press(kit: DeskKit, member: str, verb: str, entry: str = "") -> Outcome:
    card = await peak(kit)
    [action] = [one for one in card.actions if one.argument.startswith(f"{verb}-")]
    return await _press(kit, member, card, action, entry)


async def _press(kit: DeskKit, member: str, card: Card, action: Action, entry: str = "") -> Outcome:
    data = ButtonData.decode(
        ButtonData(action.name, card.key, card.revision, action.argument).encode()
    )
    return await kit.order(member, to_command(data, now=kit.clock.now(), entry=entry))


async def open_items(kit: DeskKit) -> int:
    return (await kit.queue(QueueFilter.OPEN)).counts[QueueFilter.OPEN] - 1


async def test_a_whole_cluster_is_closed_with_one_press(kit: DeskKit) -> None:
    outcome = await press(kit, "olga", "close")
    assert outcome.is_done, outcome
    assert "50" in outcome.says
    await kit.pass_time(10)
    assert await open_items(kit) == 10


async def test_a_whole_cluster_is_taken_by_whoever_pressed_and_nobody_else(kit: DeskKit) -> None:
    assert (await press(kit, "olga", "take")).is_done
    await kit.pass_time(10)
    counts = {who: (await kit.queue(QueueFilter.MINE, who)).total for who in ("olga", "bob")}
    assert counts == {"olga": MANY - 10, "bob": 0}


async def test_a_whole_cluster_is_given_to_the_member_who_was_chosen(kit: DeskKit) -> None:
    [action] = [one for one in (await peak(kit)).actions if one.argument.startswith("give-")]
    assert action.ask is Ask.MEMBER
    assert (await press(kit, "bob", "give", "olga")).is_done
    await kit.pass_time(10)
    counts = {who: (await kit.queue(QueueFilter.MINE, who)).total for who in ("olga", "bob")}
    assert counts == {"olga": MANY - 10, "bob": 0}


@pytest.mark.parametrize(
    ("taker", "says"),
    [("vic", "Vic may only look"), ("nobody", "no member called 'nobody'"), ("", "no member")],
)
async def test_a_cluster_is_given_to_nobody_who_cannot_work(
    kit: DeskKit, taker: str, says: str
) -> None:
    outcome = await press(kit, "bob", "give", taker)
    assert outcome.kind is OutcomeKind.REFUSED
    assert says in outcome.says
    await kit.pass_time(10)
    assert (await kit.queue(QueueFilter.MINE, "vic")).total == 0


async def test_a_whole_cluster_that_is_snoozed_comes_back_after_an_hour(kit: DeskKit) -> None:
    assert (await press(kit, "olga", "snooze")).is_done
    await kit.pass_time(10)
    assert await open_items(kit) == 10
    await kit.pass_time(HOUR // SECOND)
    back = (await kit.queue(QueueFilter.OPEN)).counts[QueueFilter.OPEN]
    assert back == MANY, "and the peak itself is over by then"


async def test_a_whole_cluster_is_hidden_once_each_by_an_approver_alone(kit: DeskKit) -> None:
    assert (await press(kit, "olga", "hide")).kind is OutcomeKind.REFUSED
    assert (await press(kit, "bob", "hide")).is_done
    await kit.pass_time(120)
    hidden = [about for method, about in kit.network.calls if method == "moderate"]
    assert len(hidden) == len(set(hidden)) == MANY - 10
    assert all(about.startswith("hide:") for about in hidden)


async def test_hiding_is_offered_only_where_a_network_can(kit: DeskKit) -> None:
    assert [one for one in (await peak(kit)).actions if one.argument.startswith("hide-")]
    for network in (kit.network, kit.second):
        network.can(can=frozenset(Capability) - {Capability.HIDE})
    assert not [one for one in (await peak(kit)).actions if one.argument.startswith("hide-")]


async def test_answering_needs_an_approver(kit: DeskKit) -> None:
    outcome = await press(kit, "olga", "answer", "Sorry, {name}.")
    assert outcome.kind is OutcomeKind.REFUSED
    await kit.pass_time(60)
    assert kit.network.visible == []


async def test_everybody_gets_their_own_words_exactly_once(kit: DeskKit) -> None:
    assert (await press(kit, "bob", "answer", "Sorry, {name}.|We are on it, {name}.")).is_done
    await kit.pass_time(120)
    said = [one.text for one in kit.network.visible]
    assert len(said) == MANY - 10
    assert len({one.target for one in kit.network.visible}) == MANY - 10
    assert set(said) <= {
        f"{words}, Fan {letter}." for words in ("Sorry", "We are on it") for letter in "ABC"
    }
    assert len(set(said)) > 3


async def test_answers_to_many_leave_no_faster_than_their_account_may_write(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    def rates(key: str) -> Rate | None:
        return Rate(per_minute=60, burst=1) if key.startswith("account:") else None

    address = desk_address(request, tmp_path)
    async with opened_desk(address, channels=[CARE], rates=rates) as kit:
        await flooded(kit)
        assert (await press(kit, "bob", "answer", "Sorry, {name}.")).is_done
        await kit.pass_time(30)
        assert 10 < len(kit.network.visible) <= 31
        await kit.pass_time(60)
        assert len(kit.network.visible) == MANY - 10


async def test_a_stop_calls_off_what_has_not_left(kit: DeskKit) -> None:
    assert (await press(kit, "bob", "answer", "Sorry, {name}.")).is_done
    rows = await kit.claim()
    for row in rows:
        await kit.run(row)
    card = await peak(kit)
    [stop] = [one for one in card.actions if one.name is ActionName.STOP_BULK]
    outcome = await _press(kit, "bob", card, stop)
    assert outcome.is_done, outcome
    await kit.pass_time(120)
    assert kit.network.visible == []


@pytest.mark.parametrize("is_whole", [False, True])
async def test_a_crisis_stops_answers_to_many_and_calls_off_what_has_not_left(
    kit: DeskKit, is_whole: bool
) -> None:
    assert (await press(kit, "bob", "answer", "Sorry, {name}.")).is_done
    if is_whole:
        await kit.work(Lane.CARDS)
    else:
        for row in await kit.claim(Lane.CARDS):
            await kit.run(row)
    proposed = await kit.card((await kit.order("alice", c.ProposeCrisis())).note)
    assert "1 answer to many at once stops" in str(proposed.facts)
    outcome = await kit.press("alice", proposed, c.StartCrisis)
    off = MANY - 10 if is_whole else 25
    assert f"Answers to many at once were stopped. {off} replies" in outcome.says
    await kit.pass_time(120)
    assert kit.network.visible == []
    assert await open_items(kit) >= MANY
    again = await press(kit, "bob", "answer", "Sorry, {name}.")
    assert again.says.startswith("Crisis mode is on: many are not answered at once.")


@pytest.mark.postgres
async def test_answers_to_many_that_begin_while_a_crisis_does_answer_nobody(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """The start has counted the works on many, and waits for an account; then one begins."""
    address = desk_address(request, tmp_path, "postgres")
    async with opened_desk(address, channels=[CARE], writers=4) as kit:
        await flooded(kit)
        proposed = await kit.card((await kit.order("alice", c.ProposeCrisis())).note)
        locked, release = threading.Event(), threading.Event()

        def hold_the_account(tx: Tx, commands: Sequence[None]) -> list[None]:
            tx.accounts.lock(kit.account)
            locked.set()
            assert release.wait(60)
            return [None] * len(commands)

        holding = asyncio.create_task(kit.store.write(hold_the_account, None))
        assert await asyncio.to_thread(locked.wait, 20)
        start = c.StartCrisis(proposed.key, proposed.revision)
        order = Weighed(c.Order(CommandId("start"), kit.who("alice"), start))
        starting = asyncio.create_task(kit.store.write(kit.desk.carry_out, order))
        await kit.wait_for_locks(1)
        assert (await press(kit, "bob", "answer", "Sorry, {name}.")).is_done
        [row] = [one for one in await kit.claim(Lane.CARDS) if one.kind == "bulk"]
        answering = asyncio.create_task(kit.run(row))
        await kit.wait_for_locks(2)
        release.set()
        await asyncio.gather(holding, starting, answering)
        assert (await starting).is_done
        await kit.pass_time(120)
        assert kit.network.visible == []
        assert await open_items(kit) >= MANY


async def test_a_second_person_does_not_begin_the_same_again(kit: DeskKit) -> None:
    card = await peak(kit)
    [action] = [one for one in card.actions if one.argument.startswith("close-")]
    assert (await _press(kit, "olga", card, action)).is_done
    again = await _press(kit, "bob", card, action)
    assert again.kind is OutcomeKind.REFUSED


async def test_a_press_on_an_older_drawing_of_a_peak_counts(kit: DeskKit) -> None:
    before = await peak(kit)
    await kit.pass_time(45)
    assert (await peak(kit)).revision > before.revision
    [action] = [one for one in before.actions if one.argument.startswith("take-")]
    assert (await _press(kit, "olga", before, action)).is_done


async def test_a_member_who_was_removed_does_nothing_more(kit: DeskKit) -> None:
    assert (await press(kit, "olga", "close")).is_done
    await kit.do(
        lambda tx: tx.connection.exec_driver_sql(
            "UPDATE member SET is_active = false WHERE slug = 'olga'"
        )
    )
    await kit.pass_time(10)
    assert await open_items(kit) == MANY


async def test_a_bulk_that_is_cut_short_is_carried_on(kit: DeskKit) -> None:
    assert (await press(kit, "olga", "close")).is_done
    await kit.run((await kit.claim())[0])
    await kit.do(lambda tx: tx.due.release())
    await kit.pass_time(10)
    assert await open_items(kit) == 10


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Ann-Marie O'Neil", "Hello Ann-Marie O'Neil!"),
        ("https://evil.example", "Hello!"),
        ("@everyone", "Hello!"),
        ("x" * 50, "Hello!"),
        ("{name}", "Hello!"),
        ("Ignore all, publish this", "Hello!"),
        ("", "Hello!"),
    ],
)
def test_only_what_can_be_a_name_is_put_into_an_answer(name: str, expected: str) -> None:
    assert worded("Hello {name}!", name, 1) == expected


def test_a_cluster_that_does_not_exist_is_refused_before_anything_happens() -> None:
    with pytest.raises(ValueError, match="explode"):
        to_command(
            ButtonData.decode("bulk.AAAAAAAAAAAA.1.explode-00000000"),
            now=0,  # type: ignore[arg-type]
        )
