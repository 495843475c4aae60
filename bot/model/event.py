"""Domain events: past tense, written in the transaction that made them true."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from bot.model.ids import BrandId, EventId, MemberId, Moment
from bot.model.publication import PublicationState


class EventKind(StrEnum):
    ITEM_RECEIVED = "item_received"
    ITEM_EDITED = "item_edited"
    ITEM_REMOVED = "item_removed"
    ITEM_TRIAGED = "item_triaged"
    ITEM_ANSWERED_NATIVELY = "item_answered_natively"
    ITEM_CLOSED = "item_closed"
    ITEM_REOPENED = "item_reopened"
    ITEM_ASSIGNED = "item_assigned"
    ITEM_SNOOZED = "item_snoozed"
    ITEM_WOKE = "item_woke"
    ITEM_MODERATED = "item_moderated"
    ITEM_ESCALATED = "item_escalated"
    ITEM_LABELLED = "item_labelled"
    QUESTION_ASKED = "question_asked"
    QUESTION_ANSWERED = "question_answered"
    QUESTION_WITHDRAWN = "question_withdrawn"
    QUESTION_LATE = "question_late"
    NOTE_WRITTEN = "note_written"
    NOTE_CHANGED = "note_changed"
    NOTE_DROPPED = "note_dropped"
    PROMISE_MADE = "promise_made"
    PROMISE_DUE = "promise_due"
    PROMISE_KEPT = "promise_kept"
    REPLY_DUE_SOON = "reply_due_soon"
    REPLY_LATE = "reply_late"
    DRAFT_ASKED = "draft_asked"
    DRAFT_SAVED = "draft_saved"
    APPROVAL_ASKED = "approval_asked"
    APPROVAL_GIVEN = "approval_given"
    CHANGES_REQUESTED = "changes_requested"
    PUBLICATION_QUEUED = "publication_queued"
    PUBLICATION_SENDING = "publication_sending"
    PUBLICATION_PUBLISHED = "publication_published"
    PUBLICATION_UNKNOWN = "publication_unknown"
    PUBLICATION_NEEDS_HUMAN = "publication_needs_human"
    PUBLICATION_FAILED = "publication_failed"
    PUBLICATION_CANCELLED = "publication_cancelled"
    PUBLICATION_RECORDED = "publication_recorded"
    POST_COMPOSED = "post_composed"
    POST_EDITED = "post_edited"
    POST_CANCELLED = "post_cancelled"
    POST_REMINDED = "post_reminded"
    ACCOUNT_CHANGED = "account_changed"
    CHANNEL_CHANGED = "channel_changed"
    HOLD_CHANGED = "hold_changed"
    SURGE_FOUND = "surge_found"
    PEAK_BEGAN = "peak_began"
    PEAK_ENDED = "peak_ended"
    INCIDENT_OPENED = "incident_opened"
    INCIDENT_CHANGED = "incident_changed"
    CRISIS_CHANGED = "crisis_changed"
    STATEMENT_CHANGED = "statement_changed"
    BULK_BEGUN = "bulk_begun"
    BULK_ENDED = "bulk_ended"
    PRACTICE_BEGUN = "practice_begun"
    WORK_DEAD_LETTERED = "work_dead_lettered"
    WORK_DECIDED = "work_decided"
    MEMBER_SIGNED_IN = "member_signed_in"
    MEMBER_CHANGED = "member_changed"
    AUTHOR_FORGOTTEN = "author_forgotten"


REACHED: Mapping[PublicationState, EventKind] = {
    PublicationState.QUEUED: EventKind.PUBLICATION_QUEUED,
    PublicationState.SENDING: EventKind.PUBLICATION_SENDING,
    PublicationState.PUBLISHED: EventKind.PUBLICATION_PUBLISHED,
    PublicationState.UNKNOWN: EventKind.PUBLICATION_UNKNOWN,
    PublicationState.NEEDS_HUMAN: EventKind.PUBLICATION_NEEDS_HUMAN,
    PublicationState.FAILED: EventKind.PUBLICATION_FAILED,
    PublicationState.CANCELLED: EventKind.PUBLICATION_CANCELLED,
    PublicationState.RECORDED: EventKind.PUBLICATION_RECORDED,
}
"""What is told when a publication reaches a state."""


class Subject(StrEnum):
    """What an event or an audit row is about."""

    ITEM = "item"
    POST = "post"
    ACCOUNT = "account"
    PUBLICATION = "publication"
    DUE = "due"
    MEMBER = "member"
    AUTHOR = "author"
    BRAND = "brand"
    CHANNEL = "channel"
    PEAK = "peak"
    INCIDENT = "incident"
    CRISIS = "crisis"
    HOLD = "hold"
    STATEMENT = "statement"
    UPDATE = "update"
    QUESTION = "question"


@dataclass(frozen=True, slots=True)
class Event:
    """Ids grow in the order of the commits that a reader may see; `facts` never hold texts."""

    id: EventId
    at: Moment
    kind: EventKind
    brand_id: BrandId
    subject: Subject
    subject_id: int
    member_id: MemberId | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
