"""Settling in: what the configuration names is brought into the store at start, by slug.

The configuration is the truth for brands, accounts and members that it names. Whether an
account is live stays in the store: a new one starts watch-only until an admin presses Go live.
What left the configuration is suspended, never deleted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.model.account import Account, AccountState
from bot.model.due import NEVER_DEAD, Lane, NewDue
from bot.model.event import EventKind, Subject
from bot.model.ids import HOUR, MINUTE, SECOND, AccountId, BrandId
from bot.model.member import ChatIdentity, Role
from bot.model.network import Identity
from bot.ports import Connector, Streams
from bot.store.tx import Tx


@dataclass(frozen=True, slots=True)
class NamedMember:
    slug: str
    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class NamedAccount:
    slug: str
    network: str


@dataclass(frozen=True, slots=True)
class NamedBrand:
    """A brand as the configuration names it."""

    slug: str
    name: str
    languages: tuple[str, ...]
    keywords: tuple[str, ...]
    zone: str
    voice: str
    members: tuple[NamedMember, ...]
    accounts: tuple[NamedAccount, ...]


@dataclass(frozen=True, slots=True)
class Roster:
    """Everything named, and the state in which accounts that are new begin."""

    brands: tuple[NamedBrand, ...]
    first_state: AccountState = AccountState.WATCH_ONLY


def settle_in(tx: Tx, rosters: Sequence[Roster]) -> list[dict[tuple[str, str], Account]]:
    """(brand slug, account slug) -> the account in the store."""
    return [_settle(tx, roster) for roster in rosters]


def _settle(tx: Tx, roster: Roster) -> dict[tuple[str, str], Account]:
    tx.accounts.take_turns()
    accounts: dict[tuple[str, str], Account] = {}
    for named in roster.brands:
        brand_id = tx.accounts.save_brand(
            named.slug,
            {
                "name": named.name,
                "languages": list(named.languages),
                "keywords": list(named.keywords),
                "zone": named.zone,
                "voice": named.voice,
            },
        )
        _members(tx, brand_id, named.members)
        for one in named.accounts:
            accounts[named.slug, one.slug] = tx.accounts.save(
                brand_id, one.slug, one.network, roster.first_state
            )
        tx.accounts.suspend_unlisted(brand_id, [one.slug for one in named.accounts])
    for left in _left(tx, roster):
        tx.people.retire_unlisted(left, [])
        tx.accounts.suspend_unlisted(left, [])
    return accounts


def _left(tx: Tx, roster: Roster) -> list[BrandId]:
    """Brands that the configuration does not name any more; nobody acts for them."""
    named = {brand.slug for brand in roster.brands}
    return [brand.id for brand in tx.accounts.brands() if brand.slug not in named]


def _members(tx: Tx, brand_id: BrandId, named: Sequence[NamedMember]) -> None:
    for one in named:
        member = tx.people.save(brand_id, one.slug, one.name, one.role)
        tx.people.identify(member, ChatIdentity("console", one.slug))
    tx.people.retire_unlisted(brand_id, [one.slug for one in named])


def set_to_work(tx: Tx, lines: Sequence[Mapping[AccountId, Connector]]) -> list[None]:
    """Due rows for every leg and stream of these accounts; rows of others are dropped."""
    now = tx.now()
    for connectors in lines:
        rows = [
            NewDue("seal", "seal", Lane.ANALYTICS, now, {}, MINUTE, NEVER_DEAD),
            NewDue("tidy", "tidy", Lane.ANALYTICS, now, {}, HOUR, NEVER_DEAD),
        ]
        for account_id, connector in connectors.items():
            arg = {"account": account_id}
            rows.append(
                NewDue("verify", f"verify:{account_id}", Lane.POLLS, now, arg, MINUTE, NEVER_DEAD)
            )
            for leg, seconds in connector.capabilities.legs.items():
                every = seconds * SECOND
                key = f"poll:{account_id}:{leg}"
                rows.append(
                    NewDue("poll", key, Lane.POLLS, now, arg | {"leg": leg}, every, NEVER_DEAD)
                )
            if isinstance(connector, Streams):
                key = f"stream:{account_id}"
                rows.append(NewDue("stream", key, Lane.STREAMS, now, arg, MINUTE, NEVER_DEAD))
        for kind in ("verify", "poll", "stream"):
            tx.due.drop_unlisted(kind, [row.key for row in rows if row.kind == kind])
        tx.due.add(rows)
        for row in rows:
            tx.due.retime(row.key, row.every)
        # Nobody asks for a longer pause: the wall clock was set back while nothing ran.
        tx.due.pull_in(HOUR)
        tx.due.hurry_like("verify:", now)
    return [None] * len(lines)


@dataclass(frozen=True, slots=True)
class Verified:
    account_id: AccountId
    identity: Identity


def identify(tx: Tx, commands: Sequence[Verified]) -> list[None]:
    """The token works: remember who we are, and resume what was paused."""
    for command in commands:
        identity = command.identity
        name = identity.handle or identity.display_name
        tx.accounts.identify(command.account_id, identity.remote_id, name)
        if tx.accounts.resume(command.account_id):
            account = tx.accounts.get(command.account_id)
            tx.events.add(
                EventKind.ACCOUNT_CHANGED, account.brand_id, Subject.ACCOUNT, account.id, tx.now()
            )
            tx.due.hurry_like(f"poll:{command.account_id}:", tx.now())
            tx.due.hurry_like("publish:", tx.now())
    return [None] * len(commands)
