"""The audit: who decided what, when, on which words.

A row holds ids and a salted hash of the words; words and salt live in `audit_text`, which can
be erased. Rows commit unchained; sealing numbers them and chains their hashes, so that one
changed byte in any sealed row shows. Erasing a text changes no sealed byte.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Text,
    bindparam,
    case,
    cast,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.exc import DBAPIError

from bot.errors import StoreCorrupt
from bot.model.event import Subject
from bot.model.ids import BrandId, MemberId, Moment
from bot.store.connection import Connection
from bot.store.schema import audit, audit_text, brand
from bot.store.statement import Statement

GENESIS = "0" * 64
"""What the first sealed row is chained to."""

_ADD = Statement(insert(audit).returning(audit.c.id))
_ADD_TEXT = Statement(insert(audit_text))
_UNSEALED = Statement(
    select(audit)
    .where(audit.c.seal_number.is_(None))
    .order_by(audit.c.id)
    .limit(bindparam("limit"))
)
_SEAL = Statement(update(audit).where(audit.c.id == bindparam("b_id")))
_AS_STORED = cast(audit.c.facts, Text).label("facts_as_stored")
_LAST_SEAL = Statement(
    select(audit.c.seal_number, audit.c.seal_hash, audit.c.sealed_at)
    .where(audit.c.seal_number.is_not(None))
    .order_by(audit.c.seal_number.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class AuditRow:
    id: int
    at: Moment
    brand_id: BrandId
    member_id: MemberId | None
    chat: str
    action: str
    subject: str
    subject_id: int
    facts: Mapping[str, Any]
    text_hash: str | None
    seal_number: int | None
    seal_hash: str | None
    sealed_at: Moment | None
    text: str | None = None
    """The words, unless they were erased (or there were none)."""
    salt: str | None = None

    def canonical(self) -> str:
        """What is sealed: everything but the seal and the words themselves."""
        return json.dumps(
            [
                self.id,
                self.at,
                self.brand_id,
                self.member_id,
                self.chat,
                self.action,
                self.subject,
                self.subject_id,
                dict(self.facts),
                self.text_hash,
            ],
            sort_keys=True,
            ensure_ascii=False,
            separators=(",", ":"),
        )


@dataclass(frozen=True, slots=True)
class Seal:
    """The end of the chain: its number is how many rows are sealed."""

    number: int
    hash: str
    at: Moment | None


def chain(previous: str, number: int, at: Moment, canonical: str) -> str:
    """The hash that seals row `number` at a moment, over everything sealed before it."""
    sealed = f"{previous}\n{number}\n{at}\n{canonical}"
    return hashlib.sha256(sealed.encode("utf-8", "replace")).hexdigest()


def salted_hash(salt: str, text: str) -> str:
    return hashlib.sha256(f"{salt}\n{text}".encode("utf-8", "replace")).hexdigest()


_LATEST = Statement(
    select(audit)
    .where(
        audit.c.subject == bindparam("subject"),
        audit.c.subject_id == bindparam("subject_id"),
        audit.c.action == bindparam("action"),
    )
    .order_by(audit.c.id.desc())
    .limit(1)
)


class Audits:
    def __init__(self, connection: Connection) -> None:
        self._c = connection

    def add(
        self,
        brand_id: BrandId,
        action: str,
        subject: Subject,
        subject_id: int,
        at: Moment,
        *,
        member_id: MemberId | None = None,
        chat: str = "",
        text: str | None = None,
        **facts: Any,
    ) -> None:
        salt = secrets.token_hex(16) if text is not None else None
        hashed = None if salt is None or text is None else salted_hash(salt, text)
        values = {
            "at": at,
            "brand_id": brand_id,
            "member_id": member_id,
            "chat": chat,
            "action": action,
            "subject": subject.value,
            "subject_id": subject_id,
            "facts": facts,
            "text_hash": hashed,
        }
        number = self._c.execute(_ADD, values).scalar_one()
        if salt is not None:
            self._c.execute(_ADD_TEXT, {"audit_id": number, "salt": salt, "text": text})

    def seal(self, at: Moment, limit: int = 5_000) -> int:
        """Number and chain what is not sealed yet; how many rows that was."""
        # one at a time: two that seal at once would both go on from the same end
        turn = select(brand.c.id).order_by(brand.c.id).limit(1)
        self._c.execute(turn.with_for_update(key_share=True))
        last = self.last_seal()
        number, previous = last.number, last.hash
        fresh = self._c.execute(_UNSEALED, {"limit": limit}).all()
        seals: list[dict[str, Any]] = []
        for row in fresh:
            number += 1
            previous = chain(previous, number, at, _audit(row).canonical())
            seals.append(
                {"b_id": row.id, "seal_number": number, "seal_hash": previous, "sealed_at": at}
            )
        if seals:
            self._c.execute(_SEAL, seals)
        return len(fresh)

    def last_seal(self) -> Seal:
        """Where the chain ends; number 0 when nothing was ever sealed."""
        last = self._c.execute(_LAST_SEAL).one_or_none()
        if last is None:
            return Seal(0, GENESIS, None)
        return Seal(last.seal_number, last.seal_hash, last.sealed_at)

    def sealed(self, after: int = 0, limit: int = 1_000) -> list[AuditRow]:
        """Sealed rows with their words, in the order of the seal.

        StoreCorrupt when one of them cannot be read as what it should be, or when its facts are
        spelled in another way than we spell them: a blank more is a changed byte too.
        """
        wanted = (
            select(audit, audit_text.c.text, audit_text.c.salt, _AS_STORED)
            .outerjoin(audit_text, audit_text.c.audit_id == audit.c.id)
            .where(audit.c.seal_number > after)
            .order_by(audit.c.seal_number)
            .limit(limit)
        )
        try:
            found = self._c.execute(wanted).all()
        except (ValueError, DBAPIError) as error:
            raise StoreCorrupt(f"An audit row after {after} cannot be read.") from error
        if any(json.dumps(r.facts) != r.facts_as_stored for r in found):
            raise StoreCorrupt(f"An audit row after {after} is not spelled as it was written.")
        return [_audit(r, r.text, r.salt) for r in found]

    def about(self, subject: Subject, subject_ids: Collection[int]) -> list[AuditRow]:
        wanted = (
            select(audit)
            .where(audit.c.subject == subject.value, audit.c.subject_id.in_(list(subject_ids)))
            .order_by(audit.c.id)
        )
        return [_audit(r) for r in self._c.execute(wanted)]

    def latest(self, action: str, subject: Subject, subject_id: int) -> AuditRow | None:
        """The last of its kind about one thing."""
        terms = {"action": action, "subject": subject.value, "subject_id": subject_id}
        row = self._c.execute(_LATEST, terms).one_or_none()
        return None if row is None else _audit(row)

    def erase(self, subject: Subject, subject_ids: Sequence[int]) -> int:
        """Forget words and salts of these rows; their hashes stay and say nothing any more."""
        rows = select(audit.c.id).where(
            audit.c.subject == subject.value, audit.c.subject_id.in_(list(subject_ids))
        )
        gone = delete(audit_text).where(audit_text.c.audit_id.in_(rows))
        return self._c.execute(gone).rowcount

    def counts(self) -> tuple[int, int]:
        """Rows in all, and rows that bear any part of a seal."""
        parts = (audit.c.seal_number, audit.c.seal_hash, audit.c.sealed_at)
        is_sealed = or_(*(part.is_not(None) for part in parts))
        row = self._c.execute(select(func.count(), func.count(case((is_sealed, 1))))).one()
        return int(row[0]), int(row[1])


def _audit(r: Any, text: str | None = None, salt: str | None = None) -> AuditRow:
    return AuditRow(
        id=r.id,
        at=Moment(r.at),
        brand_id=BrandId(r.brand_id),
        member_id=None if r.member_id is None else MemberId(r.member_id),
        chat=r.chat,
        action=r.action,
        subject=r.subject,
        subject_id=r.subject_id,
        facts=r.facts,
        text_hash=r.text_hash,
        seal_number=r.seal_number,
        seal_hash=r.seal_hash,
        sealed_at=None if r.sealed_at is None else Moment(r.sealed_at),
        text=text,
        salt=salt,
    )
