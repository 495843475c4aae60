"""Brands, accounts, where their legs stand, and holds."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from bot.model.account import Account, AccountState, Brand
from bot.model.commands import HoldKind
from bot.model.ids import AccountId, BrandId, MemberId, Moment, NetworkName, RemoteId
from bot.model.network import Cursor, Leg
from bot.store.schema import account, brand, hold, leg_cursor


@dataclass(frozen=True, slots=True)
class Hold:
    """A pause: `account_id` None holds the whole brand."""

    kind: HoldKind
    account_id: AccountId | None
    reason: str
    member_id: MemberId


class Accounts:
    def __init__(self, connection: Connection) -> None:
        self._c = connection

    # Brands

    def save_brand(self, slug: str, values: dict[str, Any]) -> BrandId:
        known = self._c.execute(select(brand.c.id).where(brand.c.slug == slug)).scalar()
        if known is None:
            made = insert(brand).values(slug=slug, **values).returning(brand.c.id)
            return BrandId(self._c.execute(made).scalar_one())
        self._c.execute(update(brand).where(brand.c.id == known).values(values))
        return BrandId(known)

    def brand(self, brand_id: BrandId) -> Brand:
        return _brand(self._c.execute(select(brand).where(brand.c.id == brand_id)).one())

    def brands(self) -> list[Brand]:
        return [_brand(r) for r in self._c.execute(select(brand).order_by(brand.c.id))]

    def keywords(self, brand_id: BrandId) -> tuple[str, ...]:
        words = select(brand.c.keywords).where(brand.c.id == brand_id)
        return tuple(self._c.execute(words).scalar_one())

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
        return _account(self._c.execute(select(account).where(account.c.id == account_id)).one())

    def lock(self, account_id: AccountId) -> Account:
        """The account, locked until the transaction ends: who pauses it must wait, or is seen."""
        locked = select(account).where(account.c.id == account_id).with_for_update()
        return _account(self._c.execute(locked).one())

    def by_slug(self, brand_id: BrandId, slug: str) -> Account | None:
        wanted = select(account).where(account.c.brand_id == brand_id, account.c.slug == slug)
        row = self._c.execute(wanted).one_or_none()
        return None if row is None else _account(row)

    def all(self) -> list[Account]:
        return [_account(r) for r in self._c.execute(select(account).order_by(account.c.id))]

    def of_brand(self, brand_id: BrandId) -> list[Account]:
        wanted = select(account).where(account.c.brand_id == brand_id).order_by(account.c.id)
        return [_account(r) for r in self._c.execute(wanted)]

    def identify(self, account_id: AccountId, remote_id: RemoteId, name: str) -> None:
        self._c.execute(
            update(account).where(account.c.id == account_id).values(remote_id=remote_id, name=name)
        )

    def set_state(self, account_id: AccountId, state: AccountState, trouble: str = "") -> bool:
        """True when it changed. A pause or suspension remembers what to go back to."""
        values: dict[str, Any] = {"state": state.value, "trouble": trouble}
        if state in {AccountState.LIVE, AccountState.WATCH_ONLY}:
            values["resume_state"] = state.value
        changed = (account.c.state != state.value) | (account.c.trouble != trouble)
        statement = update(account).where(account.c.id == account_id, changed).values(values)
        return self._c.execute(statement).rowcount == 1

    def resume(self, account_id: AccountId) -> bool:
        """Back from a pause to what it was; False when it was not paused."""
        statement = (
            update(account)
            .where(account.c.id == account_id, account.c.state == AccountState.PAUSED.value)
            .values(state=account.c.resume_state, trouble="")
        )
        return self._c.execute(statement).rowcount == 1

    def by_remote(self, networks: Collection[str]) -> dict[tuple[str, RemoteId], AccountId]:
        """(network, remote id) -> account, for accounts that are read."""
        wanted = select(account.c.network, account.c.remote_id, account.c.id).where(
            account.c.network.in_(list(networks)),
            account.c.remote_id.is_not(None),
            account.c.state != AccountState.SUSPENDED.value,
        )
        return {
            (r.network, RemoteId(r.remote_id)): AccountId(r.id) for r in self._c.execute(wanted)
        }

    def suspend_unlisted(self, brand_id: BrandId, slugs: Collection[str]) -> None:
        """Accounts that left the configuration are kept, but neither read nor written."""
        gone = (account.c.brand_id == brand_id) & account.c.slug.not_in(list(slugs))
        self._c.execute(update(account).where(gone).values(state=AccountState.SUSPENDED.value))

    def set_trouble(self, account_id: AccountId, trouble: str) -> bool:
        """True when the sentence is new."""
        other = (account.c.id == account_id) & (account.c.trouble != trouble)
        return self._c.execute(update(account).where(other).values(trouble=trouble)).rowcount == 1

    def clear_trouble(self, account_id: AccountId) -> bool:
        """True when there was trouble. What a pause says stays until it is resumed."""
        cleared = (
            (account.c.id == account_id)
            & (account.c.trouble != "")
            & (account.c.state != AccountState.PAUSED.value)
        )
        return self._c.execute(update(account).where(cleared).values(trouble="")).rowcount == 1

    def heard(self, account_id: AccountId, at: Moment) -> None:
        self._c.execute(update(account).where(account.c.id == account_id).values(last_heard_at=at))

    # Legs

    def leg(self, account_id: AccountId, leg: Leg) -> tuple[Cursor | None, bool]:
        """The cursor, and whether this leg was ever fetched."""
        wanted = select(leg_cursor.c.cursor).where(
            leg_cursor.c.account_id == account_id, leg_cursor.c.leg == leg
        )
        row = self._c.execute(wanted).one_or_none()
        return (None, False) if row is None else (row.cursor, True)

    def move(self, account_id: AccountId, leg: Leg, cursor: Cursor | None, at: Moment) -> None:
        """Remember where a leg stands; `cursor` None leaves it where it was."""
        values: dict[str, Any] = {"synced_at": at}
        if cursor is not None:
            values["cursor"] = cursor
        here = (leg_cursor.c.account_id == account_id) & (leg_cursor.c.leg == leg)
        if self._c.execute(update(leg_cursor).where(here).values(values)).rowcount == 0:
            self._c.execute(insert(leg_cursor).values(account_id=account_id, leg=leg, **values))

    # Holds

    def hold(
        self,
        brand_id: BrandId,
        kinds: Sequence[HoldKind],
        account_id: AccountId | None,
        *,
        reason: str,
        member_id: MemberId,
        at: Moment,
    ) -> None:
        """Hold these kinds; touching the account rows waits for a sender that holds their lock."""
        self._touch(brand_id, account_id)
        for kind in kinds:
            self.unhold(brand_id, [kind], account_id)
            self._c.execute(
                insert(hold).values(
                    brand_id=brand_id,
                    scope=_scope(account_id),
                    kind=kind.value,
                    reason=reason,
                    member_id=member_id,
                    created_at=at,
                )
            )

    def unhold(
        self, brand_id: BrandId, kinds: Sequence[HoldKind], account_id: AccountId | None
    ) -> int:
        held = (
            (hold.c.brand_id == brand_id)
            & (hold.c.scope == _scope(account_id))
            & hold.c.kind.in_([kind.value for kind in kinds])
        )
        return self._c.execute(delete(hold).where(held)).rowcount

    def holds(self, brand_id: BrandId) -> list[Hold]:
        rows = self._c.execute(select(hold).where(hold.c.brand_id == brand_id).order_by(hold.c.id))
        return [
            Hold(
                HoldKind(r.kind),
                None if r.scope == "brand" else AccountId(int(r.scope)),
                r.reason,
                MemberId(r.member_id),
            )
            for r in rows
        ]

    def is_held(self, found: Account, kind: HoldKind) -> bool:
        scopes = [_scope(None), _scope(found.id)]
        wanted = select(hold.c.id).where(
            hold.c.brand_id == found.brand_id, hold.c.kind == kind.value, hold.c.scope.in_(scopes)
        )
        return self._c.execute(wanted.limit(1)).first() is not None

    def _touch(self, brand_id: BrandId, account_id: AccountId | None) -> None:
        mine = account.c.brand_id == brand_id
        if account_id is not None:
            mine &= account.c.id == account_id
        self._c.execute(update(account).where(mine).values(name=account.c.name))


def _scope(account_id: AccountId | None) -> str:
    return "brand" if account_id is None else str(account_id)


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
    )
