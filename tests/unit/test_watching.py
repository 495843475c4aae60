"""More said than usual is found while it is being said, once, and by whoever looks."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from bot.cards.card import Bold
from bot.coordination.wakeup import LocalWakeup
from bot.detection.knobs import threshold
from bot.detection.surge import SurgeDetector
from bot.detection.watch import Sensitivity, StreamWatch
from bot.model import commands as c
from bot.model.due import Lane
from bot.model.event import EventKind
from bot.model.ids import DAY, HOUR, MINUTE, IncidentId, Moment, RemoteId
from bot.model.incident import Alert, AlertKind, Incident, IncidentState, Severity, Verdict
from bot.model.network import RemoteAuthor
from bot.model.signal import BUCKET, Count, Stream, WatchRule, bucket_of, end_of
from bot.services import rota
from bot.services.alarms import Alarming
from bot.services.growing import Growing
from bot.services.heeding import Heeded, heeded
from bot.services.watching import FLOORS, Look, Watching
from bot.speech.speech import ENGLISH
from bot.store.signals import WatchKey
from bot.store.tx import Tx
from bot.workers.watch import WatchTask, set_to_watch
from handlers.oncall_words import listed
from integrations.sandbox.voices import VIRAL_LINES
from tests.fakes.desk_kit import COMPLAINT, DeskKit, desk_address
from tests.fakes.oncall_kit import OnCallKit, on_call, words

QUESTION = "Where can I buy the green tea in Lyon?"
SUE = "I will sue you, my lawyer writes tomorrow."
USUAL = {Stream.MENTIONS: 1.0, Stream.COMPLAINTS: 0.2, Stream.RISKS: 0.0}


@dataclass(slots=True)
class Watched:
    """A desk that is watched since `awake`; whoever looks knows nothing but that."""

    oncall: OnCallKit
    awake: Moment

    @property
    def kit(self) -> DeskKit:
        return self.oncall.kit

    async def look(self) -> int:
        """By a process that has just been started, as far as it remembers."""
        watching = Watching(WatchRule(), self.kit.rules.oncall)
        look = Look(self.awake)
        wanted = await self.kit.read(lambda tx: watching.is_wanted(tx, look))
        said = await self.kit.store.write(watching.look, look)
        assert wanted or not said
        return said

    async def storm(self, many: int, text: str = COMPLAINT, **fields: object) -> None:
        await self.kit.take(*(self.kit.incoming(f"{text} ({n})", **fields) for n in range(many)))
        await self.kit.work(Lane.TRIAGE)

    async def states(self) -> dict[WatchKey, Any]:
        return await self.kit.read(lambda tx: tx.signals.watches())

    async def learned(self) -> list[int]:
        """The last counts that the watch on all mentions of the brand has learned."""
        key = ((await self.kit.account_now()).brand_id, None, Stream.MENTIONS)
        counts: list[int] = (await self.states())[key]["detector"]["counts"]
        return counts

    async def last_bucket(self) -> int:
        return max(int(one["detector"]["last_bucket"]) for one in (await self.states()).values())

    async def counts(self) -> dict[int, dict[Stream, int]]:
        stored = await self.kit.read(lambda tx: tx.signals.since(0))
        return {one.whole.bucket: dict(one.whole.by_stream) for one in stored}

    async def incidents(self) -> list[Incident]:
        return await self.oncall.incidents()


@cache
def seasoned(stream: Stream, closable: int, days: int = 10) -> str:
    """What a watch knows that saw so many ordinary days, up to that bucket."""
    dice, usual = random.Random(stream.value), USUAL[stream]
    watch = StreamWatch(knobs=Sensitivity(floor=FLOORS[stream]))
    for bucket in range(closable - days * 288, closable + 1):
        watch.close(bucket, int(dice.expovariate(1 / usual)) if usual else 0)
    return json.dumps(watch.dump())


async def season(kit: DeskKit) -> None:
    """The brand and both accounts are known, up to the bucket before the open ones."""
    brand = (await kit.account_now()).brand_id
    closable = bucket_of(kit.clock.now() - 5 * MINUTE) - 1
    states: list[tuple[WatchKey, object]] = [
        ((brand, account, stream), json.loads(seasoned(stream, closable)))
        for account in (None, kit.account, kit.other)
        for stream in Stream
    ]

    def keep(tx: Tx, commands: Sequence[None]) -> list[None]:
        tx.signals.keep_watches(states)
        return [None] * len(commands)

    await kit.store.write(keep, None)


def add(tx: Tx, counts: Sequence[Count]) -> list[None]:
    tx.signals.add(counts)
    return [None] * len(counts)


@asynccontextmanager
async def watched(address: str) -> AsyncIterator[Watched]:
    async with on_call(address) as found:
        clock = found.kit.clock
        clock.set(end_of(bucket_of(clock.now())) + MINUTE)
        await season(found.kit)
        yield Watched(found, Moment(clock.now() - DAY))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def both(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Watched]:
    async with watched(desk_address(request, tmp_path, request.param)) as found:
        yield found


@pytest.fixture
async def desk(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Watched]:
    async with watched(desk_address(request, tmp_path)) as found:
        yield found


# --- counting


async def test_what_is_sorted_is_counted_apart_in_the_bucket_of_its_publication(
    both: Watched,
) -> None:
    now = both.kit.clock.now()
    await both.storm(3, QUESTION)
    await both.storm(2, COMPLAINT, published_at=Moment(now - 12 * MINUTE))
    await both.storm(1, SUE)
    here, before = bucket_of(now), bucket_of(now - 12 * MINUTE)
    counts = await both.counts()
    assert counts[before] == {Stream.MENTIONS: 2, Stream.COMPLAINTS: 2, Stream.RISKS: 0}
    assert (counts[here][Stream.MENTIONS], counts[here][Stream.RISKS]) == (4, 1)


async def test_an_edit_is_not_another_mention(desk: Watched) -> None:
    first = desk.kit.incoming(QUESTION)
    await desk.kit.take(first)
    await desk.kit.work(Lane.TRIAGE)
    await desk.kit.take(desk.kit.incoming(SUE, remote_id=first.remote_id))
    await desk.kit.work(Lane.TRIAGE)
    (counts,) = (await desk.counts()).values()
    assert counts[Stream.MENTIONS] == 1


async def test_a_clock_that_is_ahead_does_not_count_in_the_future(desk: Watched) -> None:
    now = desk.kit.clock.now()
    await desk.storm(2, QUESTION, published_at=Moment(now + 3 * HOUR))
    assert list(await desk.counts()) == [bucket_of(now)]


# --- finding


async def test_a_storm_pages_while_its_bucket_is_open_and_only_once(both: Watched) -> None:
    await both.storm(50)
    assert await both.look() > 0
    [incident] = await both.incidents()
    assert (incident.kind, incident.severity) == (AlertKind.COMPLAINTS, Severity.HIGH)
    assert incident.state is IncidentState.FIRING
    assert incident.count >= 50
    assert incident.expected is not None
    assert incident.expected < 20
    assert await both.look() == 0
    await both.kit.work()
    assert both.oncall.direct("bob"), "the first of the rotation is paged"


async def test_its_card_shows_who_was_first_what_most_say_and_the_counts(both: Watched) -> None:
    loud = RemoteAuthor(RemoteId("loud"), "loud", "Loud", followers=70_000)
    await both.storm(3, QUESTION)
    await both.storm(1, "First of all: where is my parcel? It never arrived.", author=loud)
    await both.storm(40, COMPLAINT)
    await both.storm(6, SUE)
    await both.look()
    incident = next(o for o in await both.incidents() if o.kind is AlertKind.COMPLAINTS)
    card = await both.oncall.card(incident.id)
    shown = words(card)
    assert "First seen: Loud" in shown, "the questions were no complaints"
    assert incident.reach == 70_000
    bold = [span.text for span in card.quote if isinstance(span, Bold)]
    assert len(bold) >= 2
    assert "(4" in bold[0], "the most frequent first"
    assert COMPLAINT in shown
    assert card.chart is not None
    assert card.chart.counts[-1] == 47
    assert sum(card.chart.counts) == 47
    assert "█ in 3 h, at most 47 in 5 min" in shown


async def test_what_was_counted_is_not_counted_again_by_what_joins(desk: Watched) -> None:
    await desk.storm(50)
    await desk.look()
    [incident] = await desk.incidents()
    late = [await desk.kit.comment() for _ in range(3)]
    alert = Alert(
        incident.brand_id, incident.kind, incident.cause, Severity.HIGH, tuple(late), count=60
    )
    await desk.kit.store.write(Alarming(desk.kit.rules.oncall).sound_all, [alert])
    assert [one.count for one in await desk.incidents()] == [60]


async def test_a_cascade_of_complaints_pages_before_a_fifth_of_it_was_said(desk: Watched) -> None:
    """At the pace of a real cascade: 40 of 200 in ten minutes."""
    loudness: dict[Severity, int] = {}
    for said in range(1, 41):
        await desk.storm(1, f"{COMPLAINT} It is day {said}!")
        await desk.look()
        for one in await desk.incidents():
            if one.kind is AlertKind.COMPLAINTS:
                loudness.setdefault(one.severity, said)
        desk.kit.clock.advance(15)
    assert loudness[Severity.NOTICE] <= 20, "within its first bucket"
    assert loudness[Severity.HIGH] < 40
    assert loudness[Severity.NOTICE] < loudness[Severity.HIGH]


async def test_what_goes_on_is_one_incident_and_one_page(desk: Watched) -> None:
    for _ in range(8):
        await desk.storm(20)
        await desk.look()
        desk.kit.clock.advance(150)
    assert len(await desk.incidents()) == 1
    await desk.kit.work()
    assert len(desk.oncall.direct("bob")) == 1


async def test_what_alleges_harm_and_rises_is_one_incident(desk: Watched) -> None:
    """The sandbox's viral complaint: mold, so its first comment pages, and its rise joins that."""
    for _persona, text in (*VIRAL_LINES, *VIRAL_LINES):
        await desk.storm(1, text)
        await desk.look()
        desk.kit.clock.advance(5)
    [incident] = await desk.incidents()
    assert (incident.kind, incident.severity) == (AlertKind.SAFETY, Severity.CRITICAL)
    assert incident.count >= len(VIRAL_LINES)
    assert "in 15 min (usual" in words(await desk.oncall.card())
    await desk.kit.work()
    assert len(desk.oncall.direct("bob")) == 1


