"""The week: posts that wait for the reader's yes, one at a time, in the order in which they leave.

The reader stands at a post, not at a number of a page: what others decide meanwhile moves nothing,
and a post that waits no more gives its place to the next. A yes is given on the card itself, to its
revision, as everywhere.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from bot.cards.card import CardKind
from bot.cards.week import NONE, WeekPage, WeekQuery
from bot.model.approval import ApprovalSubject
from bot.model.ids import DAY, BrandId, Moment, PostId
from bot.model.member import Member
from bot.services import cardboard
from bot.services.awaiting import waits_for
from bot.services.deciding import DeskRules, why_not
from bot.services.lines import Lines
from bot.services.policing import in_force
from bot.speech.speech import speech_in
from bot.store.posts import Place
from bot.store.tx import Tx

AHEAD = 7 * DAY
"""Milliseconds; a post that leaves as soon as it is approved is of this week too."""


def page(
    tx: Tx, member: Member, query: WeekQuery, lines: Lines, rules: DeskRules, now: Moment
) -> WeekPage:
    speech = speech_in(member.tongue.language)
    zone = member.tongue.zone or tx.accounts.brand(member.brand_id).zone
    policy = in_force(tx, member.brand_id, rules.policies)[ApprovalSubject.POST]
    refusal = why_not(tx, member, policy.role)
    if refusal:
        return WeekPage(refusal=refusal, speech=speech, zone=zone)
    waiting = [
        place
        for place in tx.posts.waiting(member.brand_id, Moment(now + AHEAD))
        if waits_for(tx, tx.posts.get(place.post), member, policy)
    ]
    if not waiting:
        return WeekPage(speech=speech, zone=zone)
    row = tx.cards.of(CardKind.POST, _chosen(tx, member.brand_id, waiting, query))
    card = cardboard.draw(tx, row, lines, rules, now, member.tongue)
    left = len(waiting)
    return WeekPage(card, left, max(left, query.total), zone, speech=speech)


def _chosen(tx: Tx, brand_id: BrandId, waiting: Sequence[Place], query: WeekQuery) -> PostId:
    stood = None if query.near == NONE else tx.posts.place(brand_id, query.near)
    if stood is None:
        return waiting[0].post
    at = bisect_right(waiting, stood) if query.step > 0 else bisect_left(waiting, stood)
    return waiting[(at - (query.step < 0)) % len(waiting)].post
