"""Who has an editor open is told to the others, locks nobody out, and ends by itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.cards.card import Card, CardKind, plain
from bot.cards.pages import EditorQuery, NumberQuery
from bot.model import commands as c
from bot.model.approval import DEFAULT_POLICIES, ApprovalPolicy, ApprovalSubject
from bot.model.channel import Place
from bot.model.commands import OutcomeKind
from bot.model.ids import ItemId, PostId
from bot.services.deciding import DeskRules
from bot.services.editing import SHARED
from bot.services.settling_in import NamedChannel
from tests.contract.store_case import DATABASES
from tests.fakes.chat import CHAT
from tests.fakes.desk_kit import DeskKit, desk_address, opened_desk

CARE = NamedChannel("care", CHAT, Place("C-care"))


@pytest.fixture(params=DATABASES)
async def kit(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DeskKit]:
    address = desk_address(request, tmp_path, request.param)
    async with opened_desk(address, channels=(CARE,)) as found:
        yield found


def state(card: Card) -> str:
    return plain(card.state.spans)


async def shown(kit: DeskKit) -> str:
    await kit.work()
    return state(kit.chat.messages[0].card)


async def test_the_others_see_who_is_editing_until_the_editor_is_closed(kit: DeskKit) -> None:
    card = await kit.card_of(await kit.comment())
    assert (await kit.press("olga", card, c.StartEditing)).is_done
    assert await shown(kit) == "Olga is editing"
    assert (await kit.press("bob", card, c.StopEditing)).is_done
    assert await shown(kit) == "Olga is editing"
    assert (await kit.press("olga", card, c.StopEditing)).is_done
    assert await shown(kit) == "Waiting"


async def test_opening_an_editor_makes_no_button_stale(kit: DeskKit) -> None:
    item = await kit.comment()
    card = await kit.card_of(item)
    await kit.press("olga", card, c.StartEditing)
    assert (await kit.card_of(item)).revision == card.revision
    told = await kit.press("bob", card, c.Approve)
    assert told.kind is OutcomeKind.DONE
    assert "editing" not in await shown(kit)


async def test_it_ends_by_itself_after_two_minutes_and_lasts_longer_when_opened_again(
    kit: DeskKit,
) -> None:
    card = await kit.card_of(await kit.comment())
    await kit.press("olga", card, c.StartEditing)
    await kit.pass_time(90)
    assert await shown(kit) == "Olga is editing"
    await kit.press("olga", card, c.StartEditing)
    await kit.pass_time(90)
    assert await shown(kit) == "Olga is editing"
    await kit.pass_time(60)
    assert await shown(kit) == "Waiting"


async def test_a_second_editor_is_told_of_the_first_and_not_kept_out(kit: DeskKit) -> None:
    item = await kit.comment()
    card = await kit.card_of(item)
    await kit.press("olga", card, c.StartEditing)
    told = await kit.press("bob", card, c.StartEditing)
    assert (told.kind, told.note) == (OutcomeKind.DONE, SHARED)
    assert told.says.startswith("Olga has this open too.")
    done = await kit.press("bob", card, c.ApproveEdited, "We are on it.")
    assert done.is_done
    late = await kit.press("olga", card, c.ApproveEdited, "Another text.")
    assert late.kind is OutcomeKind.STALE
    assert late.says.startswith("Bob published this reply")


async def test_whatever_turns_the_card_ends_it(kit: DeskKit) -> None:
    item = await kit.comment()
    card = await kit.card_of(item)
    await kit.press("olga", card, c.StartEditing)
    await kit.press("bob", card, c.Take)
    assert state(await kit.card_of(item)) == "Waiting"
    await kit.pass_time(300)
    assert await shown(kit) == "Waiting"


@pytest.mark.parametrize(
    ("member", "kind"), [("vic", OutcomeKind.REFUSED), ("nobody", OutcomeKind.REFUSED)]
)
async def test_who_may_not_edit_opens_nothing(kit: DeskKit, member: str, kind: OutcomeKind) -> None:
    card = await kit.card_of(await kit.comment())
    assert (await kit.press(member, card, c.StartEditing)).kind is kind
    assert await shown(kit) == "Waiting"


async def test_what_is_decided_is_not_opened_and_an_old_card_is_stale(kit: DeskKit) -> None:
    item = await kit.comment()
    old = await kit.card_of(item)
    await kit.press("bob", old, c.NoReplyNeeded)
    assert (await kit.press("olga", old, c.StartEditing)).kind is OutcomeKind.STALE
    refused = await kit.press("olga", await kit.card_of(item), c.StartEditing)
    assert (refused.kind, refused.says) == (
        OutcomeKind.REFUSED,
        "This is closed. Reopen it first.",
    )


async def test_a_post_shows_its_editor_too(kit: DeskKit) -> None:
    compose = c.ComposePost((c.VariantText("acme", "Slow mornings"),))
    token = (await kit.order("olga", compose)).note
    await kit.press("alice", await kit.card(token), c.StartEditing)
    assert state(await kit.card(token)) == "Alice is editing"
    post = await kit.read(lambda tx: tx.posts.get(PostId(1)))
    assert (await kit.read(lambda tx: tx.cards.of(CardKind.POST, post.id))).editing_by is not None


@pytest.mark.parametrize(
    ("policy", "member", "does"),
    [
        (ApprovalPolicy(), "bob", "Publish"),
        (ApprovalPolicy(), "olga", "Ask for approval"),
        (ApprovalPolicy(needed=2), "bob", "Approve"),
        (ApprovalPolicy(four_eyes=True), "ada", "Ask for approval"),
    ],
)
async def test_the_editors_button_says_what_it_does_for_its_reader(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    policy: ApprovalPolicy,
    member: str,
    does: str,
) -> None:
    rules = DeskRules(policies={**DEFAULT_POLICIES, ApprovalSubject.REPLY: policy})
    async with opened_desk(desk_address(request, tmp_path), rules=rules) as kit:
        item = await kit.comment()
        token = await kit.token_of(item)
        page = await kit.desk.view(EditorQuery(token), kit.who(member))
        assert (page.does, page.network) == (does, "Fakebook")
        assert page.text == kit.drafter.words
        assert (await kit.desk.view(EditorQuery(token), kit.who("nobody"))).card is None


async def test_a_card_is_found_by_its_number_in_ones_own_brand_alone(kit: DeskKit) -> None:
    item = await kit.comment()
    found = await kit.desk.view(NumberQuery(item), kit.who("vic"))
    assert found.card == await kit.card_of(item)
    assert (await kit.desk.view(NumberQuery(item), kit.who("nobody"))).card is None
    assert (await kit.desk.view(NumberQuery(ItemId(999)), kit.who("vic"))).card is None