async def test_praise_that_rises_is_a_matter_of_its_own(desk: Watched) -> None:
    await desk.storm(50, QUESTION)
    await desk.look()
    assert [one.kind for one in await desk.incidents()] == [AlertKind.MENTIONS]


async def test_a_small_rise_is_a_notice_that_wakes_nobody(desk: Watched) -> None:
    await desk.storm(20, QUESTION)
    await desk.look()
    [incident] = await desk.incidents()
    assert incident.severity is Severity.NOTICE
    await desk.kit.work()
    assert desk.oncall.direct("bob") == []


async def test_an_ordinary_day_says_nothing(desk: Watched) -> None:
    for _ in range(12):
        await desk.storm(1, QUESTION)
        assert await desk.look() == 0
        desk.kit.clock.advance(300)


async def test_a_few_threats_of_a_lawyer_are_enough_where_there_are_none(desk: Watched) -> None:
    await desk.storm(12, SUE)
    await desk.look()
    assert AlertKind.LEGAL in {one.kind for one in await desk.incidents()}


async def test_a_found_surge_is_an_event_for_those_who_read_them(desk: Watched) -> None:
    await desk.storm(50, QUESTION)
    await desk.look()
    brand = (await desk.kit.account_now()).brand_id
    events = await desk.kit.read(lambda tx: tx.events.just_happened(brand, 20))
    facts = next(one.facts for one in events if one.kind is EventKind.SURGE_FOUND)
    assert (facts["loudness"], facts["stream"], facts["account"]) == ("page", "mentions", None)


