"""A press is carried out once; of two people the first one decides and the other one is told."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from bot.errors import Rejected, Unavailable
from bot.model import commands as c
from bot.model.approval import DEFAULT_POLICIES, ApprovalPolicy, ApprovalSubject
from bot.model.commands import HoldKind, OutcomeKind
from bot.model.ids import CardToken, CommandId, ItemId, RemoteId
from bot.model.item import ItemState
from bot.model.member import ChatIdentity
from bot.model.publication import PublicationState
from bot.services.deciding import DeskRules
from bot.services.desk import Weighed
from bot.store.tx import Tx
from tests.contract.store_case import DATABASES
from tests.fakes.desk_kit import DeskKit, desk_address, labels, opened_desk
from tests.fakes.network import Step

both = pytest.mark.parametrize("kit", DATABASES, indirect=True)
NASTY = "a\x00b \ud800 \u202etxet\u202c <!channel> </script>"


@pytest.fixture
async def kit(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DeskKit]:
    database = getattr(request, "param", "sqlite")
    async with opened_desk(desk_address(request, tmp_path, database)) as kit:
        yield kit


async def under(
    request: pytest.FixtureRequest, tmp_path: Path, policy: ApprovalPolicy
) -> AsyncIterator[DeskKit]:
    rules = DeskRules(policies={**DEFAULT_POLICIES, ApprovalSubject.REPLY: policy})
    async with opened_desk(desk_address(request, tmp_path), rules=rules) as kit:
        yield kit


@pytest.fixture
async def two_yeses(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DeskKit]:
    async for kit in under(request, tmp_path, ApprovalPolicy(needed=2)):
        yield kit


@pytest.fixture
async def four_eyes(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DeskKit]:
    async for kit in under(request, tmp_path, ApprovalPolicy(four_eyes=True)):
        yield kit


async def audited(kit: DeskKit, item: int, action: str) -> int:
    history = await kit.history_of(await kit.token_of(item))
    return sum(action in line for line in history.audit)


# The same press again


@both
async def test_a_press_that_is_delivered_twice_has_one_effect_and_one_answer(
    kit: DeskKit,
) -> None:
    card = await kit.card_of(await kit.comment())
    command = c.Approve(card.key, card.revision)
    first = await kit.order("bob", command, "same")
    again = await kit.order("bob", command, "same")
    assert first == again
    assert await audited(kit, card.number, "approved") == 1


@both
async def test_deliveries_of_one_press_at_the_same_moment_have_one_effect(kit: DeskKit) -> None:
    card = await kit.card_of(await kit.comment())
    command = c.Approve(card.key, card.revision)
    outcomes = await asyncio.gather(*(kit.order("bob", command, "same") for _ in range(8)))
    assert len(set(outcomes)) == 1
    assert outcomes[0].is_done
    assert await audited(kit, card.number, "approved") == 1


@both
async def test_a_post_composed_by_one_press_delivered_many_times_is_one_post(
    kit: DeskKit,
) -> None:
    command = c.ComposePost((c.VariantText("acme", "Tea is ready."),))
    outcomes = await asyncio.gather(*(kit.order("olga", command, "same") for _ in range(8)))
    assert {outcome.note for outcome in outcomes} == {outcomes[0].note}
    assert outcomes[0].note


@both
async def test_a_second_click_by_the_same_person_gets_the_first_answer(kit: DeskKit) -> None:
    card = await kit.card_of(await kit.comment())
    first = await kit.press("bob", card, c.Approve)
    second = await kit.press("bob", card, c.Approve)
    assert second == first
    assert first.is_done
    assert await audited(kit, card.number, "approved") == 1


# Too late


async def test_who_comes_too_late_is_told_who_did_what_and_when(kit: DeskKit) -> None:
    card = await kit.card_of(await kit.comment())
    await kit.press("eve", card, c.NoReplyNeeded)
    kit.clock.advance(125)
    outcome = await kit.press("bob", card, c.Approve)
    assert outcome.kind is OutcomeKind.STALE
    assert outcome.says.startswith("Eve closed this, no reply needed 2 min ago.")


async def test_an_author_s_edit_makes_a_press_stale_and_says_so(kit: DeskKit) -> None:
    card = await kit.card_of(await kit.comment())
    await kit.take(kit.incoming("Never mind.", remote_id="c1"))
    outcome = await kit.press("bob", card, c.Approve)
    assert outcome.kind is OutcomeKind.STALE
    assert outcome.says.startswith("The author changed the text of this comment")


@both
async def test_of_two_people_at_once_exactly_one_decides(kit: DeskKit) -> None:
    card = await kit.card_of(await kit.comment())
    outcomes = await asyncio.gather(
        kit.press("bob", card, c.Approve), kit.press("eve", card, c.NoReplyNeeded)
    )
    kinds = sorted(outcome.kind for outcome in outcomes)
    assert kinds == [OutcomeKind.DONE, OutcomeKind.STALE]
    item = await kit.item(ItemId(card.number))
    closed = outcomes[1].is_done
    assert item.state is (ItemState.CLOSED if closed else ItemState.ANSWERING)
    await kit.pass_time(60)
    assert len(kit.network.visible) == (0 if closed else 1)


@both
async def test_of_many_approvals_at_once_exactly_one_reply_leaves(kit: DeskKit) -> None:
    card = await kit.card_of(await kit.comment())
    team = ("bob", "eve", "alice", "ada")
    outcomes = await asyncio.gather(*(kit.press(who, card, c.Approve) for who in team))
    assert sum(outcome.is_done for outcome in outcomes) == 1
    assert await audited(kit, card.number, "approved") == 1
    await kit.pass_time(60)
    assert len(kit.network.visible) == 1


class Unfinished:
    """An order that was decided in one transaction, which commits only when it is let go."""

    def __init__(self, kit: DeskKit, member: str, press: str, command: c.Command) -> None:
        self._kit = kit
        self._order = Weighed(c.Order(CommandId(press), kit.who(member), command))
        self._decided, self._commit = threading.Event(), threading.Event()

    def _decide(self, tx: Tx, commands: Sequence[None]) -> list[c.Outcome]:
        outcomes = self._kit.desk.carry_out(tx, [self._order for _ in commands])
        self._decided.set()
        assert self._commit.wait(20)
        return outcomes

    async def against(self, member: str, press: str, command: c.Command) -> list[c.Outcome]:
        """Both outcomes, the other press having come while this one was not committed yet."""
        mine = asyncio.create_task(self._kit.store.write(self._decide, None))
        assert await asyncio.to_thread(self._decided.wait, 20)
        other = asyncio.create_task(self._kit.order(member, command, press))
        await self._kit.wait_for_locks(1)
        self._commit.set()
        return [await mine, await other]


@pytest.mark.postgres
@pytest.mark.parametrize("kit", ["postgres"], indirect=True)
async def test_who_decides_while_another_commits_waits_and_is_told(kit: DeskKit) -> None:
    card = await kit.card_of(await kit.comment())
    first = Unfinished(kit, "bob", "p1", c.Approve(card.key, card.revision))
    mine, other = await first.against("eve", "p2", c.NoReplyNeeded(card.key, card.revision))
    assert mine.is_done
    assert other.kind is OutcomeKind.STALE
    assert "Bob" in other.says
    assert (await kit.item(ItemId(card.number))).state is ItemState.ANSWERING


@pytest.mark.postgres
@pytest.mark.parametrize("kit", ["postgres"], indirect=True)
async def test_the_same_press_while_its_first_delivery_commits_gets_its_answer(
    kit: DeskKit,
) -> None:
    command = c.ComposePost((c.VariantText("acme", "Tea is ready."),))
    mine, other = await Unfinished(kit, "olga", "same", command).against("olga", "same", command)
    assert mine.is_done
    assert other == mine


async def test_two_people_in_one_commit_are_answered_in_their_order(kit: DeskKit) -> None:
    card = await kit.card_of(await kit.comment())
    approve = c.Approve(card.key, card.revision)
    orders = [
        Weighed(c.Order(CommandId(f"batch-{who}"), kit.who(who), approve)) for who in ("eve", "bob")
    ]
    first, second = await kit.do(lambda tx: kit.desk.carry_out(tx, orders))
    assert first.is_done
    assert second.kind is OutcomeKind.STALE
    assert "Eve" in second.says


# Strangers and what does not exist


async def test_a_stranger_is_refused_and_told_whom_to_ask(kit: DeskKit) -> None:
    card = await kit.card_of(await kit.comment())
    command = c.Approve(card.key, card.revision)
    stranger = ChatIdentity("slack", "U999")
    outcome = await kit.desk.perform(c.Order(CommandId("x"), stranger, command))
    assert outcome.kind is OutcomeKind.REFUSED
    assert "Ask Ada" in outcome.says


async def test_a_card_that_does_not_exist_is_missing(kit: DeskKit) -> None:
    outcome = await kit.order("bob", c.Approve(CardToken("nosuchtoken1"), 1))
    assert outcome.kind is OutcomeKind.MISSING


@both
async def test_pasted_rubbish_is_stored_as_text_and_breaks_nothing(kit: DeskKit) -> None:
    item = await kit.comment()
    outcome = await kit.press("bob", await kit.card_of(item), c.ApproveEdited, NASTY)
    assert outcome.is_done, outcome.says
    composed = await kit.order("olga", c.ComposePost((c.VariantText("acme", NASTY),)))
    assert composed.is_done, composed.says
    assert not (await kit.order("olga", c.ComposePost((c.VariantText(NASTY, "x"),)))).is_done
    await kit.order("alice", c.Pause((HoldKind.POSTS,), None, NASTY))
    await kit.pass_time(60)
    assert "\x00" not in kit.network.texts()[0]
    assert "<!channel>" in kit.network.texts()[0]


# Who must say yes


async def test_an_agent_s_yes_asks_for_approval(kit: DeskKit) -> None:
    item = await kit.comment()
    outcome = await kit.press("olga", await kit.card_of(item), c.Approve)
    assert outcome.note == "asked"
    assert "Bob, Eve, Alice or Ada" in outcome.says
    card = await kit.card_of(item)
    assert "asks for approval" in str(card.state.spans)
    assert await kit.read(lambda tx: tx.publications.latest_of_item(item)) is None
    assert (await kit.press("bob", card, c.Approve)).is_done
    await kit.pass_time(60)
    assert len(kit.network.visible) == 1


async def test_an_approver_may_edit_and_approve_in_one_step(kit: DeskKit) -> None:
    item = await kit.comment()
    assert (await kit.press("bob", await kit.card_of(item), c.ApproveEdited, "Mine.")).is_done
    await kit.pass_time(60)
    assert kit.network.texts() == ["Mine."]


async def test_four_eyes_refuses_the_writer_and_takes_somebody_else_s_yes(
    four_eyes: DeskKit,
) -> None:
    kit = four_eyes
    item = await kit.comment()
    outcome = await kit.press("bob", await kit.card_of(item), c.ApproveEdited, "Mine.")
    assert outcome.note == "asked"
    assert "Bob" not in outcome.says
    assert await kit.read(lambda tx: tx.publications.latest_of_item(item)) is None
    assert (await kit.press("eve", await kit.card_of(item), c.Approve)).is_done
    await kit.pass_time(60)
    assert kit.network.texts() == ["Mine."]


async def test_two_yeses_of_two_people_are_needed(two_yeses: DeskKit) -> None:
    kit = two_yeses
    item = await kit.comment()
    first = await kit.press("bob", await kit.card_of(item), c.Approve)
    assert first.says == "Counted: 1 of 2 approvals."
    again = await kit.press("bob", await kit.card_of(item), c.Approve)
    assert again.says == "Counted: 1 of 2 approvals."
    assert "1 of 2 approvals" in str((await kit.card_of(item)).state.spans)
    assert (await kit.press("eve", await kit.card_of(item), c.Approve)).is_done
    await kit.pass_time(60)
    assert len(kit.network.visible) == 1


async def test_an_edit_voids_the_yeses_given_before(two_yeses: DeskKit) -> None:
    kit = two_yeses
    item = await kit.comment()
    await kit.press("bob", await kit.card_of(item), c.Approve)
    await kit.press("olga", await kit.card_of(item), c.SaveDraft, "Other words.")
    outcome = await kit.press("eve", await kit.card_of(item), c.Approve)
    assert outcome.says == "Counted: 1 of 2 approvals."
    await kit.pass_time(60)
    assert kit.network.visible == []


async def test_going_back_to_earlier_words_does_not_revive_their_yeses(
    two_yeses: DeskKit,
) -> None:
    kit = two_yeses
    item = await kit.comment()
    await kit.press("bob", await kit.card_of(item), c.ApproveEdited, "First words.")
    await kit.press("olga", await kit.card_of(item), c.SaveDraft, "Other words.")
    await kit.press("olga", await kit.card_of(item), c.SaveDraft, "First words.")
    outcome = await kit.press("eve", await kit.card_of(item), c.Approve)
    assert outcome.says == "Counted: 1 of 2 approvals."


async def test_words_that_are_too_long_are_refused_with_by_how_much(kit: DeskKit) -> None:
    item = await kit.comment()
    outcome = await kit.press("bob", await kit.card_of(item), c.ApproveEdited, "x" * 510)
    assert outcome.kind is OutcomeKind.REFUSED
    assert "Shorten it by 10." in outcome.says


async def test_an_edit_after_a_failure_gives_the_failed_words_up(kit: DeskKit) -> None:
    """Retry must not send words that the card does not show any more."""
    kit.network.next("publish", Step(Rejected("No.")))
    item = await kit.comment()
    await kit.press("bob", await kit.card_of(item), c.Approve)
    await kit.pass_time(20)
    await kit.press("olga", await kit.card_of(item), c.SaveDraft, "Other words.")
    assert (await kit.publication(item)).state is PublicationState.CANCELLED
    card = await kit.card_of(item)
    assert "Retry" not in labels(card)
    assert (await kit.press("bob", card, c.Approve)).is_done
    await kit.pass_time(60)
    assert kit.network.texts() == ["Other words."]


async def test_mentions_are_resolved_when_words_are_saved_and_a_silent_network_leaves_them_plain(
    kit: DeskKit,
) -> None:

    kit.network.people["fan"] = RemoteId("did:fan")
    item = await kit.comment()
    await kit.press("bob", await kit.card_of(item), c.ApproveEdited, "Hello @fan!")
    assert (await kit.publication(item)).prepared.request["mentions"] == ["did:fan"]
    other = await kit.comment()
    kit.network.next("resolve", Step(Unavailable("The network is down.")))
    await kit.press("bob", await kit.card_of(other), c.ApproveEdited, "Hello @fan!")
    assert (await kit.publication(other)).prepared.request["mentions"] == []
