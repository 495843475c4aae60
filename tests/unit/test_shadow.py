"""Shadow: everything is decided, nothing leaves, and what the team says itself stands beside it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC
from pathlib import Path

import pytest

from bot.cards.card import plain
from bot.errors import OutcomeUnknown
from bot.model import commands as c
from bot.model.account import AccountState
from bot.model.commands import ModerationAction, OutcomeKind
from bot.model.due import Lane
from bot.model.ids import DAY, HOUR, SECOND, ItemId, MediaHash, Moment, RemoteId
from bot.model.item import ItemState
from bot.model.network import IncomingItem, ReadBack
from bot.model.publication import PublicationState
from bot.services.publishing import Begin, Start, begin, pause_account
from bot.services.shadowing import Compared, Words, shadowed
from handlers.relay.form import card_form
from handlers.slack.limits import IN_CHANNEL
from handlers.slack.render import render
from tests.contract.store_case import DATABASES
from tests.fakes.desk_kit import DeskKit, desk_address, labels, opened_desk
from tests.fakes.network import Step
from tests.unit.cli_case import CONFIG, Desk

_P = PublicationState
UNDO = 10.0
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 32
both = pytest.mark.parametrize("kit", DATABASES, indirect=True)


@pytest.fixture
async def kit(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DeskKit]:
    database = getattr(request, "param", "sqlite")
    async with opened_desk(desk_address(request, tmp_path, database)) as kit:
        yield kit


async def approved(kit: DeskKit, words: str = "") -> ItemId:
    item = await kit.comment()
    command = c.ApproveEdited if words else c.Approve
    outcome = await kit.press("bob", await kit.card_of(item), command, *filter(None, [words]))
    assert outcome.is_done, outcome.says
    return item


def native(kit: DeskKit, text: str) -> IncomingItem:
    return kit.incoming(
        text,
        by_us=True,
        remote_id=RemoteId("native"),
        parent_remote_id=RemoteId("c1"),
        permalink="https://fakebook.example/native",
    )


async def stands(kit: DeskKit, item: ItemId, state: PublicationState) -> None:
    """Like this, and not one request was made that could show anything."""
    assert (await kit.publication(item)).state is state
    assert kit.network.visible == []
    assert kit.network.count("publish") == kit.network.count("stage") == 0


@both
async def test_what_is_approved_in_shadow_is_recorded_and_nothing_leaves(kit: DeskKit) -> None:
    await kit.order("ada", c.Shadow("acme"))
    item = await kit.comment()
    card = await kit.card_of(item)
    assert "Shadow: nothing leaves" in repr(card.facts)
    outcome = await kit.press("bob", card, c.Approve)
    assert outcome.says == "acme is in shadow: this is recorded, and nothing leaves."
    assert "it is recorded, and nothing leaves" in plain((await kit.card_of(item)).state.spans)
    await kit.pass_time(300)
    await stands(kit, item, _P.RECORDED)
    card = await kit.card_of(item)
    assert card.draft is not None
    assert (card.draft.title, card.beside) == ("Would have been published", None)
    assert card.draft.text == (await kit.publication(item)).text
    assert plain(card.state.spans) == "Shadow: recorded, not sent"
    assert labels(card) == ["Reopen"]
    history = await kit.history_of(card.key)
    assert "recorded in shadow, and not sent" in repr(history.lines)


async def test_what_nobody_outside_has_read_promises_nothing(kit: DeskKit) -> None:
    """What was promised in another way before is still kept."""
    item = await kit.comment()
    await kit.press("bob", await kit.card_of(item), c.MakePromise, "In 4 hours we call")
    await kit.order("ada", c.Shadow("acme"))
    text = "We are sorry. We will call you tomorrow."
    await kit.press("bob", await kit.card_of(item), c.ApproveEdited, text)
    await kit.pass_time(2 * UNDO)
    await stands(kit, item, _P.RECORDED)
    assert labels(await kit.card_of(item)) == ["Reopen", "Promise kept"]
    assert (await kit.press("bob", await kit.card_of(item), c.KeepPromise, 1)).is_done
    assert labels(await kit.card_of(item)) == ["Reopen"]


async def test_a_recorded_reply_seems_to_promise_nothing(kit: DeskKit) -> None:
    await kit.order("ada", c.Shadow("acme"))
    item = await approved(kit, "We are sorry. We will call you tomorrow.")
    await kit.pass_time(2 * UNDO)
    await kit.take(native(kit, "We looked into it."))
    assert (await kit.item(item)).state is ItemState.ANSWERED
    assert "seems to promise" not in repr((await kit.card_of(item)).facts)


@pytest.mark.parametrize("words", ["Sorry! We resend it today.", "I will look into it myself."])
async def test_what_the_team_answers_itself_stands_beside_it(kit: DeskKit, words: str) -> None:
    """Even with the same words: nothing of ours is awaited there, so it is no echo."""
    await kit.order("ada", c.Shadow("acme"))
    item = await approved(kit, "Sorry! We resend it today.")
    await kit.pass_time(2 * UNDO)
    await kit.take(native(kit, words))
    await stands(kit, item, _P.RECORDED)
    assert (await kit.item(item)).state is ItemState.ANSWERED
    card = await kit.card_of(item)
    assert card.draft is not None
    assert card.beside is not None
    assert card.draft.text == "Sorry! We resend it today."
    assert (card.beside.title, card.beside.text) == ("Answered on Fakebook itself", words)
    assert card.links[0].url == "https://fakebook.example/native"
    for drawn in (render(card, UTC, IN_CHANNEL).blocks, card_form(card)):
        assert words in json.dumps(drawn, ensure_ascii=False)


@both
@pytest.mark.parametrize("wait", [0.0, 2 * UNDO])
async def test_going_live_never_sends_what_was_approved_in_shadow(
    kit: DeskKit, wait: float
) -> None:
    """Recorded already, or still in its undo window."""
    await kit.order("ada", c.Shadow("acme"))
    item = await approved(kit)
    await kit.pass_time(wait)
    await kit.order("ada", c.GoLive("acme"))
    await kit.pass_time(600)
    await stands(kit, item, _P.RECORDED)
    await kit.press("bob", await kit.card_of(item), c.Reopen)
    assert (await kit.press("bob", await kit.card_of(item), c.Approve)).is_done
    await kit.pass_time(2 * UNDO)
    assert (await kit.publication(item)).state is _P.PUBLISHED
    assert len(kit.network.visible) == 1


@both
async def test_what_was_approved_live_is_recorded_where_shadow_came_first(kit: DeskKit) -> None:
    item = await approved(kit)
    await kit.order("ada", c.Shadow("acme"))
    await kit.pass_time(2 * UNDO)
    await stands(kit, item, _P.RECORDED)


async def test_an_account_that_is_paused_is_in_shadow_again_and_was_all_the_time(
    kit: DeskKit,
) -> None:
    await kit.order("ada", c.Shadow("acme"))
    await kit.do(lambda tx: pause_account(tx, kit.account, "The token is no good.", tx.now()))
    item = await approved(kit)
    await kit.do(lambda tx: tx.accounts.resume(kit.account))
    assert (await kit.account_now()).state is AccountState.SHADOW
    await kit.order("ada", c.GoLive("acme"))
    await kit.pass_time(2 * UNDO)
    await stands(kit, item, _P.RECORDED)


@both
async def test_a_sender_that_was_overtaken_by_shadow_sends_nothing(kit: DeskKit) -> None:
    """It has its row and sleeps; when it wakes up the last commit says no."""
    item = await approved(kit)
    kit.clock.advance(2 * UNDO)
    (row,) = await kit.claim(Lane.PUBLISH, owner="asleep")
    await kit.order("ada", c.Shadow("acme"))
    publication = await kit.publication(item)
    command = Begin(row, publication.id, 30 * SECOND, 20 * SECOND, publication.prepared.key)
    assert await kit.store.write(begin, command) is Start.OVER
    await kit.pass_time(600)
    await stands(kit, item, _P.RECORDED)
    assert await kit.store.write(begin, command) is Start.OVER


async def test_a_hold_holds_in_shadow_too(kit: DeskKit) -> None:
    await kit.order("ada", c.Shadow("acme"))
    await kit.order("ada", c.Pause((c.HoldKind.REPLIES,)))
    item = await approved(kit)
    await kit.pass_time(300)
    await stands(kit, item, _P.QUEUED)
    await kit.order("ada", c.Unpause((c.HoldKind.REPLIES,)))
    await kit.pass_time(300)
    await stands(kit, item, _P.RECORDED)


async def test_what_may_have_left_before_is_not_repeated_in_shadow(kit: DeskKit) -> None:
    kit.network.can(read_back=ReadBack.NONE, key_seconds=DAY // SECOND)
    kit.network.next("publish", Step(OutcomeUnknown("The answer was lost.")))
    item = await approved(kit)
    await kit.pass_time(UNDO + 1)
    assert (await kit.publication(item)).state is _P.UNKNOWN
    await kit.order("ada", c.Shadow("acme"))
    await kit.pass_time(300)
    assert kit.network.count("publish") == 1


@pytest.mark.parametrize("order", [c.Shadow, c.WatchOnly])
async def test_not_even_a_picture_is_uploaded_where_nothing_leaves(
    kit: DeskKit, order: type[c.Shadow | c.WatchOnly]
) -> None:
    added = await kit.order("olga", c.AddPicture("image/png", PNG))
    pictures = (c.PictureRef(MediaHash(added.note), "A cup of tea"),)
    slot = Moment(kit.clock.now() + HOUR)
    text = (c.VariantText("acme", "Tea is ready."),)
    composed = await kit.order("olga", c.ComposePost(text, slot, pictures))
    assert (await kit.press("alice", await kit.card(composed.note), c.Approve)).is_done
    await kit.order("ada", order("acme"))
    await kit.pass_time(1.2 * HOUR / SECOND)
    card = await kit.card(composed.note)
    assert kit.network.count("stage") == kit.network.count("publish") == 0
    if order is c.Shadow:
        assert plain(card.state.spans) == "Shadow: recorded, not sent"
        assert labels(card) == []


async def test_nothing_is_liked_hidden_or_deleted_in_shadow(kit: DeskKit) -> None:
    await kit.order("ada", c.Shadow("acme"))
    item = await kit.comment()
    for action in ModerationAction:
        outcome = await kit.press("ada", await kit.card_of(item), c.Moderate, action)
        assert outcome.kind is OutcomeKind.REFUSED
        assert "acme is in shadow, so nothing is done on the network" in outcome.says
    await kit.pass_time(60)
    assert kit.network.count("moderate") == 0


@pytest.mark.parametrize("order", [c.Shadow, c.WatchOnly])
async def test_what_was_chosen_before_and_waits_is_not_done_any_more(
    kit: DeskKit, order: type[c.Shadow | c.WatchOnly]
) -> None:
    item = await kit.comment()
    card = await kit.card_of(item)
    assert (await kit.press("bob", card, c.Moderate, ModerationAction.LIKE)).is_done
    await kit.order("ada", order("acme"))
    await kit.pass_time(60)
    assert kit.network.count("moderate") == 0
    assert not (await kit.item(item)).is_liked
    assert "like was refused: acme lets nothing leave now." in repr(await kit.history_of(card.key))


async def test_a_report_says_whose_words_were_approved_and_how_near_the_teams_came(
    kit: DeskKit,
) -> None:
    await kit.order("ada", c.Shadow("acme"))
    await approved(kit)
    other = await kit.comment("Where is my parcel, please?", remote_id=RemoteId("c2"))
    words = "It is on its way to you."
    await kit.press("bob", await kit.card_of(other), c.ApproveEdited, words)
    await kit.pass_time(2 * UNDO)
    await kit.take(native(kit, "It is on its way back to you!"))
    (told,) = await kit.read(lambda tx: shadowed(tx, Moment(0)))
    assert [one.words for one in told.replies] == [Words.UNCHANGED, Words.EDITED]
    first, second = (one.nearness for one in told.replies)
    assert first is not None
    assert (second, told.median) == (None, first)
    since = Moment(kit.clock.now() + 1)
    (later,) = await kit.read(lambda tx: shadowed(tx, since))
    assert later.replies == ()


def test_nearness_is_the_share_of_the_same_words_in_the_same_order() -> None:
    def near(ours: str, theirs: str) -> float | None:
        return Compared(ItemId(1), Words.EDITED, ours, theirs).nearness

    assert near("We are sorry, Ann!", "we are sorry, ann!") == 1
    assert near("We are sorry.", "Nothing of this.") == 0
    assert near("a b c d", "a b x d") == 0.75


def test_the_report_at_the_terminal(desk: Desk) -> None:
    desk.write(CONFIG)
    desk.settle()
    assert "Nothing was recorded in shadow in the last 7 days." in desk.run("shadow").out
    assert json.loads(desk.run("shadow", "--json", "--days", "2").out) == []
