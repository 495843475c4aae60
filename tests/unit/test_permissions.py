"""Every role against every command: who may, and that whoever may not is told whom to ask."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import get_args

import pytest

from bot.cards.card import Card, CardKind
from bot.model import commands as c
from bot.model.bulk import BulkVerb
from bot.model.channel import Route
from bot.model.commands import Command, HoldKind, ModerationAction, Outcome, OutcomeKind
from bot.model.hold import HeldVerb
from bot.model.ids import HOUR, CardToken, Moment, RemoteId
from bot.model.incident import IncidentRole, Verdict
from bot.model.joining import Introduced
from bot.model.member import Role
from bot.model.network import Identity
from bot.model.question import DueBy
from bot.model.team_chat import ChatIntroduced
from bot.model.triage import Risk
from bot.services.deciding import APPROVER_ACTS, REQUIRED
from tests.fakes.clock import START
from tests.fakes.desk_kit import DeskKit, desk_address, opened_desk
from tests.fakes.network import CAPABILITIES, NETWORK

BY_ROLE: Mapping[Role, str] = {
    Role.VIEWER: "vic",
    Role.AGENT: "olga",
    Role.APPROVER: "bob",
    Role.MANAGER: "alice",
    Role.ADMIN: "ada",
}
TEXT = (c.VariantText("acme", "Tea."),)
THEM = Introduced(Identity(RemoteId("them"), "@them"), CAPABILITIES, {}, streams=False)
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
async def kit(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DeskKit]:
    async with opened_desk(desk_address(request, tmp_path)) as kit:
        yield kit


def samples(key: CardToken, revision: int) -> list[Command]:
    """One of every command there is."""
    at = (key, revision)
    return [
        c.Approve(*at), c.ApproveEdited(*at, "Words."), c.SaveDraft(*at, "Words."),
        c.StartEditing(*at), c.StopEditing(*at), c.Redraft(*at),
        c.NoReplyNeeded(*at), c.Reopen(*at), c.Take(*at), c.GiveTo(*at, "bob"),
        c.Escalate(*at, "Why."), c.AskColleague(*at, "bob", DueBy.HOURS, "What?"),
        c.AskRoute(*at, Risk.LEGAL), c.UseTold(*at, 1),
        c.AnswerQuestion(*at, "That."), c.WithdrawQuestion(*at),
        c.WriteNote(*at, "They rang."), c.ChangeLabels(*at, ("refund",)),
        c.ChangeNote(*at, "They rang.", "C-care:7"),
        c.Snooze(*at, Moment(START + HOUR)), c.Moderate(*at, ModerationAction.LIKE), c.Stop(*at),
        c.RetryPublication(*at), c.LookAgain(*at), c.ConfirmPublished(*at),
        c.AbandonPublication(*at), c.ComposePost(TEXT), c.EditPost(*at, TEXT),
        c.RequestChanges(*at, "Shorter."), c.CancelPost(*at),
        c.BulkAct(*at, BulkVerb.CLOSE, "0" * 8), c.StopBulk(*at, 1), c.TurnPage(*at, 2),
        c.PullOut(*at, 1), c.LeavePast(*at), c.Pause((HoldKind.REPLIES,)),
        c.Unpause((HoldKind.REPLIES,)), c.GoAhead(*at), c.NotNow(*at),
        c.GoLive("acme"), c.WatchOnly("acme"), c.Shadow("acme"), c.SetTokenEnd("acme", None),
        c.RetryWork(99),
        c.DiscardWork(99), c.AddPicture("image/png", PNG), c.MakeLinkCode(), c.UseLinkCode("wrong"),
        c.SetUpChannel("slack", "C0NEW", "", "new", Route()),
        c.AddMember("Ben", Role.AGENT), c.ChangeRole("ben", Role.VIEWER), c.SuspendMember("ben"),
        c.InviteMember("ben"), c.TryAccount(NETWORK), c.JoinAccount("new", THEM, ()),
        c.DisconnectAccount("acme"), c.MakeKey(), c.TryChat("slack"), c.WriteToMe(True),
        c.JoinChat("slack", ChatIntroduced("T:U", "@desk"), ()), c.DisconnectChat("slack"),
        c.BeginPractice(), c.GoAway(), c.ComeBack(), c.StartShift(), c.EndShift(),
        c.SetDigest((540,)), c.SetQuiet(None),
        c.HandOver(), c.MakePromise(*at, "Tomorrow."), c.KeepPromise(*at, 1),
        c.TakeOne(*at, 1, 0), c.OpenOne(*at, 1),
        c.UseReply(*at, 1), c.KeepReply(*at, "Sorry"),
        c.WriteReply("Sorry", "en", "Sorry."), c.DropReply(1),
        c.GreetChannel("slack", "C0NEW"),
        c.Acknowledge(*at), c.Silence(*at, Moment(START + HOUR)), c.EscalateNow(*at),
        c.Resolve(*at), c.Judge(*at, Verdict.RIGHT), c.Assign(*at, IncidentRole.SCRIBE, "bob"),
        c.ProposeCrisis(), c.StartCrisis(*at), c.DropCrisis(*at), c.EndCrisis(),
        c.DecideHeld(*at, 1, HeldVerb.NOW), c.WriteStatement("delay", "en", "Sorry."),
        c.ReviseStatement(*at, "Sorry."), c.RetireStatement(*at), c.UseStatement(*at, 1),
        c.ScheduleUpdates(HOUR), c.SendUpdate(*at, "Words."),
        c.StandIn("ben", Moment(START + HOUR)), c.TestPages(), c.ExpectPeak(Moment(START + HOUR)),
    ]  # fmt: skip


def lacks_role(outcome: Outcome) -> bool:
    return outcome.kind is OutcomeKind.REFUSED and "this takes" in outcome.says


def test_every_command_has_a_role_and_a_sample() -> None:
    every = set(get_args(Command))
    assert set(REQUIRED) == every
    assert {type(one) for one in samples(CardToken("t" * 12), 1)} == every


async def test_each_role_may_exactly_what_its_rank_allows(kit: DeskKit) -> None:
    wrong = []
    for number in range(len(get_args(Command))):
        item = await kit.comment()
        for role, member in BY_ROLE.items():
            card = await kit.card_of(item)
            command = samples(card.key, card.revision)[number]
            outcome = await kit.order(member, command)
            may = role.includes(REQUIRED[type(command)])
            if may == lacks_role(outcome):
                wrong.append((type(command).__name__, role.value, outcome.says))
            if not may:
                assert outcome.says.startswith(f"Your role here is {role.value}; this takes a")
                assert "Ask " in outcome.says
                assert (await kit.card_of(item)).revision == card.revision
    assert wrong == []


@pytest.mark.parametrize("act", list(ModerationAction))
async def test_an_agent_may_like_but_not_hide_or_delete(
    kit: DeskKit, act: ModerationAction
) -> None:
    card = await kit.card_of(await kit.comment())
    outcome = await kit.press("olga", card, c.Moderate, act)
    assert lacks_role(outcome) is (act in APPROVER_ACTS)
    outcome = await kit.press("bob", await kit.card_of(card.number), c.Moderate, act)
    assert not lacks_role(outcome)


async def test_an_agent_stops_only_what_is_their_own(kit: DeskKit) -> None:
    item = await kit.comment()
    await kit.press("bob", await kit.card_of(item), c.Approve)
    outcome = await kit.press("olga", await kit.card_of(item), c.Stop)
    assert lacks_role(outcome)
    assert "Bob, Eve, Alice or Ada" in outcome.says


async def post(kit: DeskKit, member: str = "olga") -> Card:
    outcome = await kit.order(member, c.ComposePost(TEXT))
    return await kit.card(outcome.note)


@pytest.mark.parametrize(("member", "may"), [("bob", False), ("alice", True), ("ada", True)])
async def test_a_post_is_approved_by_a_manager(kit: DeskKit, member: str, may: bool) -> None:
    card = await post(kit)
    assert card.kind is CardKind.POST
    outcome = await kit.press(member, card, c.Approve)
    assert lacks_role(outcome) is not may
    assert outcome.is_done is may


async def test_somebody_else_s_post_is_cancelled_by_a_manager_only(kit: DeskKit) -> None:
    card = await post(kit)
    assert lacks_role(await kit.press("bob", card, c.CancelPost))
    assert (await kit.press("alice", card, c.CancelPost)).is_done


async def test_one_s_own_post_may_be_cancelled(kit: DeskKit) -> None:
    assert (await kit.press("olga", await post(kit), c.CancelPost)).is_done


async def test_work_is_given_only_to_members_who_may_do_it(kit: DeskKit) -> None:
    item = await kit.comment()
    for member in ("vic", "nobody"):
        outcome = await kit.press("olga", await kit.card_of(item), c.GiveTo, member)
        assert outcome.kind is OutcomeKind.REFUSED
    assert (await kit.press("olga", await kit.card_of(item), c.GiveTo, "bob")).is_done
    assert "Bob" in str((await kit.card_of(item)).facts)
