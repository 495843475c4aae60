"""Crisis mode: what it holds, what it stops, what it asks for, and how it ends."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.cards.card import Card, CardKind, plain
from bot.cards.pages import QueueFilter
from bot.model import commands as c
from bot.model.channel import Place, Route
from bot.model.commands import Outcome, OutcomeKind
from bot.model.crisis import CrisisState, Level
from bot.model.due import DueRow, Lane
from bot.model.event import EventKind
from bot.model.hold import HeldVerb
from bot.model.ids import DAY, HOUR, MINUTE, BrandId
from bot.model.member import Role
from bot.model.publication import PublicationState
from bot.model.triage import Risk
from bot.services.settling_in import NamedChannel, NamedMember
from tests.fakes.desk_kit import DeskKit, desk_address, labels, opened_desk
from tests.fakes.four_doors import four_doors
from tests.fakes.network import Step
from tests.fakes.oncall_kit import POISONED, on_call
from tests.unit.test_posts import HERE, approve, composed, now, states

_P = PublicationState
both = pytest.mark.parametrize("database", ["sqlite", "postgresql"])


@pytest.fixture
async def kit(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DeskKit]:
    async with opened_desk(desk_address(request, tmp_path)) as made:
        yield made


async def planned(kit: DeskKit, *variants: c.VariantText, slot: int = HOUR) -> Card:
    card = await composed(kit, *variants, slot=slot)
    await approve(kit, card)
    return card


async def proposed(kit: DeskKit, member: str = "alice", reason: str = "A recall") -> Card:
    outcome = await kit.order(member, c.ProposeCrisis(reason))
    assert outcome.is_done, outcome.says
    return await kit.card(outcome.note)


async def started(kit: DeskKit, member: str = "alice") -> tuple[Card, Outcome]:
    card = await proposed(kit)
    outcome = await kit.press(member, card, c.StartCrisis)
    assert outcome.is_done, outcome.says
    return await kit.card(card.key), outcome


async def ended(kit: DeskKit, card: Card) -> Card:
    outcome = await kit.order("alice", c.EndCrisis())
    assert outcome.is_done, outcome.says
    return await kit.card(card.key)


def told(card: Card) -> str:
    return str((card.quote, card.facts, card.state))


async def test_it_shows_what_it_will_hold_and_holds_nothing_before_somebody_starts_it(
    kit: DeskKit,
) -> None:
    post = await planned(kit)
    card = await proposed(kit)
    assert labels(card) == ["Start crisis mode", "Not now"]
    assert "Tea is ready." in told(card)
    assert "1 planned post waits" in told(card)
    assert "A reply takes 2 approvals, usually 1" in told(card)
    await kit.pass_time(2 * HOUR / 1000)
    assert await states(kit, post) == [_P.PUBLISHED]


async def test_a_planned_post_waits_past_its_time_and_is_asked_about_at_the_end(
    kit: DeskKit,
) -> None:
    post = await planned(kit)
    card, _outcome = await started(kit)
    # longer than a post may be late
    await kit.pass_time(4 * HOUR / 1000)
    assert await states(kit, post) == [_P.QUEUED]
    assert "crisis mode is on" in told(await now(kit, post))
    card = await ended(kit, card)
    await kit.pass_time(4 * HOUR / 1000)
    assert await states(kit, post) == [_P.QUEUED], "it went out by itself"
    assert "1 post to decide" in told(card)
    assert card.key in {one.key for one in (await kit.queue(QueueFilter.OPEN)).cards}


@pytest.mark.parametrize(
    ("verb", "minutes", "state"),
    [
        (HeldVerb.NOW, 1, _P.PUBLISHED),
        (HeldVerb.HOUR, 59, _P.QUEUED),
        (HeldVerb.HOUR, 61, _P.PUBLISHED),
        (HeldVerb.DAY, 61, _P.QUEUED),
        (HeldVerb.CANCEL, 61, _P.CANCELLED),
    ],
)
async def test_each_held_post_is_decided_by_one_press(
    kit: DeskKit, verb: HeldVerb, minutes: int, state: PublicationState
) -> None:
    other, post = await planned(kit, slot=2 * HOUR), await planned(kit)
    card, _outcome = await started(kit)
    await kit.pass_time(3 * HOUR / 1000)
    card = await ended(kit, card)
    assert f"Publish now · #{post.number}" in labels(card)
    outcome = await kit.press("alice", card, c.DecideHeld, post.number, verb)
    assert outcome.is_done, outcome.says
    card = await kit.card(card.key)
    assert f"Publish now · #{other.number}" in labels(card)
    again = await kit.press("ada", card, c.DecideHeld, post.number, HeldVerb.NOW)
    assert again.kind is OutcomeKind.STALE
    await kit.pass_time(minutes * MINUTE / 1000)
    assert await states(kit, post) == [state]
    assert await states(kit, other) == [_P.QUEUED]


async def test_who_leads_an_incident_may_hold_and_a_manager_lets_go(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    async with on_call(desk_address(request, tmp_path)) as desk:
        kit = desk.kit
        refusal = await kit.order("olga", c.ProposeCrisis("A recall"))
        assert "or whoever leads an open incident" in refusal.says
        assert "Ask Alice or Ada" in refusal.says
        await kit.comment(POISONED)
        await kit.press("olga", await desk.card(), c.Acknowledge)
        card = await proposed(kit, "olga")
        other = await kit.press("bob", card, c.StartCrisis)
        assert other.kind is OutcomeKind.REFUSED
        assert (await kit.press("olga", card, c.StartCrisis)).is_done
        kept = await kit.order("olga", c.EndCrisis())
        assert "this takes a manager. Ask Alice or Ada." in kept.says
        await kit.press("olga", await desk.card(), c.Resolve)
        assert (await kit.order("alice", c.EndCrisis())).is_done
        assert not (await kit.order("olga", c.ProposeCrisis("Once more"))).is_done


async def test_a_new_time_on_the_posts_own_card_is_a_decision_too(kit: DeskKit) -> None:
    post = await planned(kit)
    card, _outcome = await started(kit)
    card = await ended(kit, card)
    seen = await now(kit, post)
    slot = kit.clock.now() + 2 * HOUR
    moved = await kit.order("olga", c.EditPost(seen.key, seen.revision, (HERE,), slot))  # type: ignore[arg-type]
    assert moved.is_done, moved.says
    assert "0 posts to decide" in told(await kit.card(card.key))
    await kit.pass_time(3 * HOUR / 1000)
    assert await states(kit, post) == [_P.PUBLISHED]


async def test_the_second_person_is_told_who_started_it(kit: DeskKit) -> None:
    card, _outcome = await started(kit)
    for command in (c.StartCrisis(card.key, card.revision), c.ProposeCrisis()):
        second = await kit.order("ada", command)
        assert second.kind is OutcomeKind.STALE
        assert second.says.startswith("Alice started crisis mode"), second.says
    crises = await kit.read(lambda tx: tx.crises.in_state(BrandId(1), CrisisState.ON))
    assert len(crises) == 1


async def test_approvals_ask_for_one_more_while_it_lasts(kit: DeskKit) -> None:
    item = await kit.comment()
    await started(kit)
    first = await kit.press("bob", await kit.card_of(item), c.Approve)
    assert first.says == "Counted: 1 of 2 approvals."
    await kit.order("alice", c.EndCrisis())
    other = await kit.comment()
    last = await kit.press("bob", await kit.card_of(other), c.Approve)
    assert last.says.startswith("Publishing"), last.says


async def test_a_level_that_the_team_cannot_satisfy_is_refused_with_the_sum(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    few = (NamedMember("alice", "Alice", Role.ADMIN), NamedMember("bob", "Bob", Role.MANAGER))
    async with opened_desk(desk_address(request, tmp_path), members=few) as small:
        refusal = await small.order("alice", c.ProposeCrisis(level=Level.ONE_MORE))
        assert refusal.kind is OutcomeKind.REFUSED
        assert "A post would take 2 of role manager or above, and there are 2." in refusal.says
        assert "2 - 1 = 1" in refusal.says
        outcome = await small.order("alice", c.ProposeCrisis())
        assert outcome.is_done, outcome.says
        card = await small.card(outcome.note)
        assert "One approver more is not possible" in told(card)
        assert "Whoever wrote a reply does not approve it" in told(card)


async def test_its_timeline_is_kept(kit: DeskKit) -> None:
    post = await planned(kit)
    card, _outcome = await started(kit)
    await kit.press("ada", card, c.Take)
    card = await ended(kit, card)
    await kit.press("alice", card, c.DecideHeld, post.number, HeldVerb.NOW)
    page = await kit.history_of(card.key)
    lines = [
        "".join(getattr(span, "text", getattr(span, "name", "")) for span in line.spans)
        for line in page.lines
    ]
    assert lines == [
        "Alice asked whether to start crisis mode",
        "Alice started crisis mode: posts held 1, on their way already 0, works on many stopped 0, "
        "replies called off 0",
        "Ada made Ada the lead",
        "Alice ended crisis mode: posts held 1",
        f"Alice decided about post #{post.number}: publish now",
    ]


# --- a crisis against what is due in the same moment


EVERY = os.environ.get("REPLYDESK_EVERY_K") == "1"
CRISES, POSTS = (100 if EVERY else 6), 10
"""A thousand times a post and a crisis in the same moment, ten posts to each crisis."""


async def race(kit: DeskKit, turn: int) -> int:
    """Posts are due and a crisis begins; how many of them were already on their way."""
    texts = [f"Tea number {turn}.{number}." for number in range(POSTS)]
    posts = [await planned(kit, c.VariantText("acme", text), slot=9_000) for text in texts]
    card = await proposed(kit)
    kit.clock.advance(9.001)
    rows = await kit.claim(Lane.PUBLISH)
    assert len(rows) == POSTS
    gate, first = asyncio.Event(), asyncio.Event()
    kit.network.next("publish", *(Step(acts=True, gate=gate, reached=first) for _ in posts))

    async def starts() -> Outcome:
        if turn % 3 == 1:
            await first.wait()
        elif turn % 3 == 2:
            await asyncio.sleep(turn % 7 / 1_000)
        return await kit.press("alice", card, c.StartCrisis)

    async def sends(row: DueRow, number: int) -> None:
        await asyncio.sleep((turn + number) % 11 / 1_000)
        await kit.run(row)

    starting = asyncio.ensure_future(starts())
    sending = [asyncio.ensure_future(sends(row, number)) for number, row in enumerate(rows)]
    outcome = await starting
    assert outcome.is_done, outcome.says
    confirmed = [(await states(kit, post))[0] for post in posts]
    gate.set()
    await asyncio.gather(*sending)
    kit.clock.advance(90)
    await asyncio.gather(*(kit.run(row) for row in await kit.claim(Lane.PUBLISH)))
    after = [(await states(kit, post))[0] for post in posts]
    assert await is_in_order(kit), "it entered `sending` after the commit of the crisis"
    for text, before, now_ in zip(texts, confirmed, after, strict=True):
        left = before is not _P.QUEUED
        assert now_ is (_P.PUBLISHED if left else _P.QUEUED)
        assert (text in outcome.says) is left, outcome.says
        assert kit.network.texts().count(text) == left
    await tidied(kit, card, posts)
    return after.count(_P.PUBLISHED)


async def is_in_order(kit: DeskKit) -> bool:
    """Events are numbered in the order of their commits: the last start comes after all sending."""
    events = await kit.read(lambda tx: tx.events.just_happened(BrandId(1), 60))
    started_at = next(one.id for one in events if one.facts.get("how") == "started crisis mode")
    leaving = [one.id for one in events if one.kind is EventKind.PUBLICATION_SENDING]
    return all(number < started_at for number in leaving)


async def tidied(kit: DeskKit, card: Card, posts: list[Card]) -> None:
    kit.network._steps.clear()
    await ended(kit, card)
    for post in posts:
        cancel = c.DecideHeld(card.key, card.revision, post.number, HeldVerb.CANCEL)
        await kit.order("alice", cancel)


@pytest.mark.sampled
@both
async def test_nothing_enters_sending_after_a_crisis_was_confirmed_in_the_same_second(
    request: pytest.FixtureRequest, tmp_path: Path, database: str
) -> None:
    left = 0
    async with opened_desk(desk_address(request, tmp_path, database)) as kit:
        for turn in range(CRISES):
            left += await race(kit, turn)
    assert 0 < left < CRISES * POSTS, "only one of them was ever first"


# --- its doors


async def test_asked_for_in_slack_started_in_telegram_and_ended_by_whoever_may(
    kit: DeskKit,
) -> None:
    async with four_doors(kit, ("eve", "alice", "ada")) as doors:
        await planned(kit)
        assert "takes a manager" in await doors.slash("eve", "crisis start")
        assert "crisis start [LEVEL]" in await doors.slash("alice", "crisis")
        said = await doors.slash("alice", "crisis start four-eyes A recall")
        assert said.startswith("Nothing is held yet")
        token = await kit.token_of(1, CardKind.CRISIS)
        refusal = await doors.press("telegram", "eve", f"start_crisis.{token}.1")
        assert "takes a manager" in refusal.says
        await doors.press("telegram", "ada", f"start_crisis.{token}.1")
        assert "Nothing lands in this channel" in await doors.slash("alice", "crisis updates 30m")
        assert "Nobody is reminded" in await doors.slash("alice", "crisis updates off")
        words = "crisis statement fr retard 7d: Nous cherchons."
        assert "It waits for approval" in await doors.slash("alice", words)
        assert "crisis start [LEVEL]" in await doors.slash("alice", "crisis updates never")
        assert "Ada started crisis mode" in (await doors.writes("alice", "/crisis start")).text
        assert "takes a manager" in (await doors.writes("eve", "/crisis end")).text
        assert "1 planned post was held" in (await doors.writes("alice", "/crisis end")).text
        assert "Publish now · #1" in labels(await kit.card(token))


# --- holding statements


async def statement(
    kit: DeskKit, text: str = "We are looking into it.", language: str = "en"
) -> Card:
    outcome = await kit.order("olga", c.WriteStatement("recall", language, text))
    assert outcome.is_done, outcome.says
    return await kit.card(outcome.note)


async def test_a_statement_approved_by_somebody_else_is_a_draft_with_one_press(
    kit: DeskKit,
) -> None:
    item = await kit.comment()
    card, french = await statement(kit), await statement(kit, "Nous cherchons.", "fr")
    assert labels(card) == ["Approve", "New version…", "Retire"]
    await kit.press("bob", french, c.Approve)
    bobs = await kit.press(
        "bob", await kit.card_of(french.number, CardKind.STATEMENT), c.ReviseStatement, "Oui."
    )
    own = await kit.press("bob", await kit.card(bobs.note), c.Approve)
    assert (
        own.says == "You wrote this statement, so somebody else must approve it: Eve, Alice or Ada."
    )
    crisis, _outcome = await started(kit)
    assert "Use “recall”" not in labels(await kit.card_of(item)), "nobody approved it"
    await kit.press("bob", card, c.Approve)
    assert "Holding statements: recall (en, fr)" in told(await kit.card(crisis.key))
    seen = await kit.card_of(item)
    assert labels(seen).count("Use “recall”") == 1, "the French one is not for an English comment"
    used = await kit.press("eve", seen, c.UseStatement, card.number)
    assert used.is_done, used.says
    drafted = await kit.card_of(item)
    assert drafted.draft is not None
    assert drafted.draft.text == "We are looking into it."
    assert drafted.draft.origin == "written by Eve (recall · 1)"
    await kit.order("alice", c.EndCrisis())
    assert "Use “recall”" not in labels(await kit.card_of(item))


async def test_a_later_version_counts_once_approved_and_none_counts_when_it_expired_or_is_retired(
    kit: DeskKit,
) -> None:
    item = await kit.comment()
    first = await statement(kit)
    await kit.press("bob", first, c.Approve)
    later = await statement(kit, "It is a recall.")

    async def use(number: int) -> Outcome:
        return await kit.press("eve", await kit.card_of(item), c.UseStatement, number)

    assert (await use(later.number)).kind is OutcomeKind.REFUSED
    assert (await use(first.number)).is_done
    await kit.press("bob", later, c.Approve)
    assert (await use(first.number)).kind is OutcomeKind.REFUSED
    assert (await use(later.number)).is_done
    await kit.press("bob", await kit.card(later.key), c.RetireStatement)
    assert (await use(later.number)).kind is OutcomeKind.REFUSED
    kit.clock.advance(31 * DAY / 1000)
    assert (await use(first.number)).kind is OutcomeKind.REFUSED


# --- updates for stakeholders

CARE = NamedChannel("care", "fakechat", Place("care"), title="care")
BOARD = NamedChannel(
    "board", "fakechat", Place("board"), title="board", routes=(Route(risks=(Risk.LEGAL,)),)
)


def shown(kit: DeskKit, channel: str) -> list[str]:
    """What the messages there say, of updates alone."""
    here = [one for one in kit.chat.messages if one.place.channel == channel]
    return [
        f"{plain(one.card.source)} {plain(one.card.quote)} {plain(one.card.state.spans)}"
        for one in here
        if one.card.kind is CardKind.UPDATE
    ]


async def test_the_lead_is_reminded_at_the_times_set_and_what_is_written_goes_to_its_channel(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    address = desk_address(request, tmp_path)
    async with opened_desk(address, channels=(CARE, BOARD)) as kit:
        card, _outcome = await started(kit)
        every = c.ScheduleUpdates(HOUR // 2, "fakechat", "board")
        assert (await kit.order("alice", every)).is_done
        await kit.pass_time(29 * 60)
        assert shown(kit, "care") == []
        await kit.pass_time(2 * 60)
        assert [one for one in shown(kit, "care") if "Alice, an update is due" in one]
        due = await kit.card_of(1, CardKind.UPDATE)
        refusal = await kit.press("olga", due, c.SendUpdate, "We know more at noon.")
        assert "this takes an approver" in refusal.says
        sent = await kit.press("alice", due, c.SendUpdate, "We know more at noon.")
        assert sent.says == "On its way to board."
        again = await kit.press("ada", due, c.SendUpdate, "Twice.")
        assert again.kind is not OutcomeKind.DONE
        await kit.work()
        [told_there] = shown(kit, "board")
        assert "Update 1" in told_there
        assert "We know more at noon." in told_there
        # nobody writes the next two: the first of them is missed, and the lead is called anew
        await kit.pass_time(61 * 60)
        assert len(shown(kit, "care")) == 3
        await ended(kit, card)
        await kit.pass_time(3 * HOUR / 1000)
        assert len(shown(kit, "care")) == 3, "a crisis that is over asks for nothing"
        assert len(shown(kit, "board")) == 1
        assert "was not sent in time" in shown(kit, "care")[-1]
