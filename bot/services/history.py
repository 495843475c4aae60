"""What happened to a thing, in words: its events, its versions, why triage said so, its audit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from bot.cards.card import Card, CardKind, MemberName, Span, Text
from bot.cards.pages import HistoryLine, HistoryPage
from bot.model.event import Event, EventKind, Subject
from bot.model.ids import AccountId, ItemId, PublicationId
from bot.store.audits import AuditRow
from bot.store.tx import Tx

_SAYS: dict[EventKind, str] = {
    EventKind.ITEM_RECEIVED: "arrived",
    EventKind.ITEM_EDITED: "was edited by its author; what was drafted is void",
    EventKind.ITEM_REMOVED: "was deleted on the network",
    EventKind.ITEM_ANSWERED_NATIVELY: "was answered on the network itself",
    EventKind.ITEM_CLOSED: "closed it, no reply needed",
    EventKind.ITEM_REOPENED: "reopened it",
    EventKind.ITEM_SNOOZED: "snoozed it",
    EventKind.ITEM_WOKE: "came back from its snooze",
    EventKind.DRAFT_ASKED: "asked for another draft",
    EventKind.APPROVAL_ASKED: "asked for approval",
    EventKind.APPROVAL_GIVEN: "approved it",
    EventKind.CHANGES_REQUESTED: "asked for changes",
    EventKind.PUBLICATION_QUEUED: "sent the reply on its way",
    EventKind.PUBLICATION_SENDING: "the reply is leaving",
    EventKind.PUBLICATION_PUBLISHED: "the reply stands on the network",
    EventKind.PUBLICATION_UNKNOWN: "not sure the reply went out; looking before anything else",
    EventKind.PUBLICATION_NEEDS_HUMAN: "could not find out whether the reply went out",
    EventKind.PUBLICATION_FAILED: "the reply was not published",
    EventKind.PUBLICATION_CANCELLED: "the reply was called off",
    EventKind.POST_COMPOSED: "composed it",
    EventKind.POST_EDITED: "edited it",
    EventKind.POST_CANCELLED: "cancelled it",
    EventKind.ACCOUNT_CHANGED: "changed; the Desk page says how it is",
    EventKind.HOLD_CHANGED: "changed what is paused",
    EventKind.WORK_DEAD_LETTERED: "some work failed too often; it waits on the Desk page",
    EventKind.WORK_DECIDED: "decided about work that was given up",
    EventKind.MEMBER_SIGNED_IN: "signed in",
    EventKind.AUTHOR_FORGOTTEN: "forgot an author",
}
_DECIDED = {
    "went_live": "let it go live",
    "watch_only": "made it watch-only",
    "paused": "paused publishing",
    "unpaused": "unpaused publishing",
    "work_retried": "asked to try work again that was given up",
    "work_discarded": "discarded work that was given up",
}
_ON_POSTS = {
    EventKind.PUBLICATION_QUEUED: "approved it; it leaves at its time",
    EventKind.PUBLICATION_SENDING: "is leaving",
    EventKind.PUBLICATION_PUBLISHED: "stands on the network",
    EventKind.PUBLICATION_UNKNOWN: "not sure it went out; looking before anything else",
    EventKind.PUBLICATION_NEEDS_HUMAN: "could not find out whether it went out",
    EventKind.PUBLICATION_FAILED: "was not published",
    EventKind.PUBLICATION_CANCELLED: "was called off",
}


def page(tx: Tx, card: Card) -> HistoryPage:
    subject = Subject.ITEM if card.kind is CardKind.ITEM else Subject.POST
    events = tx.events.about(subject, card.number)
    return HistoryPage(
        card=card,
        lines=tuple(lines(tx, events)),
        why=tuple(_why(tx, card)),
        audit=tuple(_audit(tx, row) for row in tx.audits.about(subject, [card.number])),
    )


def lines(tx: Tx, events: Iterable[Event], *, with_subject: bool = False) -> Iterator[HistoryLine]:
    for event in events:
        spans: list[Span] = []
        if with_subject:
            spans.append(Text(_subject(tx, event)))
        if event.member_id is not None:
            member = tx.people.get(event.member_id)
            spans += [MemberName(member.slug, member.name), Text(" ")]
        spans.append(Text(_words(event)))
        yield HistoryLine(event.at, tuple(spans), _detail(tx, event))


def _subject(tx: Tx, event: Event) -> str:
    """What it is about, with the space behind it; empty where the words say it themselves."""
    match event.subject:
        case Subject.ITEM:
            return f"#{event.subject_id} "
        case Subject.POST:
            return f"post #{event.subject_id} "
        case Subject.ACCOUNT:
            return f"{tx.accounts.get(AccountId(event.subject_id)).slug} "
        case _:
            return ""


def _words(event: Event) -> str:
    how = event.facts.get("how")
    if how in _DECIDED:
        return _DECIDED[str(how)]
    if event.kind in {EventKind.ITEM_ASSIGNED, EventKind.ITEM_MODERATED} and how:
        return str(how)
    if event.kind is EventKind.DRAFT_SAVED:
        version = event.facts.get("version")
        return f"wrote version {version}" if event.member_id else f"version {version} is drafted"
    if event.kind is EventKind.ITEM_TRIAGED:
        return f"was sorted: {event.facts.get('label') or 'nothing special'}"
    if event.subject is Subject.POST and event.kind in _ON_POSTS:
        return _ON_POSTS[event.kind]
    return _SAYS.get(event.kind, event.kind.value.replace("_", " "))


def _detail(tx: Tx, event: Event) -> str:
    """The words of a version, or why something failed."""
    if event.kind is EventKind.DRAFT_SAVED:
        for draft in tx.drafts.versions(ItemId(event.subject_id)):
            if draft.version == event.facts.get("version"):
                return draft.text
    number = event.facts.get("publication")
    told = {
        EventKind.PUBLICATION_FAILED,
        EventKind.PUBLICATION_UNKNOWN,
        EventKind.PUBLICATION_NEEDS_HUMAN,
    }
    if number is not None and event.kind in told:
        return "; ".join(
            attempt.outcome
            for attempt in tx.publications.attempts(PublicationId(int(number)))
            if attempt.outcome
        )
    return str(event.facts.get("why", ""))


def _why(tx: Tx, card: Card) -> Iterator[str]:
    if card.kind is not CardKind.ITEM:
        return
    triage = tx.items.triage(ItemId(card.number))
    if triage is not None:
        for reason in triage.reasons:
            seen = f" (“{reason.evidence}”)" if reason.evidence else ""
            yield f"{reason.says}{seen}"


def _audit(tx: Tx, row: AuditRow) -> str:
    at = datetime.fromtimestamp(row.at / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    who = "the desk" if row.member_id is None else tx.people.get(row.member_id).name
    seal = f"seal {row.seal_number}" if row.seal_number else "not sealed yet"
    words = f", words {row.text_hash[:12]}" if row.text_hash else ""
    return f"{at} · {who} · {row.action.replace('_', ' ')}{words} · {seal}"
