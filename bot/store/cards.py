"""Cards: what the team sees of a thing, with the revision that a press must name; and presses.

A card row is made with the thing it shows. Whatever changes what a person would decide makes
the next revision, and remembers who did it, for the one who comes too late.
"""

from __future__ import annotations

import secrets
import string
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.cards.actions import TOKEN_LENGTH
from bot.cards.card import CardKind
from bot.cards.pages import QueueFilter
from bot.model.commands import Outcome, OutcomeKind
from bot.model.ids import BrandId, CardId, CardToken, CommandId, MemberId, Moment
from bot.model.member import ChatIdentity
from bot.store.queue_statements import COUNT, PAGE
from bot.store.schema import card, command

_ALPHABET = string.ascii_letters + string.digits

_ADD = insert(card)
_BY_TOKEN = select(card).where(card.c.token == bindparam("token"))
_OF = select(card).where(
    card.c.kind == bindparam("kind"), card.c.subject_id == bindparam("subject_id")
)
_LOCK_OF = _OF.with_only_columns(card.c.id).with_for_update()
_TURN = (
    update(card)
    .where(card.c.kind == bindparam("b_kind"), card.c.subject_id == bindparam("b_subject_id"))
    .values(revision=card.c.revision + 1)
)
_LOCK = select(card.c.id).where(card.c.token == bindparam("token")).with_for_update()
_UNDECIDED = "undecided"
"""The kind of a press that its own transaction has not answered yet; never committed."""

_ANSWERED = (
    select(command)
    .where(
        (command.c.id == bindparam("id"))
        | ((command.c.press == bindparam("press")) & (command.c.kind == OutcomeKind.DONE.value))
    )
    .limit(1)
)
_CLAIM = {
    name: dialect.insert(command)
    .on_conflict_do_nothing(index_elements=["id"])
    .returning(command.c.id)
    for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql))
}
_REMEMBER = update(command).where(command.c.id == bindparam("b_id"))
_FORGET = delete(command).where(command.c.at < bindparam("before"))


@dataclass(frozen=True, slots=True)
class CardRow:
    id: CardId
    brand_id: BrandId
    token: CardToken
    kind: CardKind
    subject_id: int
    revision: int
    changed_by: MemberId | None
    changed_at: Moment
    changed_how: str


@dataclass(frozen=True, slots=True)
class Press:
    """One press of a button, remembered so that its repeat gives the same answer.

    `fingerprint` names person, card, revision and command: a second press of the same thing.
    """

    id: CommandId
    identity: ChatIdentity
    fingerprint: str
    at: Moment


class Cards:
    def __init__(self, connection: Connection) -> None:
        self._c = connection

    def add(self, brand_id: BrandId, kind: CardKind, subjects: Sequence[int], at: Moment) -> None:
        rows = [
            {
                "brand_id": brand_id,
                "token": _token(),
                "kind": kind.value,
                "subject_id": subject_id,
                "revision": 1,
                "changed_at": at,
            }
            for subject_id in subjects
        ]
        if rows:
            self._c.execute(_ADD, rows)

    def by_token(self, token: CardToken) -> CardRow | None:
        row = self._c.execute(_BY_TOKEN, {"token": token}).one_or_none()
        return None if row is None else _card(row)

    def lock(self, token: CardToken) -> None:
        """Whoever decides about this card next waits until this transaction ends."""
        self._c.execute(_LOCK, {"token": token})

    def lock_of(self, kind: CardKind, subject_id: int) -> None:
        """As `lock`, for the card of a thing."""
        self._c.execute(_LOCK_OF, {"kind": kind.value, "subject_id": subject_id})

    def of(self, kind: CardKind, subject_id: int) -> CardRow:
        return _card(self._c.execute(_OF, {"kind": kind.value, "subject_id": subject_id}).one())

    def turn(
        self,
        kind: CardKind,
        subject_id: int,
        at: Moment,
        *,
        how: str,
        by: MemberId | None = None,
    ) -> None:
        """The next revision. `how` says what happened, in the past tense.

        Of what a member did it is the clause after their name (`published this reply`), of
        everything else the whole sentence (`The author deleted this comment`).
        """
        self._c.execute(
            _TURN,
            {
                "b_kind": kind.value,
                "b_subject_id": subject_id,
                "changed_by": by,
                "changed_at": at,
                "changed_how": how,
            },
        )

    # The queue

    def page(
        self,
        brand_id: BrandId,
        wanted: QueueFilter,
        member_id: MemberId | None,
        now: Moment,
        limit: int,
        offset: int,
    ) -> list[CardRow]:
        """Newest first."""
        keys = {"brand_id": brand_id, "member_id": member_id, "now": now}
        cut = {"limit": limit, "offset": offset}
        return [_card(r) for r in self._c.execute(PAGE[wanted], keys | cut)]

    def count(
        self, brand_id: BrandId, wanted: QueueFilter, member_id: MemberId | None, now: Moment
    ) -> int:
        """How many cards, counted up to a thousand."""
        keys = {"brand_id": brand_id, "member_id": member_id, "now": now}
        return int(self._c.execute(COUNT[wanted], keys).scalar_one())

    # Presses

    def answered(self, press: Press) -> Outcome | None:
        """What this press, or an equal one of the same person, was answered before."""
        same = {"id": press.id, "press": press.fingerprint}
        row = self._c.execute(_ANSWERED, same).first()
        return None if row is None else Outcome(OutcomeKind(row.kind), row.says, row.note)

    def forget_presses(self, before: int) -> None:
        self._c.execute(_FORGET, {"before": before})

    def claim_press(self, press: Press) -> bool:
        """Take this press for the running transaction; False when it was answered meanwhile.

        While another transaction answers the same press, this waits for its end.
        """
        taken = {
            "id": press.id,
            "chat": press.identity.chat,
            "user": press.identity.user,
            "kind": _UNDECIDED,
            "press": press.fingerprint,
            "at": press.at,
        }
        return self._c.execute(_CLAIM[self._c.dialect.name], taken).first() is not None

    def remember(self, press: Press, outcome: Outcome) -> None:
        """Answer a claimed press."""
        answer = {"kind": outcome.kind.value, "says": outcome.says, "note": outcome.note}
        self._c.execute(_REMEMBER, {"b_id": press.id, **answer})


def _token() -> str:
    # one number for all letters: asking the system for each costs as much as a statement
    number = secrets.randbelow(len(_ALPHABET) ** TOKEN_LENGTH)
    letters = []
    for _ in range(TOKEN_LENGTH):
        number, letter = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[letter])
    return "".join(letters)


def _card(r: Any) -> CardRow:
    return CardRow(
        id=CardId(r.id),
        brand_id=BrandId(r.brand_id),
        token=CardToken(r.token),
        kind=CardKind(r.kind),
        subject_id=r.subject_id,
        revision=r.revision,
        changed_by=None if r.changed_by is None else MemberId(r.changed_by),
        changed_at=Moment(r.changed_at),
        changed_how=r.changed_how,
    )