# --- what the team says of it afterwards


async def judged(desk: Watched, *verdicts: Verdict) -> list[str]:
    """Incidents of complaints, each resolved and judged; what the presses were answered."""
    answers = []
    for number, verdict in enumerate(verdicts):
        brand = (await desk.kit.account_now()).brand_id
        alert = Alert(
            brand, AlertKind.COMPLAINTS, f"told {number}", Severity.HIGH, count=40, expected=3,
            minutes=15,
        )  # fmt: skip
        await desk.kit.store.write(Alarming(desk.kit.rules.oncall).sound_all, [alert])
        incident = next(o for o in await desk.incidents() if o.cause == alert.cause)
        assert (await desk.kit.press("bob", await desk.oncall.card(incident.id), c.Resolve)).is_done
        card = await desk.oncall.card(incident.id)
        answers.append((await desk.kit.press("bob", card, c.Judge, verdict)).says)
    return answers


async def knobs_now(desk: Watched) -> Heeded:
    return await desk.kit.read(lambda tx: heeded(tx, WatchRule(), tx.now()))


async def test_not_worth_waking_me_lowers_what_is_borne_visibly_and_for_a_time(
    both: Watched,
) -> None:
    said = await judged(both, *[Verdict.NEEDLESS] * 5)
    assert "borne from now on: 0.18 a week; until now 0.25" in said[0]
    assert said[4] == "Thank you. It is counted.", "never further than to a quarter"
    assert "False alarms of this kind borne: 0.062 a week" in words(await both.oncall.card(1))
    timeline = await both.kit.read(lambda tx: tx.incidents.timeline(IncidentId(1)))
    assert timeline[-1].facts == {"verdict": "needless", "bears": 0.177}
    brand = (await both.kit.account_now()).brand_id
    knobs = await knobs_now(both)
    assert knobs.of(brand, Stream.COMPLAINTS).false_pages_a_week == 0.0625
    assert knobs.of(brand, Stream.RISKS) == WatchRule(), "each kind of count has its own"
    board = await both.kit.read(
        lambda tx: rota.board(tx, both.kit.rules.oncall, WatchRule(), brand, tx.now())
    )
    assert "Complaints are rising: 0.062 false pages a week borne, 0.25 set" in listed(
        board, both.kit.clock.now(), UTC, ENGLISH
    )
    both.kit.clock.advance(57 * 24 * 3600)
    later = await knobs_now(both)
    assert later.of(brand, Stream.COMPLAINTS) == WatchRule(), "an old verdict counts no more"


