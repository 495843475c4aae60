"""What the table of due rows promises the workers, on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TypeVar

import pytest

from bot.model.due import DueRow, Lane, NewDue
from bot.model.ids import MINUTE, SECOND, DueId
from bot.store.database import parse, writing_engine
from bot.store.tx import Tx
from tests.contract.store_case import DATABASES
from tests.fakes.desk_kit import DeskKit, desk_address, opened_desk

R = TypeVar("R")
LEASE = 30 * SECOND


@pytest.fixture(params=DATABASES)
async def kit(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DeskKit]:
    async with opened_desk(desk_address(request, tmp_path, request.param)) as kit:
        yield kit


def row(kit: DeskKit, key: str = "one", *, wait: int = 0, **fields: object) -> NewDue:
    values: dict[str, object] = {
        "kind": "test",
        "key": key,
        "lane": Lane.CARDS,
        "due_at": kit.clock.now() + wait,
        "arg": {"key": key},
    }
    return NewDue(**(values | fields))  # type: ignore[arg-type]


async def claimed(kit: DeskKit, owner: str = "a", limit: int = 10) -> list[DueRow]:
    kit.clock.advance(0.05)
    return await kit.claim(Lane.CARDS, limit=limit, owner=owner)


async def one(kit: DeskKit, owner: str = "a") -> DueRow:
    (found,) = await claimed(kit, owner)
    return found


async def finish(kit: DeskKit, found: DueRow) -> bool:
    return await kit.do(lambda tx: tx.due.done(found))


async def bury(kit: DeskKit, found: DueRow) -> None:
    await kit.do(lambda tx: tx.due.bury(found, "It never worked."))


async def test_a_row_is_claimed_when_it_is_due_and_not_before(kit: DeskKit) -> None:
    await kit.add_due(row(kit, wait=10 * SECOND))
    assert await claimed(kit) == []
    kit.clock.advance(10)
    found = await one(kit)
    assert (found.attempt, found.claim, found.arg) == (1, 1, {"key": "one"})


async def test_a_claimed_row_belongs_to_one_until_its_lease_ends(kit: DeskKit) -> None:
    await kit.add_due(row(kit))
    first = await one(kit, "a")
    assert await claimed(kit, "b") == []
    kit.clock.advance(31)
    second = await one(kit, "b")
    assert (second.claim, second.attempt) == (first.claim + 1, 2)


async def test_many_claimers_at_once_never_share_a_row(kit: DeskKit) -> None:
    await kit.add_due(*(row(kit, f"row-{n}") for n in range(40)))
    kit.clock.advance(1)
    found = await asyncio.gather(*(kit.claim(Lane.CARDS, limit=7, owner=f"w{n}") for n in range(8)))
    keys = [one.key for rows in found for one in rows]
    assert sorted(keys) == sorted({f"row-{n}" for n in range(40)})


async def test_a_claim_takes_no_more_than_its_limit_and_the_oldest_first(kit: DeskKit) -> None:
    await kit.add_due(row(kit, "young", wait=20), row(kit, "old"), row(kit, "middle", wait=10))
    found = await claimed(kit, limit=2)
    assert [one.key for one in found] == ["old", "middle"]


STALE: dict[str, Callable[[Tx, DueRow], bool]] = {
    "done": lambda tx, stale: tx.due.done(stale),
    "again": lambda tx, stale: tx.due.again(stale, 0),
    "keep": lambda tx, stale: tx.due.keep(stale, LEASE),
    "bury": lambda tx, stale: tx.due.bury(stale, "late"),
}


@pytest.mark.parametrize("act", list(STALE))
async def test_who_lost_the_lease_can_do_nothing_any_more(kit: DeskKit, act: str) -> None:
    await kit.add_due(row(kit))
    stale = await one(kit, "a")
    kit.clock.advance(31)
    heir = await one(kit, "b")
    assert await kit.do(lambda tx: STALE[act](tx, stale)) is False
    assert await kit.do(lambda tx: tx.due.renew("a", [stale], LEASE)) == set()
    assert await kit.do(lambda tx: tx.due.done(heir)) is True


async def test_a_lease_that_ended_unclaimed_is_still_finished_by_its_holder(kit: DeskKit) -> None:
    await kit.add_due(row(kit))
    found = await one(kit)
    kit.clock.advance(120)
    assert await kit.do(lambda tx: tx.due.done(found)) is True
    assert await claimed(kit) == []


async def test_a_renewed_lease_lasts_from_the_renewal(kit: DeskKit) -> None:
    await kit.add_due(row(kit))
    found = await one(kit, "a")
    kit.clock.advance(20)
    assert await kit.do(lambda tx: tx.due.renew("a", [found], LEASE)) == {found.id}
    kit.clock.advance(20)
    assert await claimed(kit, "b") == []


async def test_what_is_handed_back_is_due_at_once_and_loses_no_try(kit: DeskKit) -> None:
    await kit.add_due(row(kit))
    found = await one(kit, "a")
    await kit.do(lambda tx: tx.due.hand_back("somebody", [found]))
    assert await claimed(kit, "b") == []
    await kit.do(lambda tx: tx.due.hand_back("a", [found]))
    again = await one(kit, "b")
    assert (again.attempt, again.claim) == (1, 2)


@pytest.mark.parametrize(("counts", "attempt"), [(True, 2), (False, 1)])
async def test_a_retry_comes_after_its_wait_and_counts_only_when_it_should(
    kit: DeskKit, counts: bool, attempt: int
) -> None:
    await kit.add_due(row(kit))
    found = await one(kit)
    await kit.do(lambda tx: tx.due.again(found, 5 * SECOND, error="It failed.", counts=counts))
    kit.clock.advance(4)
    assert await claimed(kit) == []
    kit.clock.advance(1)
    again = await one(kit)
    assert (again.attempt, again.claim) == (attempt, 2)


async def test_a_recurring_row_comes_back_with_its_tries_forgotten(kit: DeskKit) -> None:
    await kit.add_due(row(kit, every=MINUTE))
    for _ in range(3):
        found = await one(kit)
        assert found.attempt == 1
        assert await finish(kit, found) is True
        assert await claimed(kit) == []
        kit.clock.advance(60)


async def test_a_dead_letter_waits_for_a_person_who_may_retry_or_discard_it(kit: DeskKit) -> None:
    await kit.add_due(row(kit, "retry"), row(kit, "discard"))
    for found in await claimed(kit):
        await bury(kit, found)
    kit.clock.advance(10_000)
    assert await claimed(kit) == []
    dead = {letter.key: letter for letter in await kit.read(lambda tx: tx.due.dead_letters())}
    assert dead["retry"].error == "It never worked."
    assert await kit.do(lambda tx: tx.due.revive(dead["retry"].id)) is True
    assert await kit.do(lambda tx: tx.due.discard(dead["discard"].id)) is True
    assert await kit.do(lambda tx: tx.due.revive(dead["retry"].id)) is False
    assert await kit.do(lambda tx: tx.due.discard(DueId(10**9))) is False
    found = await one(kit)
    assert (found.key, found.attempt) == ("retry", 1)


async def test_a_second_row_with_the_same_key_is_not_written(kit: DeskKit) -> None:
    await kit.add_due(row(kit, arg={"key": "first"}))
    await kit.add_due(row(kit, arg={"key": "second"}))
    assert (await one(kit)).arg == {"key": "first"}


async def test_what_is_put_over_a_row_in_flight_fences_its_worker_off(kit: DeskKit) -> None:
    await kit.add_due(row(kit, arg={"key": "old"}))
    old = await one(kit, "a")
    await kit.do(lambda tx: tx.due.put(row(kit, arg={"key": "new"})))
    assert await kit.do(lambda tx: tx.due.done(old)) is False
    new = await one(kit, "b")
    assert (new.arg, new.attempt) == ({"key": "new"}, 1)
    assert await kit.do(lambda tx: tx.due.done(old)) is False, "not even after the next claim"
    assert await kit.do(lambda tx: tx.due.done(new)) is True


async def test_what_is_put_over_a_dead_letter_lives_again(kit: DeskKit) -> None:
    await kit.add_due(row(kit))
    found = await one(kit)
    await kit.do(lambda tx: tx.due.bury(found, "Dead."))
    await kit.do(lambda tx: tx.due.put(row(kit)))
    assert await kit.read(lambda tx: tx.due.dead_letters()) == []
    assert (await one(kit)).attempt == 1


async def test_putting_the_same_key_many_times_at_once_leaves_one_row(kit: DeskKit) -> None:
    puts = (kit.do(lambda tx: tx.due.put(row(kit))) for _ in range(12))
    await asyncio.gather(*puts)
    assert len(await claimed(kit)) == 1


async def test_hurrying_moves_what_waits_and_never_what_is_in_flight_or_dead(
    kit: DeskKit,
) -> None:
    await kit.add_due(row(kit, "x:flying"), row(kit, "x:dead"))
    flying, dead = await claimed(kit)
    await kit.do(lambda tx: tx.due.bury(dead, "Dead."))
    await kit.add_due(row(kit, "x:waits", wait=3600 * SECOND), row(kit, "y:waits", wait=9 * SECOND))
    now = kit.clock.now()
    await kit.do(lambda tx: tx.due.hurry_like("x:", now))
    assert [found.key for found in await claimed(kit, "b")] == ["x:waits"]
    await kit.do(lambda tx: tx.due.hurry("y:waits", now))
    assert [found.key for found in await claimed(kit, "b")] == ["y:waits"]
    assert await kit.do(lambda tx: tx.due.done(flying)) is True


async def test_a_prefix_is_no_pattern(kit: DeskKit) -> None:
    await kit.add_due(row(kit, "ab", wait=3600 * SECOND))
    await kit.do(lambda tx: tx.due.hurry_like("a_", kit.clock.now()))
    await kit.do(lambda tx: tx.due.hurry_like("%", kit.clock.now()))
    assert await claimed(kit) == []


async def test_what_a_dead_process_held_is_released_at_once(kit: DeskKit) -> None:
    await kit.add_due(row(kit))
    found = await one(kit, "dead")
    assert await kit.do(lambda tx: tx.due.release()) == 1
    again = await one(kit, "b")
    assert again.claim == found.claim + 1
    assert await kit.do(lambda tx: tx.due.done(found)) is False


async def test_a_clock_that_jumps_ahead_hands_out_no_row_that_this_process_runs(
    kit: DeskKit,
) -> None:
    await kit.add_due(row(kit))
    found = await one(kit, "a")
    kit.clock.jump(3600)
    again = await kit.do(
        lambda tx: tx.due.claim(Lane.CARDS, 5, lease=LEASE, owner="a", running=[found.id])
    )
    assert again == []


async def test_when_the_next_row_is_due_is_known_for_each_lane(kit: DeskKit) -> None:
    await kit.add_due(
        row(kit, "now"), row(kit, "later", wait=60 * SECOND, lane=Lane.DRAFTS),
        row(kit, "much later", wait=90 * SECOND, lane=Lane.POLLS),
    )  # fmt: skip
    kit.clock.advance(0.05)
    ready, later = await kit.read(lambda tx: tx.due.ready([Lane.CARDS, Lane.DRAFTS]))
    assert list(ready) == [Lane.CARDS]
    assert later == kit.clock.now() + 60 * SECOND - 50


async def test_a_row_that_is_due_is_taken_up_in_the_commit_that_writes_it(kit: DeskKit) -> None:
    started = taking(kit)
    await kit.add_due(row(kit))
    (found,) = started
    assert (found.key, found.attempt, found.claim, found.arg) == ("one", 1, 1, {"key": "one"})
    assert await claimed(kit, "b") == []
    assert await finish(kit, found)
    assert await kit.read(lambda tx: tx.due.depth()) == {}


async def test_a_row_that_was_taken_up_by_somebody_who_died_is_claimed_after_its_lease(
    kit: DeskKit,
) -> None:
    started = taking(kit)
    await kit.add_due(row(kit))
    kit.clock.advance(31)
    second = await one(kit, "b")
    assert (second.attempt, second.claim) == (2, 2)
    assert not await finish(kit, started[0])


async def test_only_what_is_due_now_in_a_lane_with_a_place_is_taken_up(kit: DeskKit) -> None:
    started = taking(kit, places=2)
    await kit.add_due(row(kit, "later", wait=SECOND))
    await kit.add_due(row(kit, "first"), row(kit, "second"), row(kit, "third"))
    await kit.add_due(row(kit, "elsewhere", lane=Lane.POLLS))
    assert [found.key for found in started] == ["first", "second"]
    assert [found.key for found in await claimed(kit, "b")] == ["third"]


async def test_who_comes_after_a_row_that_waits_waits_too(kit: DeskKit) -> None:
    started = taking(kit, places=1)
    await kit.add_due(row(kit, "first"), row(kit, "second"))
    assert await finish(kit, started[0])
    assert kit.store.places.leave(Lane.CARDS), "rows are known to wait"
    await kit.add_due(row(kit, "third"))
    assert [found.key for found in started] == ["first"]
    kit.store.places.caught_up(Lane.CARDS)
    await kit.add_due(row(kit, "fourth"))
    assert [found.key for found in started] == ["first", "fourth"]


async def test_while_many_hooks_wait_what_follows_from_them_has_a_quarter_of_its_places(
    kit: DeskKit,
) -> None:
    places = kit.store.places
    started = taking(kit, places=8)
    places.is_pressed = True
    await kit.add_due(*(row(kit, f"of the flood {number}") for number in range(4)))
    assert len(started) == 2
    assert Lane.CARDS not in places.worth_claiming(), "both places are taken"
    places.leave(Lane.CARDS)
    assert places.worth_claiming() == {Lane.CARDS: 1}, "cards are not starved"
    places.is_pressed = False
    assert places.worth_claiming() == {Lane.CARDS: 7}


async def test_a_key_that_exists_is_not_taken_up_again_and_holds_no_place(kit: DeskKit) -> None:
    started = taking(kit, places=2)
    await kit.add_due(row(kit))
    await kit.add_due(row(kit))
    await kit.add_due(row(kit, "other"))
    assert [found.key for found in started] == ["one", "other"]


async def test_a_transaction_that_fails_gives_its_places_back(kit: DeskKit) -> None:
    started = taking(kit, places=1)

    def break_after(tx: Tx) -> None:
        tx.due.add([row(kit)])
        raise RuntimeError("on purpose")

    with pytest.raises(RuntimeError):
        await kit.do(break_after)
    assert started == []
    await kit.add_due(row(kit, "other"))
    assert [found.key for found in started] == ["other"]


async def test_nothing_is_taken_up_by_who_does_not_work(kit: DeskKit) -> None:
    started = taking(kit)
    kit.store.places.close()
    await kit.add_due(row(kit))
    assert started == []
    assert (await one(kit, "b")).key == "one"


@pytest.mark.parametrize("kit", [DATABASES[1]], indirect=True)
async def test_a_lease_is_not_waited_for_while_its_row_is_being_finished(kit: DeskKit) -> None:
    await kit.add_due(row(kit, "one"), row(kit, "two"))
    first, second = await claimed(kit)
    renewed: list[set[DueId]] = []

    def finish_and_renew_meanwhile(tx: Tx) -> bool:
        done = tx.due.done(first)
        renewed.append(renew_elsewhere(kit.address, [first, second], kit))
        return done

    assert await kit.do(finish_and_renew_meanwhile)
    assert renewed == [{second.id}]


def renew_elsewhere(address: str, rows: list[DueRow], kit: DeskKit) -> set[DueId]:
    engine = writing_engine(parse(address))
    try:
        with engine.begin() as connection:
            return Tx(connection, kit.clock).due.renew("a", rows, LEASE)
    finally:
        engine.dispose()


def taking(kit: DeskKit, places: int = 10) -> list[DueRow]:
    """Have the rows of one lane taken up; those that were."""
    started: list[DueRow] = []
    kit.store.start_taken_with(lambda taken: started.append(taken.row))
    kit.store.places.open("kit", {Lane.CARDS: places}, lambda lane: LEASE)
    kit.store.places.caught_up(Lane.CARDS)
    return started
