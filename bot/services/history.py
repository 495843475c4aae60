"""What happened to a thing, in words: its events, its versions, why triage said so, its audit."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from datetime import UTC, datetime

from bot.cards.card import Card, CardKind, Link, MemberName, Span, Text
from bot.cards.labels import spoken_label
from bot.cards.pages import HistoryLine, HistoryPage
from bot.cards.retold import retold
from bot.cards.spread import reasons
from bot.model.event import Event, EventKind, Subject
from bot.model.ids import (
    AccountId,
    CrisisId,
    IncidentId,
    ItemId,
    NoteId,
    PromiseId,
    PublicationId,
    QuestionId,
)
from bot.services import noting, timeline
from bot.services.measuring import spreading
from bot.services.reason_words import words_of
from bot.speech.speech import Speech, marked
from bot.store.audits import AuditRow
from bot.store.tx import Tx

_SAYS: dict[EventKind, str] = {
    EventKind.ITEM_RECEIVED: marked("arrived"),
    EventKind.ITEM_EDITED: marked("was edited by its author; what was drafted is void"),
    EventKind.ITEM_REMOVED: marked("was deleted on the network"),
    EventKind.ITEM_ANSWERED_NATIVELY: marked("was answered on the network itself"),
    EventKind.ITEM_CLOSED: marked("closed it, no reply needed"),
    EventKind.ITEM_REOPENED: marked("reopened it"),
    EventKind.ITEM_SNOOZED: marked("snoozed it"),
    EventKind.ITEM_ESCALATED: marked("escalated it"),
    EventKind.QUESTION_ASKED: marked("asked a colleague"),
    EventKind.QUESTION_ANSWERED: marked("answered the question, a private note"),
    EventKind.QUESTION_WITHDRAWN: marked("withdrew the question"),
    EventKind.QUESTION_LATE: marked("the answer of a colleague is due"),
    EventKind.NOTE_WRITTEN: marked("wrote a private note"),
    EventKind.NOTE_CHANGED: marked("changed a private note"),
    EventKind.NOTE_DROPPED: marked("took a private note back"),
    EventKind.PROMISE_MADE: marked("noted a promise"),
    EventKind.PROMISE_DUE: marked("what was promised is due soon"),
    EventKind.PROMISE_KEPT: marked("kept a promise"),
    EventKind.ITEM_WOKE: marked("came back from its snooze"),
    EventKind.REPLY_DUE_SOON: marked("its reply is due soon"),
    EventKind.REPLY_LATE: marked("its reply is late"),
    EventKind.DRAFT_ASKED: marked("asked for another draft"),
    EventKind.APPROVAL_ASKED: marked("asked for approval"),
    EventKind.APPROVAL_GIVEN: marked("approved it"),
    EventKind.CHANGES_REQUESTED: marked("asked for changes"),
    EventKind.PUBLICATION_QUEUED: marked("sent the reply on its way"),
    EventKind.PUBLICATION_SENDING: marked("the reply is leaving"),
    EventKind.PUBLICATION_PUBLISHED: marked("the reply stands on the network"),
    EventKind.PUBLICATION_UNKNOWN: marked(
        "not sure the reply went out; looking before anything else"
    ),
    EventKind.PUBLICATION_NEEDS_HUMAN: marked("could not find out whether the reply went out"),
    EventKind.PUBLICATION_FAILED: marked("the reply was not published"),
    EventKind.PUBLICATION_CANCELLED: marked("the reply was called off"),
    EventKind.PUBLICATION_RECORDED: marked("the reply was recorded in shadow, and not sent"),
    EventKind.POST_COMPOSED: marked("composed it"),
    EventKind.POST_EDITED: marked("edited it"),
    EventKind.POST_CANCELLED: marked("cancelled it"),
    EventKind.POST_REMINDED: marked("approvers were reminded of it"),
    EventKind.ACCOUNT_CHANGED: marked("changed; the Desk page says how it is"),
    EventKind.CHANNEL_CHANGED: marked("changed; the Desk page says how it is"),
    EventKind.SURGE_FOUND: marked("more is said than usual"),
    EventKind.PEAK_BEGAN: marked("began: new items are collapsed into one card"),
    EventKind.PEAK_ENDED: marked("is over"),
    EventKind.INCIDENT_OPENED: marked("opened"),
    EventKind.INCIDENT_CHANGED: marked("changed"),
    EventKind.CRISIS_CHANGED: marked("changed"),
    EventKind.STATEMENT_CHANGED: marked("changed"),
    EventKind.BULK_BEGUN: marked("began to decide about many at once"),
    EventKind.BULK_ENDED: marked("the work on many at once ended"),
    EventKind.PRACTICE_BEGUN: marked("began this practice"),
    EventKind.HOLD_CHANGED: marked("changed what is paused"),
    EventKind.WORK_DEAD_LETTERED: marked("some work failed too often; it waits on the Desk page"),
    EventKind.WORK_DECIDED: marked("decided about work that was given up"),
    EventKind.MEMBER_SIGNED_IN: marked("signed in"),
    EventKind.AUTHOR_FORGOTTEN: marked("forgot an author"),
}
_DECIDED = {
    "went_live": marked("let it go live"),
    "watch_only": marked("made it watch-only"),
    "shadow": marked("put it into shadow"),
    "past_told": marked("its last 30 days stand on one card"),
    "account_joined": marked("connected it"),
    "account_renewed": marked("gave it a new token"),
    "account_disconnected": marked("disconnected it"),
    "found_by_looking": marked(
        "no answer came; the desk looked, found it there and did not send it again"
    ),
    "found_as_shown": marked("no answer came; the network showed it, so it was not sent again"),
    "queued_in_shadow": marked("approved it in shadow; it is recorded, and nothing leaves"),
    "repeated_when_absent": marked("stands on the network, after it was sent once more"),
    "absent": marked("the desk looked, and it is not there; it is sent once more"),
    "paused": marked("paused publishing"),
    "unpaused": marked("unpaused publishing"),
    "channel_set_up": marked("chose what lands in a channel"),
    "channel_suspended": marked("A channel is closed to the desk: the bot was removed from it"),
    "channel_resumed": marked("A channel is open to the desk again"),
    "work_retried": marked("asked to try work again that was given up"),
    "work_discarded": marked("discarded work that was given up"),
}
_PRACTISED = {
    EventKind.PUBLICATION_SENDING: marked("the reply is published for practice"),
    EventKind.PUBLICATION_PUBLISHED: marked("the reply is done, and nothing left the desk"),
}
_HOW = frozenset(
    {
        EventKind.ITEM_ASSIGNED,
        EventKind.ITEM_MODERATED,
        EventKind.MEMBER_CHANGED,
        EventKind.INCIDENT_CHANGED,
        EventKind.CRISIS_CHANGED,
        EventKind.STATEMENT_CHANGED,
    }
)
"""Events whose `how` is the clause after the name of who did it."""
_ON_POSTS = {
    EventKind.PUBLICATION_QUEUED: marked("approved it; it leaves at its time"),
    EventKind.PUBLICATION_SENDING: marked("is leaving"),
    EventKind.PUBLICATION_PUBLISHED: marked("stands on the network"),
    EventKind.PUBLICATION_UNKNOWN: marked("not sure it went out; looking before anything else"),
    EventKind.PUBLICATION_NEEDS_HUMAN: marked("could not find out whether it went out"),
    EventKind.PUBLICATION_FAILED: marked("was not published"),
    EventKind.PUBLICATION_CANCELLED: marked("was called off"),
    EventKind.PUBLICATION_RECORDED: marked("was recorded in shadow, and not sent"),
}


_SUBJECTS = {
    CardKind.ITEM: Subject.ITEM,
    CardKind.STATEMENT: Subject.STATEMENT,
    CardKind.HOLD: Subject.HOLD,
}


def page(tx: Tx, card: Card, speech: Speech) -> HistoryPage:
    if card.kind is CardKind.INCIDENT:
        return incident_page(tx, card, speech)
    if card.kind is CardKind.CRISIS:
        told = timeline.crisis_lines(tx, CrisisId(card.number), speech)
        return _page_of(tx, card, told, Subject.CRISIS, speech)
    if card.kind is CardKind.QUESTION:
        return _question_page(tx, card, speech)
    subject = _SUBJECTS.get(card.kind, Subject.POST)
    events = tx.events.about(subject, card.number)
    return HistoryPage(
        card=card,
        lines=tuple(lines(tx, events, speech)),
        why=(*_why(tx, card, speech), *_spread(tx, card, speech)),
        audit=tuple(_audit(tx, row, speech) for row in tx.audits.about(subject, [card.number])),
        speech=speech,
        notes=noting.lines(tx, ItemId(card.number)) if subject is Subject.ITEM else (),
    )


def _question_page(tx: Tx, card: Card, speech: Speech) -> HistoryPage:
    """It is told of in the history of its item."""
    about = tx.questions.get(QuestionId(card.number)).item_id
    events = tx.events.about(Subject.ITEM, about)
    its_own = [one for one in events if one.facts.get("question") == card.number]
    return _page_of(tx, card, lines(tx, its_own, speech), Subject.QUESTION, speech)


def incident_page(tx: Tx, card: Card, speech: Speech) -> HistoryPage:
    """Its timeline, which is kept as long as it is; nobody triaged it, so there is no why."""
    if not card.number:
        return HistoryPage(card, (), (), (), speech)
    told = timeline.lines(tx, IncidentId(card.number), speech)
    return _page_of(tx, card, told, Subject.INCIDENT, speech)


def _page_of(
    tx: Tx, card: Card, told: Iterable[HistoryLine], subject: Subject, speech: Speech
) -> HistoryPage:
    rows = tx.audits.about(subject, [card.number])
    return HistoryPage(
        card, tuple(told), (), tuple(_audit(tx, row, speech) for row in rows), speech
    )


def lines(
    tx: Tx, events: Iterable[Event], speech: Speech, *, with_subject: bool = False
) -> Iterator[HistoryLine]:
    events = list(events)
    practised = _practised(tx, events)
    for event in events:
        spans: list[Span] = []
        if with_subject:
            spans.append(Text(_subject(tx, event, speech)))
        if event.member_id is not None:
            member = tx.people.get(event.member_id)
            spans += [MemberName(member.slug, member.name), Text(" ")]
        is_practice = event.subject is Subject.ITEM and event.subject_id in practised
        spans.append(Text(_words(event, speech, is_practice=is_practice)))
        spans += _link(tx, event, speech)
        yield HistoryLine(event.at, tuple(spans), _detail(tx, event, speech))


def _subject(tx: Tx, event: Event, speech: Speech) -> str:
    """What it is about, with the space behind it; empty where the words say it themselves."""
    match event.subject:
        case Subject.ITEM:
            return f"#{event.subject_id} "
        case Subject.POST:
            return speech.say("post #{number} ", number=event.subject_id)
        case Subject.INCIDENT:
            return speech.say("incident #{number} ", number=event.subject_id)
        case Subject.CRISIS:
            return speech.say("crisis #{number} ", number=event.subject_id)
        case Subject.STATEMENT:
            return speech.say("statement #{number} ", number=event.subject_id)
        case Subject.ACCOUNT:
            return f"{tx.accounts.get(AccountId(event.subject_id)).slug} "
        case _:
            return ""


def _practised(tx: Tx, events: Iterable[Event]) -> Container[int]:
    """Those items among them that are nobody's."""
    items = {ItemId(one.subject_id) for one in events if one.subject is Subject.ITEM}
    return tx.practices.some(items)