async def test_what_was_said_decides_whether_a_rise_pages(desk: Watched) -> None:
    brand = (await desk.kit.account_now()).brand_id
    as_set = threshold(WatchRule().false_pages_a_week)
    await judged(desk, *[Verdict.NEEDLESS] * 4)
    now = (await knobs_now(desk)).of(brand, Stream.COMPLAINTS)
    wanted = threshold(now.false_pages_a_week)
    watches = [
        StreamWatch((await desk.states())[brand, None, stream])
        for stream in (Stream.COMPLAINTS, Stream.MENTIONS)
    ]

    def loudest(many: int) -> float:
        return max(score_of(watch, bucket_of(desk.kit.clock.now()), many) for watch in watches)

    await desk.storm(next(many for many in range(1, 200) if as_set <= loudest(many) < wanted))
    await desk.look()
    assert [one.severity for one in await desk.incidents()] == [Severity.NOTICE]


def score_of(watch: StreamWatch, now: int, many: int) -> float:
    detector = SurgeDetector(watch.dump()["detector"])
    for bucket in range((detector.last_bucket or now) + 1, now):
        detector.close(bucket, 0)
    return detector.judge(now, many).score


# --- closing


async def test_a_bucket_is_learned_five_minutes_after_its_end_and_once(desk: Watched) -> None:
    clock = desk.kit.clock
    before = await desk.last_bucket()
    assert bucket_of(clock.now()) == before + 2
    clock.set(end_of(before + 1) + 5 * MINUTE - 1)
    await desk.look()
    assert await desk.last_bucket() == before
    clock.advance(0.002)
    await desk.look()
    assert await desk.last_bucket() == before + 1
    states = await desk.states()
    await desk.look()
    assert await desk.states() == states


async def test_what_comes_late_counts_in_the_bucket_of_its_arrival(both: Watched) -> None:
    clock = both.kit.clock
    await both.storm(50, QUESTION, published_at=Moment(clock.now() - 40 * MINUTE))
    assert await both.look() > 0
    clock.advance(11 * 60)
    assert await both.look() == 0
    assert max((await both.learned())[-3:]) == 50
    clock.advance(5 * 60)
    await both.look()
    assert (await both.learned())[-5:].count(50) == 1, "counted once"


