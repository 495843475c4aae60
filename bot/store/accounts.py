"""Brands, accounts and where their legs stand; holds are reached through their accounts."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update

from bot.model.account import PRACTICE, Account, AccountState, Brand
from bot.model.ids import SECOND, AccountId, BrandId, Moment, NetworkName, RemoteId
from bot.model.network import Cursor, Leg
from bot.store.among import among
from bot.store.connection import Connection
from bot.store.holds import Holds
from bot.store.schema import account, brand, leg_cursor
from bot.store.statement import Statement

_TAKE_TURNS = Statement(select(func.pg_advisory_xact_lock(0x6465736B)))
"""The number is `desk` in ASCII: no other program's lock, as far as one can tell."""

_CHOSEN = frozenset({AccountState.LIVE, AccountState.WATCH_ONLY, AccountState.SHADOW})
"""What an admin chose, to go back to after a pause."""

HEARD_AGAIN = SECOND
"""Milliseconds between two notes of when an account was last heard."""

_BRAND = Statement(select(brand).where(brand.c.id == bindparam("id")))
_BRANDS = Statement(select(brand).order_by(brand.c.id))
_KEYWORDS = Statement(select(brand.c.keywords).where(brand.c.id == bindparam("id")))

_GET = Statement(select(account).where(account.c.id == bindparam("id")))
_LOCK = Statement(_GET.core.with_for_update())
_BY_SLUG = Statement(
    select(account).where(
        account.c.brand_id == bindparam("brand_id"), account.c.slug == bindparam("slug")
    )
)
_ALL = Statement(select(account).where(account.c.network != PRACTICE).order_by(account.c.id))
_OF_BRAND = Statement(_ALL.core.where(account.c.brand_id == bindparam("brand_id")))
_BY_REMOTE = Statement(
    select(account.c.network, account.c.remote_id, account.c.id).where(
        among(account.c.network, "networks"),
        account.c.remote_id.is_not(None),
        account.c.state != AccountState.SUSPENDED.value,
    )
)
_SET = Statement(update(account).where(account.c.id == bindparam("b_id")))
_SET_STATE = Statement(
    _SET.core.where(
        (account.c.state != bindparam("b_state")) | (account.c.trouble != bindparam("b_trouble"))
    )
)
_RESUME = Statement(
    _SET.core.where(account.c.state == AccountState.PAUSED.value).values(
        state=account.c.resume_state, trouble=""
    )
)
_SET_TROUBLE = Statement(_SET.core.where(account.c.trouble != bindparam("b_trouble")))
_CLEAR_TROUBLE = Statement(
    _SET.core.where(account.c.trouble != "", account.c.state != AccountState.PAUSED.value).values(
        trouble=""
    )
)

_LEG = Statement(
    select(leg_cursor.c.cursor, leg_cursor.c.synced_at).where(
        leg_cursor.c.account_id == bindparam("account_id"), leg_cursor.c.leg == bindparam("leg")
    )
)
_MOVE = Statement(
    update(leg_cursor).where(
        leg_cursor.c.account_id == bindparam("b_account_id"), leg_cursor.c.leg == bindparam("b_leg")
    )
)
_ADD_LEG = Statement(insert(leg_cursor))


