"""Signing in to the console: one-use links, exchanged for sessions; only hashes are stored."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.errors import ReplydeskError
from bot.model.event import EventKind, Subject
from bot.model.ids import HOUR, MINUTE, MemberId, Moment
from bot.model.member import ChatIdentity, Member
from bot.ports import Clock
from bot.store.store import Store
from bot.store.tx import Tx

TICKET_LIFE = 10 * MINUTE
SESSION_LIFE = 12 * HOUR
CHAT = "console"


class NobodyOfThatName(ReplydeskError):
    """The desk has no active member of that slug; the message lists who there is."""


@dataclass(frozen=True, slots=True)
class _Issue:
    slug: str
    ticket_hash: str


@dataclass(frozen=True, slots=True)
class _Exchange:
    """Made outside of the transaction, which may be run twice."""

    ticket_hash: str
    session_hash: str = field(repr=False)


class SignIn:
    """Implements `bot.ports.SignsIn`."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def issue(self, member_slug: str) -> str:
        """The secret of a new one-use link for a member; it works for 10 minutes.

        NobodyOfThatName when there is no such member.
        """
        ticket = secrets.token_urlsafe(32)
        known = await self._store.write(_issue, _Issue(member_slug, _hash(ticket)))
        if known is not None:
            raise NobodyOfThatName(_nobody(member_slug, known))
        return ticket

    async def exchange(self, one_time: str) -> str | None:
        session = secrets.token_urlsafe(32)
        command = _Exchange(_hash(one_time), _hash(session))
        is_open = await self._store.write(_exchange, command, key=command.ticket_hash)
        return session if is_open else None

    async def recognise(self, session: str) -> ChatIdentity | None:
        hashed = _hash(session)
        member = await self._store.read(lambda tx: _holder(tx, hashed))
        return None if member is None else ChatIdentity(CHAT, member.slug)

    async def sign_out(self, session: str) -> None:
        await self._store.write(_close, _hash(session))


def _issue(tx: Tx, commands: Sequence[_Issue]) -> list[list[str] | None]:
    """None when it was issued, else the slugs that there are."""
    everybody = {
        member.slug: member
        for brand in tx.accounts.brands()
        for member in tx.people.of_brand(brand.id)
    }
    now = tx.now()
    tx.sessions.forget_expired(now)
    answers: list[list[str] | None] = []
    for command in commands:
        member = everybody.get(command.slug)
        if member is None:
            answers.append(sorted(everybody))
            continue
        _add(tx, member, command.ticket_hash, by=member.id)
        answers.append(None)
    return answers


def issue(tx: Tx, member: Member, ticket: str, *, by: MemberId) -> None:
    """The secret of a one-use link becomes one that signs `member` in."""
    _add(tx, member, _hash(ticket), by=by)


def _add(tx: Tx, member: Member, ticket_hash: str, *, by: MemberId) -> None:
    tx.sessions.add_ticket(ticket_hash, member.id, Moment(tx.now() + TICKET_LIFE))
    _audit(tx, member, "console_link_issued", by=by)


def _exchange(tx: Tx, commands: Sequence[_Exchange]) -> list[bool]:
    return [_exchange_one(tx, command) for command in commands]


def _exchange_one(tx: Tx, command: _Exchange) -> bool:
    now = tx.now()
    member_id = tx.sessions.spend_ticket(command.ticket_hash, now)
    if member_id is None:
        return False
    member = tx.people.get(member_id)
    if not member.is_active:
        return False
    tx.sessions.open(command.session_hash, member_id, Moment(now + SESSION_LIFE))
    _audit(tx, member, "signed_in")
    tx.events.add(
        EventKind.MEMBER_SIGNED_IN,
        member.brand_id,
        Subject.MEMBER,
        member.id,
        now,
        member_id=member.id,
    )
    return True


def _close(tx: Tx, hashes: Sequence[str]) -> list[None]:
    for hashed in hashes:
        tx.sessions.close(hashed)
    return [None] * len(hashes)


def _holder(tx: Tx, hashed: str) -> Member | None:
    member_id: MemberId | None = tx.sessions.whose(hashed, tx.now())
    if member_id is None:
        return None
    member = tx.people.get(member_id)
    return member if member.is_active else None


def _audit(tx: Tx, member: Member, action: str, *, by: MemberId | None = None) -> None:
    tx.audits.add(
        member.brand_id,
        action,
        Subject.MEMBER,
        member.id,
        tx.now(),
        member_id=by or member.id,
        chat=CHAT,
    )


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _nobody(slug: str, known: Sequence[str]) -> str:
    if not known:
        return (
            "The desk has no members yet. Write them into replydesk.toml and start `replydesk run` "
            "once; it reads the team from there."
        )
    return (
        f"The desk knows no {slug!r}. It knows {', '.join(known)}; somebody new is known after "
        "`replydesk run` has read replydesk.toml again."
    )
