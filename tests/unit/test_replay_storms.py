"""A past day against other rules also says how many peaks and rises it would have had."""

from __future__ import annotations

import json
import random
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Select, func, select

from bot.model.ids import DAY, Moment
from bot.model.oncall import OnCall
from bot.model.peak import PeakRule, RollKind
from bot.model.signal import Count, Stream, WatchRule, bucket_of, end_of
from bot.services.replaying import Rules, Storms, day_of, replay, storms
from bot.services.replaying_peaks import Peaked
from bot.services.replaying_rises import Risen, past_of
from bot.store.schema import peak, peak_item
from bot.store.tx import Tx
from tests.fakes.desk_kit import DeskKit, desk_address, opened_desk, triager
from tests.unit.cli_case import CONFIG, Desk
from tests.unit.test_peaks import CARE, SUE, flood
from tests.unit.test_replay_rules import ACCOUNT
from tests.unit.test_replay_rules import DAY as TODAY
from tests.unit.test_watching import QUESTION


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def kit(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DeskKit]:
    async with opened_desk(desk_address(request, tmp_path, request.param), channels=[CARE]) as kit:
        yield kit


async def rules(kit: DeskKit) -> Rules:
    """Those of the desk itself."""
    brand = (await kit.account_now()).brand_id
    channels = await kit.read(lambda tx: tx.channels.of_brand(brand))
    return Rules(
        triager(), {}, {"acme": ("en",)}, {"acme": channels}, {}, kit.rules.peaks, OnCall(),
        WatchRule(),
    )  # fmt: skip


async def replayed(kit: DeskKit, *sides: Rules) -> list[Storms]:
    """The last day, with each of these."""
    brand = (await kit.account_now()).brand_id
    until = Moment(end_of(bucket_of(kit.clock.now())) + 1)
    since = Moment(until - DAY)
    seen = await kit.read(lambda tx: day_of(tx, brand, since, until))
    past = await kit.read(lambda tx: past_of(tx, brand, since, until))
    found = [(one, replay("acme", seen, one, one)) for one in sides]
    return [
        storms(one, past, [(each.seen, each.before) for each in course]) for one, course in found
    ]


async def had(kit: DeskKit) -> Peaked:
    """What the desk itself did."""
    real = peak.c.kind == RollKind.PEAK.value
    joined = peak_item.join(peak, peak.c.id == peak_item.c.peak_id)
    asked = (
        select(func.count()).select_from(peak).where(real),
        select(func.count()).select_from(joined).where(real),
    )
    counts = [await kit.read(partial(_number, one)) for one in asked]
    return Peaked(*counts)


def _number(asked: Select[int], tx: Tx) -> int:
    return int(tx.connection.execute(asked).scalar_one())


async def test_its_own_rules_find_the_peaks_that_the_desk_had(kit: DeskKit) -> None:
    """Of the channel; then, after it was over, under one post, while legal words stand out."""
    await flood(kit, 40)
    await kit.pass_time(15 * 60)
    await flood(kit, 9, posts=1)
    await flood(kit, 1, SUE, posts=1)
    await kit.pass_time(15 * 60)
    await flood(kit, 3)
    mine = await rules(kit)
    off = replace(mine, peaks=PeakRule(in_channel=0, under_one_post=0))
    same, without = await replayed(kit, mine, off)
    assert same.peaks == await had(kit)
    assert same.peaks.count == 2
    assert without.peaks == Peaked(0, 0)


async def test_what_lands_in_no_channel_makes_no_peak(kit: DeskKit) -> None:
    await flood(kit, 40)
    mine = await rules(kit)
    (silent,) = await replayed(kit, replace(mine, channels={"acme": ()}))
    assert silent.peaks == Peaked(0, 0)


async def season(kit: DeskKit, days: int = 14) -> None:
    """The counts of ordinary days, as the desk keeps them."""
    brand, dice = (await kit.account_now()).brand_id, random.Random(days)
    begins = bucket_of(kit.clock.now() - DAY)
    rows = [
        Count(
            brand, kit.account, bucket,
            {Stream.MENTIONS: dice.randint(0, 2), Stream.COMPLAINTS: 0, Stream.RISKS: 0},
        )
        for bucket in range(begins - days * 288, begins)
    ]  # fmt: skip
    await kit.do(lambda tx: tx.signals.add_known(rows))


async def test_a_rise_is_found_as_often_as_the_team_bears_it(kit: DeskKit) -> None:
    await season(kit)
    await flood(kit, 20, QUESTION)
    mine = await rules(kit)
    borne = [replace(mine, watch=WatchRule(often, often)) for often in (1.0, 0.02)]
    found, missed = await replayed(kit, *borne)
    assert (found.rises, missed.rises) == (Risen(0, 1), Risen(0, 0))


async def test_an_ordinary_day_has_no_rise(kit: DeskKit) -> None:
    await season(kit)
    await flood(kit, 3, QUESTION)
    (quiet,) = await replayed(kit, await rules(kit))
    assert (quiet.rises, quiet.peaks) == (Risen(0, 0), Peaked(0, 0))


def test_the_command_tells_both_sides_and_of_a_file_that_it_cannot(desk: Desk) -> None:
    desk.write(CONFIG + ACCOUNT)
    desk.write(json.dumps({"text": "Where is my tea?"}), "comments.jsonl")
    desk.settle()
    said = desk.run("replay", "--day", TODAY, "--against", "replydesk.toml")
    assert "  Peaks: 0 before (0 comments in them), 0 after (0)." in said.out
    assert "  Rises: 0 before (0 of them pages), 0 after (0)." in said.out
    said = desk.run("replay", "--day", TODAY, "--against", "replydesk.toml", "--json")
    (told,) = json.loads(said.out)
    assert told["peaks"]["before"] == {"count": 0, "collapsed": 0}
    assert told["rises"]["after"] == {"notices": 0, "pages": 0}
    said = desk.run("replay", "comments.jsonl", "--against", "replydesk.toml")
    assert "Peaks and rises: not known, as a file has no times." in said.out
