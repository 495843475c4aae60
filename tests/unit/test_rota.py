"""Who is on call now and next, who stands in, whom pages reach, and what is expected anyway."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.cards.oncall_board import OnCallBoard
from bot.cards.pages import DeskQuery
from bot.errors import OutcomeUnknown, Rejected
from bot.model import commands as c
from bot.model.commands import OutcomeKind
from bot.model.ids import DAY, HOUR, SECOND, Moment
from bot.model.incident import Alert, AlertKind, Severity
from bot.model.oncall import EscalationPolicy
from bot.services.alarms import StoredAlarms
from bot.speech.speech import ENGLISH
from handlers import oncall_words
from handlers.oncall_words import OnCallOrder, Verb
from tests.fakes.chat import ChatStep
from tests.fakes.clock import START
from tests.fakes.desk_kit import desk_address
from tests.fakes.oncall_kit import ONCALL, POISONED, OnCallKit, on_call
from tests.fakes.pager import PagerStep

PARIS = ZoneInfo("Europe/Paris")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def desk(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[OnCallKit]:
    async with on_call(desk_address(request, tmp_path, request.param)) as found:
        yield found


async def board(desk: OnCallKit) -> OnCallBoard:
    page = await desk.kit.desk.view(DeskQuery(), desk.kit.who("bob"))
    assert page.oncall is not None
    return page.oncall


async def lines(desk: OnCallKit) -> list[str]:
    now = desk.kit.clock.now()
    return oncall_words.listed(await board(desk), now, ZoneInfo("UTC"), ENGLISH)


async def test_it_says_who_is_on_call_now_and_who_is_next(desk: OnCallKit) -> None:
    [turn] = (await board(desk)).turns
    assert (turn.name, turn.after, turn.until) == ("Bob", "Olga", START + 7 * DAY)


async def test_whoever_stands_in_is_paged_instead_of_the_plan(desk: OnCallKit) -> None:
    until = Moment(START + 4 * HOUR)
    assert (await desk.kit.order("alice", c.StandIn("olga", until))).is_done
    [turn] = (await board(desk)).turns
    assert (turn.name, turn.after, turn.stands_in) == ("Olga", "Bob", True)
    await desk.kit.comment(POISONED)
    assert len(desk.direct("olga")) == 1
    assert desk.direct("bob") == []
    await desk.kit.press("olga", await desk.card(), c.Resolve)
    await desk.kit.pass_time(4 * 60 * 60 + 1)
    await desk.kit.comment(POISONED)
    assert len(desk.direct("bob")) == 1


async def test_an_agent_may_take_it_over_and_only_a_manager_gives_it(desk: OnCallKit) -> None:
    until = Moment(START + HOUR)
    assert (await desk.kit.order("olga", c.StandIn("olga", until))).is_done
    refusal = await desk.kit.order("olga", c.StandIn("bob", until))
    assert refusal.kind is OutcomeKind.REFUSED
    assert "takes a manager" in refusal.says
    for command in (
        c.StandIn("vic", until),
        c.StandIn("nobody", until),
        c.StandIn("bob", START),
        c.StandIn("bob", Moment(START + 40 * DAY)),
        c.StandIn("bob", until, "second"),
    ):
        assert (await desk.kit.order("alice", command)).kind is OutcomeKind.REFUSED


async def test_a_member_is_unreachable_until_a_page_arrived(desk: OnCallKit) -> None:
    assert all(not one.is_reachable for one in (await board(desk)).reaches)
    desk.kit.chat.script("direct", *[ChatStep(error=Rejected("There is no such person."))] * 3)
    outcome = await desk.kit.order("alice", c.TestPages())
    assert outcome.is_done, outcome
    await desk.kit.work()
    told = {one.name: one for one in (await board(desk)).reaches}
    assert set(told) == {"Bob", "Olga", "Alice"}
    for reach in told.values():
        assert [route for route, _at in reach.proved] == ["duty"]
        assert reach.failed == (("dm", "There is no such person."),)
    assert {one.member for one in desk.duty.arrived} == {"bob", "olga", "alice"}
    assert all(one.incident == 0 for one in desk.duty.arrived)
    said = await lines(desk)
    assert any(one.startswith("Bob: reached by duty") for one in said), said
    assert any("dm: There is no such person." in one for one in said)


async def test_a_test_page_says_that_it_is_one_and_offers_nothing(desk: OnCallKit) -> None:
    await desk.kit.order("alice", c.TestPages())
    await desk.kit.work()
    [message] = desk.direct("bob")
    assert message.notice == "A test page for Bob."
    assert message.card.actions == ()
    assert await desk.incidents() == []


async def test_a_test_that_nobody_answers_ends_and_says_so(desk: OnCallKit) -> None:
    silent = [PagerStep(error=OutcomeUnknown("No answer."), acts=False)] * 20
    desk.duty.script(*silent)
    await desk.kit.order("alice", c.TestPages())
    await desk.kit.pass_time(60)
    assert await desk.kit.next_due() is None
    [bob] = [one for one in (await board(desk)).reaches if one.name == "Bob"]
    assert bob.failed == (("duty", "It gave no answer in time."),)


async def test_a_page_proves_its_route_for_ninety_days(desk: OnCallKit) -> None:
    await desk.kit.comment(POISONED)
    await desk.kit.press("bob", await desk.card(), c.Resolve)
    await desk.kit.work()
    assert [one.name for one in (await board(desk)).reaches if one.is_reachable] == ["Bob"]
    desk.kit.clock.advance(91 * DAY / SECOND)
    assert not any(one.is_reachable for one in (await board(desk)).reaches)


async def test_an_expected_peak_keeps_notices_back_and_nothing_else(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    policy = EscalationPolicy("all", ONCALL.policies[0].steps)
    oncall = replace(ONCALL, policies=(policy,))
    async with on_call(desk_address(request, tmp_path), oncall) as desk:
        account = await desk.kit.account_now()
        alarms = StoredAlarms(desk.kit.store, oncall)

        async def sound(kind: AlertKind, severity: Severity, count: int) -> int:
            cause = f"{kind}-{count}"
            alert = Alert(account.brand_id, kind, cause, severity, count=count, expected=10.0)
            await alarms.sound([alert])
            return len(await desk.incidents())

        refusal = await desk.kit.order("bob", c.ExpectPeak(Moment(START + HOUR)))
        assert refusal.kind is OutcomeKind.REFUSED
        expected = c.ExpectPeak(Moment(START + HOUR), "giveaway")
        assert (await desk.kit.order("alice", expected)).is_done
        assert await sound(AlertKind.MENTIONS, Severity.NOTICE, 29) == 0
        assert await sound(AlertKind.MENTIONS, Severity.NOTICE, 30) == 1
        assert await sound(AlertKind.COMPLAINTS, Severity.HIGH, 11) == 2
        assert await sound(AlertKind.SAFETY, Severity.CRITICAL, 1) == 3
        assert any("More than usual is expected" in one for one in await lines(desk))
        desk.kit.clock.advance(3_601)
        assert await sound(AlertKind.MENTIONS, Severity.NOTICE, 28) == 4


# --- the words


@pytest.mark.parametrize(
    ("words", "order"),
    [
        ("test", OnCallOrder(Verb.TEST)),
        ("override bob until 4h", OnCallOrder(Verb.OVERRIDE, "bob", Moment(START + 4 * HOUR))),
        ("Override @bob until 2d first",
         OnCallOrder(Verb.OVERRIDE, "@bob", Moment(START + 2 * DAY), "first")),
        # it is ten in Paris
        ("override bob until 18:00", OnCallOrder(Verb.OVERRIDE, "bob", Moment(START + 8 * HOUR))),
        ("override bob until 9:30",
         OnCallOrder(Verb.OVERRIDE, "bob", Moment(START + 23 * HOUR + HOUR // 2))),
        ("expect until 2026-12-24 18:00 the big giveaway",
         OnCallOrder(Verb.EXPECT, "", Moment(START + 24 * DAY + 8 * HOUR), "the big giveaway")),
    ],
)  # fmt: skip
def test_words_mean_what_they_say(words: str, order: OnCallOrder) -> None:
    assert oncall_words.read(words.split(), START, PARIS) == order


@pytest.mark.parametrize(
    "words",
    ["rest", "test me", "override", "override bob", "override bob until", "override until 4h",
     "override bob until soon", "override bob until 25:00", "expect until 2026-13-01 10:00",
     "expect 4h", "override bob until 0h"],
)  # fmt: skip
def test_words_that_mean_nothing_are_refused(words: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the sentence is the front end's
        oncall_words.read(words.split(), START, PARIS)
