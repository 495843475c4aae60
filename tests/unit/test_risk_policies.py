"""A reply to what is risky takes the people that its risks ask for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.cards.pages import EditorQuery
from bot.model import commands as c
from bot.model.approval import DEFAULT_POLICIES, ApprovalPolicy, reply_policy, strictest
from bot.model.crisis import Level
from bot.model.ids import ItemId
from bot.model.member import Role
from bot.model.publication import PublicationState
from bot.model.triage import Risk
from bot.services.deciding import DeskRules
from tests.fakes.desk_kit import DeskKit, desk_address, opened_desk

LEGAL = "I will sue you, my lawyer has your tea."
TWO_OR_A_MANAGER = ApprovalPolicy(2, alone=Role.MANAGER)
AN_ADMIN = ApprovalPolicy(1, Role.ADMIN)


@pytest.fixture
async def kit(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DeskKit]:
    async with opened_desk(desk_address(request, tmp_path), rules=legal(TWO_OR_A_MANAGER)) as made:
        yield made


async def risky(kit: DeskKit) -> ItemId:
    """A legal threat with a draft, which nobody approved."""
    item = await kit.comment(LEGAL)
    triage = await kit.read(lambda tx: tx.items.triage(item))
    assert triage is not None
    assert triage.risks == (Risk.LEGAL,)
    await kit.press("olga", await kit.card_of(item), c.SaveDraft, "We are looking into it.")
    return item


async def is_queued(kit: DeskKit, item: ItemId) -> bool:
    found = await kit.read(lambda tx: tx.publications.latest_of_item(item))
    return found is not None and found.state is PublicationState.QUEUED


async def test_one_approver_is_not_enough_for_a_legal_risk(kit: DeskKit) -> None:
    item = await risky(kit)
    outcome = await kit.press("bob", await kit.card_of(item), c.Approve)
    assert outcome.says == ("Counted: 1 of 2 approvals. Alice or Ada would be enough alone.")
    assert not await is_queued(kit, item)
    assert (await kit.press("eve", await kit.card_of(item), c.Approve)).is_done
    assert await is_queued(kit, item)


async def test_a_manager_is_enough_alone(kit: DeskKit) -> None:
    item = await risky(kit)
    await kit.press("alice", await kit.card_of(item), c.Approve)
    assert await is_queued(kit, item)


async def test_what_has_no_risk_takes_what_every_reply_takes(kit: DeskKit) -> None:
    item = await kit.comment()
    await kit.press("bob", await kit.card_of(item), c.Approve)
    assert await is_queued(kit, item)


@pytest.mark.parametrize(
    ("member", "does"),
    [("olga", "Ask for approval"), ("bob", "Approve"), ("alice", "Publish")],
)
async def test_the_button_says_what_it_does_of_a_legal_risk(
    kit: DeskKit, member: str, does: str
) -> None:
    item = await risky(kit)
    page = await kit.desk.view(EditorQuery(await kit.token_of(item)), kit.who(member))
    assert page.does == does
    labels = [action.label for action in (await kit.card_of(item)).actions]
    assert labels[0] == "Approve"


async def test_an_agents_yes_asks_whose_would_count(kit: DeskKit) -> None:
    item = await risky(kit)
    outcome = await kit.press("olga", await kit.card_of(item), c.Approve)
    assert outcome.says.startswith("Asked for approval. It waits for Bob, Eve, Alice or Ada")


async def test_a_yes_that_was_given_before_is_counted_under_the_policy_of_now(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """Two yeses, but the role that is asked for was raised between them."""
    address = desk_address(request, tmp_path)
    async with opened_desk(address, rules=legal(ApprovalPolicy(2))) as kit:
        item = await risky(kit)
        await kit.press("bob", await kit.card_of(item), c.Approve)
    async with opened_desk(address, rules=legal(ApprovalPolicy(2, Role.MANAGER))) as kit:
        outcome = await kit.press("alice", await kit.card_of(item), c.Approve)
        assert outcome.says == "Counted: 1 of 2 approvals."
        assert not await is_queued(kit, item)
        await kit.press("ada", await kit.card_of(item), c.Approve)
        assert await is_queued(kit, item)


async def test_in_a_crisis_nobody_is_enough_alone(kit: DeskKit) -> None:
    item = await risky(kit)
    card = await kit.card((await kit.order("alice", c.ProposeCrisis(level=Level.ONE_MORE))).note)
    assert "Legal risk: A reply takes 3 approvals, usually 2" in str(card.facts)
    await kit.press("alice", card, c.StartCrisis)
    outcome = await kit.press("alice", await kit.card_of(item), c.Approve)
    assert outcome.says == "Counted: 1 of 3 approvals."
    assert not await is_queued(kit, item)


def legal(policy: ApprovalPolicy) -> DeskRules:
    return DeskRules(policies={**DEFAULT_POLICIES, Risk.LEGAL: policy})


def test_the_strictest_wins_where_several_risks_apply() -> None:
    policies = {**DEFAULT_POLICIES, Risk.LEGAL: TWO_OR_A_MANAGER, Risk.SAFETY: AN_ADMIN}
    both = reply_policy(policies, (Risk.SAFETY, Risk.LEGAL))
    assert both == ApprovalPolicy(2, Role.ADMIN, alone=Role.ADMIN)
    assert strictest([ApprovalPolicy(3), TWO_OR_A_MANAGER]) == ApprovalPolicy(3), (
        "nobody is enough alone where one policy lets nobody be"
    )
    assert reply_policy(policies, (Risk.ABUSE,)) == ApprovalPolicy()
