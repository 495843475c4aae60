"""Silence is noticed: once for each trouble, without anybody on call, and over by itself."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from bot.cards.card import CardKind
from bot.model import commands as c
from bot.model.account import AccountState
from bot.model.due import NEVER_DEAD, Lane, NewDue
from bot.model.ids import DAY, HOUR, MINUTE, SECOND, Moment
from bot.model.incident import Incident, Severity
from bot.model.signal import BUCKET, Count, Stream, bucket_of
from bot.model.silence import Silence, longest_pause, silence_of
from bot.services.silences import troubles
from bot.store.tx import Tx
from bot.workers.upkeep import HealthTask
from tests.fakes.desk_kit import DeskKit, desk_address, labels, opened_desk
from tests.fakes.oncall_kit import CARE, words


@pytest.fixture
async def kit(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DeskKit]:
    """Nobody is on call here. It has been awake for long, and its accounts were just read."""
    async with opened_desk(desk_address(request, tmp_path), channels=[CARE]) as found:
        tasks = dict(found.tasks)
        tasks["health"] = HealthTask(found.store, found.clock, found.rules.oncall)
        found.tasks = tasks
        found.clock.advance(HOUR / SECOND)
        await hear(found)
        # read elsewhere: here their polls are never due
        late = Moment(found.clock.now() + 90 * DAY)
        await found.add_due(
            *(
                NewDue("poll", f"poll:{one}:comments", Lane.POLLS, late, {"account": one}, MINUTE)
                for one in (found.account, found.other)
            )
        )
        await found.add_due(
            NewDue("health", "health", Lane.PAGES, found.clock.now(), {}, MINUTE, NEVER_DEAD)
        )
        yield found


async def hear(kit: DeskKit) -> None:
    """Both accounts are read, and bring nothing."""
    now = kit.clock.now()
    await kit.do(lambda tx: [tx.accounts.heard(one, now) for one in (kit.account, kit.other)])


async def look(kit: DeskKit) -> list[Incident]:
    """A minute later, at what stands then."""
    kit.clock.advance(60)
    await kit.work()
    brand = (await kit.account_now()).brand_id
    return await kit.read(lambda tx: tx.incidents.open_in(brand))


async def kinds(kit: DeskKit) -> list[Silence]:
    return [silence_of(one.cause) for one in await look(kit)]


async def test_where_all_is_well_nothing_is_said(kit: DeskKit) -> None:
    assert await look(kit) == []


async def test_an_account_that_is_not_read_any_more_is_told_once_and_over_by_itself(
    kit: DeskKit,
) -> None:
    kit.clock.advance(20 * 60)
    assert await kinds(kit) == [Silence.CONTACT, Silence.CONTACT]
    await kit.do(lambda tx: tx.accounts.heard(kit.other, kit.clock.now()))
    [incident] = await look(kit)
    assert (incident.account_id, incident.severity) == (kit.account, Severity.NOTICE)
    card = await kit.card_of(incident.id, CardKind.INCIDENT)
    assert "Nothing could be read from" in words(card)
    assert len([one for one in kit.chat.messages if one.card.key == card.key]) == 1
    assert [one.id for one in await look(kit)] == [incident.id]
    await hear(kit)
    assert await look(kit) == []
    card = await kit.card_of(incident.id, CardKind.INCIDENT)
    assert "It works again since" in words(card)
    assert labels(card) == []
    kit.clock.advance(20 * 60)
    again = [one.id for one in await look(kit)]
    assert len(again) == 2
    assert incident.id not in again


async def test_an_account_that_is_polled_once_an_hour_is_waited_for(kit: DeskKit) -> None:
    for one in (kit.account, kit.other):
        await kit.do(lambda tx, key=f"poll:{one}:comments": tx.due.retime(key, HOUR))  # type: ignore[misc]
    kit.clock.advance(2.9 * 3600)
    assert await look(kit) == []
    kit.clock.advance(0.2 * 3600)
    assert len(await look(kit)) == 2


async def test_a_desk_that_was_just_started_has_nobody_read_yet(kit: DeskKit) -> None:
    kit.clock.advance(DAY / SECOND)
    now = kit.clock.now()
    assert await kit.read(lambda tx: troubles(tx, now, Moment(now - MINUTE))) == ()


async def test_whoever_says_that_it_is_over_is_believed_for_a_day(kit: DeskKit) -> None:
    kit.clock.advance(20 * 60)
    first, _second = await look(kit)
    card = await kit.card_of(first.id, CardKind.INCIDENT)
    assert (await kit.press("bob", card, c.Resolve)).is_done
    assert len(await look(kit)) == 1
    kit.clock.advance(DAY / SECOND)
    assert len(await look(kit)) == 2


async def test_an_account_whose_token_is_refused_is_told_and_over_with_a_new_one(
    kit: DeskKit,
) -> None:
    await kit.do(
        lambda tx: tx.accounts.set_state(kit.account, AccountState.PAUSED, "The token was revoked.")
    )
    [incident] = await look(kit)
    assert silence_of(incident.cause) is Silence.TOKEN
    assert "takes the token no more" in words(await kit.card_of(incident.id, CardKind.INCIDENT))
    await kit.do(lambda tx: tx.accounts.resume(kit.account))
    assert await look(kit) == []


async def test_a_token_near_its_end_is_told_a_week_before_and_over_with_another_day(
    kit: DeskKit,
) -> None:
    ends = Moment(kit.clock.now() + 8 * DAY)
    await kit.do(lambda tx: tx.accounts.set_token_end(kit.account, ends))
    assert await look(kit) == []
    kit.clock.advance(DAY / SECOND)
    await kit.do(lambda tx: tx.accounts.heard(kit.account, tx.now()))
    told = {silence_of(one.cause): one for one in await look(kit)}
    card = await kit.card_of(told[Silence.ENDING].id, CardKind.INCIDENT)
    assert "ends within a week" in words(card)
    await kit.do(lambda tx: tx.accounts.set_token_end(kit.account, Moment(ends + 60 * DAY)))
    assert Silence.ENDING not in {silence_of(one.cause) for one in await look(kit)}


async def test_an_account_that_brings_nothing_against_its_own_pace_is_told(kit: DeskKit) -> None:
    now = bucket_of(kit.clock.now())
    # something every half hour for six days, until three hours ago
    await keep(kit, range(now - 6 * 288, now - 36, 6))
    [incident] = await look(kit)
    assert (silence_of(incident.cause), incident.minutes) == (Silence.QUIET, 30)
    await keep(kit, [bucket_of(kit.clock.now())])
    await hear(kit)
    assert await look(kit) == []


async def keep(kit: DeskKit, buckets: Sequence[int]) -> None:
    brand = (await kit.account_now()).brand_id
    counts = [Count(brand, kit.account, one, dict.fromkeys(Stream, 1)) for one in buckets]

    def add(tx: Tx) -> None:
        tx.signals.add_known(counts)

    await kit.do(add)


async def test_work_that_waits_is_told(kit: DeskKit) -> None:
    at = Moment(kit.clock.now() - 6 * MINUTE)
    # of a kind that no process here does
    await kit.add_due(NewDue("poll", "poll:9:x", Lane.POLLS, at, {"account": 9, "leg": "x"}))
    assert await kinds(kit) == [Silence.QUEUE]
    await kit.do(lambda tx: tx.due.drop("poll:9:x"))
    assert await look(kit) == []


async def test_a_detector_that_judges_nothing_is_told(kit: DeskKit) -> None:
    brand = (await kit.account_now()).brand_id
    key = (brand, None, Stream.MENTIONS)
    old = {"detector": {"last_bucket": bucket_of(kit.clock.now()) - 20}}
    await kit.do(lambda tx: tx.signals.keep_watches([(key, old)]))
    assert await kinds(kit) == [Silence.BLIND]
    new = {"detector": {"last_bucket": bucket_of(kit.clock.now()) - 2}}
    await kit.do(lambda tx: tx.signals.keep_watches([(key, new)]))
    assert await look(kit) == []


def test_a_pause_is_too_long_when_it_is_twice_the_longest_of_the_week() -> None:
    every_hour = range(0, 12 * 24 * 5, 12)
    last = every_hour[-1]
    assert longest_pause(every_hour, Moment((last + 1) * BUCKET + 2 * HOUR)) is None
    assert longest_pause(every_hour, Moment((last + 1) * BUCKET + 2 * HOUR + 1)) == HOUR
    # a night is a pause too
    with_nights = [one for one in every_hour if one % 288 < 144]
    assert longest_pause(with_nights, Moment((last + 1) * BUCKET + 12 * HOUR)) is None
    assert longest_pause(every_hour[:10], Moment(DAY * 30)) is None
