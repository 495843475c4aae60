"""Accounts that were connected in the console: their settings, and their secrets, sealed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import delete, insert, select, update

from bot.model.account import Account, AccountState
from bot.model.ids import AccountId, BrandId, Moment
from bot.model.joining import HookStanding, JoinedAccount, secret_key
from bot.store.accounts import Accounts
from bot.store.connection import Connection
from bot.store.schema import account, account_settings, sealed_secret
from bot.store.sessions import Sessions


class Joined:
    def __init__(self, connection: Connection) -> None:
        self._c = connection
        self._accounts = Accounts(connection)
        self._sessions = Sessions(connection)

    def all(self) -> dict[AccountId, JoinedAccount]:
        """Those that are connected now; the suspended ones of a brand that left are not."""
        wanted = (
            select(account.c.id, account_settings)
            .join(account_settings, account_settings.c.account_id == account.c.id)
            .where(account.c.state != AccountState.SUSPENDED.value)
            .order_by(account.c.id)
        )
        found = self._c.execute(wanted).all()
        if not found:
            return {}
        kept = select(sealed_secret.c.key, sealed_secret.c.sealed).where(
            sealed_secret.c.key.startswith("account:")
        )
        sealed = {r.key: r.sealed for r in self._c.execute(kept)}
        return {
            AccountId(r.id): _joined(self._accounts.get(AccountId(r.id)), r, sealed) for r in found
        }

    def hooks(self, brand_id: BrandId) -> dict[AccountId, HookStanding]:
        """Of those of a brand whose network sends webhooks."""
        wanted = (
            select(account_settings)
            .join(account, account.c.id == account_settings.c.account_id)
            .where(account.c.brand_id == brand_id, account_settings.c.hook.is_not(None))
        )
        found = {AccountId(r.account_id): _hook(r) for r in self._c.execute(wanted)}
        return {number: hook for number, hook in found.items() if hook is not None}

    def settings(self, account_id: AccountId) -> dict[str, object] | None:
        """Without secrets; None for an account that the configuration names."""
        wanted = select(account_settings.c.settings).where(
            account_settings.c.account_id == account_id
        )
        found = self._c.execute(wanted).scalar()
        return None if found is None else dict(found)

    def save(
        self,
        brand_id: BrandId,
        slug: str,
        network: str,
        settings: Mapping[str, object],
        sealed: Mapping[str, str],
        at: Moment,
        hook: Mapping[str, str] | None = None,
    ) -> Account:
        """A new account only watches; one that is known here already goes on as it stood.

        `hook` is the sealed secret of webhooks by its setting; one that proved some stays.
        """
        saved = self._accounts.save(brand_id, slug, network, AccountState.WATCH_ONLY)
        here = account.c.id == saved.id
        before = self.all().get(saved.id)
        self._c.execute(
            update(account).where(here).values(from_file=False, network=network, token_ends_at=None)
        )
        self._forget(saved)
        standing = HookStanding(f"{slug}-{saved.id}") if hook else None
        if standing is not None and before is not None and before.hook and before.hook.since:
            standing = before.hook
            hook = {name: before.sealed[name] for name in hook or {}}
        self._c.execute(insert(account_settings).values(_row(saved.id, settings, standing)))
        for name, secret in {**sealed, **(hook or {})}.items():
            self._sessions.save_secret(secret_key(brand_id, slug, name), secret, at)
        return replace(saved, from_file=False)

    def hooked(self, account_id: AccountId, at: Moment) -> bool:
        """Its first webhook came; True when that is news."""
        here = account_settings.c.account_id == account_id
        first = here & account_settings.c.hook.is_not(None) & account_settings.c.hooked_at.is_(None)
        done = self._c.execute(update(account_settings).where(first).values(hooked_at=at))
        return bool(done.rowcount)

    def disconnect(self, gone: Account) -> None:
        """Its secrets are deleted; what it brought is kept."""
        self._accounts.set_state(gone.id, AccountState.SUSPENDED)
        # whoever connects it again begins as with a new one
        here = account.c.id == gone.id
        watches = AccountState.WATCH_ONLY.value
        self._c.execute(update(account).where(here).values(resume_state=watches))
        self._forget(gone)

    def hand_over(self, named: Account) -> None:
        """The configuration names it from now on."""
        here = account.c.id == named.id
        self._c.execute(update(account).where(here).values(from_file=True))
        self._forget(named)

    def suspend(self, brand_id: BrandId) -> None:
        """Those of a brand that the configuration does not name any more."""
        mine = (account.c.brand_id == brand_id) & account.c.from_file.is_(False)
        self._c.execute(update(account).where(mine).values(state=AccountState.SUSPENDED.value))

    def resume(self, brand_id: BrandId) -> None:
        """Those that `suspend` suspended; who was disconnected has no settings any more."""
        kept = account.c.id.in_(select(account_settings.c.account_id))
        asleep = account.c.state == AccountState.SUSPENDED.value
        mine = (account.c.brand_id == brand_id) & account.c.from_file.is_(False) & asleep & kept
        self._c.execute(update(account).where(mine).values(state=account.c.resume_state))

    def _forget(self, found: Account) -> None:
        """Settings, secrets, and the session that was made with them."""
        own = account_settings.c.account_id == found.id
        self._c.execute(delete(account_settings).where(own))
        mine = sealed_secret.c.key.startswith(
            secret_key(found.brand_id, found.slug, ""), autoescape=True
        ) | (sealed_secret.c.key == f"session:{found.id}")
        self._c.execute(delete(sealed_secret).where(mine))


def _joined(found: Account, r: Any, sealed: Mapping[str, str]) -> JoinedAccount:
    begins = secret_key(found.brand_id, found.slug, "")
    own = {k.removeprefix(begins): v for k, v in sealed.items() if k.startswith(begins)}
    return JoinedAccount(found, dict(r.settings), own, _hook(r))


def _hook(r: Any) -> HookStanding | None:
    if r.hook is None:
        return None
    return HookStanding(r.hook, None if r.hooked_at is None else Moment(r.hooked_at))


def _row(
    account_id: AccountId, settings: Mapping[str, object], hook: HookStanding | None
) -> dict[str, object]:
    named = {"hook": hook.name, "hooked_at": hook.since} if hook else {}
    return {"account_id": account_id, "settings": settings, **named}
