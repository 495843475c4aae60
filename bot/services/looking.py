"""Looking: what a look at the network proved about words of ours that may have left.

A receipt is proof whoever brings it. Everything else counts only from the holder of the lease: a
look that was overtaken knows nothing about what its successor does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.model.due import DueRow
from bot.model.ids import Moment, PublicationId
from bot.model.publication import Publication, PublicationState, Receipt
from bot.services import outcomes
from bot.services.publishing import GIVE_UP_AFTER
from bot.store.tx import Tx

_P = PublicationState


class Sight(StrEnum):
    FOUND = "found"
    ABSENT = "absent"
    """Proved: the look was made after everything could have arrived and settled."""
    TOO_EARLY = "too_early"
    """Not seen, but that proves nothing yet, or the network could not be asked."""
    OPEN = "open"
    """Its request may still arrive: whatever was seen, nobody can say yet that it is not there."""
    BLIND = "blind"
    """Looking will never help: a person must."""


@dataclass(frozen=True, slots=True)
class Looked:
    row: DueRow
    publication_id: PublicationId
    sight: Sight
    says: str = ""
    receipt: Receipt | None = None
    wait: int = 0


def looked(tx: Tx, commands: Sequence[Looked]) -> list[None]:
    for command in commands:
        _looked(tx, command)
    return [None] * len(commands)


def _looked(tx: Tx, command: Looked) -> None:
    now = tx.now()
    publication = tx.publications.lock(command.publication_id)
    if command.sight is Sight.FOUND and command.receipt is not None:
        outcomes.published(tx, publication, command.receipt, now, outcomes.Found.LOOKING)
        return
    if not tx.due.again(command.row, command.wait, counts=False):
        return
    if publication.state is _P.NEEDS_HUMAN:
        _still_in_doubt(tx, publication, command, now)
        tx.due.done(command.row)
    elif publication.state is _P.UNKNOWN:
        _judge(tx, publication, command, now)


def _still_in_doubt(tx: Tx, publication: Publication, command: Looked, now: Moment) -> None:
    says = "Looked again and did not see it. Look yourself, then say what you see."
    if command.sight is not Sight.ABSENT and command.says:
        says = f"Looked again: {command.says}"
    tx.publications.note(publication.id, trouble=says)
    outcomes.turn(tx, publication, now, how="looked again")
    brand_id = tx.accounts.get(publication.account_id).brand_id
    outcomes.tell(tx, brand_id, publication, _P.NEEDS_HUMAN, now)


def _judge(tx: Tx, publication: Publication, command: Looked, now: Moment) -> None:
    """What a look that did not find it means."""
    tx.publications.note(publication.id, looks=publication.looks + 1)
    late = now - publication.not_before > GIVE_UP_AFTER
    if command.sight is Sight.ABSENT:
        says = "It did not reach the network; sending it again."
        outcomes.unsettled(tx, publication, _P.QUEUED, now, trouble=says, told="absent")
    elif command.sight is Sight.BLIND or (late and command.sight is not Sight.OPEN):
        says = command.says or "The network could not be asked whether it is there."
        outcomes.unsettled(tx, publication, _P.NEEDS_HUMAN, now, trouble=says)
        tx.due.done(command.row)
