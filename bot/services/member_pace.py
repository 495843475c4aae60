"""A member's own digest and quiet hours.

    digest        a direct message with what waits for them: at the times they chose, and when their
                  quiet hours are over; nothing with them is no message
    quiet hours   what is posted then says their name and mentions nobody

One due row for each member, put off to the next time in the transaction that takes it up, before
anything is sent: each time is told at most once, whatever dies when and however the clock is set.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.model import commands as c
from bot.model.commands import Outcome
from bot.model.due import NEVER_DEAD, DueRow, Lane, NewDue
from bot.model.event import EventKind, Subject
from bot.model.ids import MemberId, Moment
from bot.model.member import ChatIdentity, Member
from bot.model.oncall import Hours, Quiet
from bot.model.pace import Pace
from bot.services.deciding import Deciding, done, refused
from bot.store.tx import Tx

ALONE = frozenset({"console", "relay"})
"""Chats in which nobody can be written to."""


def set_digest(deciding: Deciding, command: c.SetDigest) -> Outcome:
    identities = deciding.tx.people.identities(deciding.member.id)
    if command.times and all(one.chat in ALONE for one in identities):
        return refused("No chat knows you yet. Link one first, then choose the times again.")
    _keep(deciding, replace(deciding.member.pace, digest=command.times, zone=_zone(deciding)))
    if command.times:
        return done("Your digest comes at these times. Nothing with you is no message.")
    return done("You get no digest at set times any more.")


def set_quiet(deciding: Deciding, command: c.SetQuiet) -> Outcome:
    zone, quiet = _zone(deciding), None
    if command.hours is not None:
        quiet = Quiet(Hours(*command.hours, zone))
    _keep(deciding, replace(deciding.member.pace, quiet=quiet, zone=zone))
    if quiet is None:
        return done("You have no quiet hours any more.")
    return done("Nobody mentions you then. What waits for you is told at their end.")


def _zone(deciding: Deciding) -> str:
    member = deciding.member
    return member.tongue.zone or deciding.tx.accounts.brand(member.brand_id).zone


def _keep(deciding: Deciding, pace: Pace) -> None:
    tx, member, now = deciding.tx, deciding.member, deciding.now
    tx.people.set_pace(member.id, pace)
    at = pace.digest_at(now)
    if at is None:
        tx.due.drop(_key(member.id))
    else:
        tx.due.put(digest_due(member.id, at))
    kind, how = EventKind.MEMBER_CHANGED, "chose when to be told"
    tx.events.add(
        kind, member.brand_id, Subject.MEMBER, member.id, now, member_id=member.id, how=how
    )
    tx.audits.add(
        member.brand_id, "pace_chosen", Subject.MEMBER, member.id, now,
        member_id=member.id, chat=deciding.identity.chat,
    )  # fmt: skip


def digest_due(member_id: MemberId, at: Moment) -> NewDue:
    arg = {"member": member_id}
    return NewDue("digest", _key(member_id), Lane.CARDS, at, arg, max_attempts=NEVER_DEAD)


def _key(member_id: MemberId) -> str:
    return f"digest:{member_id}"


@dataclass(frozen=True, slots=True)
class Told:
    """Who is to be told now, and where they can be."""

    member: Member
    identities: tuple[ChatIdentity, ...]


def turn_over(tx: Tx, rows: Sequence[DueRow]) -> list[Told | None]:
    """The next time is set; None where nobody is to be told at this one."""
    return [_turn_over(tx, row) for row in rows]


def _turn_over(tx: Tx, row: DueRow) -> Told | None:
    member = tx.people.get(MemberId(row.arg["member"]))
    if not tx.due.done(row) or not member.is_active:
        return None
    now = tx.now()
    at = member.pace.digest_at(Moment(max(now, row.due_at)))
    if at is not None:
        tx.due.put(digest_due(member.id, at))
    known = tuple(one for one in tx.people.identities(member.id) if one.chat not in ALONE)
    return Told(member, known) if known and not member.is_away(now) else None


def again(tx: Tx, commands: Sequence[tuple[MemberId, int]]) -> list[None]:
    """Proved not told: once more after so many milliseconds."""
    for member_id, wait in commands:
        tx.due.put(digest_due(member_id, Moment(tx.now() + wait)))
    return [None] * len(commands)


def mentions_of(tx: Tx, member: Member, now: Moment) -> tuple[ChatIdentity, ...]:
    """Who they are in the chats; nobody in their quiet hours."""
    is_quiet = member.pace.awake_at(now) > now
    return () if is_quiet else tuple(tx.people.identities(member.id))
