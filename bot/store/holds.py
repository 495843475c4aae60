"""Holds: what a manager paused, for one account or for a whole brand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, delete, insert, select, update

from bot.model.account import Account
from bot.model.hold import HoldKind
from bot.model.ids import AccountId, BrandId, MemberId, Moment
from bot.store.among import among
from bot.store.connection import Connection
from bot.store.schema import account, hold
from bot.store.statement import Statement

_BRAND = "brand"

_ADD = Statement(insert(hold))
_DROP = Statement(
    delete(hold).where(
        hold.c.brand_id == bindparam("brand_id"),
        hold.c.scope == bindparam("scope"),
        among(hold.c.kind, "kinds"),
    )
)
_OF_BRAND = Statement(
    select(hold).where(hold.c.brand_id == bindparam("brand_id")).order_by(hold.c.id)
)
_ON_ACCOUNT = Statement(
    select(hold.c.id)
    .where(
        hold.c.brand_id == bindparam("brand_id"),
        hold.c.kind == bindparam("kind"),
        (hold.c.scope == _BRAND) | (hold.c.scope == bindparam("scope")),
    )
    .limit(1)
)
_TOUCH = Statement(
    update(account).where(account.c.brand_id == bindparam("b_brand_id")).values(name=account.c.name)
)
_TOUCH_ONE = Statement(_TOUCH.core.where(account.c.id == bindparam("b_id")))


@dataclass(frozen=True, slots=True)
class Hold:
    """A pause: `account_id` None holds the whole brand."""

    kind: HoldKind
    account_id: AccountId | None
    reason: str
    member_id: MemberId
    created_at: Moment


class Holds:
    def __init__(self, connection: Connection) -> None:
        self._c = connection

    def add(
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
        self.touch(brand_id, account_id)
        self.drop(brand_id, kinds, account_id)
        for kind in kinds:
            self._c.execute(
                _ADD,
                {
                    "brand_id": brand_id,
                    "scope": _scope(account_id),
                    "kind": kind.value,
                    "reason": reason,
                    "member_id": member_id,
                    "created_at": at,
                },
            )

    def drop(
        self, brand_id: BrandId, kinds: Sequence[HoldKind], account_id: AccountId | None
    ) -> int:
        keys = {
            "brand_id": brand_id,
            "scope": _scope(account_id),
            "kinds": [kind.value for kind in kinds],
        }
        return self._c.execute(_DROP, keys).rowcount

    def of_brand(self, brand_id: BrandId) -> list[Hold]:
        return [
            Hold(
                HoldKind(r.kind),
                None if r.scope == _BRAND else AccountId(int(r.scope)),
                r.reason,
                MemberId(r.member_id),
                Moment(r.created_at),
            )
            for r in self._c.execute(_OF_BRAND, {"brand_id": brand_id})
        ]

    def is_held(self, found: Account, kind: HoldKind) -> bool:
        keys = {"brand_id": found.brand_id, "kind": kind.value, "scope": _scope(found.id)}
        return self._c.execute(_ON_ACCOUNT, keys).first() is not None

    def touch(self, brand_id: BrandId, account_id: AccountId | None = None) -> None:
        """Wait for whoever holds the lock of an account, and keep it until the transaction ends."""
        if account_id is None:
            self._c.execute(_TOUCH, {"b_brand_id": brand_id})
        else:
            self._c.execute(_TOUCH_ONE, {"b_brand_id": brand_id, "b_id": account_id})


def _scope(account_id: AccountId | None) -> str:
    return _BRAND if account_id is None else str(account_id)
