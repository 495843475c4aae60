"""Pages: one person told of one incident, on whichever of their routes takes it.

    wanted --last commit--> sending --the route took it--> delivered --it is over--> told there too
      ^                        |
      '--not taken: next route-'     outcome unknown: the same key again where the route knows keys,
      |                              else sent again, marked
      '--> cancelled                 somebody acknowledged before it was sent

Whoever was given a role in it by somebody else is told in the same way while they have it.
A page is recorded before it is sent and its outcome after. It is tried until a route takes it or
the incident needs nobody any more; while none does, the incident says that it is undelivered.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.model.ids import BrandId, IncidentId, MemberId, Moment, PageId, PostKey
from bot.model.incident import AlertKind, Incident, IncidentRole, IncidentState, Severity


class PageState(StrEnum):
    WANTED = "wanted"
    SENDING = "sending"
    """The request may have left; its outcome is not stored."""
    DELIVERED = "delivered"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Page:
    """`incident_id` None is a test page. `member_id` None pages the routes alone.

    `role` is what the member was given; None wakes them because the incident fires.
    """

    id: PageId
    brand_id: BrandId
    incident_id: IncidentId | None
    member_id: MemberId | None
    routes: tuple[str, ...]
    key: PostKey
    """What a route that knows keys tells repeats by: the same for every try."""
    state: PageState
    created_at: Moment
    turn: int = 0
    route: int = 0
    """Which of the routes is tried now."""
    tries: int = 0
    is_repeat: bool = False
    """It may have arrived before, where no key tells."""
    doubts: int = 0
    """How often in a row this route gave no answer."""
    sending_until: Moment | None = None
    """After this nothing of a try can arrive any more."""
    place: str = ""
    """The chat's own id of where the message stands."""
    receipt: str = ""
    """The route's own proof: a message, a request id, a queue number."""
    says: str = ""
    """Why it was not taken, as a sentence; empty while nothing went wrong."""
    delivered_at: Moment | None = None
    told: IncidentState | None = None
    """What the route was last told of the incident, after the page."""
    role: IncidentRole | None = None

    @property
    def is_undelivered(self) -> bool:
        """It was tried, and nobody took it yet."""
        return self.state in {PageState.WANTED, PageState.SENDING} and bool(self.says)

    def is_needed_by(self, incident: Incident) -> bool:
        """Whether it may still be sent."""
        if self.role is None:
            return incident.state is IncidentState.FIRING
        return incident.is_open and incident.in_role(self.role) == self.member_id


@dataclass(frozen=True, slots=True)
class OutgoingPage:
    """A page as it leaves through a route that is no chat: plain text, in the member's language.

    `summary` is one line. `link` may be empty. `incident` 0 is a test.
    """

    key: PostKey
    brand: str
    incident: int
    kind: AlertKind | None
    severity: Severity
    summary: str
    details: str
    link: str
    at: Moment
    member: str = ""
    """Slug; empty pages the route alone."""
    name: str = ""
    email: str = ""
    phone: str = ""
    is_repeat: bool = False


@dataclass(frozen=True, slots=True)
class PagerAbilities:
    """`knows_keys`: the same page sent twice is one page there."""

    title: str
    knows_keys: bool
    answer_seconds: float = 2.0
    """How long a try may take in all."""
