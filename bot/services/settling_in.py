"""Settling in: what the configuration names is brought into the store at start, by slug.

The configuration is the truth for brands, accounts and members that it names. Whether an
account is live stays in the store: a new one starts watch-only until an admin presses Go live.
What left the configuration is suspended, never deleted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bot.model.account import PRACTICE, PRACTICE_SLUG, Account, AccountState
from bot.model.approval import Policies
from bot.model.channel import Place, Route, Shows
from bot.model.due import NEVER_DEAD, Lane, NewDue
from bot.model.event import EventKind, Subject
from bot.model.ids import HOUR, MINUTE, SECOND, AccountId, BrandId, Moment
from bot.model.member import ENGLISH_TONGUE, ChatIdentity, Role, Tongue
from bot.model.network import Identity, Leg
from bot.model.pace import AT_ONCE, Pace
from bot.ports import Connector, Measures, Recalls, Streams
from bot.services import audiences
from bot.services.direct_channel import UNREACHED, save_direct
from bot.services.duty_due import duty_due
from bot.services.goals import goals_due
from bot.services.measure_due import measure_due
from bot.services.moved_channels import follow_moves
from bot.services.past import is_new, recall_due
from bot.services.policing import put_in_force
from bot.store.channels import columns_of
from bot.store.tx import Tx


@dataclass(frozen=True, slots=True)
class NamedMember:
    slug: str
    name: str
    role: Role
    identities: tuple[ChatIdentity, ...] = ()
    """Besides the console, which knows them by their slug."""
    tongue: Tongue = ENGLISH_TONGUE
    direct: bool = False
    """What waits for their yes comes to them alone, in every chat that reaches them."""


@dataclass(frozen=True, slots=True)
class NamedAccount:
    slug: str
    network: str
    token_ends_at: Moment | None = None


@dataclass(frozen=True, slots=True)
class NamedChannel:
    slug: str
    chat: str
    place: Place
    title: str = ""
    shows: frozenset[Shows] = frozenset(Shows)
    routes: tuple[Route, ...] = ()
    reads: tuple[str, ...] = ()
    threads: bool = True
    private: bool | None = None
    pace: Pace = AT_ONCE


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
    channels: tuple[NamedChannel, ...] = ()
    has_goals: bool = False
    """Whether replies are due by some time."""
    on_plan: frozenset[str] = frozenset()
    """Members who have shifts by a plan."""


@dataclass(frozen=True, slots=True)
class Roster:
    """Everything named, and the state in which accounts that are new begin."""

    brands: tuple[NamedBrand, ...]
    first_state: AccountState = AccountState.WATCH_ONLY
    policies: Policies = field(default_factory=dict)
    """Who must say yes, by what to; nothing is checked of what is left out."""
    is_solo: bool = False
    chats: frozenset[str] = frozenset()
    """Chats whose tokens are where the configuration says."""
    tell_audience: frozenset[str] = frozenset()
    """Chats that tell who reads each of their channels."""


def settle_in(tx: Tx, rosters: Sequence[Roster]) -> list[dict[tuple[str, str], Account]]:
    """(brand slug, account slug) -> the account in the store; of each brand a practice account too.

    ConfigurationError when the members of a brand can never satisfy a policy.
    """
    return [_settle(tx, roster) for roster in rosters]


def _settle(tx: Tx, roster: Roster) -> dict[tuple[str, str], Account]:
    tx.accounts.take_turns()
    tx.team_chats.hand_over(sorted(roster.chats))
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
        put_in_force(tx, brand_id, roster.policies, is_solo=roster.is_solo)
        _channels(tx, brand_id, named.channels, _direct(tx, brand_id, named.members))
        _goals(tx, brand_id, has_goals=named.has_goals)
        _duties(tx, brand_id, named.on_plan)
        for one in named.accounts:
            account = tx.accounts.save(brand_id, one.slug, one.network, roster.first_state)
            tx.accounts.set_token_end(account.id, one.token_ends_at)
            accounts[named.slug, one.slug] = account
            if not account.from_file:
                # named from now on, so the file says where its secrets are
                tx.joined.hand_over(account)
        accounts[named.slug, PRACTICE_SLUG] = tx.accounts.save(
            brand_id, PRACTICE_SLUG, PRACTICE, AccountState.LIVE
        )
        listed = [PRACTICE_SLUG, *(one.slug for one in named.accounts)]
        tx.accounts.suspend_unlisted(brand_id, listed)
        tx.joined.resume(brand_id)
    follow_moves(tx)
    for known in tx.accounts.brands():
        audiences.follow(tx, tx.channels.of_brand(known.id), roster.tell_audience)
    for left in _left(tx, roster):
        tx.people.retire_all(left)
        _goals(tx, left, has_goals=False)
        _duties(tx, left, frozenset())
        tx.channels.retire_unlisted(left, [])
        tx.accounts.suspend_unlisted(left, [])
        tx.joined.suspend(left)
    return accounts


def _left(tx: Tx, roster: Roster) -> list[BrandId]:
    """Brands that the configuration does not name any more; nobody acts for them."""
    named = {brand.slug for brand in roster.brands}
    return [brand.id for brand in tx.accounts.brands() if brand.slug not in named]


def _members(tx: Tx, brand_id: BrandId, named: Sequence[NamedMember]) -> None:
    for one in named:
        added = tx.people.by_slug(brand_id, one.slug)
        if added is not None and not added.is_named:
            # the same slug is not the same person: the file alone says who that is
            tx.people.unlink(added.id, tx.people.known_in(brand_id).get(added.id, []))
        member = tx.people.save(brand_id, one.slug, one.name, one.role, tongue=one.tongue)
        identities = {ChatIdentity("console", one.slug), *one.identities}
        for identity in sorted(identities, key=lambda known: (known.chat, known.user)):
            tx.people.identify(member, identity)
        tx.people.forget_unlisted(member, identities)
        tx.people.unlink(member.id, {identity.chat for identity in identities})
    tx.people.retire_unlisted(brand_id, [one.slug for one in named])


def _direct(tx: Tx, brand_id: BrandId, named: Sequence[NamedMember]) -> list[str]:
    """Slugs of the conversations that the configuration wants."""
    slugs = []
    for one in named:
        member = tx.people.by_slug(brand_id, one.slug) if one.direct else None
        if member is not None:
            slugs += [
                save_direct(tx, member, identity, from_file=True)
                for identity in one.identities
                if identity.chat not in UNREACHED
            ]
    return slugs


def _channels(
    tx: Tx, brand_id: BrandId, named: Sequence[NamedChannel], direct: Sequence[str]
) -> None:
    for one in named:
        tx.channels.name(brand_id, one.slug, one.chat, one.place)
        columns = columns_of(
            one.chat,
            one.place,
            title=one.title,
            shows=one.shows,
            routes=one.routes,
            reads=one.reads,
            threads=one.threads,
            private=one.private,
            pace=one.pace,
        )
        tx.channels.save(brand_id, one.slug, columns, from_file=True)
    tx.channels.retire_unlisted(brand_id, [*(one.slug for one in named), *direct])


def _goals(tx: Tx, brand_id: BrandId, *, has_goals: bool) -> None:
    row = goals_due(brand_id, tx.now(), {})
    if has_goals:
        tx.due.add([row])
    else:
        tx.due.drop(row.key)
        tx.goals.clear(brand_id)


def _duties(tx: Tx, brand_id: BrandId, on_plan: Collection[str]) -> None:
    """The plan may be another one now, so everybody's is looked at."""
    planned = (tx.people.by_slug(brand_id, slug) for slug in sorted(on_plan))
    going_on = {one.member_id for one in tx.duties.on(brand_id)}
    for member_id in going_on | {one.id for one in planned if one is not None}:
        tx.due.put(duty_due(member_id, tx.now()))


