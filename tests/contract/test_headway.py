"""What is done of a task in the transaction that takes its row up, on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from bot.errors import StoreUnavailable
from bot.model.due import DueRow, Lane, NewDue
from bot.model.ids import SECOND
from bot.store.headway import GoOn, Taken
from bot.store.tx import Tx
from tests.contract.store_case import DATABASES
from tests.fakes.desk_kit import DeskKit, desk_address, opened_desk

OWNER = "kit"
LEASE = 30 * SECOND


@pytest.fixture(params=DATABASES)
async def kit(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DeskKit]:
    async with opened_desk(desk_address(request, tmp_path, request.param)) as kit:
        yield kit


def row(kit: DeskKit, kind: str, key: str) -> NewDue:
    lane = Lane.TRIAGE if kind == "sort" else Lane.CARDS
    return NewDue(kind, key, lane, kit.clock.now(), {"key": key})


class Sorter:
    """Ends rows of the kind `sort` and orders one of the kind `show` for each, where it can."""

    def __init__(self, kit: DeskKit) -> None:
        self._kit = kit
        self.poison = ""
        self.raises: Exception = RuntimeError("on purpose")
        self.seen: list[str] = []
        self.gone_on: list[str] = []

    def sort(self, tx: Tx, rows: Sequence[DueRow]) -> list[GoOn | None]:
        self.seen += [one.key for one in rows]
        if self.poison in {one.key for one in rows}:
            raise self.raises
        assert all(tx.due.finish(rows))
        tx.due.add([row(self._kit, "show", f"show {one.key}") for one in rows])
        return [self._go_on for _one in rows]

    def show(self, tx: Tx, rows: Sequence[DueRow]) -> list[GoOn | None]:
        self.seen += [one.key for one in rows]
        return [None] * len(rows)

    async def _go_on(self) -> None:
        raise AssertionError("nobody of this test goes on")


def taking(kit: DeskKit, sorter: Sorter) -> list[Taken]:
    started: list[Taken] = []
    kit.store.start_taken_with(started.append, {"sort": sorter.sort, "show": sorter.show})
    lanes = (Lane.TRIAGE, Lane.CARDS)
    kit.store.places.open(OWNER, dict.fromkeys(lanes, 4), lambda lane: LEASE)
    for lane in lanes:
        kit.store.places.caught_up(lane)
    return started


async def keys_left(kit: DeskKit) -> list[str]:
    """Of rows that stand in the table, leased or not."""
    kit.clock.advance(31)
    found = [await kit.claim(lane, limit=10, owner="heir") for lane in (Lane.TRIAGE, Lane.CARDS)]
    return [one.key for rows in found for one in rows]


async def test_it_is_made_in_the_commit_that_writes_the_row_and_so_is_what_follows(
    kit: DeskKit,
) -> None:
    sorter = Sorter(kit)
    started = taking(kit, sorter)
    await kit.add_due(row(kit, "sort", "one"))
    assert sorter.seen == ["one", "show one"]
    assert [(one.row.key, one.go_on is None) for one in started] == [
        ("one", False),
        ("show one", True),
    ]
    assert await keys_left(kit) == ["show one"]


async def test_it_is_made_for_rows_that_are_claimed(kit: DeskKit) -> None:
    await kit.add_due(row(kit, "sort", "one"))
    sorter = Sorter(kit)
    started = taking(kit, sorter)
    assert [one.key for one in await kit.claim(Lane.TRIAGE, limit=10, owner=OWNER)] == ["one"]
    assert [one.row.key for one in started] == ["one", "show one"]
    assert await keys_left(kit) == ["show one"]


async def test_a_row_that_somebody_else_claims_is_not_begun_here(kit: DeskKit) -> None:
    await kit.add_due(row(kit, "sort", "one"))
    sorter = Sorter(kit)
    started = taking(kit, sorter)
    await kit.claim(Lane.TRIAGE, limit=10, owner="somebody else")
    assert (sorter.seen, started) == ([], [])


@pytest.mark.parametrize("fault", [RuntimeError("a bug"), StoreUnavailable("a lock that is held")])
async def test_where_it_fails_the_unit_is_stored_and_the_whole_task_is_left(
    kit: DeskKit, fault: Exception
) -> None:
    sorter = Sorter(kit)
    sorter.poison, sorter.raises = "bad", fault
    started = taking(kit, sorter)
    await kit.add_due(row(kit, "sort", "good"), row(kit, "sort", "bad"))
    assert [(one.row.key, one.go_on) for one in started] == [("good", None), ("bad", None)]
    assert sorted(await keys_left(kit)) == ["bad", "good"]


async def test_where_the_transaction_fails_nothing_is_begun_and_the_places_are_free(
    kit: DeskKit,
) -> None:
    started = taking(kit, Sorter(kit))

    def break_after(tx: Tx) -> None:
        tx.due.add([row(kit, "sort", "one")])
        raise RuntimeError("on purpose")

    for _ in range(5):
        with pytest.raises(RuntimeError):
            await kit.do(break_after)
    assert started == []
    assert kit.store.places.worth_claiming() == {Lane.TRIAGE: 4, Lane.CARDS: 4}


async def test_while_many_hooks_wait_none_is_made(kit: DeskKit) -> None:
    sorter = Sorter(kit)
    started = taking(kit, sorter)
    kit.store.places.is_pressed = True
    await kit.add_due(row(kit, "sort", "one"))
    assert sorter.seen == []
    assert [(one.row.key, one.go_on) for one in started] == [("one", None)]
