"""What networks tell becomes items once, in any order, and nothing of it is lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import StatementError

from bot.cards.pages import QueueFilter
from bot.errors import OutcomeUnknown, SignatureInvalid, StoreUnavailable
from bot.model import commands as c
from bot.model.due import DueRow, Lane, NewDue
from bot.model.hook import HookRequest
from bot.model.ids import HOUR, AuthorId, ItemId, Moment, RemoteId
from bot.model.item import ItemState
from bot.model.media import RemoteMedia
from bot.model.network import Batch, Cursor, IncomingItem, Leg, RemoteAuthor, Removal, Unsupported
from bot.model.publication import PublicationState
from bot.services import forgetting
from bot.services.inlet import MANY_HOOKS
from bot.services.intake import Delivery, Fetched, take
from bot.services.settling_in import Verified, identify
from bot.store.schema import item as item_table
from bot.store.schema import unsupported
from bot.store.tx import Tx
from tests.contract.store_case import DATABASES
from tests.fakes.desk_kit import COMPLAINT, DeskKit, desk_address, labels, opened_desk
from tests.fakes.network import NETWORK, Step

both = pytest.mark.parametrize("kit", DATABASES, indirect=True)
LEG = Leg("comments")
ONE = RemoteId("c1")


@pytest.fixture
async def kit(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DeskKit]:
    database = getattr(request, "param", "sqlite")
    async with opened_desk(desk_address(request, tmp_path, database)) as kit:
        yield kit


def poll_due(kit: DeskKit) -> NewDue:
    arg = {"account": kit.account, "leg": LEG}
    return NewDue("poll", "poll:1", Lane.POLLS, kit.clock.now(), arg, every=30_000)


async def poll(kit: DeskKit, *pages: Batch) -> None:
    """One fetch after the other until the network has no more."""
    kit.network.pages.extend(pages)
    await kit.add_due(poll_due(kit))
    await kit.work(Lane.POLLS)
    await kit.do(lambda tx: tx.due.drop("poll:1"))


async def how_many(kit: DeskKit) -> int:
    return len(await kit.read(lambda tx: tx.connection.execute(select(item_table.c.id)).all()))


async def kept(kit: DeskKit) -> list[tuple[int | None, str, str]]:
    columns = select(unsupported.c.account_id, unsupported.c.kind, unsupported.c.payload)
    return [tuple(row) for row in await kit.read(lambda tx: tx.connection.execute(columns).all())]


def post_hook(kit: DeskKit, signature: str = "good") -> HookRequest:
    return HookRequest("POST", {"x-signature": signature}, {}, b"{}")


# Once


@both
async def test_the_same_comment_from_hook_poll_and_stream_is_one_item(kit: DeskKit) -> None:
    incoming = kit.incoming()
    kit.network.tells(incoming)
    await kit.inlet.receive_hook(NETWORK, "main", post_hook(kit))
    await poll(kit, Batch((incoming, incoming), Cursor("1")))
    await kit.take(incoming)
    await kit.work()
    assert await how_many(kit) == 1
    assert (await kit.queue(QueueFilter.OPEN)).total == 1


async def test_many_hooks_at_once_make_room_for_themselves(kit: DeskKit) -> None:
    kit.network.tells(kit.incoming())
    hooks = [kit.inlet.receive_hook(NETWORK, "main", post_hook(kit)) for _ in range(MANY_HOOKS)]
    sending = [asyncio.create_task(hook) for hook in hooks]
    await asyncio.sleep(0)
    assert kit.store.places.is_pressed
    await asyncio.gather(*sending)
    assert not kit.store.places.is_pressed


@both
async def test_the_same_comment_told_twice_at_the_same_moment_is_one_item(kit: DeskKit) -> None:
    many = [kit.incoming(author=RemoteAuthor(RemoteId(f"a{n}"), f"a{n}")) for n in range(20)]
    await asyncio.gather(*(kit.take(*many) for _ in range(6)))
    assert await how_many(kit) == 20


@both
async def test_many_deliveries_in_one_commit_are_all_stored(kit: DeskKit) -> None:
    one, two, three = kit.incoming("One?"), kit.incoming("Two?"), kit.incoming("Three?")
    edited = kit.incoming("One, edited?", remote_id=ONE)
    deliveries = [
        Delivery(kit.account, (one, two)),
        Delivery(kit.other, (three,)),
        Delivery(kit.account, (edited, Removal(two.remote_id))),
    ]
    assert await kit.do(lambda tx: take(tx, deliveries)) == [True, True, True]
    assert await how_many(kit) == 3
    assert (await kit.item(await kit.id_of("c1"))).text == "One, edited?"
    assert (await kit.item(await kit.id_of("c2"))).state is ItemState.GONE


async def test_a_hook_with_a_wrong_signature_stores_nothing(kit: DeskKit) -> None:
    kit.network.tells(kit.incoming())
    with pytest.raises(SignatureInvalid):
        await kit.inlet.receive_hook(NETWORK, "main", post_hook(kit, "forged"))
    assert await how_many(kit) == 0


async def test_an_unknown_hook_is_refused(kit: DeskKit) -> None:
    with pytest.raises(KeyError):
        await kit.inlet.receive_hook(NETWORK, "nosuch", post_hook(kit))


# Kept although not understood


@both
async def test_what_is_not_supported_is_kept(kit: DeskKit) -> None:
    await kit.take(Unsupported("poll\x00_ended", "payload \x00 \ud800"))
    ((account, kind, payload),) = await kept(kit)
    assert (account, kind) == (kit.account, "poll_ended")
    assert payload.startswith("payload ")


async def test_a_hook_for_an_account_that_is_not_ours_is_kept(kit: DeskKit) -> None:
    kit.network.tells(kit.incoming("For others"), account=RemoteId("somebody-else"))
    assert await kit.inlet.receive_hook(NETWORK, "main", post_hook(kit)) == "ok"
    ((account, kind, payload),) = await kept(kit)
    assert (account, kind) == (None, "unknown_account")
    assert "For others" in payload
    assert await how_many(kit) == 0


async def test_a_hook_that_comes_before_it_is_known_who_we_are_there_is_to_come_again(
    kit: DeskKit,
) -> None:
    """Acknowledged as a stranger's, it would be lost where nothing but hooks brings it."""
    nobody: Any = None
    await kit.do(lambda tx: tx.accounts.identify(kit.account, nobody, ""))
    kit.network.tells(kit.incoming())
    with pytest.raises(StoreUnavailable, match="send it again"):
        await kit.inlet.receive_hook(NETWORK, "main", post_hook(kit))
    assert await kept(kit) == []
    assert await how_many(kit) == 0
    await kit.store.write(identify, Verified(kit.account, await kit.network.verify()))
    assert await kit.inlet.receive_hook(NETWORK, "main", post_hook(kit)) == "ok"
    assert await how_many(kit) == 1