def set_to_work(tx: Tx, lines: Sequence[Mapping[AccountId, Connector]]) -> list[None]:
    """Due rows for every leg and stream of these accounts; rows of others are dropped."""
    now = tx.now()
    for connectors in lines:
        rows = [
            NewDue("seal", "seal", Lane.ANALYTICS, now, {}, MINUTE, NEVER_DEAD),
            NewDue("tidy", "tidy", Lane.ANALYTICS, now, {}, HOUR, NEVER_DEAD),
        ]
        for account_id, connector in connectors.items():
            if connector.capabilities.network == PRACTICE:
                continue
            legs = connector.capabilities.legs
            rows += work_of(account_id, legs, now, streams=isinstance(connector, Streams))
            if isinstance(connector, Measures):
                rows.append(measure_due(account_id, now))
            if isinstance(connector, Recalls) and is_new(tx, account_id, legs):
                rows.append(recall_due(account_id, now))
        for kind in ("verify", "poll", "stream", "measure"):
            tx.due.drop_unlisted(kind, [row.key for row in rows if row.kind == kind])
        tx.due.add(rows)
        for row in rows:
            tx.due.retime(row.key, row.every)
        # Nobody asks for a longer pause: the wall clock was set back while nothing ran.
        tx.due.pull_in(HOUR)
        tx.due.hurry_like("verify:", now)
    return [None] * len(lines)


def work_of(
    account_id: AccountId, legs: Mapping[Leg, int], at: Moment, *, streams: bool
) -> Iterator[NewDue]:
    """The recurring rows of one account; `legs` with their seconds between fetches."""
    arg = {"account": account_id}
    yield NewDue("verify", f"verify:{account_id}", Lane.POLLS, at, arg, MINUTE, NEVER_DEAD)
    for leg, seconds in legs.items():
        key, every = f"poll:{account_id}:{leg}", seconds * SECOND
        yield NewDue("poll", key, Lane.POLLS, at, arg | {"leg": leg}, every, NEVER_DEAD)
    if streams:
        yield NewDue("stream", f"stream:{account_id}", Lane.STREAMS, at, arg, MINUTE, NEVER_DEAD)


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
