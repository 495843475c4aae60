"""What a member of another brand, a hostile network and a writer of the database may try."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bot.cards.card import Untrusted
from bot.model import commands as c
from bot.model.account import AccountState
from bot.model.due import Lane, NewDue
from bot.model.event import Subject
from bot.model.ids import AccountId, ItemId, Moment, RemoteId
from bot.model.item import ItemState
from bot.model.member import ChatIdentity, Role
from bot.model.network import RemoteAuthor, Unsupported
from bot.services.audit_book import seal_all, verify_store
from bot.services.forgetting import Forget, find, forget
from bot.services.inventory import dead_letters
from bot.services.settling_in import NamedAccount, NamedBrand, NamedMember, Roster, settle_in
from bot.services.sign_in import NobodyOfThatName, SignIn
from bot.store.schema import METADATA
from bot.store.store import Store
from bot.store.tx import Tx
from bot.workers.failing import Failed, Failing
from tests.fakes.clock import FakeClock
from tests.fakes.desk_kit import TEAM, DeskKit, desk_address, opened_desk
from tests.unit.small_desk import (
    ACME,
    FAN,
    account_of,
    comment,
    deliver,
    everything_in,
    small_desk,
)

OTHER = RemoteAuthor(RemoteId("did:other"), "other.example", "Somebody Else")
TABLES = tuple(table.name for table in METADATA.sorted_tables)
RIVAL = NamedBrand(
    "rival", "Rival", ("en",), (), "UTC", "", (NamedMember("eve", "Eve", Role.ADMIN),),
    (NamedAccount("rival", "fake"),),
)  # fmt: skip
ACME_OF_THE_KIT = NamedBrand(
    "acme", "Acme Tea", ("en",), ("acme tea",), "UTC", "Warm.", TEAM,
    (NamedAccount("acme", "fake"), NamedAccount("acme-two", "fake")),
)  # fmt: skip
both = pytest.mark.parametrize("store", ["sqlite", "postgres"], indirect=True)


@pytest.fixture
async def kit(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DeskKit]:
    async with opened_desk(desk_address(request, tmp_path)) as kit:
        yield kit


@pytest.fixture
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    address = f"sqlite:///{tmp_path}/desk.db"
    if getattr(request, "param", "sqlite") == "postgres":
        address = request.getfixturevalue("migrated_postgres_url")
    async with small_desk(address) as store:
        yield store


# Another brand


async def buried(kit: DeskKit, **arg: object) -> int:
    """Work that was given up; its number."""
    key = f"given-up:{arg}"
    await kit.add_due(NewDue("draft", key, Lane.DRAFTS, kit.clock.now(), arg, max_attempts=1))
    (row,) = [row for row in await kit.claim(*Lane) if row.key == key]
    await Failing(kit.store, kit.clock).record(Failed(row, RuntimeError("no")))
    return row.id


async def test_work_that_one_brand_gave_up_is_nothing_to_another(kit: DeskKit) -> None:
    item_id = await kit.comment()
    await kit.store.write(settle_in, Roster((ACME_OF_THE_KIT, RIVAL), AccountState.LIVE))
    eve = await kit.read(lambda tx: tx.people.who(ChatIdentity("console", "eve")))
    bob = await kit.read(lambda tx: tx.people.who(ChatIdentity("console", "bob")))
    assert eve is not None
    assert bob is not None
    for arg in ({"item": item_id}, {"account": kit.account}):
        number = await buried(kit, **arg)
        for command in (c.RetryWork(number), c.DiscardWork(number)):
            assert not (await kit.order("eve", command)).is_done
        theirs, ours = await kit.read(
            lambda tx: (dead_letters(tx, eve.brand_id), dead_letters(tx, bob.brand_id))
        )
        assert theirs == []
        assert [one.id for one in ours] == [number]
        events = await kit.read(lambda tx: tx.events.just_happened(eve.brand_id, 100))
        assert events == []
        assert (await kit.order("bob", c.DiscardWork(number))).is_done


async def test_another_members_press_tells_nothing_and_changes_nothing(kit: DeskKit) -> None:
    item_id = await kit.comment()
    card = await kit.card_of(item_id)
    take = c.Take(card.key, card.revision)
    assert (await kit.order("olga", take, press="one-press")).is_done
    stolen = await kit.order("bob", take, press="one-press")
    assert not stolen.is_done
    assert "Olga" in stolen.says
    assert (await kit.order("olga", take, press="one-press")).is_done


async def test_who_belongs_to_a_brand_that_left_can_neither_look_nor_sign_in(
    store: Store,
) -> None:
    sign_in = SignIn(store, FakeClock())
    await store.write(settle_in, Roster((ACME, RIVAL), AccountState.LIVE))
    session = await sign_in.exchange(await sign_in.issue("eve"))
    assert session is not None
    await store.write(settle_in, Roster((ACME,), AccountState.LIVE))
    assert await sign_in.recognise(session) is None
    with pytest.raises(NobodyOfThatName):
        await sign_in.issue("eve")
    states = await store.read(lambda tx: {one.slug: one.state for one in tx.accounts.all()})
    assert states == {"blog": AccountState.LIVE, "rival": AccountState.SUSPENDED}
    await store.write(settle_in, Roster((ACME, RIVAL), AccountState.LIVE))
    assert await sign_in.recognise(session) == ChatIdentity("console", "eve")


# A hostile network


@both
async def test_numbers_that_no_column_holds_keep_no_batch_out(store: Store) -> None:
    vast = replace(FAN, followers=10**30)
    early = replace(comment("c1", "early"), published_at=Moment(-(10**30)))
    late = replace(comment("c2", "late", vast), published_at=Moment(10**30))
    await deliver(store, early, late, comment("c3", "plain", OTHER))
    assert "plain" in await store.read(lambda tx: everything_in(tx, ["item"]))
    assert "early" in await store.read(lambda tx: everything_in(tx, ["item"]))


@both
async def test_an_id_that_no_index_holds_is_kept_aside_and_keeps_no_batch_out(
    store: Store,
) -> None:
    # of random letters, because a compressed one would fit
    endless = "".join(chr(33 + (n * n * 7919 + n) % 90) for n in range(50_000))
    someone = RemoteAuthor(RemoteId(endless), "fan", "Fan")
    await deliver(
        store,
        comment(endless, "an endless id"),
        comment("c1", "an endless author", someone),
        replace(comment("c2", "an endless thread"), thread_remote_id=RemoteId(endless)),
        comment("c3", "plain", OTHER),
    )
    items = await store.read(lambda tx: everything_in(tx, ["item"]))
    assert "plain" in items
    assert "endless" not in items
    aside = await store.read(lambda tx: tx.events.unsupported_counts())
    assert sum(aside.values()) == 3


async def test_the_name_of_a_stranger_is_never_words_of_ours(kit: DeskKit) -> None:
    name = "<!channel> *bold* \u202e"
    author = RemoteAuthor(RemoteId("u1"), "h" * 5, name)
    item_id = await kit.comment("Hello?", author=author, permalink="")
    card = await kit.card_of(item_id)
    assert [type(span) for span in card.source if getattr(span, "text", "") == name] == [Untrusted]


# Forgotten is forgotten


async def forget_fan(store: Store) -> None:
    (known,) = await store.read(lambda tx: find(tx, "@fan.example"))
    assert (await store.write(forget, Forget(known.author.id))).is_done


@both
async def test_no_poll_brings_back_who_was_forgotten(store: Store) -> None:
    mine = comment("thread-1", "dreadful tea")
    await deliver(store, mine)
    stray = Unsupported("unknown_account", "from 'did:fan': Fanny Fan said dreadful things")
    await store.write(keep_stray, stray)
    await forget_fan(store)
    reply = replace(comment("c9", "I agree", OTHER), thread_title="dreadful tea")
    await deliver(
        store,
        mine,
        replace(mine, text="still dreadful tea"),
        comment("new-1", "dreadful again"),
        replace(comment("new-2", "dreadful reply"), thread_remote_id=RemoteId("other-thread")),
        reply,
        Unsupported("reaction", '{"by": "did:fan", "name": "Fanny Fan"}'),
        Unsupported("reaction", '{"by": "did:other"}'),
    )
    await deliver(store, mine, reply)
    kept = await store.read(lambda tx: everything_in(tx, TABLES))
    assert [word for word in ("dreadful", "Fanny", "fan.example") if word in kept] == []
    assert "I agree" in kept
    assert '{"by": "did:other"}' in kept
    states = await store.read(lambda tx: [tx.items.get(ItemId(n)).state for n in (1, 2, 3)])
    assert ItemState.NEW not in states[:3]


def keep_stray(tx: Tx, found: Sequence[Unsupported]) -> list[None]:
    for one in found:
        tx.events.keep_unsupported([one], "rss", None, tx.now())
    return [None] * len(found)


@pytest.mark.parametrize("name", ["' OR 1=1 --", '" OR ""="', "%", "_", "*", "fan%", "\x00", ""])
async def test_a_name_of_sql_finds_nobody(store: Store, name: str) -> None:
    await deliver(store, comment("c1", "hello"))
    assert await store.read(lambda tx: find(tx, name)) == []


# Somebody with the database's password


def change(tx: Tx, statements: Sequence[str]) -> list[int]:
    return [tx.connection.exec_driver_sql(statement).rowcount for statement in statements]


@both
@pytest.mark.parametrize(
    "tampering",
    [
        "facts = '{\"items\":\t0}'",
        "facts = '{\"items\": 0} '",
        "facts = '{ \"items\": 0}'",
        "seal_number = NULL",
        "seal_number = NULL, seal_hash = NULL",
    ],
)
async def test_not_even_a_blank_of_a_sealed_row_changes_unseen(
    store: Store, tampering: str
) -> None:
    account = await account_of(store)

    def add(tx: Tx, commands: Sequence[None]) -> list[None]:
        for _ in commands:
            brand = account.brand_id
            tx.audits.add(
                brand, "paused", Subject.ACCOUNT, AccountId(account.id), tx.now(), items=0
            )
        return [None] * len(commands)

    for _ in range(3):
        await store.write(add, None)
    await seal_all(store)
    assert (await verify_store(store)).is_sound
    last = "id = (SELECT max(id) FROM audit)"
    assert await store.write(change, f"UPDATE audit SET {tampering} WHERE {last}") == 1
    assert not (await verify_store(store)).is_sound