@both
@pytest.mark.parametrize(
    "text",
    [
        "\u202eevil\u202c \u200b\u2066rtl",
        "nul \x00 inside",
        "broken \ud83d surrogate \udc00",
        "<!channel> <script>alert(1)</script> {{7*7}} %s",
        "long " * 20_000,
        "",
    ],
)
async def test_any_text_is_stored_shown_and_answered(kit: DeskKit, text: str) -> None:
    author = RemoteAuthor(RemoteId("x\x00"), "h\ud800", "\u202eName\x00", "https://x/\x00")
    incoming = kit.incoming(
        text,
        author=author,
        permalink="https://fakebook.example/\x00\ud800",
        thread_title="title \x00 \ud800",
        media=(RemoteMedia("https://x/\x00", "alt \ud800"),),
        hints={"cid": "\x00\ud800"},
    )
    await kit.take(incoming)
    await kit.work()
    item = await kit.id_of("c1")
    card = await kit.card_of(item)
    assert "\x00" not in str(card)
    outcome = await kit.press("bob", card, c.ApproveEdited, "Answered.")
    assert outcome.is_done, outcome.says


# Edits and deletions


async def test_an_edit_makes_the_next_revision_and_voids_what_was_drafted(kit: DeskKit) -> None:
    item = await kit.comment()
    before = await kit.card_of(item)
    await kit.take(kit.incoming("It arrived broken, refund please?", remote_id=ONE))
    assert (await kit.item(item)).revision == 2
    assert await kit.read(lambda tx: tx.drafts.latest(item)) is None
    await kit.work()
    card = await kit.card_of(item)
    assert card.revision > before.revision
    assert "Edited by its author" in str(card.facts)
    assert card.draft is not None
    assert card.draft.version == 2