def _words(event: Event, speech: Speech, *, is_practice: bool) -> str:
    how, say = event.facts.get("how"), speech.say
    if is_practice and event.kind in _PRACTISED:
        return say(_PRACTISED[event.kind])
    if how in _DECIDED:
        return say(_DECIDED[str(how)])
    if event.kind in _HOW and how:
        return retold(speech, str(how))
    if event.kind is EventKind.DRAFT_SAVED:
        version = event.facts.get("version")
        if event.member_id:
            return say("wrote version {version}", version=version)
        return say("version {version} is drafted", version=version)
    if event.kind is EventKind.ITEM_TRIAGED:
        label = spoken_label(speech, str(event.facts.get("label") or ""))
        return say("was sorted: {label}", label=label or say("nothing special"))
    if event.kind is EventKind.ITEM_LABELLED:
        return _labelled(event, speech)
    if event.subject is Subject.POST and event.kind in _ON_POSTS:
        return say(_ON_POSTS[event.kind])
    known = _SAYS.get(event.kind)
    return say(known) if known else event.kind.value.replace("_", " ")


def _labelled(event: Event, speech: Speech) -> str:
    put_on = spoken_label(speech, str(event.facts.get("label") or ""))
    taken_off = spoken_label(speech, str(event.facts.get("off") or ""))
    if not taken_off:
        return speech.say("labelled it: {label}", label=put_on)
    if not put_on:
        return speech.say("took labels off: {label}", label=taken_off)
    return speech.say("labelled it: {label}; took off: {off}", label=put_on, off=taken_off)


