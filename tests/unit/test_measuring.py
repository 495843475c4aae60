"""How far a post goes is counted while it is young, and told on the cards below it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.cards.card import plain
from bot.model.due import Lane
from bot.model.engagement import Engagement, Reactions, expect, next_look
from bot.model.ids import DAY, HOUR, MINUTE, ItemId, Moment, RemoteId
from bot.model.incident import AlertKind, Severity
from bot.services.measure_due import measure_due
from tests.fakes.desk_kit import DeskKit, desk_address
from tests.fakes.oncall_kit import OnCallKit, on_call, words

POST = RemoteId("post-1")


@pytest.fixture
async def desk(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[OnCallKit]:
    async with on_call(desk_address(request, tmp_path)) as found:
        yield found


async def under_a_post(kit: DeskKit) -> ItemId:
    """A comment under a post that is new and whose reactions the network counts."""
    kit.network.counts({POST: Reactions(kit.clock.now())})
    item = await kit.comment()
    await kit.add_due(measure_due(kit.account, kit.clock.now()))
    await kit.work(Lane.ANALYTICS)
    return item


async def grow(kit: DeskKit, minutes: int, a_minute: int) -> None:
    """So many likes a minute, as the desk looks on."""
    for _ in range(minutes):
        seen = kit.network.reactions[POST]
        kit.network.reactions[POST] = replace(seen, likes=seen.likes + a_minute)
        await kit.pass_time(60, Lane.ANALYTICS)


async def facts(kit: DeskKit, item: ItemId) -> str:
    return "\n".join(map(plain, (await kit.card_of(item)).facts))


async def test_a_card_says_how_far_its_post_went_and_how_far_it_likely_goes(
    desk: OnCallKit,
) -> None:
    kit = desk.kit
    item = await under_a_post(kit)
    assert "already" not in await facts(kit, item)
    revision = (await kit.card_of(item)).revision
    await grow(kit, 30, 4)
    [line] = [one for one in (await facts(kit, item)).splitlines() if "already" in one]
    already = int(line.partition("already ")[2].partition(",")[0])
    assert 100 <= already <= 120
    low, high = line.partition("(")[2].rstrip(")").split(" to ")
    likely = int(line.partition("likely ")[2].partition(" ")[0])
    assert already <= int(low) < likely < int(high)
    # a press on the look from before is not stale by it
    assert (await kit.card_of(item)).revision == revision
    why = (await kit.history_of(await kit.token_of(item))).why
    assert any("likes, 0 shares and 0 replies after" in one for one in why)
    assert any(one.startswith("Nothing is known yet of how far earlier posts") for one in why)


async def test_a_post_is_looked_at_less_and_less_and_at_last_never(desk: OnCallKit) -> None:
    kit = desk.kit
    await under_a_post(kit)
    await grow(kit, 60, 1)
    in_its_hour = kit.network.count("measure")
    assert 12 <= in_its_hour <= 26
    await kit.pass_time(23 * 3600, Lane.ANALYTICS)
    in_its_day = kit.network.count("measure") - in_its_hour
    assert in_its_day <= 30
    for _ in range(8 * 4 + 1):
        kit.clock.advance(6 * 3600)
        await kit.work(Lane.ANALYTICS)
    total = kit.network.count("measure")
    assert total - in_its_day - in_its_hour <= 26
    await kit.pass_time(6 * 3600, Lane.ANALYTICS)
    assert kit.network.count("measure") == total
    # its end is its account's past from now on
    assert await kit.read(lambda tx: tx.engagements.finals(kit.account, 7 * DAY)) == [60]


async def test_a_post_that_leaves_all_others_behind_is_a_notice_that_wakes_nobody(
    desk: OnCallKit,
) -> None:
    kit = desk.kit
    old = Moment(kit.clock.now() - 20 * DAY)
    past = [
        Engagement(kit.account, RemoteId(f"old-{n}"), Reactions(old, likes=20 + n),
                   Moment(old + 8 * DAY), None)
        for n in range(6)
    ]  # fmt: skip
    await kit.do(lambda tx: tx.engagements.keep(past))
    await under_a_post(kit)
    await grow(kit, 40, 6)
    [incident] = await desk.incidents()
    assert (incident.kind, incident.severity) == (AlertKind.VIRAL, Severity.NOTICE)
    await kit.work()
    assert "A post is spreading" in words(await desk.card())
    assert desk.direct("bob") == []


async def test_a_post_that_is_not_shown_any_more_is_not_asked_after(desk: OnCallKit) -> None:
    kit = desk.kit
    await under_a_post(kit)
    kit.network.reactions.clear()
    await kit.pass_time(3600, Lane.ANALYTICS)
    asked = kit.network.count("measure")
    assert asked <= 2
    await kit.pass_time(3600, Lane.ANALYTICS)
    assert kit.network.count("measure") == asked


@pytest.mark.parametrize(
    ("age", "samples", "pause"),
    [
        (10 * MINUTE, [], 5 * MINUTE),
        (10 * MINUTE, [(5 * MINUTE, 10), (10 * MINUTE, 30)], 150_000),
        (10 * MINUTE, [(5 * MINUTE, 10), (10 * MINUTE, 10)], 5 * MINUTE),
        (2 * HOUR, [(HOUR, 10), (2 * HOUR, 10)], 30 * MINUTE),
        (2 * HOUR, [(HOUR, 10), (2 * HOUR, 11)], 15 * MINUTE),
        (2 * DAY, [], 6 * HOUR),
        (7 * DAY, [], None),
    ],
)
def test_the_next_look_follows_age_and_growth(
    age: int, samples: list[tuple[int, int]], pause: int | None
) -> None:
    assert next_look(age, samples) == pause


def test_nothing_is_expected_of_a_post_whose_beginning_nobody_saw() -> None:
    assert expect(40 * MINUTE, [(40 * MINUTE, 200)], []) is None
    assert expect(40 * MINUTE, [(20 * MINUTE, 80), (40 * MINUTE, 200)], []) is not None
    assert expect(5 * MINUTE, [(2 * MINUTE, 80), (5 * MINUTE, 200)], []) is None
    assert expect(2 * HOUR, [(HOUR, 80), (2 * HOUR, 200)], []) is None