async def test_white_space_alone_is_no_edit(kit: DeskKit) -> None:
    item = await kit.comment("Where  is it?")
    await kit.take(kit.incoming("Where is it? ", remote_id=ONE))
    assert (await kit.item(item)).revision == 1


async def test_an_edit_of_an_answered_comment_shows_and_reopens_nothing(kit: DeskKit) -> None:
    item = await kit.comment()
    await kit.press("bob", await kit.card_of(item), c.Approve)
    await kit.pass_time(20)
    await kit.take(kit.incoming("And where is my money?", remote_id=ONE))
    await kit.pass_time(60)
    assert (await kit.item(item)).state is ItemState.ANSWERED
    assert "Edited by its author" in str((await kit.card_of(item)).facts)
    assert len(kit.network.visible) == 1


async def test_an_edit_while_the_reply_is_in_doubt_leaves_the_doubt_on_the_card(
    kit: DeskKit,
) -> None:

    kit.network.next("publish", Step(OutcomeUnknown("Lost."), acts=True))
    kit.network.can(settle_seconds=600.0)
    kit.network.next("find", *[Step(answer="absent")] * 500)
    item = await kit.comment()
    await kit.press("bob", await kit.card_of(item), c.Approve)
    await kit.pass_time(12)
    await kit.take(kit.incoming("And where is my money?", remote_id=ONE))
    await kit.pass_time(20)
    assert (await kit.item(item)).state is ItemState.ANSWERING
    assert labels(await kit.card_of(item)) == ["Look again"]


async def test_a_deleted_comment_says_so_and_offers_nothing(kit: DeskKit) -> None:
    item = await kit.comment()
    await kit.take(Removal(ONE))
    card = await kit.card_of(item)
    assert "Deleted on Fakebook" in str(card.state.spans)
    assert card.actions == ()
    await kit.take(Removal(ONE))
    assert (await kit.card_of(item)).revision == card.revision


async def test_a_comment_that_its_author_deleted_stays_gone_when_our_reply_is_deleted(
    kit: DeskKit,
) -> None:
    item = await kit.comment()
    await kit.press("bob", await kit.card_of(item), c.Approve)
    await kit.pass_time(20)
    delete_own = c.ModerationAction.DELETE_OWN
    assert (await kit.press("bob", await kit.card_of(item), c.Moderate, delete_own)).is_done
    await kit.take(Removal(ONE))
    await kit.work()
    assert "moderate" in [name for name, _about in kit.network.calls]
    assert (await kit.item(item)).state is ItemState.GONE


async def test_a_comment_that_comes_back_is_open_again_and_drafted_anew(kit: DeskKit) -> None:
    item = await kit.comment()
    await kit.take(Removal(ONE))
    await kit.take(kit.incoming(COMPLAINT, remote_id=ONE))
    await kit.work()
    assert (await kit.item(item)).state is ItemState.OPEN
    draft = await kit.read(lambda tx: tx.drafts.latest(item))
    assert draft is not None
    assert draft.version == 2


async def test_an_answered_comment_that_comes_back_is_still_answered(kit: DeskKit) -> None:
    item = await kit.comment()
    await kit.press("bob", await kit.card_of(item), c.Approve)
    await kit.pass_time(20)
    await kit.take(Removal(ONE))
    await kit.take(kit.incoming(COMPLAINT, remote_id=ONE))
    await kit.work()
    assert (await kit.item(item)).state is ItemState.ANSWERED


async def test_a_removal_of_something_unknown_is_nothing(kit: DeskKit) -> None:
    await kit.take(Removal(RemoteId("never-seen")))
    assert await how_many(kit) == 0


async def test_a_reply_made_natively_before_anything_was_sorted_closes_the_item(
    kit: DeskKit,
) -> None:
    native = kit.incoming("By hand.", by_us=True, parent_remote_id=RemoteId("c2"),
                          permalink="https://fakebook.example/native")  # fmt: skip
    await kit.take(kit.incoming(COMPLAINT), native)
    await kit.pass_time(5)
    item = await kit.id_of("c2")
    assert (await kit.item(item)).state is ItemState.ANSWERED
    assert await kit.read(lambda tx: tx.drafts.versions(item)) == []


