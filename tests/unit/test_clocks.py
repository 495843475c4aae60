"""Every clock of the desk strikes once, whatever happens to its worker, the wall and the hours.

Each is set as its own button sets it, then something happens, then its time comes. A kind of due
row that is in neither table fails. Processes that are killed: tests/chaos/clocks.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.model import commands as c
from bot.model.business_hours import BusinessHours, Opening
from bot.model.ids import SECOND
from bot.model.member import Tongue
from bot.workers.items import GoalsTask
from bot.workers.loop import LEASE, pull_in
from tests.chaos.clocks.table import BERLIN, CLOCKS, LANES, NO_CLOCKS, Clock, opened, told_alone
from tests.databases import migrated_sqlite
from tests.fakes.desk_kit import DeskKit, desk_address
from tests.fakes.oncall_kit import MEMBERS

ZONE = ZoneInfo("Europe/Berlin")
A_DAY, THREE_DAYS = 24 * 3_600, 3 * 24 * 3_600
A_NIGHT = 8 * 3_600
SPRING, AUTUMN = datetime(2027, 3, 28, 2, tzinfo=ZONE), datetime(2027, 10, 31, 2, tzinfo=ZONE)
"""Berlin's clocks go from two to three, and from three back to two."""


@pytest.fixture(params=CLOCKS)
def clock(request: pytest.FixtureRequest) -> Clock:
    return CLOCKS[request.param]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return desk_address(request, tmp_path, request.param)


@pytest.fixture
async def kit(address: str, clock: Clock) -> AsyncIterator[DeskKit]:
    async with opened(address, clock.rules) as found:
        yield found


async def test_every_kind_of_due_row_is_a_clock_here_or_says_why_not(tmp_path: Path) -> None:
    kinds = {one.kind for one in CLOCKS.values()}
    others = [kind for named in NO_CLOCKS.values() for kind in named]
    assert len(others) == len(set(others) - kinds), "each kind is named in one table"
    async with opened(migrated_sqlite(tmp_path / "desk.db")) as kit:
        unnamed = set(kit.tasks) - kinds - set(others)
    assert not unnamed, "a clock needs a row in the table, anything else a reason"


async def strikes_once(kit: DeskKit, clock: Clock) -> None:
    """Now, and not again however much time passes."""
    await kit.work(*LANES)
    assert await clock.struck(kit) == 1
    await kit.pass_time(120, *LANES)
    assert await clock.struck(kit) == 1


async def test_who_claimed_it_is_gone_and_it_strikes_all_the_same(
    kit: DeskKit, clock: Clock
) -> None:
    await clock.set(kit)
    kit.clock.advance(clock.strikes)
    assert await kit.claim(*LANES, owner="gone"), "somebody has it"
    assert await clock.struck(kit) == 0
    kit.clock.advance(LEASE / SECOND + 1)
    await strikes_once(kit, clock)


async def test_the_wall_clock_jumps_over_its_time_and_it_strikes_once(
    kit: DeskKit, clock: Clock
) -> None:
    await clock.set(kit)
    kit.clock.jump(clock.strikes if clock.strikes > A_DAY else THREE_DAYS + clock.strikes)
    await strikes_once(kit, clock)


async def test_the_wall_clock_is_set_back_and_it_strikes_when_its_time_comes(
    kit: DeskKit, clock: Clock
) -> None:
    await clock.set(kit)
    kit.clock.jump(-A_NIGHT)
    await kit.store.write(pull_in, None)
    await kit.work()
    kit.clock.advance(A_NIGHT + clock.strikes)
    await strikes_once(kit, clock)


ONE_STORE = pytest.mark.parametrize("address", ["sqlite"], indirect=True)
"""Nothing here asks the clock of a server."""


@ONE_STORE
@pytest.mark.parametrize("change", [SPRING, AUTUMN], ids=["spring", "autumn"])
async def test_the_hour_that_summer_takes_or_gives_back_changes_nothing(
    kit: DeskKit, clock: Clock, change: datetime
) -> None:
    kit.clock.advance(change.timestamp() - kit.clock.now() / SECOND - 5)
    await clock.set(kit)
    assert await clock.struck(kit) == 0
    kit.clock.advance(clock.strikes)
    await strikes_once(kit, clock)


@ONE_STORE
async def test_other_business_hours_lose_no_clock(kit: DeskKit, clock: Clock) -> None:
    """The desk starts anew with hours that end later; what was due strikes within them."""
    await clock.set(kit)
    week = ((Opening(0, 23 * 60),),) * 7
    later = replace(BERLIN, hours=BusinessHours("Europe/Berlin", week))
    kit.tasks = {**kit.tasks, "goals": GoalsTask(kit.store, {"acme": later})}
    await kit.work()
    kit.clock.advance(clock.strikes)
    await strikes_once(kit, clock)


NINE = 9 * 60
PACES: dict[str, c.Command] = {
    "digest": c.SetDigest((NINE,)),
    "the end of quiet hours": c.SetQuiet((22 * 60, NINE)),
}


@pytest.mark.parametrize("change", [SPRING, AUTUMN], ids=["spring", "autumn"])
@pytest.mark.parametrize("pace", PACES)
async def test_a_time_of_the_day_is_that_of_the_wall_on_both_sides_of_a_clock_change(
    tmp_path: Path, change: datetime, pace: str
) -> None:
    """Nine in the morning is nine, however long the night was."""
    told = told_alone("bob")
    members = [replace(one, tongue=Tongue("en", ZONE.key)) for one in MEMBERS]
    async with opened(migrated_sqlite(tmp_path / "desk.db"), members=members) as kit:
        kit.clock.advance((change - timedelta(hours=12)).timestamp() - kit.clock.now() / SECOND)
        assert (await kit.press("bob", await kit.card_of(await kit.comment()), c.Take)).is_done
        assert (await kit.order("bob", PACES[pace])).is_done
        for mornings in range(2):
            nine = change.replace(hour=9) + timedelta(days=mornings)
            await kit.pass_time(nine.timestamp() - 2 - kit.clock.now() / SECOND)
            assert await told(kit) == mornings
            await kit.pass_time(4)
            assert await told(kit) == mornings + 1
