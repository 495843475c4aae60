"""Telling: what happened to an item, in the thread under its card's message.

    a card was redrawn --AFTER--> thread row: what is new since `told` in one message

A redraw makes the row due, so nothing is asked of the way in; what happens until then goes into the
same message. `begin` is the last commit before a message can appear. What stands under a key after
that may be there: it is looked for, and told again only when its absence is proved. Where nothing
can be proved it counts as told: the console has the whole history, and a double would be worse.

What the card itself says when it is posted is not told: that the item came, how it was sorted, and
the draft that was written with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.cards.kinds import CardKind
from bot.cards.pages import HistoryLine
from bot.model.channel import CardRef, CardRefState, Channel
from bot.model.due import NEVER_DEAD, DueRow, Lane, NewDue
from bot.model.event import Event, EventKind
from bot.model.ids import SECOND, CardRefId, Moment
from bot.services import history
from bot.services.deciding import SUBJECT_OF
from bot.speech.speech import Speech, speech_in
from bot.store.card_refs import new_key
from bot.store.card_threads import CardThread
from bot.store.tx import Tx

AFTER = 15 * SECOND
"""Milliseconds from the first thing that is to be told; longer than the usual undo window."""

TOLD_OF = frozenset({CardKind.ITEM, CardKind.POST, CardKind.CRISIS, CardKind.STATEMENT})
MOST_LINES = 12

_K = EventKind
_ON_THE_CARD = frozenset({_K.ITEM_RECEIVED, _K.ITEM_TRIAGED, _K.POST_COMPOSED, _K.PRACTICE_BEGUN})
_PASSING = frozenset({_K.PUBLICATION_QUEUED, _K.PUBLICATION_SENDING})
"""Told only while nothing came after them."""
_OUTCOMES = frozenset(
    {
        _K.PUBLICATION_PUBLISHED,
        _K.PUBLICATION_UNKNOWN,
        _K.PUBLICATION_NEEDS_HUMAN,
        _K.PUBLICATION_FAILED,
        _K.PUBLICATION_CANCELLED,
    }
)


@dataclass(frozen=True, slots=True)
class News:
    """Of one card in one channel; `lines` are the newest of what is new, `more` how many before."""

    ref: CardRef
    channel: Channel
    thread: CardThread
    lines: tuple[HistoryLine, ...]
    more: int
    speech: Speech


def thread_due(ref_id: CardRefId, at: Moment) -> NewDue:
    key, arg = f"thread:{ref_id}", {"ref": ref_id}
    return NewDue("thread", key, Lane.THREADS, Moment(at + AFTER), arg, max_attempts=NEVER_DEAD)


def news(tx: Tx, wanted: Sequence[CardRefId]) -> list[News | None]:
    """None where there is no message to tell it under, or nobody wants it told."""
    refs = tx.card_refs.some(wanted)
    threads = tx.card_threads.some(wanted)
    return [
        None if key not in refs else _news(tx, refs[key], threads.get(key, CardThread(key)))
        for key in wanted
    ]


def _news(tx: Tx, ref: CardRef, thread: CardThread) -> News | None:
    channel = tx.channels.get(ref.channel_id)
    if ref.state is not CardRefState.SHOWN or not channel.threads or channel.is_suspended:
        return None
    events = _new_events(tx, ref, thread)
    speech = speech_in(channel.place.language)
    told = [one for one in _worth_telling(events) if not _stands_there(one, channel)]
    lines = tuple(history.lines(tx, told[-MOST_LINES:], speech))
    upto = events[-1].id if events else thread.told
    if thread.key is None:
        thread = CardThread(ref.id, thread.told, None, upto)
    return News(ref, channel, thread, lines, max(0, len(told) - MOST_LINES), speech)


def _new_events(tx: Tx, ref: CardRef, thread: CardThread) -> list[Event]:
    card = tx.cards.get(ref.card_id)
    about = tx.events.about(SUBJECT_OF[card.kind], card.subject_id)
    return [one for one in about if one.id > thread.told]


def _worth_telling(events: Sequence[Event]) -> list[Event]:
    ended = max((one.id for one in events if one.kind in _OUTCOMES), default=0)
    return [
        one
        for one in events
        if one.kind not in _ON_THE_CARD
        and not (one.kind in _PASSING and (one.kind is _K.PUBLICATION_SENDING or one.id < ended))
        and not _is_first_draft(one)
    ]


def _stands_there(event: Event, channel: Channel) -> bool:
    """Somebody wrote it in this very channel."""
    return event.facts.get("said_in") == f"{channel.chat}:{channel.place.channel}"


def _is_first_draft(event: Event) -> bool:
    is_ours = event.kind is _K.DRAFT_SAVED and event.member_id is None
    return is_ours and event.facts.get("version") == 1


@dataclass(frozen=True, slots=True)
class Begin:
    """`lasts`: milliseconds after which nothing of this request can arrive any more."""

    row: DueRow
    news: News
    lease: int
    lasts: int


def begin(tx: Tx, commands: Sequence[Begin]) -> list[CardThread | None]:
    """The thread with the key that the message is to carry; None: nothing may be sent."""
    return [_begin(tx, command) for command in commands]


def _begin(tx: Tx, command: Begin) -> CardThread | None:
    if not tx.due.keep(command.row, command.lease):
        return None
    now, known = tx.now(), command.news.thread
    until = Moment(now + command.lasts)
    begun = CardThread(known.ref_id, known.told, new_key(), known.upto, now, until)
    return begun if tx.card_threads.begin(begun) else None


@dataclass(frozen=True, slots=True)
class Ended:
    """`is_told`: it stands there, or nobody can prove otherwise. Else again after `wait` ms."""

    row: DueRow
    ref: CardRef
    thread: CardThread
    is_told: bool
    wait: int = 0
    says: str = ""
    counts: bool = True


def ended(tx: Tx, commands: Sequence[Ended]) -> list[None]:
    for command in commands:
        # Whoever redraws this card at the same moment finds the row gone, or is seen here.
        tx.cards.revisions_locked([command.ref.card_id])
        tx.card_threads.end(command.thread, is_told=command.is_told)
        if not command.is_told:
            tx.due.again(command.row, command.wait, error=command.says, counts=command.counts)
            continue
        known = CardThread(command.ref.id, command.thread.upto)
        if _worth_telling(_new_events(tx, command.ref, known)):
            tx.due.again(command.row, AFTER, counts=False)
        else:
            tx.due.done(command.row)
    return [None] * len(commands)


def nothing_to_tell(tx: Tx, commands: Sequence[tuple[DueRow, News]]) -> list[None]:
    """Looked at, under the card's lock, with nothing new in it."""
    for row, of_card in commands:
        tx.cards.revisions_locked([of_card.ref.card_id])
        if _worth_telling(_new_events(tx, of_card.ref, of_card.thread)):
            tx.due.again(row, AFTER, counts=False)
        else:
            tx.due.done(row)
    return [None] * len(commands)
