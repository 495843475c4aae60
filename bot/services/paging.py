"""Paging: the operations around one page, each a single transaction.

    wanted --begun--> sending --delivered--> delivered
      ^                  |
      '----not_taken-----'   with the same route, or the next one of the page

`begun` is the last commit before anything can arrive. What stands in `sending` after that may have
arrived: `doubted` sends it again, under the same key, and marked where the route knows no keys.
Once a route gave no answer twice, the next one is tried.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.cards.card import Card, CardKind, MemberName, Spans, plain
from bot.cards.incident_view import called, summary_of, test_card
from bot.model.channel import Channel, Place
from bot.model.due import DueRow
from bot.model.ids import SECOND, Moment, PageId
from bot.model.incident import Happened, Incident, IncidentState, Severity
from bot.model.member import Member, Tongue
from bot.model.oncall import Contact, Route
from bot.model.paging import OutgoingPage, Page, PageState
from bot.services.alarms import turned
from bot.services.cardboard import draw
from bot.services.deciding import DeskRules
from bot.services.lines import Lines
from bot.services.page_due import page_due
from bot.speech.speech import speech_in
from bot.store.tx import Tx

DOUBTS = 2
"""How often in a row a route may give no answer before the next one is tried."""
LONGEST_PAUSE = 60 * SECOND
FIRST_PAUSE = 2 * SECOND
HOW = "The desk paged somebody"


@dataclass(frozen=True, slots=True)
class Paging:
    """One page with everything that sending it takes, as it stands now.

    `route` None: the configuration does not name it any more. `user` is who the member is in the
    route's chat, `channel` where it mentions them; both are missing where they are not known.
    """

    page: Page
    incident: Incident | None
    route: Route | None
    member: Member | None
    user: str
    channel: Channel | None
    place: Place
    card: Card
    notice: Spans
    outgoing: OutgoingPage

    @property
    def is_wanted(self) -> bool:
        """A test always is."""
        return self.incident is None or self.page.is_needed_by(self.incident)


class Pagings:
    """Reads what due rows of pages are about. `console_url` is where people find the desk."""

    def __init__(self, lines: Lines, rules: DeskRules, console_url: str) -> None:
        self._lines = lines
        self._rules = rules
        self._console_url = console_url

    def read(self, tx: Tx, wanted: Sequence[PageId]) -> list[Paging]:
        return [self._read(tx, one) for one in wanted]

    def _read(self, tx: Tx, page_id: PageId) -> Paging:
        page = tx.pages.get(page_id)
        incident = None if page.incident_id is None else tx.incidents.get(page.incident_id)
        member = None if page.member_id is None else tx.people.get(page.member_id)
        oncall = self._rules.oncall
        route = oncall.routes.get(page.routes[page.route]) if page.routes else None
        channel = None if route is None else _channel(tx, page, route)
        tongue = _tongue(tx, page, member, channel)
        card = self._card(tx, page, incident, member, tongue)
        user = "" if route is None else _user(tx, member, route.chat)
        return Paging(
            page=page,
            incident=incident,
            route=route,
            member=member,
            user=user,
            channel=channel,
            place=_place(page, channel, tongue),
            card=card,
            notice=called(card.speech, _mentioned(tx, member), page),
            outgoing=self._outgoing(tx, page, incident, member, card),
        )

    def _card(
        self,
        tx: Tx,
        page: Page,
        incident: Incident | None,
        member: Member | None,
        tongue: Tongue,
    ) -> Card:
        if incident is None:
            name = "" if member is None else member.name
            return test_card(page.key, name, speech_in(tongue.language))
        row = tx.cards.of(CardKind.INCIDENT, incident.id)
        return draw(tx, row, self._lines, self._rules, tx.now(), tongue)

    def _outgoing(
        self, tx: Tx, page: Page, incident: Incident | None, member: Member | None, card: Card
    ) -> OutgoingPage:
        slug = "" if member is None else member.slug
        contact = self._rules.oncall.contacts.get(slug, Contact())
        link = f"{self._console_url}/cards/{card.key}" if incident and self._console_url else ""
        return OutgoingPage(
            key=page.key,
            brand=tx.accounts.brand(page.brand_id).name,
            incident=0 if incident is None else incident.id,
            kind=None if incident is None else incident.kind,
            severity=Severity.NOTICE if incident is None else incident.severity,
            summary=summary_of(card),
            details=plain(card.quote),
            link=link,
            at=page.created_at,
            member=slug,
            name="" if member is None else member.name,
            email=contact.email,
            phone=contact.phone,
            is_repeat=page.is_repeat,
        )


def _channel(tx: Tx, page: Page, route: Route) -> Channel | None:
    of_brand = tx.channels.of_brand(page.brand_id)
    return next((one for one in of_brand if one.slug == route.channel), None)


def _tongue(tx: Tx, page: Page, member: Member | None, channel: Channel | None) -> Tongue:
    """Of whoever reads it."""
    if channel is not None:
        return channel.tongue
    zone = tx.accounts.brand(page.brand_id).zone
    if member is None:
        return Tongue(zone=zone)
    return replace(member.tongue, zone=member.tongue.zone or zone)


def _place(page: Page, channel: Channel | None, tongue: Tongue) -> Place:
    if channel is not None:
        return channel.place
    return Place(page.place, "", tongue.language, tongue.zone or "UTC")


def _mentioned(tx: Tx, member: Member | None) -> MemberName | None:
    if member is None:
        return None
    return MemberName(member.slug, member.name, tuple(tx.people.identities(member.id)))


def _user(tx: Tx, member: Member | None, chat: str) -> str:
    if member is None or not chat:
        return ""
    known = tx.people.identities(member.id)
    return next((one.user for one in known if one.chat == chat), "")


@dataclass(frozen=True, slots=True)
class Begin:
    """`lasts`: milliseconds after which nothing of this try can arrive any more."""

    row: DueRow
    page: Page
    lease: int
    lasts: int


def begun(tx: Tx, commands: Sequence[Begin]) -> list[bool]:
    """False when nothing may be sent: somebody else is at it, or nobody is to be woken any more."""
    return [_begun(tx, one, tx.now()) for one in commands]


def _begun(tx: Tx, command: Begin, now: Moment) -> bool:
    page = command.page
    if page.incident_id is not None:
        incident = tx.incidents.locked(page.incident_id)
        if not page.is_needed_by(incident):
            _cancel(tx, command.row, page)
            return False
    return tx.due.keep(command.row, command.lease) and tx.pages.move(
        page,
        PageState.WANTED,
        PageState.SENDING,
        sending_until=now + command.lasts,
        tries=page.tries + 1,
    )


@dataclass(frozen=True, slots=True)
class Delivered:
    row: DueRow
    page: Page
    route: str
    receipt: str
    place: str = ""


def delivered(tx: Tx, commands: Sequence[Delivered]) -> list[None]:
    for one in commands:
        _delivered(tx, one, tx.now())
    return [None] * len(commands)


def _delivered(tx: Tx, command: Delivered, now: Moment) -> None:
    page = command.page
    moved = tx.pages.move(
        page,
        PageState.SENDING,
        PageState.DELIVERED,
        receipt=command.receipt,
        place=command.place,
        says="",
        sending_until=None,
        delivered_at=now,
        told=IncidentState.FIRING.value,
    )
    _end(tx, command.row)
    if moved and page.incident_id is not None:
        incident = tx.incidents.get(page.incident_id)
        facts: dict[str, Any] = {"name": _name(tx, page), "route": command.route}
        tx.incidents.happened(incident.id, Happened.DELIVERED, now, **facts)
        if page.role is None:
            turned(tx, incident, now, how=HOW)
        if incident.state is not IncidentState.FIRING:
            tx.due.put(page_due(page.id, now))


@dataclass(frozen=True, slots=True)
class NotTaken:
    """It is proved that nothing arrived. `wait`: what the route asks for, in milliseconds."""

    row: DueRow
    page: Page
    says: str
    wait: int = 0


def not_taken(tx: Tx, commands: Sequence[NotTaken]) -> list[None]:
    for one in commands:
        _onwards(tx, one.row, one.page, PageState.SENDING, one.says, one.wait)
    return [None] * len(commands)


@dataclass(frozen=True, slots=True)
class Doubted:
    """It may have arrived, and can no longer arrive."""

    row: DueRow
    page: Page
    knows_keys: bool
    says: str


def doubted(tx: Tx, commands: Sequence[Doubted]) -> list[None]:
    for one in commands:
        _doubted(tx, one, tx.now())
    return [None] * len(commands)


def _doubted(tx: Tx, command: Doubted, now: Moment) -> None:
    page, row = command.page, command.row
    is_repeat = page.is_repeat or not command.knows_keys
    doubts = page.doubts + 1
    if doubts >= DOUBTS:
        goes_on = _onwards(
            tx, row, replace(page, is_repeat=is_repeat), PageState.SENDING, command.says, 0
        )
    else:
        goes_on = tx.due.again(row, 0, counts=False) and tx.pages.move(
            page, PageState.SENDING, PageState.WANTED,
            is_repeat=is_repeat, doubts=doubts, says=command.says, sending_until=None,
        )  # fmt: skip
    if goes_on and is_repeat and page.incident_id is not None:
        facts: dict[str, Any] = {"name": _name(tx, page), "route": page.routes[page.route]}
        tx.incidents.happened(page.incident_id, Happened.SENT_AGAIN, now, **facts)


def _onwards(tx: Tx, row: DueRow, page: Page, old: PageState, says: str, wait: int) -> bool:
    """To the next route; after the last one to the first, with a pause that grows.

    A route that names how long it wants to be left alone is waited for only when it is the last.
    """
    if page.incident_id is None:
        return _give_up_test(tx, row, page, says)
    after = (page.route + 1) % max(1, len(page.routes))
    pause = max(wait, _pause(page)) if after == 0 else 0
    if not tx.due.again(row, pause, error=says, counts=False):
        return False
    moved = tx.pages.move(
        page, old, PageState.WANTED,
        route=after, doubts=0, is_repeat=page.is_repeat, says=says, sending_until=None,
    )  # fmt: skip
    if moved and (not page.says or after == 0):
        now = tx.now()
        if not _was_told(page):
            facts: dict[str, Any] = {"name": _name(tx, page), "says": says}
            tx.incidents.happened(page.incident_id, Happened.UNDELIVERED, now, **facts)
        turned(tx, tx.incidents.get(page.incident_id), now, how=HOW)
    return moved


def _give_up_test(tx: Tx, row: DueRow, page: Page, says: str) -> bool:
    """A test says how it is now; nobody waits for it."""
    return _end(tx, row) and tx.pages.move(
        page, PageState.SENDING, PageState.CANCELLED, says=says, sending_until=None
    )


def _was_told(page: Page) -> bool:
    """The timeline says it when all routes were tried once, and not at every try."""
    return page.tries != len(page.routes)


def _pause(page: Page) -> int:
    cycles = page.tries // max(1, len(page.routes))
    return min(LONGEST_PAUSE, FIRST_PAUSE << min(10, max(0, cycles - 1)))


def cancelled(tx: Tx, commands: Sequence[tuple[DueRow, Page]]) -> list[None]:
    """Nobody is to be woken any more."""
    for row, page in commands:
        _cancel(tx, row, page)
    return [None] * len(commands)


def _cancel(tx: Tx, row: DueRow, page: Page) -> None:
    if _end(tx, row):
        tx.pages.move(page, page.state, PageState.CANCELLED, sending_until=None)


def told(tx: Tx, commands: Sequence[tuple[DueRow, Page, IncidentState]]) -> list[None]:
    """The route knows how the incident stands; should it have moved on meanwhile, once more."""
    for row, page, state in commands:
        now_is = state if page.incident_id is None else tx.incidents.get(page.incident_id).state
        goes_on = _end(tx, row) if now_is is state else tx.due.again(row, 0, counts=False)
        if goes_on:
            tx.pages.note(page.id, told=state.value)
        elif now_is is not state:
            # the lease was lost, and this may have arrived after what the heir told
            tx.pages.note(page.id, told=None)
            tx.due.put(page_due(page.id, tx.now()))
    return [None] * len(commands)


def later(tx: Tx, commands: Sequence[tuple[DueRow, int, str]]) -> list[None]:
    """Due again after a wait in milliseconds; one try used up."""
    for row, wait, says in commands:
        tx.due.again(row, wait, error=says)
    return [None] * len(commands)


def ended(tx: Tx, commands: Sequence[DueRow]) -> list[None]:
    for row in commands:
        _end(tx, row)
    return [None] * len(commands)


def _end(tx: Tx, row: DueRow) -> bool:
    if not tx.due.done(row):
        return False
    tx.due.drop(row.key)
    return True


def _name(tx: Tx, page: Page) -> str:
    return "" if page.member_id is None else tx.people.get(page.member_id).name