async def test_what_somebody_closed_is_not_reopened_by_a_late_triage(kit: DeskKit) -> None:
    item = await kit.comment()
    await kit.take(kit.incoming("Where is it now?", remote_id=ONE))
    await kit.press("olga", await kit.card_of(item), c.NoReplyNeeded)
    await kit.work()
    assert (await kit.item(item)).state is ItemState.CLOSED


# The first sync


async def test_the_backlog_of_a_first_sync_is_stored_silently_on_every_page(kit: DeskKit) -> None:
    def old(text: str) -> IncomingItem:
        return kit.incoming(text, published_at=Moment(kit.clock.now() - 2 * HOUR))

    pages = [
        Batch((old("Old, page one?"),), Cursor("1"), more=True),
        Batch((old("Old, page two?"),), Cursor("2"), more=True),
        Batch((old("Old, page three?"), kit.incoming("New?")), Cursor("3")),
    ]
    await poll(kit, *pages)
    await kit.work()
    assert (await kit.queue(QueueFilter.BACKLOG)).total == 3
    assert (await kit.queue(QueueFilter.OPEN)).total == 1
    await poll(kit, Batch((old("Late, but after the first sync?"),), Cursor("4")))
    await kit.work()
    assert (await kit.queue(QueueFilter.OPEN)).total == 2


async def muted(kit: DeskKit) -> ItemId:
    old = kit.incoming(COMPLAINT, published_at=Moment(kit.clock.now() - 2 * HOUR))
    await poll(kit, Batch((old,), Cursor("1")))
    return await kit.id_of(old.remote_id)


async def test_a_muted_comment_can_be_reopened_and_is_drafted_then(kit: DeskKit) -> None:
    item = await muted(kit)
    await kit.work()
    assert await kit.read(lambda tx: tx.drafts.versions(item)) == []
    card = await kit.card_of(item)
    assert "Reopen" in labels(card)
    assert (await kit.press("olga", card, c.Reopen)).is_done
    await kit.work()
    assert (await kit.queue(QueueFilter.OPEN)).total == 1
    assert await kit.read(lambda tx: tx.drafts.latest(item)) is not None


async def test_another_draft_of_a_muted_comment_is_written(kit: DeskKit) -> None:
    item = await muted(kit)
    assert (await kit.press("olga", await kit.card_of(item), c.Redraft, "shorter")).is_done
    await kit.work()
    draft = await kit.read(lambda tx: tx.drafts.latest(item))
    assert draft is not None
    assert "shorter" in draft.text


async def test_a_muted_comment_that_is_answered_leaves_the_backlog_at_once(kit: DeskKit) -> None:
    item = await muted(kit)
    card = await kit.card_of(item)
    assert (await kit.press("bob", card, c.ApproveEdited, "We are sorry.")).is_done
    assert (await kit.item(item)).state is ItemState.ANSWERING


# Fetches


async def claimed(kit: DeskKit) -> DueRow:
    await kit.add_due(poll_due(kit))
    (row,) = await kit.claim(Lane.POLLS)
    return row


@both
async def test_a_fetch_that_lost_its_lease_stores_nothing_and_moves_no_cursor(
    kit: DeskKit,
) -> None:
    row = await claimed(kit)
    kit.clock.advance(31)
    (heir,) = await kit.claim(Lane.POLLS, owner="heir")
    late = Delivery(kit.account, (kit.incoming(),), Fetched(LEG, Cursor("late"), False, row))
    assert await kit.store.write(take, late) is False
    assert await how_many(kit) == 0
    assert await kit.read(lambda tx: tx.accounts.leg(kit.account, LEG)) == (None, False)
    good = Delivery(kit.account, (kit.incoming(),), Fetched(LEG, Cursor("good"), False, heir))
    assert await kit.store.write(take, good) is True
    assert await kit.read(lambda tx: tx.accounts.leg(kit.account, LEG)) == (Cursor("good"), True)


@both
async def test_cursor_and_items_are_committed_together_or_not_at_all(kit: DeskKit) -> None:
    row = await claimed(kit)
    broken = kit.incoming(hints={"cid": object()})
    delivery = Delivery(kit.account, (broken,), Fetched(LEG, Cursor("1"), False, row))
    with pytest.raises((TypeError, StatementError)):
        await kit.store.write(take, delivery)
    assert await kit.read(lambda tx: tx.accounts.leg(kit.account, LEG)) == (None, False)