def _link(tx: Tx, event: Event, speech: Speech) -> Iterator[Span]:
    """To what stands on the network."""
    number = event.facts.get("publication")
    if event.kind is not EventKind.PUBLICATION_PUBLISHED or number is None:
        return
    receipt = tx.publications.get(PublicationId(int(number))).receipt
    if receipt is not None and receipt.permalink:
        yield Text(": ")
        yield Link(speech.say("see it there"), receipt.permalink)


def _detail(tx: Tx, event: Event, speech: Speech) -> str:
    """The words of a version, or why something failed."""
    if event.kind is EventKind.DRAFT_SAVED:
        for draft in tx.drafts.versions(ItemId(event.subject_id)):
            if draft.version == event.facts.get("version"):
                return draft.text
    if "question" in event.facts:
        asked = tx.questions.get(QuestionId(int(event.facts["question"])))
        return asked.answer if event.kind is EventKind.QUESTION_ANSWERED else asked.text
    if "note" in event.facts:
        note = tx.notes.maybe(NoteId(int(event.facts["note"])))
        return "" if note is None else note.text
    if "promise" in event.facts:
        made = tx.promises.maybe(PromiseId(int(event.facts["promise"])))
        return "" if made is None else made.text
    number = event.facts.get("publication")
    told = {
        EventKind.PUBLICATION_FAILED,
        EventKind.PUBLICATION_UNKNOWN,
        EventKind.PUBLICATION_NEEDS_HUMAN,
    }
    if number is not None and event.kind in told:
        return "; ".join(
            retold(speech, attempt.outcome)
            for attempt in tx.publications.attempts(PublicationId(int(number)))
            if attempt.outcome and attempt.ended_at is not None and attempt.ended_at <= event.at
        )
    return retold(speech, str(event.facts.get("why", "")))


