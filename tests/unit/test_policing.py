"""Policies and people: what nobody can satisfy is refused, what changes is audited."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bot.bootstrap.intake import open_intake
from bot.cli.opening import known_networks
from bot.config import load
from bot.errors import ConfigurationError
from bot.model import commands as c
from bot.model.account import AccountState
from bot.model.approval import DEFAULT_POLICIES, ApprovalPolicy, ApprovalSubject, Policies
from bot.model.event import Subject
from bot.model.member import Role
from bot.model.triage import Risk
from bot.services.deciding import DeskRules
from bot.services.policing import ACTION, why_unsatisfiable
from bot.services.settling_in import NamedMember, Roster, settle_in
from tests.fakes.desk_kit import ACME, DeskKit, desk_address, opened_desk

OLGA = NamedMember("olga", "Olga", Role.AGENT)
BOB = NamedMember("bob", "Bob", Role.MANAGER)
ALICE = NamedMember("alice", "Alice", Role.ADMIN)
REPLY, POST = ApprovalSubject.REPLY, ApprovalSubject.POST
SOLO: Policies = {one: replace(policy, four_eyes=False) for one, policy in DEFAULT_POLICIES.items()}


@pytest.fixture
async def kit(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DeskKit]:
    async with opened_desk(desk_address(request, tmp_path)) as made:
        yield made


@pytest.mark.parametrize(
    ("policies", "team", "sums"),
    [
        (DEFAULT_POLICIES, [OLGA, BOB], []),
        (DEFAULT_POLICIES, [BOB, ALICE], []),
        (
            {POST: ApprovalPolicy(2, Role.ADMIN)},
            [OLGA, BOB, ALICE],
            [
                "A post needs 2 of role admin or above, but Acme has 1 (Alice). Add members of "
                "that role, or lower what [policies.post] asks for."
            ],
        ),
        (
            DEFAULT_POLICIES,
            [ALICE],
            [
                "A post needs 1 of role manager or above, but Acme has 1 (Alice), and whoever "
                "wrote the post does not count: 1 - 1 = 0. Add members of that role, or lower "
                "what [policies.post] asks for: solo_team = true in [policies] lets people "
                "approve what they wrote themselves."
            ],
        ),
        (SOLO, [ALICE], []),
        (
            {REPLY: ApprovalPolicy(1, Role.APPROVER)},
            [OLGA],
            [
                "A reply needs 1 of role approver or above, but Acme has 0. Add members of that "
                "role, or lower what [policies.reply] asks for."
            ],
        ),
        (
            {**DEFAULT_POLICIES, Risk.LEGAL: ApprovalPolicy(2, Role.MANAGER)},
            [OLGA, BOB],
            [
                "A reply with a legal risk needs 2 of role manager or above, but Acme has 1 (Bob). "
                "Add members of that role, or lower what [policies.risks.legal] asks for."
            ],
        ),
        (
            {**DEFAULT_POLICIES, Risk.LEGAL: ApprovalPolicy(3, Role.APPROVER, alone=Role.ADMIN)},
            [OLGA, BOB, ALICE],
            [],
        ),
        (
            {
                **DEFAULT_POLICIES,
                Risk.LEGAL: ApprovalPolicy(2),
                Risk.SAFETY: ApprovalPolicy(1, Role.ADMIN),
            },
            [OLGA, BOB, ALICE],
            [
                "A reply with several risks (safety, legal) needs 2 of role admin or above, but "
                "Acme has 1 (Alice). Add members of that role, or lower what [policies.risks] "
                "asks for."
            ],
        ),
    ],
)
def test_the_sum_says_why_nobody_can_satisfy_it(
    policies: Policies, team: Sequence[NamedMember], sums: list[str]
) -> None:
    assert why_unsatisfiable(policies, "Acme", team) == sums


FILE = """
[[brands]]
slug = "acme"
name = "Acme"
[[brands.members]]
slug = "alice"
name = "Alice"
role = "admin"
"""


async def test_a_start_that_nobody_could_ever_satisfy_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "replydesk.toml"
    path.write_text(FILE, "utf-8")
    with pytest.raises(ConfigurationError, match="1 - 1 = 0"):
        async with open_intake(load(path, known_networks(), {})):
            raise AssertionError("it was opened")
    path.write_text("[policies]\nsolo_team = true\n" + FILE, "utf-8")
    async with open_intake(load(path, known_networks(), {})) as intake:
        row = await intake.store.read(lambda tx: tx.audits.latest(ACTION, Subject.BRAND, 1))
    assert row is not None
    assert row.facts["solo_team"] is True


async def settle(kit: DeskKit, policies: Policies, *, is_solo: bool = False) -> None:
    roster = Roster((ACME,), AccountState.LIVE, policies, is_solo)
    await kit.store.write(settle_in, roster)


async def said(kit: DeskKit) -> list[object]:
    await kit.do(lambda tx: tx.audits.seal(tx.now()))
    rows = await kit.read(lambda tx: tx.audits.sealed())
    return [row.facts["solo_team"] for row in rows if row.action == ACTION]


async def test_that_one_person_suffices_is_audited_and_so_is_its_end(kit: DeskKit) -> None:
    await settle(kit, DEFAULT_POLICIES)
    assert await said(kit) == [], "the defaults need no word"
    for _ in range(2):
        await settle(kit, SOLO, is_solo=True)
    assert await said(kit) == [True], "once, however often the desk is started"
    await settle(kit, DEFAULT_POLICIES)
    assert await said(kit) == [True, False]


@pytest.mark.parametrize("is_solo", [False, True])
async def test_a_solo_team_may_approve_a_post_of_its_own(
    request: pytest.FixtureRequest, tmp_path: Path, is_solo: bool
) -> None:
    rules = DeskRules(policies=SOLO if is_solo else DEFAULT_POLICIES)
    async with opened_desk(desk_address(request, tmp_path), rules=rules) as kit:
        told = await kit.order("alice", c.ComposePost((c.VariantText("acme", "Tea."),)))
        outcome = await kit.press("alice", await kit.card(told.note), c.Approve)
        assert outcome.is_done is is_solo
        item = await kit.comment()
        assert (await kit.press("bob", await kit.card_of(item), c.ApproveEdited, "Mine.")).is_done
        assert (await kit.publication(item)).text == "Mine.", "a reply's editor may approve it"


async def test_who_was_added_from_a_chat_counts(kit: DeskKit) -> None:
    needed: Policies = {POST: ApprovalPolicy(2, Role.ADMIN)}
    with pytest.raises(ConfigurationError, match=r"needs 2 .* has 1 \(Ada\)"):
        await settle(kit, needed)
    brand = await kit.read(lambda tx: tx.accounts.brands()[0].id)
    await kit.do(lambda tx: tx.people.save(brand, "ben", "Ben", Role.ADMIN, from_file=False))
    await settle(kit, needed)