async def test_a_cursor_of_none_leaves_the_leg_where_it_was(kit: DeskKit) -> None:
    await poll(kit, Batch((), Cursor("7")))
    await poll(kit, Batch(()))
    assert await kit.read(lambda tx: tx.accounts.leg(kit.account, LEG)) == (Cursor("7"), True)
    assert kit.network.calls == [("fetch", ""), ("fetch", "7")]


# Echoes of our own


async def test_an_echo_of_what_we_published_is_not_an_item(kit: DeskKit) -> None:
    item = await kit.comment()
    await kit.press("bob", await kit.card_of(item), c.Approve)
    await kit.pass_time(20)
    publication = await kit.publication(item)
    assert publication.receipt is not None
    await kit.take(echo(kit, publication.text, publication.receipt.remote_id))
    assert await how_many(kit) == 1
    assert (await kit.card_of(item)).links[0].text == "Our reply on Fakebook"


def echo(kit: DeskKit, text: str, remote_id: str, **fields: object) -> IncomingItem:
    return kit.incoming(
        text, by_us=True, remote_id=RemoteId(remote_id), parent_remote_id=ONE, **fields
    )


@pytest.mark.parametrize("state", ["queued", "sending", "unknown", "needs_human", "failed"])
async def test_an_echo_proves_a_publication_in_every_state(kit: DeskKit, state: str) -> None:
    item = await kit.comment()
    await kit.press("bob", await kit.card_of(item), c.Approve)
    publication = await kit.publication(item)

    def stand(tx: Tx) -> None:
        path = {
            "queued": [],
            "sending": ["sending"],
            "unknown": ["sending", "unknown"],
            "needs_human": ["sending", "unknown", "needs_human"],
            "failed": ["failed"],
        }[state]
        old = PublicationState.QUEUED
        for new in map(PublicationState, path):
            assert tx.publications.move(publication.id, old, new)
            old = new

    await kit.do(stand)
    await kit.take(echo(kit, f" {publication.text}\n", "echo-1"))
    found = await kit.publication(item)
    assert found.state is PublicationState.PUBLISHED
    assert found.receipt is not None
    assert found.receipt.remote_id == "echo-1"
    await kit.pass_time(120)
    assert kit.network.count("publish") == 0
    assert (await kit.item(item)).state is ItemState.ANSWERED


async def test_an_echo_of_an_older_reply_with_the_same_words_is_not_adopted(kit: DeskKit) -> None:
    item = await kit.comment()
    await kit.press("bob", await kit.card_of(item), c.Approve)
    publication = await kit.publication(item)
    older = Moment(publication.created_at - 5 * 60_000)
    await kit.take(echo(kit, publication.text, "older", published_at=older))
    assert (await kit.publication(item)).receipt is None


# Forgotten authors


async def forget_fan(kit: DeskKit) -> AuthorId:
    (author,) = await kit.read(lambda tx: tx.items.authors_named("fan"))
    await kit.do(lambda tx: forgetting.forget(tx, [forgetting.Forget(author.id)]))
    return author.id


@both
async def test_of_a_forgotten_author_nothing_new_is_kept_but_the_key(kit: DeskKit) -> None:
    await kit.comment()
    author = await forget_fan(kit)
    await kit.take(kit.incoming("I am back, it is me!", media=(RemoteMedia("https://x/y"),)))
    await kit.work()
    item = await kit.item(await kit.id_of("c2"))
    assert (item.text, item.permalink, item.media) == ("", "", ())
    assert item.state is ItemState.MUTED
    assert item.author_id == author
    assert (await kit.read(lambda tx: tx.items.author(author))).handle.startswith("forgotten")
    assert kit.drafter.requests[1:] == []


async def test_what_was_erased_is_not_restored_by_the_next_fetch(kit: DeskKit) -> None:
    item = await kit.comment()
    await forget_fan(kit)
    await kit.take(kit.incoming(COMPLAINT, remote_id=ONE))
    await kit.work()
    found = await kit.item(item)
    assert (found.text, found.state) == ("", ItemState.CLOSED)


async def test_other_authors_are_still_read(kit: DeskKit) -> None:
    await kit.comment()
    await forget_fan(kit)
    other = await kit.comment("And mine?", author=RemoteAuthor(RemoteId("eva"), "eva"))
    assert (await kit.item(other)).text == "And mine?"
