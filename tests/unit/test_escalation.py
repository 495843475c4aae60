"""Steps are taken on time until somebody acknowledges; a page goes on until a route takes it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.errors import AuthenticationFailed, OutcomeUnknown, RateLimited, Rejected, Unavailable
from bot.model import commands as c
from bot.model.due import Lane
from bot.model.ids import HOUR, MINUTE, SECOND
from bot.model.incident import IncidentState, Severity
from bot.model.oncall import EscalationPolicy, Hours, OnCall, Quiet, Step, When
from bot.model.paging import PageState
from tests.fakes.chat import ChatStep
from tests.fakes.desk_kit import desk_address
from tests.fakes.oncall_kit import ONCALL, POISONED, POLICY, OnCallKit, on_call, words
from tests.fakes.pager import PagerStep

REFUSED = Rejected("Slack refused this: user_not_found.")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def desk(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[OnCallKit]:
    async with on_call(desk_address(request, tmp_path, request.param)) as found:
        yield found


@pytest.fixture
async def small(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[OnCallKit]:
    async with on_call(desk_address(request, tmp_path)) as found:
        yield found


def with_steps(*steps: Step, repeat: int = 0, **fields: object) -> OnCall:
    policy = EscalationPolicy("default", steps, repeat)
    return replace(ONCALL, policies=(policy,), **fields)  # type: ignore[arg-type]


def told(desk: OnCallKit) -> list[str]:
    return [one.member for one in desk.duty.arrived]


# --- steps


async def test_unacknowledged_the_second_person_is_paged_on_time(desk: OnCallKit) -> None:
    await desk.kit.comment(POISONED)
    began = desk.kit.clock.now()
    await desk.kit.pass_time(5 * 60 - 2)
    assert told(desk) == []
    await desk.kit.pass_time(3)
    [page] = desk.duty.arrived
    assert page.member == "alice"
    assert 0 <= page.at - began - 5 * MINUTE < SECOND


async def test_all_steps_are_gone_through_again_and_then_it_says_that_nobody_came(
    desk: OnCallKit,
) -> None:
    await desk.kit.comment(POISONED)
    await desk.kit.pass_time(3 * 60 * 60)
    assert len(desk.direct("bob")) == 2
    assert told(desk) == ["alice", "alice"]
    assert (await desk.happened())[-1] == "exhausted"
    assert "nobody further is paged" in words(await desk.card())
    assert (await desk.incident()).state is IncidentState.FIRING


async def test_escalated_by_hand_the_next_step_is_taken_at_once(small: OnCallKit) -> None:
    await small.kit.comment(POISONED)
    assert (await small.kit.press("bob", await small.card(), c.EscalateNow)).is_done
    await small.kit.work()
    assert told(small) == ["alice"]
    await small.kit.press("alice", await small.card(), c.Acknowledge)
    assert (await small.kit.press("alice", await small.card(), c.EscalateNow)).is_done
    await small.kit.work()
    assert len(small.direct("bob")) == 2


async def test_a_step_waits_for_its_hours(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    office = Hours(9 * 60, 18 * 60, "UTC", frozenset(range(5)))
    by_day = Step(("bob",), ("duty",), 5 * MINUTE, When.BUSINESS)
    by_night = Step(("alice",), ("duty",), 5 * MINUTE, When.OUTSIDE)
    oncall = with_steps(by_day, by_night, business=office)
    async with on_call(desk_address(request, tmp_path), oncall) as desk:
        await desk.kit.comment(POISONED)  # a Monday at nine
        assert told(desk) == ["bob"]
        await desk.kit.press("bob", await desk.card(), c.Resolve)
        desk.kit.clock.advance(12 * 60 * 60)
        await desk.kit.comment(POISONED)
        assert told(desk) == ["bob", "alice"]


async def test_quiet_hours_are_broken_by_what_is_grave_enough(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    quiet = Quiet(Hours(22 * 60, 7 * 60, "UTC"))
    oncall = with_steps(Step(("bob",), ("duty",), 5 * MINUTE), quiet=quiet)
    async with on_call(desk_address(request, tmp_path), oncall) as desk:
        desk.kit.clock.advance(14 * 60 * 60)
        await desk.kit.comment(POISONED)
        assert told(desk) == ["bob"]


async def test_what_does_not_break_quiet_hours_waits_for_their_end(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    policy = replace(POLICY, severities=frozenset(Severity))
    quiet = Quiet(Hours(22 * 60, 7 * 60, "UTC"))
    oncall = replace(ONCALL, policies=(policy,), quiet=quiet, reach=1)
    async with on_call(desk_address(request, tmp_path), oncall) as desk:
        desk.kit.clock.advance(14 * 60 * 60)
        author = replace(desk.kit.incoming().author, followers=9)
        await desk.kit.comment("Nice tea.", author=author)
        assert await desk.happened() == ["opened", "waits"]
        assert desk.kit.chat.in_channel("D-U-bob") == []
        await desk.kit.pass_time(8 * 60 * 60 + 1)
        assert len(desk.direct("bob")) == 1


async def test_where_nobody_is_left_to_page_it_is_looked_again(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    office = Hours(9 * 60, 18 * 60, "UTC", frozenset(range(5)))
    oncall = with_steps(Step(("bob",), ("duty",), 5 * MINUTE, When.BUSINESS), business=office)
    async with on_call(desk_address(request, tmp_path), oncall) as desk:
        desk.kit.clock.advance(23.5 * 60 * 60)
        await desk.kit.comment(POISONED)
        assert (await desk.happened())[-1] == "nobody"
        await desk.kit.pass_time(31 * 60)
        assert told(desk) == ["bob"]


async def test_a_clock_that_is_set_back_does_not_put_the_next_step_off(small: OnCallKit) -> None:
    await small.kit.comment(POISONED)
    small.kit.clock.jump(-6 * HOUR / SECOND)
    await small.kit.do(lambda tx: tx.due.pull_in())
    await small.kit.pass_time(5 * 60 + 1)
    assert told(small) == ["alice"]


# --- pages


async def test_a_page_that_the_first_route_refuses_takes_the_second_at_once(
    desk: OnCallKit,
) -> None:
    desk.kit.chat.script("direct", ChatStep(error=REFUSED))
    await desk.kit.comment(POISONED)
    assert told(desk) == ["bob"]
    [page] = await desk.pages()
    assert (page.state, page.routes[page.route]) == (PageState.DELIVERED, "duty")


@pytest.mark.parametrize(
    "error",
    [
        Unavailable("Slack could not be reached."),
        AuthenticationFailed("Slack refuses the token."),
        RateLimited("Slack asks us to wait.", until=None),
        REFUSED,
    ],
)
async def test_while_no_route_takes_it_the_incident_says_so_and_it_is_tried_on(
    small: OnCallKit, error: Exception
) -> None:
    broken = [PagerStep(error=Unavailable("Fakeduty could not be reached."), acts=False)] * 3
    small.duty.script(*broken)
    small.kit.chat.script("direct", *[ChatStep(error=error)] * 3)
    await small.kit.comment(POISONED)
    assert "Not delivered yet to Bob: Fakeduty could not be reached." in words(await small.card())
    assert "undelivered" in await small.happened()
    await small.kit.pass_time(3 * 60)
    assert len(small.direct("bob")) == 1
    assert "Not delivered" not in words(await small.card())
    assert (await small.happened()).count("undelivered") == 1


async def test_a_page_whose_answer_was_lost_is_sent_again_under_the_same_key(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    oncall = with_steps(Step(("bob",), ("duty",), 30 * MINUTE))
    async with on_call(desk_address(request, tmp_path), oncall) as desk:
        desk.duty.script(PagerStep(error=OutcomeUnknown("Lost.")))
        await desk.kit.comment(POISONED)
        await desk.kit.pass_time(10)
        assert desk.duty.calls == 2
        [page] = desk.duty.arrived
        assert not page.is_repeat
        assert (await desk.pages())[0].state is PageState.DELIVERED
        assert "sent_again" not in await desk.happened()


async def test_where_no_key_tells_it_is_sent_again_once_and_says_so(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    oncall = with_steps(Step(("bob",), ("dm",), 30 * MINUTE))
    async with on_call(desk_address(request, tmp_path), oncall) as desk:
        desk.kit.chat.script("post", ChatStep(error=OutcomeUnknown("Lost.")))
        await desk.kit.take(desk.kit.incoming(POISONED))
        await desk.kit.work(Lane.TRIAGE)
        await desk.kit.pass_time(20, Lane.PAGES)
        messages = desk.direct("bob")
        assert [one.is_repeat for one in messages] == [False, True]
        assert "sent again" in messages[1].notice
        assert (await desk.happened()).count("sent_again") == 1


async def test_a_route_that_stays_silent_twice_is_left_for_the_next(small: OnCallKit) -> None:
    lost = OutcomeUnknown("Slack did not answer.")
    small.kit.chat.script("direct", *[ChatStep(error=lost)] * 2)
    await small.kit.comment(POISONED)
    await small.kit.pass_time(20)
    assert told(small) == ["bob"]


async def test_somebody_acknowledged_while_a_page_was_on_its_way_and_it_is_not_sent_again(
    small: OnCallKit,
) -> None:
    small.kit.chat.script("direct", ChatStep(error=OutcomeUnknown("Lost.")))
    await small.kit.comment(POISONED)
    await small.kit.press("alice", await small.card(), c.Acknowledge)
    await small.kit.pass_time(10 * 60)
    assert small.direct("bob") == []
    assert [one.state for one in await small.pages()] == [PageState.CANCELLED]


async def test_a_page_that_waits_is_not_sent_once_somebody_acknowledged(small: OnCallKit) -> None:
    await small.kit.take(small.kit.incoming(POISONED))
    await small.kit.work(Lane.TRIAGE)
    [row] = await small.kit.claim(Lane.PAGES)
    await small.kit.run(row)
    await small.kit.press("bob", await small.card(), c.Acknowledge)
    await small.kit.work()
    assert small.kit.chat.in_channel("D-U-bob") == []
    assert [one.state for one in await small.pages()] == [PageState.CANCELLED]


async def test_a_pager_is_told_that_somebody_is_at_it_and_that_it_is_over(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    oncall = with_steps(Step(("bob",), ("duty",), 30 * MINUTE))
    async with on_call(desk_address(request, tmp_path), oncall) as desk:
        await desk.kit.comment(POISONED)
        [page] = desk.duty.arrived
        await desk.kit.press("bob", await desk.card(), c.Acknowledge)
        await desk.kit.work()
        assert desk.duty.settled == {page.key: False}
        await desk.kit.press("bob", await desk.card(), c.Resolve)
        await desk.kit.work()
        assert desk.duty.settled == {page.key: True}


async def test_a_route_alone_is_paged_for_nobody_in_particular(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    async with on_call(
        desk_address(request, tmp_path), with_steps(Step((), ("duty",), 5 * MINUTE))
    ) as desk:
        await desk.kit.comment(POISONED)
        assert told(desk) == [""]


async def test_a_page_says_what_it_is_about_and_where_to_look(small: OnCallKit) -> None:
    small.kit.chat.script("direct", ChatStep(error=REFUSED))
    await small.kit.comment(POISONED)
    [page] = small.duty.arrived
    assert page.summary == "Somebody may be harmed: 1 so far. @acme"
    assert POISONED in page.details
    card = await small.card()
    assert page.link == f"https://desk.example/cards/{card.key}"


async def test_in_a_channel_the_person_is_mentioned(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    async with on_call(
        desk_address(request, tmp_path), with_steps(Step(("bob",), ("care",), 5 * MINUTE))
    ) as desk:
        await desk.kit.comment(POISONED)
        called = [one for one in desk.kit.chat.in_channel("C-care") if one.notice]
        assert [(one.calls, one.notice) for one in called] == [("U-bob", "Bob, you are paged.")]


async def test_whoever_is_not_in_the_team_any_more_is_passed_over(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    oncall = with_steps(Step(("nobody", "bob"), ("duty",), 5 * MINUTE))
    async with on_call(desk_address(request, tmp_path), oncall) as desk:
        await desk.kit.comment(POISONED)
        assert told(desk) == ["bob"]
