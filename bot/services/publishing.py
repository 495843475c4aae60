"""Publishing: the operations around the one request that makes something visible.

`begin` is the last commit before the network is touched: it moves `queued -> sending` only when
the item still reads as it was approved, nothing holds it and its time has not passed, all read
in the same transaction under a lock on the account; in shadow it ends there as `recorded`.
`settle` records how the request ended, and `suspect` finds what a dead process left in `sending`.
`repeat` sends what is unknown once more, where the network takes the same key once. Else what may
have left is looked for (`looking`), and never sent again before its absence is proved.

A receipt is proof whoever brings it. Everything else counts only from the holder of the lease:
a sender that was overtaken knows nothing about what its successor does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.model.account import Account, AccountState
from bot.model.due import DueRow
from bot.model.event import EventKind, Subject
from bot.model.ids import DAY, MINUTE, SECOND, AccountId, Moment, PublicationId
from bot.model.item import ItemState
from bot.model.publication import Publication, PublicationState, Receipt, Staged
from bot.services import outcomes
from bot.services.held import why_held as post_held
from bot.services.held import why_paused
from bot.store.tx import Tx

GIVE_UP_AFTER = DAY
"""Milliseconds after its slot when what could not be sent, or not be found, stops trying."""

HELD_RECHECK = MINUTE
_P = PublicationState


class Start(StrEnum):
    GO = "go"
    NOT_NOW = "not_now"
    """Held, paused or too early: due again later."""
    OVER = "over"
    """Cancelled, expired, or not ours any more."""


@dataclass(frozen=True, slots=True)
class Begin:
    row: DueRow
    publication_id: PublicationId
    lease: int
    proof_after: int
    """Milliseconds from now after which nothing of this attempt can arrive any more."""
    key: str
    """Of the write that was staged; another one was prepared since when the slot was moved."""
    is_staged: bool = True
    """Its pictures were uploaded; without, it may be held or recorded, never sent."""


def begin(tx: Tx, commands: Sequence[Begin]) -> list[Start]:
    return [_begin(tx, command) for command in commands]


def _begin(tx: Tx, command: Begin) -> Start:
    row, now = command.row, tx.now()
    publication = tx.publications.lock(command.publication_id)
    if not tx.due.keep(row, command.lease):
        return Start.OVER
    account = tx.accounts.lock(publication.account_id)
    if publication.state is not _P.QUEUED or publication.prepared.key != command.key:
        tx.due.again(row, 0, counts=False)
        return Start.NOT_NOW
    if now < publication.not_before:
        tx.due.again(row, publication.not_before - now, counts=False)
        return Start.NOT_NOW
    post_is_held = post_held(tx, account, publication)
    over = None if post_is_held else _why_over(tx, publication, now)
    if over is not None:
        outcomes.given_up(tx, publication, _P.CANCELLED, now, trouble=over)
        _close_if_answered(tx, publication, now)
        return Start.OVER
    held = post_is_held or _why_held(tx, account, publication)
    if held is not None:
        tx.due.again(row, HELD_RECHECK, counts=False)
        if held != publication.trouble:
            tx.publications.note(publication.id, trouble=held)
            outcomes.turn(tx, publication, now, how="held this back")
        return Start.NOT_NOW
    if _is_shadow(account, publication):
        outcomes.recorded(tx, publication, now)
        return Start.OVER
    if not command.is_staged:
        tx.due.again(row, 0, counts=False)
        return Start.NOT_NOW
    _enter_sending(tx, account, publication, command, now)
    return Start.GO


def repeat(tx: Tx, commands: Sequence[Begin]) -> list[Start]:
    """`unknown` goes out again under its key, which the network still knows.

    In one commit: in `queued` it could wait until the key is forgotten.
    """
    return [_repeat(tx, command) for command in commands]


def _repeat(tx: Tx, command: Begin) -> Start:
    row, now = command.row, tx.now()
    publication = tx.publications.lock(command.publication_id)
    if not tx.due.keep(row, command.lease):
        return Start.OVER
    account = tx.accounts.lock(publication.account_id)
    if publication.state is not _P.UNKNOWN:
        tx.due.again(row, 0, counts=False)
        return Start.NOT_NOW
    post_is_held = post_held(tx, account, publication)
    over = None if post_is_held else _why_over(tx, publication, now)
    if over is not None:
        says = f"Its answer was lost, and it may be there. {over}"
        outcomes.unsettled(tx, publication, _P.NEEDS_HUMAN, now, trouble=says)
        tx.due.done(row)
        return Start.OVER
    if (
        post_is_held
        or _is_shadow(account, publication)
        or _why_held(tx, account, publication) is not None
    ):
        tx.due.again(row, HELD_RECHECK, counts=False)
        return Start.NOT_NOW
    tx.publications.move(publication.id, _P.UNKNOWN, _P.QUEUED, trouble="")
    _enter_sending(tx, account, publication, command, now)
    return Start.GO


def _enter_sending(
    tx: Tx, account: Account, publication: Publication, command: Begin, now: Moment
) -> None:
    tx.publications.move(publication.id, _P.QUEUED, _P.SENDING, trouble="")
    tx.publications.begin_attempt(publication.id, now, Moment(now + command.proof_after))
    outcomes.turn(tx, publication, now, how="began to publish this")
    outcomes.tell(tx, account.brand_id, publication, _P.SENDING, now)


def _why_over(tx: Tx, publication: Publication, now: Moment) -> str | None:
    if publication.expires_at is not None and now > publication.expires_at:
        return "Not sent: its time had passed. Choose a new time to send it."
    if publication.item_id is None:
        return None
    item = tx.items.get(publication.item_id)
    if item.state is ItemState.GONE:
        return "Not sent: the comment was deleted."
    if item.revision != publication.item_revision:
        return "Not sent: the author changed the text after it was approved."
    if item.native_reply is not None:
        return "Not sent: somebody of the team answered on the network."
    return None


def _close_if_answered(tx: Tx, publication: Publication, now: Moment) -> None:
    """A reply made on the network while ours was in doubt closes the item after all."""
    number = publication.item_id
    if number is not None and tx.items.native_reply(number) is not None:
        tx.items.answer(number, now)


def _why_held(tx: Tx, account: Account, publication: Publication) -> str | None:
    paused = why_paused(tx, account, publication)
    if paused is not None or account.state is AccountState.LIVE or _is_shadow(account, publication):
        return paused
    if account.state is AccountState.PAUSED:
        return f"Held: {account.trouble}"
    if account.state is AccountState.WATCH_ONLY:
        return (
            f"Held: {account.slug} is watch-only. It leaves when an admin presses Go live on the "
            "Desk page."
        )
    return f"Held: {account.slug} is not in the configuration any more."


def _is_shadow(account: Account, publication: Publication) -> bool:
    return publication.is_shadow or account.is_shadow


def may_leave(tx: Tx, publication: Publication) -> bool:
    """Whether uploading its pictures is of any use now; `begin` has the last word."""
    account = tx.accounts.get(publication.account_id)
    return account.state is AccountState.LIVE and not publication.is_shadow


def put_off(tx: Tx, commands: Sequence[tuple[DueRow, int | None]]) -> list[None]:
    """Due again in so many milliseconds without losing a try; None: there is nothing to do."""
    for row, wait in commands:
        if wait is None:
            tx.due.done(row)
        else:
            tx.due.again(row, wait, counts=False)
    return [None] * len(commands)


def staged(tx: Tx, commands: Sequence[tuple[PublicationId, Staged]]) -> list[Publication]:
    """Keep what staging left on the network; a later try need not upload again."""
    for publication_id, left in commands:
        tx.publications.stage(publication_id, left)
    return [tx.publications.get(publication_id) for publication_id, _left in commands]


class Ending(StrEnum):
    """How a request ended, by the class of its error."""

    PUBLISHED = "published"
    NOT_SENT = "not_sent"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    DOUBTFUL = "doubtful"
    """Refused, but an earlier request may have arrived: a person must look."""


@dataclass(frozen=True, slots=True)
class Settle:
    """`wait`: milliseconds until the next try or look.

    `pauses`: the token was refused. `is_gone`: what we answer is not there any more.
    """

    row: DueRow
    publication_id: PublicationId
    ending: Ending
    says: str = ""
    receipt: Receipt | None = None
    wait: int = 0
    pauses: bool = False
    is_gone: bool = False


def settle(tx: Tx, commands: Sequence[Settle]) -> list[None]:
    for command in commands:
        _settle(tx, command)
    return [None] * len(commands)


def _settle(tx: Tx, command: Settle) -> None:
    now = tx.now()
    publication = tx.publications.lock(command.publication_id)
    if command.ending is Ending.PUBLISHED and command.receipt is not None:
        # A receipt is proof whatever became of our lease meanwhile.
        is_repeat = publication.state is _P.SENDING and publication.looks > 0
        found = outcomes.Found.REPEATED if is_repeat else None
        outcomes.published(tx, publication, command.receipt, now, found)
        return
    if publication.state is not _P.SENDING or not tx.due.again(
        command.row, command.wait, error=command.says
    ):
        return
    tx.publications.end_attempt(publication.id, now, command.says or command.ending.value)
    if command.ending is Ending.REFUSED:
        _refused(tx, publication, command, now)
    elif command.ending is Ending.UNKNOWN:
        outcomes.unsettled(tx, publication, _P.UNKNOWN, now, trouble=command.says)
        tx.publications.note(publication.id, looks=0)
    elif command.ending is Ending.DOUBTFUL:
        _doubt(tx, publication, command, now)
    elif now - publication.not_before > GIVE_UP_AFTER:
        outcomes.given_up(tx, publication, _P.FAILED, now, trouble=command.says)
    else:
        outcomes.unsettled(tx, publication, _P.QUEUED, now, trouble=command.says)
        if command.pauses:
            pause_account(tx, publication.account_id, command.says, now)


def _doubt(tx: Tx, publication: Publication, command: Settle, now: Moment) -> None:
    outcomes.unsettled(tx, publication, _P.UNKNOWN, now, trouble=command.says)
    unknown = replace(publication, state=_P.UNKNOWN)
    outcomes.unsettled(tx, unknown, _P.NEEDS_HUMAN, now, trouble=command.says)
    tx.due.drop(f"publish:{publication.id}")


def _refused(tx: Tx, publication: Publication, command: Settle, now: Moment) -> None:
    outcomes.given_up(tx, publication, _P.FAILED, now, trouble=command.says)
    if command.is_gone and publication.item_id is not None:
        tx.drafts.void(publication.item_id)
        tx.items.set_state(publication.item_id, ItemState.GONE)


def not_staged(tx: Tx, commands: Sequence[Settle]) -> list[None]:
    """An upload failed before anything could be seen: refused for good, or tried again."""
    for command in commands:
        now = tx.now()
        publication = tx.publications.lock(command.publication_id)
        if publication.state is not _P.QUEUED or not tx.due.again(
            command.row, command.wait, error=command.says
        ):
            continue
        late = now - publication.not_before > GIVE_UP_AFTER
        if command.ending is Ending.REFUSED or late:
            _refused(tx, publication, command, now)
            continue
        if command.says != publication.trouble:
            tx.publications.note(publication.id, trouble=command.says)
            outcomes.turn(tx, publication, now, how="could not upload the pictures")
            brand_id = tx.accounts.get(publication.account_id).brand_id
            outcomes.tell(tx, brand_id, publication, _P.QUEUED, now)
        if command.pauses:
            pause_account(tx, publication.account_id, command.says, now)
    return [None] * len(commands)


def pause_account(tx: Tx, account_id: AccountId, says: str, now: Moment) -> None:
    """The network refused our token: nothing more until a person renews it."""
    account = tx.accounts.get(account_id)
    if tx.accounts.set_state(account.id, AccountState.PAUSED, says):
        tx.events.add(EventKind.ACCOUNT_CHANGED, account.brand_id, Subject.ACCOUNT, account.id, now)


@dataclass(frozen=True, slots=True)
class Suspect:
    """A row claimed again whose publication stands in `sending`: its process died or hung."""

    row: DueRow
    publication_id: PublicationId


def suspect(tx: Tx, commands: Sequence[Suspect]) -> list[None]:
    for command in commands:
        publication = tx.publications.lock(command.publication_id)
        if publication.state is _P.SENDING and tx.due.again(command.row, 0, counts=False):
            now = tx.now()
            tx.publications.end_attempt(publication.id, now, "lost")
            says = "The desk stopped while sending, so its answer is not known."
            outcomes.unsettled(tx, publication, _P.UNKNOWN, now, trouble=says)
            tx.publications.note(publication.id, looks=0)
    return [None] * len(commands)


def backoff(attempt: int, roll: float) -> int:
    """Milliseconds to wait after a failed try: full jitter, doubling to five minutes.

    `roll` is a random number in [0, 1); at least half a second is always waited.
    """
    ceiling = min(5 * MINUTE, SECOND * 2 ** min(attempt, 12))
    return int(SECOND / 2 + roll * ceiling)
