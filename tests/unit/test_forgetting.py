"""Forgetting a person: none of their words is left in any table, and the audit still verifies."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from bot.model.approval import ApprovalSubject
from bot.model.draft import DraftOrigin
from bot.model.event import EventKind, Subject
from bot.model.ids import ApprovalId, EventId, ItemId, NetworkName, PublicationId, RemoteId
from bot.model.item import ItemState
from bot.model.network import RemoteAuthor, Unsupported
from bot.model.publication import (
    LengthReport,
    Mention,
    Prepared,
    Publication,
    PublicationState,
    Staged,
)
from bot.model.triage import LanguageCode, Reason, Sentiment, Triage, Urgency
from bot.services.audit_book import export, seal_all, verify_store
from bot.services.forgetting import Forget, Forgotten, KnownAuthor, find, forget
from bot.store.schema import METADATA
from bot.store.store import Store
from bot.store.tx import Tx
from tests.unit.small_desk import FAN, account_of, comment, deliver, everything_in, small_desk

OTHER = RemoteAuthor(RemoteId("did:other"), "other.example", "Somebody Else")
WORDS = ("fan.example", "Fanny", "dreadful", "Dear", "cid-of-c2")
TABLES = tuple(table.name for table in METADATA.sorted_tables)


@pytest.fixture(params=["sqlite", "postgres"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """The fan wrote two things, somebody else one; the fan's first was answered."""
    address = f"sqlite:///{tmp_path}/desk.db"
    if request.param == "postgres":
        address = request.getfixturevalue("migrated_postgres_url")
    async with small_desk(address) as store:
        await deliver(store, comment("thread-1", "dreadful tea"), comment("c2", "dreadful cups"))
        await deliver(store, comment("c3", "lovely spoons", OTHER))
        await deliver(store, Unsupported("poll", '{"by":"Fanny Fan"}'), Unsupported("poll", "{}"))
        await store.write(answer, ItemId(1))
        yield store


def answer(tx: Tx, items: Sequence[ItemId]) -> list[None]:
    """What triage, a drafter, an approver and a publisher leave behind."""
    for item_id in items:
        item = tx.items.get(item_id)
        reasons = (Reason("en.bad", "dreadful"),)
        tx.items.set_triage(
            item_id,
            Triage(LanguageCode("en"), Sentiment.NEGATIVE, (), (), Urgency.NORMAL, True, reasons),
        )
        tx.drafts.add(
            item_id,
            1,
            "Dear Fanny",
            origin=DraftOrigin.TEMPLATE,
            author_id=None,
            note="template",
            at=tx.now(),
            mentions=[Mention("fan.example", RemoteId("did:fan"))],
        )
        queue(tx, item_id)
        tx.audits.add(
            item.brand_id, "approval_given", Subject.ITEM, item_id, tx.now(), text="Dear Fanny"
        )
    return [None] * len(items)


def queue(tx: Tx, item_id: ItemId) -> None:
    item = tx.items.get(item_id)
    bob = tx.people.by_slug(item.brand_id, "bob")
    assert bob is not None
    approval = tx.drafts.approve(
        item.brand_id, ApprovalSubject.REPLY, item_id, 1, "h" * 64, bob.id, tx.now()
    )
    number = tx.publications.add(
        item.brand_id,
        Publication(
            PublicationId(0),
            item.account_id,
            ApprovalId(approval),
            item_id,
            1,
            None,
            "Dear Fanny",
            Prepared(
                NetworkName("rss"), 1, {"text": "Dear Fanny"}, "key-1", LengthReport(1, 9, "x")
            ),
            PublicationState.QUEUED,
            tx.now(),
            tx.now(),
            None,
        ),
    )
    assert number is not None
    tx.publications.stage(number, Staged({"x": "Dear Fanny"}))


def move(tx: Tx, commands: Sequence[PublicationState]) -> list[bool]:
    """The reply to item 1 goes on its way."""
    for state in commands:
        publication = tx.publications.latest_of_item(ItemId(1))
        assert publication is not None
        assert tx.publications.move(publication.id, publication.state, state)
    return [True] * len(commands)


async def named(store: Store, name: str) -> list[KnownAuthor]:
    return await store.read(lambda tx: find(tx, name))


async def state_of(store: Store, number: ItemId) -> ItemState:
    return await store.read(lambda tx: tx.items.get(number).state)


async def forget_fan(store: Store) -> Forgotten:
    (known,) = await store.read(lambda tx: find(tx, "@fan.example"))
    return await store.write(forget, Forget(known.author.id))


