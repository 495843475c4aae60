"""A new account's past is counted before anybody is told anything, and is no news itself."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.detection.surge import COLD_BUCKETS
from bot.model.due import NEVER_DEAD, Lane, NewDue
from bot.model.ids import DAY, HOUR, Moment
from bot.model.incident import AlertKind, Severity
from bot.model.network import Batch, Cursor, IncomingItem
from bot.model.signal import BUCKET, Stream, WatchRule, bucket_of
from bot.services.settling_in import set_to_work
from bot.services.watching import Look, Watching
from tests.fakes.desk_kit import COMPLAINT, DeskKit, desk_address
from tests.fakes.oncall_kit import OnCallKit, on_call

THANKS = "Lovely tea, thank you!"
DAYS, OF_A_DAY = 12, 40


@pytest.fixture
async def desk(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[OnCallKit]:
    async with on_call(desk_address(request, tmp_path)) as found:
        yield found


def past(kit: DeskKit, days: int = DAYS) -> list[IncomingItem]:
    """Forty comments a day, every fifth of them a complaint, up to now."""
    dice = random.Random(7)
    now = kit.clock.now()
    moments = sorted(now - dice.randrange(days * DAY) for _ in range(days * OF_A_DAY))
    return [
        kit.incoming(THANKS if number % 5 else COMPLAINT, published_at=Moment(at))
        for number, at in enumerate(moments)
    ]


async def recall(kit: DeskKit, *told: IncomingItem) -> None:
    """Two pages for the first account; the other one's network remembers nothing."""
    half = len(told) // 2
    kit.network.remembers(
        Batch(tuple(told[:half]), Cursor("half"), more=True), Batch(tuple(told[half:]))
    )
    kit.second.remembers(Batch(()))
    lines = {kit.account: kit.network, kit.other: kit.second}
    await kit.store.write(set_to_work, lines)
    await kit.work(Lane.ANALYTICS)


async def look(kit: DeskKit) -> int:
    watching = Watching(WatchRule(), kit.rules.oncall)
    return await kit.store.write(watching.look, Look(Moment(kit.clock.now() - DAY)))


async def test_a_new_desk_that_knows_its_past_pages_in_its_first_minutes(desk: OnCallKit) -> None:
    kit = desk.kit
    await recall(kit, *past(kit))
    assert await look(kit) == 0
    assert await desk.incidents() == []
    await kit.take(*(kit.incoming(f"{COMPLAINT} ({n})") for n in range(25)))
    await kit.work(Lane.TRIAGE)
    await look(kit)
    [incident] = await desk.incidents()
    assert (incident.kind, incident.severity) == (AlertKind.COMPLAINTS, Severity.HIGH)


async def test_without_it_the_same_says_nothing_in_the_first_hour(desk: OnCallKit) -> None:
    kit = desk.kit
    await kit.take(*(kit.incoming(f"{COMPLAINT} ({n})") for n in range(25)))
    await kit.work(Lane.TRIAGE)
    assert await look(kit) == 0


async def test_the_past_is_counted_once_and_never_stored(desk: OnCallKit) -> None:
    kit = desk.kit
    told = past(kit)
    await recall(kit, *told)
    counted = await kit.read(lambda tx: tx.signals.since(0))
    # what is younger than an hour comes with the first fetch
    young = bucket_of(kit.clock.now() - HOUR) * BUCKET
    older = [one for one in told if one.published_at < young]
    assert sum(one.whole.by_stream[Stream.MENTIONS] for one in counted) == len(older)
    complaints = sum(one.text == COMPLAINT for one in older)
    assert sum(one.whole.by_stream[Stream.COMPLAINTS] for one in counted) == complaints
    assert not any(any(one.fresh.values()) for one in counted)
    assert await kit.read(lambda tx: tx.items.known(kit.account, [told[0].remote_id])) == {}
    again = {kit.account: kit.network, kit.other: kit.second}
    await kit.store.write(set_to_work, again)
    await kit.work(Lane.ANALYTICS)
    assert (kit.network.count("recall"), kit.second.count("recall")) == (2, 1)


async def test_an_account_that_was_read_before_is_not_recalled(desk: OnCallKit) -> None:
    kit = desk.kit
    [leg] = kit.network.capabilities.legs
    await kit.do(lambda tx: tx.accounts.move(kit.account, leg, None, kit.clock.now()))
    await recall(kit, *past(kit))
    assert (kit.network.count("recall"), kit.second.count("recall")) == (0, 1)
    brand = (await kit.account_now()).brand_id
    states = await kit.read(lambda tx: tx.signals.watches())
    # half of a brand's usual is no usual: only the account that was recalled knows one
    assert {account for of, account, _stream in states if of == brand} == {kit.other}


async def test_a_watch_that_knows_three_days_is_left_alone(desk: OnCallKit) -> None:
    kit = desk.kit
    brand = (await kit.account_now()).brand_id
    key = (brand, kit.account, Stream.MENTIONS)
    await recall(kit, *past(kit))
    first = (await kit.read(lambda tx: tx.signals.watches()))[key]
    assert first["detector"]["closed"] > COLD_BUCKETS
    await kit.do(lambda tx: tx.due.put(warm_again(kit, brand)))
    await kit.work(Lane.ANALYTICS)
    assert (await kit.read(lambda tx: tx.signals.watches()))[key] == first


def warm_again(kit: DeskKit, brand: int) -> NewDue:
    arg = {"brand": brand}
    return NewDue("warm", f"warm:{brand}", Lane.ANALYTICS, kit.clock.now(), arg, None, NEVER_DEAD)
