"""A member's own digest and quiet hours.

    digest        a direct message with what waits for them: at the times they chose, and when their
                  quiet hours are over; nothing with them is no message
    quiet hours   what is posted then says their name and mentions nobody

One due row for each member. That a message is on its way is noted in it before it is sent, under a
key of its own; the row goes on to the next time once it is known what became of that. So each time
is told once, whatever dies when and however the clock is set.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.model import commands as c
from bot.model.commands import Outcome
from bot.model.due import NEVER_DEAD, DueRow, Lane, NewDue
from bot.model.event import EventKind, Subject
from bot.model.ids import MemberId, Moment, PostKey
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


@dataclass(frozen=True, slots=True)
class Way:
    """A message on its way to a member: in which chat, and when it can no longer arrive."""

    key: PostKey
    identity: ChatIdentity
    since: Moment
    until: Moment
    is_repeat: bool = False


def told_now(tx: Tx, row: DueRow) -> Told | None:
    """None where nobody is to be told at this time."""
    member = tx.people.get(MemberId(row.arg["member"]))
    known = tuple(one for one in tx.people.identities(member.id) if one.chat not in ALONE)
    is_here = member.is_active and not member.is_away(tx.now())
    return Told(member, known) if known and is_here else None


def on_its_way(tx: Tx, commands: Sequence[tuple[DueRow, Way]]) -> list[bool]:
    """Noted before it is sent; False where somebody else has the row by now."""
    return [tx.due.note(row, _noted(row, way)) for row, way in commands]


def way_of(row: DueRow) -> Way | None:
    """What is on its way by what an earlier try noted."""
    noted = row.arg.get("way")
    if noted is None:
        return None
    key, chat, user, since, until, is_repeat = noted
    identity = ChatIdentity(chat, user)
    return Way(PostKey(key), identity, Moment(since), Moment(until), is_repeat)


def _noted(row: DueRow, way: Way) -> dict[str, object]:
    who = way.identity
    noted = [way.key, who.chat, who.user, way.since, way.until, way.is_repeat]
    return {"member": row.arg["member"], "way": noted}


def not_sent(tx: Tx, commands: Sequence[tuple[DueRow, int]]) -> list[None]:
    """Proved not told: once more after so many milliseconds."""
    for row, wait in commands:
        tx.due.note(row, {"member": row.arg["member"]})
        tx.due.again(row, wait, counts=False)
    return [None] * len(commands)


def turn_over(tx: Tx, rows: Sequence[DueRow]) -> list[None]:
    """The next time is set."""
    for row in rows:
        member = tx.people.get(MemberId(row.arg["member"]))
        if tx.due.done(row) and member.is_active:
            at = member.pace.digest_at(Moment(max(tx.now(), row.due_at)))
            if at is not None:
                tx.due.put(digest_due(member.id, at))
    return [None] * len(rows)


def mentions_of(tx: Tx, member: Member, now: Moment) -> tuple[ChatIdentity, ...]:
    """Who they are in the chats; nobody in their quiet hours."""
    is_quiet = member.pace.awake_at(now) > now
    return () if is_quiet else tuple(tx.people.identities(member.id))
