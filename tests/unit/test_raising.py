"""Escalating an item: who is called, what its cards say, and that it is done once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.cards.card import Card, CardKind, MemberName
from bot.model import commands as c
from bot.model.commands import Outcome
from bot.model.event import Subject
from bot.model.ids import ItemId
from bot.model.incident import AlertKind
from bot.model.item import ItemState
from bot.model.oncall import EscalationPolicy, Hours, OnCall, Quiet, Step
from bot.model.triage import Urgency
from tests.fakes.chat import CHAT
from tests.fakes.desk_kit import DeskKit, desk_address, labels, opened_desk
from tests.fakes.oncall_kit import CARE, MEMBERS, ONCALL, POISONED, OnCallKit, on_call, words

WHY = "The mayor's office called about it."


@pytest.fixture
async def kit(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DeskKit]:
    """Nobody is on call here."""
    address = desk_address(request, tmp_path)
    async with opened_desk(address, channels=[CARE], members=MEMBERS) as kit:
        yield kit


@pytest.fixture(params=["sqlite", "postgresql"])
async def duty(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[OnCallKit]:
    async with on_call(desk_address(request, tmp_path, request.param)) as duty:
        yield duty


async def escalate(kit: DeskKit, item: ItemId, why: str = "", who: str = "olga") -> Outcome:
    return await kit.press(who, await kit.card_of(item), c.Escalate, why)


def called(card: Card) -> list[str]:
    """Users whom a card mentions."""
    spans = [span for fact in card.facts for span in fact]
    users = [one.user_in(CHAT) for one in spans if isinstance(one, MemberName)]
    return [user for user in users if user]


async def test_whoever_is_on_call_is_paged_and_the_presser_reads_who(duty: OnCallKit) -> None:
    kit = duty.kit
    item = await kit.comment()

    outcome = await escalate(kit, item, WHY)
    await kit.work()

    assert outcome.is_done
    assert outcome.says == "Escalated. On call: Bob, paged now."
    incident = await duty.incident()
    assert (incident.kind, incident.item_id) == (AlertKind.ESCALATED, item)
    assert len(duty.direct("bob")) == 1
    assert WHY in words(await duty.card())
    card = await kit.card_of(item)
    assert "Escalated by Olga to Bob" in words(card)
    assert f"Why: {WHY}" in words(card)
    assert card.is_urgent
    assert "Escalate…" not in labels(card)


async def test_where_nobody_is_on_call_the_managers_are_called_by_a_new_message(
    kit: DeskKit,
) -> None:
    item = await kit.comment()
    before = len(kit.chat.in_channel("C-care"))

    outcome = await escalate(kit, item)
    await kit.work()

    assert outcome.says == "Escalated to Alice or Ada. The incident's card calls them."
    card = kit.chat.in_channel("C-care")[before].card
    assert card.kind is CardKind.INCIDENT
    assert called(card) == ["U-alice", "U-ada"]
    assert "please look at this" in words(card)


async def test_a_policy_that_does_not_take_it_leaves_it_to_the_managers(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    policy = EscalationPolicy("harm", ONCALL.policies[0].steps, kinds=frozenset({AlertKind.SAFETY}))
    oncall = replace(ONCALL, policies=(policy,))
    async with on_call(desk_address(request, tmp_path), oncall) as duty:
        outcome = await escalate(duty.kit, await duty.kit.comment())
        await duty.kit.work()

        assert "Alice or Ada" in outcome.says
        assert await duty.pages() == []


async def test_an_escalated_item_is_escalated_once_until_its_incident_is_over(
    duty: OnCallKit,
) -> None:
    kit = duty.kit
    item = await kit.comment()
    await escalate(kit, item)

    again = await escalate(kit, item, who="bob")

    assert not again.is_done
    assert "Olga escalated this" in again.says
    assert "incident #1" in again.says
    await kit.press("bob", await duty.card(), c.Resolve)
    assert (await escalate(kit, item, who="bob")).is_done
    assert [one.id for one in await duty.incidents()] == [2]


async def test_what_paged_already_may_be_escalated_by_a_person_too(duty: OnCallKit) -> None:
    item = await duty.kit.comment(POISONED)
    assert [one.kind for one in await duty.incidents()] == [AlertKind.SAFETY]

    assert (await escalate(duty.kit, item)).is_done

    kinds = {one.kind: one.severity for one in await duty.incidents()}
    assert kinds == {AlertKind.SAFETY: 1, AlertKind.ESCALATED: 1}


async def test_the_first_of_two_who_press_escalates_and_the_other_is_told(kit: DeskKit) -> None:
    card = await kit.card_of(await kit.comment())
    assert (await kit.press("olga", card, c.Escalate)).is_done

    late = await kit.press("bob", card, c.Escalate)

    assert "Olga escalated this" in late.says
    assert await kit.read(lambda tx: len(tx.incidents.open_in(tx.accounts.brands()[0].id))) == 1


async def test_what_needed_no_reply_is_open_urgent_and_in_its_channel(kit: DeskKit) -> None:
    item = await kit.comment("Thank you so much!")
    assert (await kit.item(item)).state is ItemState.QUIET

    await escalate(kit, item)
    await kit.work()

    assert (await kit.item(item)).state is ItemState.OPEN
    triage = await kit.read(lambda tx: tx.items.triage(item))
    assert triage is not None
    assert triage.urgency is Urgency.HIGH
    shown = [one.card for one in kit.chat.in_channel("C-care")]
    assert item in [one.number for one in shown if one.kind is CardKind.ITEM]


async def test_quiet_hours_are_said_where_they_delay_the_page(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    oncall = replace(ONCALL, quiet=Quiet(Hours(0, 24 * 60 - 1, "UTC")))
    async with on_call(desk_address(request, tmp_path), oncall) as duty:
        outcome = await escalate(duty.kit, await duty.kit.comment())
        await duty.kit.work()

        assert outcome.says == "Escalated. Bob: paged when the quiet hours are over."
        assert await duty.pages() == []


async def test_routes_alone_are_said_to_be_paged(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    oncall = OnCall(
        (EscalationPolicy("routes", (Step((), ("duty",), 60_000),)),), ONCALL.routes, {}
    )
    async with on_call(desk_address(request, tmp_path), oncall) as duty:
        outcome = await escalate(duty.kit, await duty.kit.comment())
        await duty.kit.work()

        assert outcome.says == "Escalated. The routes of the policy are paged."
        assert len(duty.duty.arrived) == 1


@pytest.mark.parametrize("who", ["vic"])
async def test_a_viewer_cannot_escalate(kit: DeskKit, who: str) -> None:
    outcome = await escalate(kit, await kit.comment(), who=who)
    assert "this takes an agent" in outcome.says


async def test_what_is_closed_is_not_escalated(kit: DeskKit) -> None:
    item = await kit.comment()
    await kit.press("olga", await kit.card_of(item), c.NoReplyNeeded)
    assert "This is closed" in (await escalate(kit, item)).says


async def test_the_reason_is_audited_and_goes_with_its_author(kit: DeskKit) -> None:
    item = await kit.comment()
    await escalate(kit, item, WHY)
    rows = await kit.read(lambda tx: tx.audits.about(Subject.ITEM, [item]))
    assert [one.text_hash is not None for one in rows if one.action == "item_escalated"] == [True]

    await kit.do(lambda tx: tx.erasures.asides([item]))

    assert WHY not in words(await kit.card_of(item))
