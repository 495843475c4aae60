"""The rota: who is on call now and next, who stands in, and whether pages reach people at all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from bot.cards.oncall_board import Moved, OnCallBoard, Reach, Turn
from bot.model import commands as c
from bot.model.commands import Outcome
from bot.model.event import EventKind, Subject
from bot.model.ids import DAY, BrandId, MemberId, Moment
from bot.model.incident import IncidentState
from bot.model.member import Member, Role
from bot.model.oncall import ROTATION, OnCall, Override, Rotation, RouteKind
from bot.model.paging import Page, PageState
from bot.model.signal import KIND_OF, WatchRule
from bot.services.deciding import Deciding, done, lacks_role, refused
from bot.services.heeding import heeded
from bot.services.page_due import page_due
from bot.speech.speech import marked
from bot.store.card_refs import new_key
from bot.store.tx import Tx

PROVED_FOR = 90 * DAY
"""How long an arrived page proves that a route reaches somebody."""
LONGEST = 31 * DAY
ON_THEIR_WAY = marked("{count} test pages are on their way. Ask again in a moment who was reached.")
EXPECTED = marked(
    "Until then nobody is told of more than usual. Complaints and harm page as always."
)
NOT_ON_CALL = marked("Nobody is on call here: [oncall] in replydesk.toml has no policies.")


def board(
    tx: Tx, oncall: OnCall, watch: WatchRule, brand_id: BrandId, now: Moment
) -> OnCallBoard | None:
    """None where nobody is ever paged."""
    if not oncall.is_on:
        return None
    overrides = tx.overrides.ahead(brand_id, now)
    rotations = [one for one in oncall.rotations.values() if _is_of(tx, one, brand_id)]
    firing = [one for one in tx.incidents.open_in(brand_id) if one.state is IncidentState.FIRING]
    return OnCallBoard(
        turns=tuple(_turn(tx, brand_id, one, overrides, now) for one in rotations),
        reaches=tuple(_reaches(tx, oncall, brand_id, now)),
        firing=len(firing),
        peak_until=tx.overrides.peak_until(brand_id, now),
        moved=tuple(_moved(tx, watch, brand_id, now)),
    )


def _moved(tx: Tx, watch: WatchRule, brand_id: BrandId, now: Moment) -> Iterator[Moved]:
    knobs = heeded(tx, watch, now)
    for stream, kind in KIND_OF.items():
        borne, asked = knobs.of(brand_id, stream).false_pages_a_week, watch.false_pages_a_week
        if borne != asked:
            yield Moved(kind, borne, asked)


def _is_of(tx: Tx, rotation: Rotation, brand_id: BrandId) -> bool:
    return any(tx.people.by_slug(brand_id, slug) for slug in rotation.members)


def _turn(
    tx: Tx, brand_id: BrandId, rotation: Rotation, overrides: Sequence[Override], now: Moment
) -> Turn:
    shift = rotation.on_call(now, overrides)
    after = rotation.on_call(shift.until, overrides)
    planned = rotation.planned(now)
    names = [_name(tx, brand_id, one.member) for one in (shift, after)]
    return Turn(rotation.slug, names[0], shift.until, names[1], shift.member != planned.member)


def _name(tx: Tx, brand_id: BrandId, slug: str) -> str:
    member = tx.people.by_slug(brand_id, slug)
    return slug if member is None else member.name


def _reaches(tx: Tx, oncall: OnCall, brand_id: BrandId, now: Moment) -> Iterator[Reach]:
    proved = tx.pages.proved(brand_id, now - PROVED_FOR)
    tests = {(one.member_id, one.routes[0]): one for one in tx.pages.tests(brand_id)}
    for member, routes in _pairs(tx, oncall, brand_id):
        if member is None:
            continue
        arrived = tuple(
            (route, proved[member.id, route]) for route in routes if (member.id, route) in proved
        )
        failed = tuple(
            (route, why)
            for route in routes
            if (why := _why_failed(tests.get((member.id, route)), proved.get((member.id, route))))
        )
        yield Reach(member.name, arrived, failed)


def _why_failed(test: Page | None, proved: Moment | None) -> str:
    """Of the last test; empty when it arrived, or when something arrived after it."""
    if test is None or test.state is PageState.DELIVERED or not test.says:
        return ""
    return "" if proved is not None and proved > test.created_at else test.says


def _pairs(
    tx: Tx, oncall: OnCall, brand_id: BrandId
) -> list[tuple[Member | None, tuple[str, ...]]]:
    """Everybody whom a policy of the brand may page, with the routes that it would take."""
    brand = tx.accounts.brand(brand_id).slug
    found: dict[MemberId | None, tuple[Member | None, list[str]]] = {}
    for policy in oncall.policies:
        if policy.brands and brand not in policy.brands:
            continue
        for step in policy.steps:
            for member in _everybody(tx, oncall, brand_id, step.who):
                key = None if member is None else member.id
                routes = found.setdefault(key, (member, []))[1]
                routes += [one for one in step.routes if one not in routes]
    return [(member, tuple(routes)) for member, routes in found.values()]


def _everybody(
    tx: Tx, oncall: OnCall, brand_id: BrandId, who: Sequence[str]
) -> Iterator[Member | None]:
    """None where a step pages its routes alone."""
    if not who:
        yield None
    for one in who:
        rotation = oncall.rotations.get(one.removeprefix(ROTATION))
        slugs = rotation.members if one.startswith(ROTATION) and rotation else (one,)
        for slug in slugs:
            member = tx.people.by_slug(brand_id, slug)
            if member is not None and member.is_active:
                yield member


def stand_in(deciding: Deciding, command: c.StandIn) -> Outcome:
    """Somebody is on call instead of whoever the plan names, from now on until then."""
    tx, say, now = deciding.tx, deciding.speech.say, deciding.now
    oncall, brand_id = deciding.rules.oncall, deciding.member.brand_id
    rotations = [one for one in oncall.rotations.values() if _is_of(tx, one, brand_id)]
    if not rotations:
        return refused(NOT_ON_CALL)
    wanted = [one for one in rotations if command.rotation in {"", one.slug}]
    if len(wanted) != 1:
        names = ", ".join(one.slug for one in rotations)
        return refused(say("Say for which rotation: {names}.", names=names))
    member = tx.people.by_slug(brand_id, command.member)
    if member is None or not member.is_active:
        shown = repr(command.member[:40])
        return refused(say("There is no member called {name} on this desk.", name=shown))
    if not member.role.includes(Role.AGENT):
        return refused(say("{name} may only look, so cannot be on call.", name=member.name))
    objection = None if member.id == deciding.member.id else lacks_role(deciding, Role.MANAGER)
    if objection is not None:
        return objection
    if not now < command.until <= now + LONGEST:
        return refused(say("Write a time within the next 31 days."))
    made = Override(wanted[0].slug, member.slug, now, command.until)
    tx.overrides.add(brand_id, made, member.id, deciding.member.id)
    how = f"put {member.name} on call"
    _write(deciding, member.id, "stood_in", how, rotation=made.rotation, until=made.until)
    return done(say("{name} is on call now, instead of the plan.", name=member.name))


def test_pages(deciding: Deciding) -> Outcome:
    """A real page by each route to everybody whom a policy may page, marked as a test."""
    tx, oncall = deciding.tx, deciding.rules.oncall
    if not oncall.is_on:
        return refused(NOT_ON_CALL)
    sent = 0
    for member, routes in _pairs(tx, oncall, deciding.member.brand_id):
        for route in routes:
            if member is None and oncall.routes[route].kind in _PERSONAL:
                continue
            page_id = tx.pages.add(
                deciding.member.brand_id,
                None,
                None if member is None else member.id,
                0,
                [route],
                new_key(),
                deciding.now,
            )
            tx.due.add([page_due(page_id, deciding.now)])
            sent += 1
    _write(deciding, deciding.member.id, "pages_tested", "tested the pages", sent=sent)
    return done(deciding.speech.say(ON_THEIR_WAY, count=sent))


_PERSONAL = frozenset({RouteKind.DIRECT, RouteKind.CHANNEL, RouteKind.EMAIL})


def expect_peak(deciding: Deciding, command: c.ExpectPeak) -> Outcome:
    """More than usual is to come: notices of that wait, complaints and harm do not."""
    say, now = deciding.speech.say, deciding.now
    if not now < command.until <= now + 7 * DAY:
        return refused(say("Write a time within the next 7 days."))
    brand_id = deciding.member.brand_id
    deciding.tx.overrides.expect(brand_id, command.until, command.reason, deciding.member.id, now)
    how = "said that a peak is expected"
    _write(deciding, deciding.member.id, "peak_expected", how, until=command.until)
    return done(say(EXPECTED))


def _write(deciding: Deciding, member_id: MemberId, action: str, how: str, **facts: Any) -> None:
    tx, by = deciding.tx, deciding.member
    tx.audits.add(
        by.brand_id, action, Subject.MEMBER, member_id, deciding.now,
        member_id=by.id, chat=deciding.identity.chat, **facts,
    )  # fmt: skip
    tx.events.add(
        EventKind.MEMBER_CHANGED, by.brand_id, Subject.MEMBER, member_id, deciding.now,
        member_id=by.id, how=how,
    )  # fmt: skip


HOWS = (
    marked("tested the pages"),
    marked("said that a peak is expected"),
)
