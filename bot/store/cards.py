"""Cards: what the team sees of a thing, with the revision that a press must name; and presses.

A card row is made with the thing it shows. Whatever changes what a person would decide makes
the next revision, and remembers who did it, for the one who comes too late.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Select,
    bindparam,
    delete,
    exists,
    func,
    insert,
    literal,
    select,
    text,
    update,
)

from bot.cards.kinds import CardKind, QueueFilter
from bot.model.audience import Sight
from bot.model.due import Lane
from bot.model.ids import (
    AccountId,
    BrandId,
    CardId,
    CardToken,
    CommandId,
    MemberId,
    Moment,
)
from bot.model.member import ChatIdentity
from bot.model.outcome import Outcome, OutcomeKind
from bot.store.among import among
from bot.store.by_keys import ByKeys
from bot.store.card_refs import CardRefs
from bot.store.card_tokens import new_tokens
from bot.store.connection import Connection
from bot.store.due import DueRows
from bot.store.queue_statements import OUT_OF_STEP, count_of, page_of
from bot.store.schema import card, command
from bot.store.seen import seen_by
from bot.store.statement import Statement
from bot.store.upsert import Upsert

_ADD = Statement(insert(card))
_GET = Statement(select(card).where(card.c.id == bindparam("id")))
_SOME = ByKeys(select(card), card.c.id)
_LOCK_REVISIONS = ByKeys(
    select(card.c.id, card.c.revision).order_by(card.c.id).with_for_update(), card.c.id
)
_BY_TOKEN = Statement(select(card).where(card.c.token == bindparam("token")))
_OF_KIND = select(card).where(card.c.kind == bindparam("kind"))
_OF = ByKeys(_OF_KIND, card.c.subject_id, is_second=True)
_LOCK_OF = Statement(
    _OF_KIND.where(card.c.subject_id == bindparam("subject_id"))
    .with_only_columns(card.c.id)
    .with_for_update()
)
_TURN = Statement(
    update(card)
    .where(card.c.kind == bindparam("b_kind"), among(card.c.subject_id, "b_subjects"))
    .values(revision=card.c.revision + 1, editing_by=None, editing_until=None)
)
_EDIT = Statement(update(card).where(card.c.id == bindparam("b_id")))
_LOCK = Statement(_BY_TOKEN.core.with_for_update())
_UNDECIDED = "undecided"
"""The kind of a press that its own transaction has not answered yet; never committed."""

_ANSWERED = Statement(
    select(command)
    .where(
        (command.c.id == bindparam("id"))
        | ((command.c.press == bindparam("press")) & (command.c.kind == OutcomeKind.DONE.value))
    )
    .limit(1)
)
_REFUSED = select(command.c.id).where(
    command.c.chat == bindparam("chat"),
    command.c.user == bindparam("user"),
    command.c.at >= bindparam("since"),
    # the words of the index: only so it is used
    text("kind IN ('refused', 'stale', 'missing')"),
)


def _counted(found: Select[str]) -> Statement[Select[int]]:
    most = found.limit(bindparam("most")).subquery()
    return Statement(select(func.count()).select_from(most))


_REFUSED_SINCE = _counted(_REFUSED)
_NOTED_SINCE = _counted(_REFUSED.where(command.c.note == bindparam("note")))
_CLAIMED = (command.c.id, command.c.chat, command.c.user, command.c.press, command.c.at)
_IS_DONE = exists().where(
    command.c.press == bindparam("b_press"), command.c.kind == OutcomeKind.DONE.value
)
_CLAIM = Upsert(
    command,
    lambda taken: (
        taken.from_select(
            [*_CLAIMED, command.c.kind],
            select(
                *(bindparam(f"b_{one.name}", type_=one.type) for one in _CLAIMED),
                literal(_UNDECIDED),
            ).where(~_IS_DONE),
        )
        .on_conflict_do_nothing(index_elements=["id"])
        .returning(command.c.id)
    ),
)
_REMEMBER = Statement(update(command).where(command.c.id == bindparam("b_id")))
_FORGET = Statement(delete(command).where(command.c.at < bindparam("before")))


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
    editing_by: MemberId | None = None
    """Who has an editor open on this very revision, unless `editing_until` has passed."""
    editing_until: Moment | None = None


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
    def __init__(self, connection: Connection, refs: CardRefs, due: DueRows) -> None:
        self._c = connection
        self._refs = refs
        self._due = due

    def add(self, brand_id: BrandId, kind: CardKind, subjects: Sequence[int], at: Moment) -> None:
        rows = [
            {
                "brand_id": brand_id,
                "token": token,
                "kind": kind.value,
                "subject_id": subject_id,
                "revision": 1,
                "changed_at": at,
            }
            for subject_id, token in zip(subjects, new_tokens(len(subjects), at), strict=True)
        ]
        if rows:
            self._c.execute(_ADD, rows)

    def by_token(self, token: CardToken) -> CardRow | None:
        row = self._c.execute(_BY_TOKEN, {"token": token}).one_or_none()
        return None if row is None else card_of(row)

    def lock(self, token: CardToken) -> CardRow | None:
        """The card: whoever decides about it next waits until this transaction ends."""
        row = self._c.execute(_LOCK, {"token": token}).one_or_none()
        return None if row is None else card_of(row)

    def revision_locked(self, card_id: CardId) -> int:
        """The revision it has, and keeps until this transaction ends."""
        return self.revisions_locked([card_id])[card_id]

    def revisions_locked(self, ids: Collection[CardId]) -> dict[CardId, int]:
        """As `revision_locked`, always locked in the same order."""
        return {
            CardId(r.id): int(r.revision) for r in _LOCK_REVISIONS.rows(self._c, sorted(ids), {})
        }

    def lock_of(self, kind: CardKind, subject_id: int) -> None:
        """As `lock`, for the card of a thing."""
        self._c.execute(_LOCK_OF, {"kind": kind.value, "subject_id": subject_id})

    def get(self, card_id: CardId) -> CardRow:
        return card_of(self._c.execute(_GET, {"id": card_id}).one())

    def some(self, ids: Collection[CardId]) -> dict[CardId, CardRow]:
        """Those of these that there are."""
        return {CardId(r.id): card_of(r) for r in _SOME.rows(self._c, ids, {})}

    def of(self, kind: CardKind, subject_id: int) -> CardRow:
        return self.of_all(kind, [subject_id])[subject_id]

    def of_all(self, kind: CardKind, subjects: Collection[int]) -> dict[int, CardRow]:
        rows = _OF.rows(self._c, subjects, {"kind": kind.value})
        return {int(r.subject_id): card_of(r) for r in rows}

    def turn(
        self,
        kind: CardKind,
        subject_id: int,
        at: Moment,
        *,
        how: str,
        by: MemberId | None = None,
    ) -> None:
        """The next revision, to be redrawn wherever it stands.

        `how` says in the past tense what happened: of what a member did the clause after their
        name (`published this reply`), of everything else the whole sentence (`The author deleted
        this comment`).
        """
        self.turn_all(kind, [subject_id], at, how=how, by=by)

    def turn_all(
        self,
        kind: CardKind,
        subjects: Sequence[int],
        at: Moment,
        *,
        how: str,
        by: MemberId | None = None,
    ) -> None:
        """As `turn` for the cards of several things."""
        if not subjects:
            return
        self._c.execute(
            _TURN,
            {
                "b_kind": kind.value,
                "b_subjects": list(subjects),
                "changed_by": by,
                "changed_at": at,
                "changed_how": how,
            },
        )
        self._due.add(self._refs.due_again(kind, subjects, at))

    def lend(self, card_id: CardId, editor: MemberId | None, until: Moment | None) -> None:
        """Somebody edits it until then, or nobody; no new revision, but another look.

        Redraws that are under way are begun anew. A message that is only being posted shows it or
        not: it is told to people's eyes and decides nothing.
        """
        row = self.get(card_id)
        self._c.execute(_EDIT, {"b_id": card_id, "editing_by": editor, "editing_until": until})
        self.look_anew(row)

    def look_anew(self, row: CardRow) -> None:
        """As `lend`: what decides nothing is shown, and makes nobody's press come too late."""
        for due in self._refs.due_again(row.kind, [row.subject_id], Moment(0)):
            if due.lane is Lane.REDRAWS:
                self._due.put(due)

    def look_anew_at(self, brand_id: BrandId, account_id: AccountId) -> None:
        """As `look_anew`, for what nobody decided about yet at an account."""
        for due in self._refs.undecided_at(brand_id, account_id):
            self._due.put(due)

    # The queue

    def page(
        self,
        brand_id: BrandId,
        wanted: QueueFilter,
        member_id: MemberId | None,
        now: Moment,
        limit: int,
        offset: int,
        sight: Sight | None = None,
    ) -> list[CardRow]:
        """What is due first where a filter shows what waits; then newest first.

        Without a `sight` of everything.
        """
        keys: dict[str, Any] = {"brand_id": brand_id, "member_id": member_id, "now": now}
        keys |= {"limit": limit, "offset": offset, "most": offset + limit + OUT_OF_STEP}
        keys |= {} if sight is None else seen_by(sight)
        page = page_of(wanted, is_whole=sight is None)
        return [card_of(r) for r in self._c.execute(page, keys)]

    def count(
        self,
        brand_id: BrandId,
        wanted: QueueFilter,
        member_id: MemberId | None,
        now: Moment,
        sight: Sight | None = None,
    ) -> int:
        """How many cards, counted up to a thousand."""
        keys: dict[str, Any] = {"brand_id": brand_id, "member_id": member_id, "now": now}
        keys |= {} if sight is None else seen_by(sight)
        counted = count_of(wanted, is_whole=sight is None)
        return int(self._c.execute(counted, keys).scalar_one())

    # Presses

    def answered(self, press: Press) -> Outcome | None:
        """What this press, or an equal one of the same person, was answered before."""
        same = {"id": press.id, "press": press.fingerprint}
        row = self._c.execute(_ANSWERED, same).first()
        return None if row is None else Outcome(OutcomeKind(row.kind), row.says, row.note)

    def refused_since(
        self, identity: ChatIdentity, since: Moment, most: int, *, note: str = ""
    ) -> int:
        """How many presses of a person were refused since then, counted up to `most`.

        With a `note`, only those that were refused with it.
        """
        terms = {"chat": identity.chat, "user": identity.user, "since": since, "most": most}
        if note:
            return int(self._c.execute(_NOTED_SINCE, terms | {"note": note}).scalar_one())
        return int(self._c.execute(_REFUSED_SINCE, terms).scalar_one())

    def forget_presses(self, before: int) -> None:
        self._c.execute(_FORGET, {"before": before})

    def claim_press(self, press: Press) -> bool:
        """Take this press for the running transaction; False when it, or an equal one, is answered.

        While another transaction answers the same press, this waits for its end.
        """
        taken = {
            "b_id": press.id,
            "b_chat": press.identity.chat,
            "b_user": press.identity.user,
            "b_press": press.fingerprint,
            "b_at": press.at,
        }
        return self._c.execute(_CLAIM[self._c.dialect.name], taken).first() is not None

    def remember(self, press: Press, outcome: Outcome) -> None:
        """Answer a claimed press."""
        answer = {"kind": outcome.kind.value, "says": outcome.says, "note": outcome.note}
        self._c.execute(_REMEMBER, {"b_id": press.id, **answer})


def card_of(r: Any) -> CardRow:
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
        editing_by=None if r.editing_by is None else MemberId(r.editing_by),
        editing_until=None if r.editing_until is None else Moment(r.editing_until),
    )
