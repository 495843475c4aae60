"""Due rows of pages: wherever a page stands, it is told how its incident goes on.

In a chat the message is redrawn, so that no copy offers what was decided elsewhere; a pager that
keeps alerts open is told that somebody is at it, or that it is over.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.model.due import NEVER_DEAD, Lane, NewDue
from bot.model.ids import MINUTE, IncidentId, MemberId, Moment, PageId
from bot.model.incident import Incident, IncidentRole
from bot.model.paging import PageState
from bot.store.card_refs import new_key
from bot.store.tx import Tx


def want_page(
    tx: Tx,
    incident: Incident,
    member_id: MemberId | None,
    turn: int,
    routes: Sequence[str],
    now: Moment,
    role: IncidentRole | None = None,
) -> None:
    """Writes one that is due at once."""
    page_id = tx.pages.add(
        incident.brand_id, incident.id, member_id, turn, routes, new_key(), now, role
    )
    tx.due.add([page_due(page_id, now)])


def page_due(page_id: PageId, at: Moment) -> NewDue:
    """It recurs for the sake of clocks that are set back; it ends when it is dropped."""
    arg = {"page": page_id}
    return NewDue("page", page_key(page_id), Lane.PAGES, at, arg, MINUTE, NEVER_DEAD)


def page_key(page_id: PageId) -> str:
    return f"page:{page_id}"


def tell_pages(tx: Tx, incident_id: IncidentId, now: Moment) -> None:
    """Every page that was delivered is due again; one that is being sent looks by itself."""
    for page in tx.pages.of_incident(incident_id):
        if page.state is PageState.DELIVERED:
            tx.due.put(page_due(page.id, now))


def redraw_pages(tx: Tx, incident_id: IncidentId, now: Moment) -> None:
    """As `tell_pages`, also where its state is known: what the card shows is another now."""
    for page in tx.pages.of_incident(incident_id):
        if page.state is PageState.DELIVERED:
            tx.pages.note(page.id, told=None)
    tell_pages(tx, incident_id, now)
