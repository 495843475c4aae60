"""A desk with one brand, three members, one account and what people wrote on it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from bot.model.account import Account, AccountState
from bot.model.ids import AccountId, RemoteId
from bot.model.item import ItemKind
from bot.model.media import RemoteMedia
from bot.model.member import Role
from bot.model.network import IncomingItem, RemoteAuthor, Unsupported
from bot.ports import Clock
from bot.services.intake import Delivery, take
from bot.services.settling_in import NamedAccount, NamedBrand, NamedMember, Roster, settle_in
from bot.store.store import Store, open_store
from bot.store.tx import Tx
from tests.databases import bring_to_schema
from tests.fakes.clock import FakeClock

TEAM = (
    NamedMember("olga", "Olga", Role.AGENT),
    NamedMember("bob", "Bob", Role.APPROVER),
    NamedMember("alice", "Alice", Role.ADMIN),
)
ACME = NamedBrand("acme", "Acme", ("en",), (), "UTC", "", TEAM, (NamedAccount("blog", "rss"),))
FAN = RemoteAuthor(RemoteId("did:fan"), "fan.example", "Fanny Fan", "https://example/fan", 10)


@asynccontextmanager
async def small_desk(address: str, clock: Clock | None = None) -> AsyncIterator[Store]:
    """The store, migrated and settled in."""
    bring_to_schema(address)
    store = await open_store(address, clock or FakeClock())
    try:
        await store.write(settle_in, Roster((ACME,), AccountState.LIVE))
        yield store
    finally:
        await store.close()


async def account_of(store: Store) -> Account:
    return await store.read(lambda tx: tx.accounts.all()[0])


def comment(key: str, text: str, author: RemoteAuthor = FAN) -> IncomingItem:
    return IncomingItem(
        remote_id=RemoteId(key),
        kind=ItemKind.COMMENT,
        author=author,
        text=text,
        published_at=FakeClock().now(),
        permalink=f"https://example/{author.handle}/{key}",
        thread_remote_id=RemoteId("thread-1") if key != "thread-1" else None,
        thread_title=text if key == "thread-1" else "",
        media=(RemoteMedia("https://example/picture.png", f"a picture of {author.display_name}"),),
        hints={"cid": f"cid-of-{key}"},
    )


async def deliver(store: Store, *observations: IncomingItem | Unsupported) -> None:
    account = await account_of(store)
    await store.write(take, Delivery(AccountId(account.id), observations))


def everything_in(tx: Tx, tables: Sequence[str]) -> str:
    """All bytes that the tables hold, as one text."""
    rows = [
        row
        for table in tables
        for row in tx.connection.exec_driver_sql(f'SELECT * FROM "{table}"').all()
    ]
    return repr(rows)
