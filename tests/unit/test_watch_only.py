"""Where nothing leaves no card offers what would, each says so, and going live redraws them all."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.cards.card import Card, plain
from bot.errors import Rejected
from bot.model import commands as c
from bot.model.bulk import BulkVerb
from bot.model.hold import HeldVerb
from bot.model.ids import HOUR
from bot.model.network import Capability
from bot.services.publishing import pause_account
from tests.contract.store_case import DATABASES
from tests.fakes.console import browsing
from tests.fakes.desk_kit import DeskKit, desk_address, labels, opened_desk
from tests.fakes.network import Step
from tests.fakes.slack_desk import slack_desk
from tests.fakes.telegram_people import until
from tests.fakes.telegram_team import opened_team
from tests.unit.test_peaks import flood, peaks
from tests.unit.test_posts import HERE, THERE, composed
from tests.unit.test_quiet import CARE, SPAM, hearts, quiet

LEAVES = {"Publish", "Approve", "Edit", "Retry", "Like", "Hide", "Spam", "Delete"}
UNTIL = "Watch-only: nothing leaves, until an admin presses Go live under Accounts"
both = pytest.mark.parametrize("kit", DATABASES, indirect=True)


@pytest.fixture
async def kit(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DeskKit]:
    address = desk_address(request, tmp_path, getattr(request, "param", "sqlite"))
    async with opened_desk(address, channels=[CARE]) as kit:
        yield kit


def facts_of(card: Card) -> list[str]:
    return [plain(one) for one in card.facts]


def verbs(card: Card) -> set[str]:
    return {one.argument.partition("-")[0] for one in card.actions if one.name == "bulk"}


def shown_last(kit: DeskKit) -> Card:
    return kit.chat.messages[-1].card


@both
async def test_a_watch_only_card_says_so_and_offers_nothing_that_leaves(kit: DeskKit) -> None:
    await kit.order("ada", c.WatchOnly("acme"))
    item = await kit.comment()
    card = await kit.card_of(item)
    assert not LEAVES & set(labels(card))
    assert {"No reply needed", "Change…", "Another draft", "Take it"} <= set(labels(card))
    assert UNTIL in facts_of(card)
    assert card.draft is not None


@both
async def test_cards_that_stand_are_redrawn_when_their_account_goes_live_or_stops(
    kit: DeskKit,
) -> None:
    await kit.comment()
    await kit.work()
    assert LEAVES > {"Publish", "Like"} <= set(labels(shown_last(kit)))
    await kit.order("ada", c.WatchOnly("acme"))
    await kit.work()
    assert not LEAVES & set(labels(shown_last(kit)))
    assert UNTIL in facts_of(shown_last(kit))
    await kit.order("ada", c.GoLive("acme"))
    await kit.work()
    assert {"Publish", "Like"} <= set(labels(shown_last(kit)))
    assert len(kit.chat.messages) == 1
    outcome = await kit.press("bob", shown_last(kit), c.Approve)
    assert outcome.is_done, "looking anew makes nobody's press come too late"


async def test_in_shadow_the_button_approves_and_nothing_else_leaves(kit: DeskKit) -> None:
    await kit.order("ada", c.Shadow("acme"))
    card = await kit.card_of(await kit.comment())
    approve = next(one for one in card.actions if one.name == "approve")
    assert (approve.label, "nothing leaves" in approve.hint) == ("Approve", True)
    assert LEAVES & set(labels(card)) == {"Approve", "Edit"}
    await kit.press("bob", card, c.Approve)
    said = [plain(one.spans) for one in (await kit.history_of(card.key)).lines]
    assert any("approved it in shadow; it is recorded, and nothing leaves" in one for one in said)
    assert not any("on its way" in one for one in said)


async def test_what_was_refused_is_not_offered_again_where_nothing_leaves(kit: DeskKit) -> None:
    item = await kit.comment()
    kit.network.next("publish", Step(Rejected("No.")))
    await kit.press("bob", await kit.card_of(item), c.Approve)
    await kit.pass_time(30)
    assert "Retry" in labels(await kit.card_of(item))
    await kit.order("ada", c.Shadow("acme"))
    assert LEAVES & set(labels(await kit.card_of(item))) == {"Approve", "Edit"}
    await kit.order("ada", c.WatchOnly("acme"))
    assert not LEAVES & set(labels(await kit.card_of(item)))


async def test_nothing_is_approved_while_a_watch_only_account_is_paused(kit: DeskKit) -> None:
    await kit.order("ada", c.WatchOnly("acme"))
    await kit.do(lambda tx: pause_account(tx, kit.account, "The token is no good.", tx.now()))
    card = await kit.card_of(await kit.comment())
    assert not LEAVES & set(labels(card))
    assert "watch-only" in (await kit.press("bob", card, c.Approve)).says


@pytest.mark.parametrize(("text", "verb"), [("❤️❤️❤️", BulkVerb.LIKE), (SPAM, BulkVerb.HIDE)])
async def test_many_are_neither_liked_nor_hidden_where_nothing_leaves(
    kit: DeskKit, text: str, verb: BulkVerb
) -> None:
    await hearts(kit, 3, text)
    await kit.pass_time(30)
    assert verbs(quiet(kit)[-1].card) == {BulkVerb.CLOSE, verb}
    for order, says in ((c.Shadow, "Shadow: nothing leaves"), (c.WatchOnly, UNTIL)):
        await kit.order("ada", order("acme"))
        card = await kit.card(quiet(kit)[-1].card.key)
        assert verbs(card) == {BulkVerb.CLOSE}
        assert says in facts_of(card)


async def test_advertising_is_never_liked(kit: DeskKit) -> None:
    kit.network.can(can=frozenset(Capability) - {Capability.HIDE})
    await hearts(kit, 3, SPAM)
    await kit.pass_time(30)
    assert verbs(quiet(kit)[-1].card) == {BulkVerb.CLOSE}


async def test_a_peak_answers_and_hides_only_where_something_leaves(kit: DeskKit) -> None:
    """The other account of the brand is live, and none of this came to it."""
    await flood(kit, 40)
    await kit.pass_time(21)
    peak = peaks(kit)[-1].card
    assert {BulkVerb.ANSWER, BulkVerb.HIDE} < verbs(peak)
    await kit.order("ada", c.WatchOnly("acme-two"))
    await kit.order("ada", c.Shadow("acme"))
    peak = await kit.card(peak.key)
    assert (BulkVerb.HIDE in verbs(peak), BulkVerb.ANSWER in verbs(peak)) == (False, True)
    assert "Nothing leaves from @acme" in facts_of(peak)
    await kit.order("ada", c.WatchOnly("acme"))
    assert BulkVerb.ANSWER not in verbs(await kit.card(peak.key))


async def test_many_are_not_begun_by_a_button_that_stood_there_before(kit: DeskKit) -> None:
    """A card that turns by itself takes presses on an older look of it."""
    await flood(kit, 40)
    await kit.pass_time(21)
    peak = peaks(kit)[-1].card
    cluster = next(
        one.argument.partition("-")[2]
        for one in peak.actions
        if one.argument.startswith(BulkVerb.ANSWER)
    )
    await kit.order("ada", c.WatchOnly("acme"))
    for verb in (BulkVerb.ANSWER, BulkVerb.HIDE):
        outcome = await kit.press("bob", peak, c.BulkAct, verb, cluster, "We are sorry.")
        assert outcome.says == "Nothing leaves from acme, so nothing of this is begun."
    await kit.order("ada", c.Shadow("acme"))
    assert (await kit.press("bob", peak, c.BulkAct, BulkVerb.ANSWER, cluster, "Sorry.")).is_done


async def test_what_crisis_mode_held_of_an_account_in_shadow_is_recorded(kit: DeskKit) -> None:
    card = await composed(kit, HERE, slot=HOUR)
    assert (await kit.press("alice", card, c.Approve)).is_done
    started = await kit.order("alice", c.ProposeCrisis())
    crisis = await kit.card(started.note)
    assert (await kit.press("alice", crisis, c.StartCrisis)).is_done
    await kit.order("ada", c.Shadow("acme"))
    assert (await kit.order("alice", c.EndCrisis(crisis.key))).is_done
    crisis = await kit.card(crisis.key)
    says = (await kit.press("alice", crisis, c.DecideHeld, card.number, HeldVerb.NOW)).says
    assert says == "acme is in shadow: this is recorded, and nothing leaves."


async def test_a_planned_post_says_from_where_it_does_not_leave(kit: DeskKit) -> None:
    card = await composed(kit, HERE, THERE, slot=HOUR)
    await kit.order("ada", c.Shadow("acme"))
    shadowed = await kit.card(card.key)
    assert [one.endswith("Shadow: nothing leaves") for one in facts_of(shadowed)] == [True, False]
    assert "Approve & schedule" in labels(shadowed)
    await kit.order("ada", c.WatchOnly("acme-two"))
    card = await kit.card(card.key)
    assert "Watch-only: nothing leaves" in facts_of(card)[1]
    assert not {"Approve", "Approve & schedule"} & set(labels(card))
    assert "presses Go live under Accounts" in plain(card.state.spans)
    await kit.order("ada", c.GoLive("acme-two"))
    says = (await kit.press("alice", shadowed, c.Approve)).says
    assert says == (
        "Approved. It leaves at its time. acme is in shadow: this is recorded, and nothing leaves."
    )


async def test_what_shadow_records_does_not_wait_to_leave(kit: DeskKit) -> None:
    await kit.order("ada", c.Shadow("acme"))
    await kit.press("bob", await kit.card_of(await kit.comment()), c.Approve)
    outcome = await kit.order("alice", c.Pause((c.HoldKind.REPLIES,), is_sure=False))
    assert "Nothing waits to leave." in outcome.says
    await kit.order("alice", c.Pause((c.HoldKind.REPLIES,)))
    await kit.pass_time(30)
    held = plain((await kit.card_of(1)).state.spans)
    assert held == "Held: replies are paused. It is recorded when a manager unpauses them."


async def test_the_desk_page_says_from_where_what_is_approved_goes_out() -> None:
    async with browsing() as browser:
        browser.desk.page = replace(browser.desk.page, holds=())
        text = await browser.text("/desk")
    assert "What is approved goes out." not in text
    assert "What is approved goes out from Acme." in text
    assert "Watch-only, nothing can be approved: Acme Books." in text


async def test_whoever_plans_a_post_sees_from_where_it_does_not_leave(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    async with browsing() as browser:
        await browser.open()
        assert "Watch-only: nothing leaves" in await browser.text("/compose")
    async with opened_team(desk_address(request, tmp_path)) as team:
        await team.kit.order("ada", c.Shadow("acme"))
        team.alice.write("/new")
        await until(team.server, team.server.world.by_bot)
        assert "@acme · Shadow" in team.last().labels
        assert "acme-two" in str(team.last().labels)


async def test_the_message_in_slack_is_redrawn_when_the_account_goes_live(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    async with slack_desk(desk_address(request, tmp_path), "http") as desk:
        await desk.kit.order("ada", c.WatchOnly("acme"))
        message = await desk.card()
        assert "Publish" not in json.dumps(message.blocks)
        assert "Watch-only: nothing leaves" in json.dumps(message.blocks)
        await desk.kit.order("ada", c.GoLive("acme"))
        await desk.work()
        assert len(desk.slack.messages) == 1
        await desk.person("bob").press(desk.message, "Publish")
        await desk.work()
        assert "Publishing" in json.dumps(desk.message.blocks)


async def test_the_message_in_telegram_is_redrawn_when_the_account_goes_live(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    async with opened_team(desk_address(request, tmp_path)) as team:
        await team.kit.order("ada", c.WatchOnly("acme"))
        shown = await team.comes()
        assert not any("Publish" in one for one in shown.labels)
        assert "Watch-only: nothing leaves" in shown.text
        await team.kit.order("ada", c.GoLive("acme"))
        await team.kit.work()
        await until(team.server, lambda: any("Publish" in one for one in shown.labels))