class Accounts:
    def __init__(self, connection: Connection) -> None:
        self._c = connection
        holds = Holds(connection)
        self.hold = holds.add
        self.unhold = holds.drop
        self.touch = holds.touch
        self.holds = holds.of_brand
        self.is_held = holds.is_held

    def take_turns(self) -> None:
        """Processes that start together settle in one after the other.

        SQLite has one writer anyway; the lock ends with the transaction (pgbouncer-safe).
        """
        if self._c.dialect.name == "postgresql":
            self._c.execute(_TAKE_TURNS)

    # Brands

    def save_brand(self, slug: str, values: dict[str, Any]) -> BrandId:
        known = self._c.execute(select(brand.c.id).where(brand.c.slug == slug)).scalar()
        if known is None:
            made = insert(brand).values(slug=slug, **values).returning(brand.c.id)
            return BrandId(self._c.execute(made).scalar_one())
        self._c.execute(update(brand).where(brand.c.id == known).values(values))
        return BrandId(known)

    def brand(self, brand_id: BrandId) -> Brand:
        return _brand(self._c.execute(_BRAND, {"id": brand_id}).one())

    def brands(self) -> list[Brand]:
        return [_brand(r) for r in self._c.execute(_BRANDS)]

    def keywords(self, brand_id: BrandId) -> tuple[str, ...]:
        return tuple(self._c.execute(_KEYWORDS, {"id": brand_id}).scalar_one())

    # Accounts

    def save(
        self, brand_id: BrandId, slug: str, network: str, first_state: AccountState
    ) -> Account:
        """The account of that slug: a new one in `first_state`, a suspended one resumed."""
        known = self.by_slug(brand_id, slug)
        if known is None:
            self._c.execute(
                insert(account).values(
                    brand_id=brand_id,
                    slug=slug,
                    network=network,
                    state=first_state.value,
                    resume_state=first_state.value,
                )
            )
        elif known.state is AccountState.SUSPENDED:
            self._c.execute(
                update(account)
                .where(account.c.id == known.id)
                .values(state=account.c.resume_state, network=network)
            )
        saved = self.by_slug(brand_id, slug)
        assert saved is not None
        return saved

    def get(self, account_id: AccountId) -> Account:
        return _account(self._c.execute(_GET, {"id": account_id}).one())

    def lock(self, account_id: AccountId) -> Account:
        """The account, locked until the transaction ends: who pauses it must wait, or is seen."""
        return _account(self._c.execute(_LOCK, {"id": account_id}).one())

    def by_slug(self, brand_id: BrandId, slug: str) -> Account | None:
        keys = {"brand_id": brand_id, "slug": slug}
        row = self._c.execute(_BY_SLUG, keys).one_or_none()
        return None if row is None else _account(row)

    def all(self) -> list[Account]:
        """Those of networks: practice is none."""
        return [_account(r) for r in self._c.execute(_ALL)]

    def of_brand(self, brand_id: BrandId) -> list[Account]:
        """As `all`."""
        return [_account(r) for r in self._c.execute(_OF_BRAND, {"brand_id": brand_id})]

    def identify(self, account_id: AccountId, remote_id: RemoteId, name: str) -> None:
        self._c.execute(_SET, {"b_id": account_id, "remote_id": remote_id, "name": name})

    def set_state(self, account_id: AccountId, state: AccountState, trouble: str = "") -> bool:
        """True when it changed. A pause or suspension remembers what to go back to."""
        values: dict[str, Any] = {"state": state.value, "trouble": trouble}
        if state in _CHOSEN:
            values["resume_state"] = state.value
        keys = {"b_id": account_id, "b_state": state.value, "b_trouble": trouble}
        return self._c.execute(_SET_STATE, keys | values).rowcount == 1

    def resume(self, account_id: AccountId) -> bool:
        """Back from a pause to what it was; False when it was not paused."""
        return self._c.execute(_RESUME, {"b_id": account_id}).rowcount == 1

    def by_remote(self, networks: Collection[str]) -> dict[tuple[str, RemoteId], AccountId]:
        """(network, remote id) -> account, for accounts that are read."""
        rows = self._c.execute(_BY_REMOTE, {"networks": list(networks)})
        return {(r.network, RemoteId(r.remote_id)): AccountId(r.id) for r in rows}

    def set_token_end(self, account_id: AccountId, at: Moment | None) -> None:
        self._c.execute(_SET, {"b_id": account_id, "token_ends_at": at})

    def suspend_unlisted(self, brand_id: BrandId, slugs: Collection[str]) -> None:
        """Accounts that left the configuration are kept, but neither read nor written."""
        gone = (
            (account.c.brand_id == brand_id)
            & account.c.from_file.is_(True)
            & account.c.slug.not_in(list(slugs))
        )
        self._c.execute(update(account).where(gone).values(state=AccountState.SUSPENDED.value))

    def set_trouble(self, account_id: AccountId, trouble: str) -> bool:
        """True when the sentence is new."""
        keys = {"b_id": account_id, "b_trouble": trouble, "trouble": trouble}
        return self._c.execute(_SET_TROUBLE, keys).rowcount == 1

    def clear_trouble(self, account_id: AccountId) -> bool:
        """True when there was trouble. What a pause says stays until it is resumed."""
        return self._c.execute(_CLEAR_TROUBLE, {"b_id": account_id}).rowcount == 1

    def heard(self, account_id: AccountId, at: Moment) -> Account:
        """The account, which has just told us something.

        To the second: an account that talks all the time would keep its row locked all the time.
        """
        found = self.get(account_id)
        if at - (found.last_heard_at or 0) >= HEARD_AGAIN:
            self._c.execute(_SET, {"b_id": account_id, "last_heard_at": at})
            found = replace(found, last_heard_at=at)
        return found

    # Legs

    def leg(self, account_id: AccountId, leg: Leg) -> tuple[Cursor | None, bool]:
        """The cursor, and whether the first sync of this leg is over."""
        row = self._c.execute(_LEG, {"account_id": account_id, "leg": leg}).one_or_none()
        return (None, False) if row is None else (row.cursor, row.synced_at > 0)

    def move(self, account_id: AccountId, leg: Leg, cursor: Cursor | None, at: Moment) -> None:
        """Remember where a leg stands; `cursor` None leaves it where it was.

        `at` 0 says that the first sync goes on.
        """
        values: dict[str, Any] = {"synced_at": at}
        if cursor is not None:
            values["cursor"] = cursor
        here = {"b_account_id": account_id, "b_leg": leg}
        if self._c.execute(_MOVE, here | values).rowcount == 0:
            self._c.execute(_ADD_LEG, {"account_id": account_id, "leg": leg} | values)


def _brand(r: Any) -> Brand:
    return Brand(BrandId(r.id), r.slug, r.name, tuple(r.languages), r.zone, r.voice)


def _account(r: Any) -> Account:
    return Account(
        id=AccountId(r.id),
        brand_id=BrandId(r.brand_id),
        slug=r.slug,
        network=NetworkName(r.network),
        name=r.name,
        state=AccountState(r.state),
        remote_id=None if r.remote_id is None else RemoteId(r.remote_id),
        trouble=r.trouble,
        last_heard_at=None if r.last_heard_at is None else Moment(r.last_heard_at),
        from_file=bool(r.from_file),
        is_shadow=r.resume_state == AccountState.SHADOW.value,
        is_watch_only=r.resume_state == AccountState.WATCH_ONLY.value,
        token_ends_at=None if r.token_ends_at is None else Moment(r.token_ends_at),
    )
