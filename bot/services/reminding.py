"""Reminding: whoever a planned post waits for is told before its time, and others in their place.

    waits, with a time   one due row: the next of the moments before it that the team has set
    the first moments    whoever has posts in their direct messages is called, else every approver;
                         for one who is away, their stand-in
    the last moment      the stand-ins of all who have not decided too
    decided, moved       the row goes or moves, and what was told says that it is over
    its time             it goes back to its author (`lapsing`): it is never late

A stand-in is whom the configuration names, while they are here and may approve this very post; else
every other approver who is on shift, and where nobody is, everyone who is here. A reminder is a
message of its own, so that a chat tells of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.cards.card import CardKind
from bot.model.approval import ApprovalSubject
from bot.model.channel import Channel, Shows
from bot.model.due import NEVER_DEAD, DueRow, Lane, NewDue
from bot.model.event import EventKind, Subject
from bot.model.ids import MINUTE, Moment, PostId
from bot.model.member import Member
from bot.model.peak import Rolling, RollKind
from bot.model.post import Post, PostState
from bot.services import rolling
from bot.services.awaiting import waits_for
from bot.services.deciding import DeskRules
from bot.services.duties import on_duty
from bot.services.policing import in_force
from bot.store.tx import Tx

EVERY = 10 * MINUTE
"""Milliseconds between two redraws of what was told."""


def settle(tx: Tx, post_id: PostId, before: Sequence[int], now: Moment) -> None:
    """After whatever was decided about the post; `before` its time, in milliseconds."""
    post = tx.posts.get(post_id)
    waits = post.state is PostState.WAITING
    ahead = _ahead(post, before, now) if waits else []
    if ahead:
        arg = {"post": post_id}
        tx.due.put(
            NewDue("reminder", _key(post_id), Lane.CARDS, ahead[0], arg, max_attempts=NEVER_DEAD)
        )
    else:
        tx.due.drop(_key(post_id))
    if not waits:
        _end(tx, post, now)


def _ahead(post: Post, before: Sequence[int], now: Moment) -> list[Moment]:
    """The moments to come, the next first."""
    if post.slot is None:
        return []
    return sorted(Moment(post.slot - one) for one in before if post.slot - one > now)


class Reminding:
    """The task behind the row of each post."""

    def __init__(self, rules: DeskRules) -> None:
        self._rules = rules

    def remind(self, tx: Tx, rows: Sequence[DueRow]) -> list[None]:
        for row in rows:
            number = PostId(row.arg["post"])
            tx.cards.lock_of(CardKind.POST, number)  # it may be decided at the same moment
            if tx.due.done(row):
                self._remind(tx, tx.posts.get(number), tx.now())
        return [None] * len(rows)

    def _remind(self, tx: Tx, post: Post, now: Moment) -> None:
        if post.state is not PostState.WAITING or post.slot is None or now >= post.slot:
            return
        _end(tx, post, now)
        found = called(tx, self._rules, post, now)
        for channel in _where(tx, post, found):
            rolling.begin(tx, post.brand_id, channel.id, _about(post), EVERY, now)
        kind, subject = EventKind.POST_REMINDED, Subject.POST
        tx.events.add(kind, post.brand_id, subject, post.id, now)
        names = ",".join(one.slug for one in found)
        tx.audits.add(post.brand_id, kind.value, subject, post.id, now, called=names)
        settle(tx, post.id, self._rules.remind_before, now)


def called(tx: Tx, rules: DeskRules, post: Post, now: Moment) -> list[Member]:
    """Whom a reminder calls now, those that are in somebody's place after the others."""
    policy = in_force(tx, post.brand_id, rules.policies)[ApprovalSubject.POST]
    team = tx.people.of_brand(post.brand_id)
    able = [one for one in team if waits_for(tx, post, one, policy)]
    alone = {one.member_id for one in tx.channels.direct(post.brand_id)}
    asked = [one for one in able if one.id in alone] or able
    is_last = not _ahead(post, rules.remind_before, now)
    passing = [one for one in asked if is_last or one.is_away(now)]
    here = [one for one in able if not one.is_away(now)]
    standing = [two for one in passing for two in _in_place_of(tx, one, here, rules, now)]
    first = [one for one in asked if not one.is_away(now)]
    return list({one.id: one for one in (*first, *standing)}.values())


def _in_place_of(
    tx: Tx, absent: Member, here: Sequence[Member], rules: DeskRules, now: Moment
) -> list[Member]:
    others = [one for one in here if one.id != absent.id]
    named = [one for one in others if one.slug == rules.stand_ins.get(absent.slug)]
    on_shift = {one.member.id for one in on_duty(tx, absent.brand_id, now)}
    return named or [one for one in others if one.id in on_shift] or others


def _where(tx: Tx, post: Post, found: Iterable[Member]) -> list[Channel]:
    """The channels that show posts, and the direct messages of those who are called."""
    ids = {one.id for one in found}
    shared = [one for one in tx.channels.of_brand(post.brand_id) if Shows.POSTS in one.shows]
    return shared + [one for one in tx.channels.direct(post.brand_id) if one.member_id in ids]


def _end(tx: Tx, post: Post, now: Moment) -> None:
    """What was told before says that it is over."""
    told = (*tx.channels.of_brand(post.brand_id), *tx.channels.direct(post.brand_id))
    for channel in told:
        number = rolling.going_on(tx, channel.id, _about(post))
        if number is not None and tx.peaks.end(number, now):
            tx.due.drop(rolling.key_of(number))
            tx.cards.turn(CardKind.PEAK, number, now, how="The desk counted again")


def _about(post: Post) -> Rolling:
    return Rolling(RollKind.APPROVAL, post.id)


def _key(post_id: PostId) -> str:
    return f"reminder:{post_id}"