async def test_what_is_older_than_an_hour_is_history(desk: Watched) -> None:
    now = desk.kit.clock.now()
    await desk.storm(50, QUESTION, published_at=Moment(now - 90 * MINUTE))
    assert await desk.look() == 0
    assert await desk.incidents() == []


async def test_after_a_start_nothing_is_closed_for_five_minutes(desk: Watched) -> None:
    before = await desk.last_bucket()
    desk.kit.clock.advance(30 * 60)
    desk.awake = desk.kit.clock.now()
    await desk.look()
    assert await desk.last_bucket() == before
    await desk.storm(6, QUESTION, published_at=Moment(desk.kit.clock.now() - 20 * MINUTE))
    desk.kit.clock.advance(5 * 60)
    await desk.look()
    assert await desk.last_bucket() == bucket_of(desk.kit.clock.now() - 5 * MINUTE) - 1
    assert 6 in (await desk.learned())[-7:]


async def test_hours_that_nobody_watched_are_not_hours_of_silence(desk: Watched) -> None:
    desk.kit.clock.advance(6 * 3600)
    desk.awake = Moment(desk.kit.clock.now() - 10 * MINUTE)
    await desk.look()
    assert len(await desk.learned()) <= 12


@pytest.mark.parametrize("seed", range(4))
async def test_whoever_looks_and_however_often_they_learn_what_was_counted(
    desk: Watched, seed: int
) -> None:
    """Looks at any moment, by processes that died in between: the state is that of the counts."""
    kit, dice = desk.kit, random.Random(seed)
    account = await kit.account_now()
    key = (account.brand_id, None, Stream.MENTIONS)
    alone = StreamWatch((await desk.states())[key], Sensitivity(floor=FLOORS[Stream.MENTIONS]))
    wanted: dict[int, int] = {}
    for _ in range(40):
        bucket, many = bucket_of(kit.clock.now()), dice.randrange(9)
        wanted[bucket] = wanted.get(bucket, 0) + many
        by_stream = {**dict.fromkeys(Stream, 0), Stream.MENTIONS: many}
        count = Count(account.brand_id, account.id, bucket, by_stream)
        await kit.store.write(add, count)
        for _ in range(dice.randrange(3)):
            await desk.look()
        kit.clock.advance(dice.randrange(5, 200))
    kit.clock.advance(15 * 60)
    await desk.look()
    last = alone.last_bucket
    assert last is not None
    for bucket in range(last + 1, await desk.last_bucket() + 1):
        alone.close(bucket, wanted.get(bucket, 0))
    assert (await desk.states())[key]["detector"] == alone.dump()["detector"]


async def test_there_is_news_when_something_was_counted_or_a_bucket_ended(desk: Watched) -> None:
    watching, look = Watching(WatchRule(), desk.kit.rules.oncall), Look(desk.awake)

    async def news() -> tuple[object, ...]:
        return await desk.kit.read(lambda tx: watching.news(tx, look))

    at_first = await news()
    desk.kit.clock.advance(10)
    assert await news() == at_first
    await desk.storm(1, QUESTION)
    counted = await news()
    assert counted != at_first
    desk.kit.clock.advance(300)
    assert await news() != counted


# --- the task


async def test_the_task_finds_a_storm_by_itself_within_seconds(desk: Watched) -> None:
    kit, wakeup = desk.kit, LocalWakeup()
    kit.store.on_commit(wakeup.ring)
    await kit.store.write(set_to_watch, None)
    (row,) = await kit.claim(Lane.STREAMS)
    watching = Watching(WatchRule(), kit.rules.oncall)
    watch = WatchTask(kit.store, kit.clock, wakeup, watching, Growing(kit.rules.oncall))
    task = asyncio.create_task(watch(row))
    await desk.storm(50)
    async with wakeup.bell() as bell, asyncio.timeout(60):
        while not await desk.incidents():
            await bell.wait(1)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert len(await desk.incidents()) == 1


def test_a_bucket_is_five_minutes() -> None:
    assert BUCKET == 5 * MINUTE
    assert bucket_of(end_of(7)) == 8