async def test_an_author_is_found_by_handle_and_by_remote_id(store: Store) -> None:
    for name in ("fan.example", "@fan.example", "did:fan"):
        (known,) = await named(store, name)
        assert (known.author.display_name, known.account.slug, known.items) == (
            "Fanny Fan",
            "blog",
            2,
        )
    assert await store.read(lambda tx: find(tx, "fan")) == []


async def test_no_word_of_theirs_or_to_them_is_left(store: Store) -> None:
    before = await store.read(lambda tx: everything_in(tx, TABLES))
    assert all(word in before for word in WORDS)
    done = await forget_fan(store)
    assert done.is_done
    assert (done.items, done.drafts, done.replies, done.payloads) == (2, 1, 1, 1)
    after = await store.read(lambda tx: everything_in(tx, TABLES))
    assert [word for word in WORDS if word in after] == []


async def test_what_others_wrote_stays(store: Store) -> None:
    await forget_fan(store)
    item = await store.read(lambda tx: tx.items.get(ItemId(3)))
    author = await store.read(lambda tx: tx.items.author(item.author_id))
    assert (item.text, item.state, author.display_name) == (
        "lovely spoons",
        ItemState.NEW,
        "Somebody Else",
    )


async def test_their_items_leave_the_desk_and_the_reply_that_waited_is_called_off(
    store: Store,
) -> None:
    await forget_fan(store)
    for number in (1, 2):
        assert await state_of(store, ItemId(number)) is ItemState.CLOSED
    publication = await store.read(lambda tx: tx.publications.latest_of_item(ItemId(1)))
    assert publication is not None
    assert publication.state is PublicationState.CANCELLED
    assert await store.read(lambda tx: tx.drafts.latest(ItemId(1))) is None
    triage = await store.read(lambda tx: tx.items.triage(ItemId(1)))
    assert triage is not None
    assert [(reason.rule, reason.evidence) for reason in triage.reasons] == [("en.bad", "")]


@pytest.mark.parametrize(
    "path",
    [
        (PublicationState.SENDING,),
        (PublicationState.SENDING, PublicationState.UNKNOWN),
        (PublicationState.SENDING, PublicationState.UNKNOWN, PublicationState.NEEDS_HUMAN),
    ],
)
async def test_it_is_refused_while_a_reply_may_be_leaving(
    store: Store, path: tuple[PublicationState, ...]
) -> None:
    for state in path:
        await store.write(move, state)
    before = await store.read(lambda tx: everything_in(tx, TABLES))
    done = await forget_fan(store)
    assert not done.is_done
    assert "#1" in done.says
    assert await store.read(lambda tx: everything_in(tx, TABLES)) == before


async def test_a_published_reply_keeps_its_receipt(store: Store) -> None:
    await store.write(move, PublicationState.SENDING)
    await store.write(move, PublicationState.PUBLISHED)
    assert (await forget_fan(store)).is_done
    publication = await store.read(lambda tx: tx.publications.latest_of_item(ItemId(1)))
    assert publication is not None
    assert (publication.state, publication.text, publication.prepared.key) == (
        PublicationState.PUBLISHED,
        "",
        "key-1",
    )


async def test_the_audit_tells_of_it_and_still_verifies(store: Store) -> None:
    await seal_all(store)
    await forget_fan(store)
    file = b"".join([line async for line in export(store)])
    verdict = await verify_store(store)
    assert verdict.is_sound
    assert verdict.erased == 1
    assert b"author_forgotten" in file
    assert b"Fanny" not in file
    events = await store.read(lambda tx: tx.events.after(EventId(0), 1_000))
    assert EventKind.AUTHOR_FORGOTTEN in {event.kind for event in events}


async def test_they_stay_forgotten_when_they_are_seen_again(store: Store) -> None:
    await forget_fan(store)
    await deliver(store, comment("c4", "", FAN))
    item = await store.read(lambda tx: tx.items.get(ItemId(4)))
    author = await store.read(lambda tx: tx.items.author(item.author_id))
    assert author.display_name == f"forgotten #{author.id}"
    account = await account_of(store)
    people = [FAN.remote_id, OTHER.remote_id, RemoteId("did:new")]
    known = await store.read(lambda tx: tx.items.known_authors(account.id, people))
    assert {key for key, one in known.items() if one.is_forgotten} == {FAN.remote_id}


async def test_forgetting_twice_changes_nothing_more(store: Store) -> None:
    (known,) = await store.read(lambda tx: find(tx, "did:fan"))
    await forget_fan(store)
    again = await store.write(forget, Forget(known.author.id))
    assert again.is_done
    assert again.audit_texts == 0