def _why(tx: Tx, card: Card, speech: Speech) -> Iterator[str]:
    if card.kind is not CardKind.ITEM:
        return
    triage = tx.items.triage(ItemId(card.number))
    if triage is not None:
        for reason in triage.reasons:
            seen = f" (“{reason.evidence}”)" if reason.evidence else ""
            yield f"{retold(speech, words_of(triage, reason))}{seen}"


def _spread(tx: Tx, card: Card, speech: Speech) -> Iterator[str]:
    if card.kind is CardKind.ITEM:
        now = tx.now()
        wholes = tx.items.wholes([ItemId(card.number)])
        for one in spreading(tx, wholes.values(), now).values():
            yield from reasons(speech, one, now)


def _audit(tx: Tx, row: AuditRow, speech: Speech) -> str:
    """One row; what was done keeps the name that it has in an export."""
    say = speech.say
    at = datetime.fromtimestamp(row.at / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    nobody = say("a stranger") if row.facts.get("role") == "stranger" else say("the desk")
    who = nobody if row.member_id is None else tx.people.get(row.member_id).name
    number = row.seal_number
    seal = say("seal {number}", number=number) if number else say("not sealed yet")
    words = say(", words {hash}", hash=row.text_hash[:12]) if row.text_hash else ""
    return f"{at} · {who} · {_action(row)}{words} · {seal}"


def _action(row: AuditRow) -> str:
    """`refused Approve, stale` says also what was wanted."""
    says = row.action.replace("_", " ")
    if "command" in row.facts:
        says += f" {row.facts['command']}, {row.facts['outcome']}"
    return says
