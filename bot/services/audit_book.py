"""The audit as a book: sealed, handed out as a file, and checked for changes.

Sealing numbers rows and chains their hashes. The exported file is JSON lines: a header with the
last seal, the rows in the order of the seal, and a digest of all bytes before it. Checking walks
the chain from its beginning, and compares each text that is still there with its salted hash; a
text that was erased leaves the chain whole, because only its hash is sealed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from bot.errors import StoreCorrupt
from bot.model.ids import Moment
from bot.store.audits import GENESIS, AuditRow, Seal, chain, salted_hash
from bot.store.store import Store
from bot.store.tx import Tx

FORMAT = 1
PAGE = 1_000
_HEADER_KEYS = {"replydesk", "format", "rows", "head", "last_seal"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check found. `first_bad` is the number of a sealed row, or None."""

    is_sound: bool
    says: str
    rows: int = 0
    erased: int = 0
    first_bad: int | None = None
    last_seal_at: Moment | None = None


def seal(tx: Tx, commands: Sequence[None]) -> list[int]:
    """Seal what is not sealed yet (a few thousand rows at most); how many rows that was."""
    sealed = tx.audits.seal(tx.now())
    return [sealed] + [0] * (len(commands) - 1)


async def seal_all(store: Store) -> int:
    """Seal until nothing is left."""
    total = 0
    while sealed := await store.write(seal, None, key="seal"):
        total += sealed
    return total


async def export(store: Store) -> AsyncIterator[bytes]:
    """Seal, then give the lines of the file, each with its end of line."""
    await seal_all(store)
    last = await store.read(lambda tx: tx.audits.last_seal())
    digest = hashlib.sha256()
    line = _line(_header(last))
    digest.update(line)
    yield line
    number = 0
    while number < last.number:
        limit = min(PAGE, last.number - number)
        page = await _page(store, number, limit)
        if not page:
            raise StoreCorrupt(
                f"Sealed row {number + 1} of the audit is missing. Run `replydesk export audit "
                "--verify`, and restore a backup."
            )
        for row in page:
            line = _line(_row_document(row))
            digest.update(line)
            yield line
        number += len(page)
    yield _line({"digest": digest.hexdigest()})


async def verify_store(store: Store) -> Verdict:
    """Walk the chain in the database."""
    check = ChainCheck()
    while check.trouble is None:
        try:
            page = await _page(store, check.number, PAGE)
        except StoreCorrupt:
            page = await _readable(store, check.number)
            for row in page:
                check.take(row)
            check.fail("cannot be read")
            break
        for row in page:
            check.take(row)
        if len(page) < PAGE:
            break
    rows, sealed = await store.read(lambda tx: tx.audits.counts())
    if check.trouble is None and sealed != check.number:
        check.fail("is not where the chain ends: a row's number was changed")
    waiting = rows - sealed
    verb = "is" if waiting == 1 else "are"
    return check.verdict(f"{waiting} more {verb} not sealed yet." if waiting else "")


def verify_file(lines: Iterable[bytes]) -> Verdict:
    """Check an exported file, line by line with their ends of line."""
    reader = _FileCheck()
    for line in lines:
        if not reader.take(line):
            break
    return reader.verdict()


class ChainCheck:
    """Follows the chain row by row and remembers the first that does not fit."""

    def __init__(self) -> None:
        self.number = 0
        self.erased = 0
        self.trouble: str | None = None
        self.head = GENESIS
        self.last_seal_at: Moment | None = None

    def take(self, row: AuditRow) -> None:
        if self.trouble is not None:
            return
        why = self._why_wrong(row)
        if why is not None:
            self.fail(why)
            return
        self.number += 1
        assert row.seal_hash is not None
        self.head = row.seal_hash
        self.last_seal_at = row.sealed_at
        if row.text_hash is not None and row.salt is None:
            self.erased += 1

    def fail(self, why: str) -> None:
        """The row after the last good one is the first bad one."""
        if self.trouble is None:
            self.trouble = why

    def verdict(self, more: str = "") -> Verdict:
        if self.trouble is not None:
            bad = self.number + 1
            return Verdict(
                False,
                f"The audit was changed: sealed row {bad} {self.trouble}. The {self.number} rows "
                "before it are sound.",
                rows=self.number,
                erased=self.erased,
                first_bad=bad,
                last_seal_at=self.last_seal_at,
            )
        if self.last_seal_at is None:
            return Verdict(True, f"Nothing was sealed yet. {more}".strip())
        says = [f"All {self.number} sealed rows are sound; the last seal is of "]
        says.append(f"{_written(self.last_seal_at)}.")
        if self.erased:
            says.append(f" The texts of {self.erased} rows were erased; their hashes stand.")
        return Verdict(
            True,
            f"{''.join(says)} {more}".strip(),
            rows=self.number,
            erased=self.erased,
            last_seal_at=self.last_seal_at,
        )

    def _why_wrong(self, row: AuditRow) -> str | None:
        expected = self.number + 1
        if row.seal_number != expected:
            return "is missing"
        try:
            sealed = chain(self.head, expected, Moment(row.sealed_at or 0), row.canonical())
        except (TypeError, ValueError):
            return "cannot be read"
        if sealed != row.seal_hash:
            return "does not fit its seal"
        has_words = row.text is not None or row.salt is not None
        if not has_words:
            return None
        if row.text is None or row.salt is None or row.text_hash is None:
            return "has words that were not sealed with it"
        if salted_hash(row.salt, row.text) != row.text_hash:
            return "has other words than were sealed"
        return None


class _FileCheck:
    """Reads header, rows and digest in their order; every byte counts."""

    def __init__(self) -> None:
        self._chain = ChainCheck()
        self._digest = hashlib.sha256()
        self._header: Mapping[str, Any] | None = None
        self._is_closed = False
        self._trouble: str | None = None

    def take(self, line: bytes) -> bool:
        """False when the rest need not be read."""
        document = _document(line)
        if self._is_closed:
            self._trouble = "The file goes on after its digest."
        elif self._header is None:
            self._take_header(document)
        elif document is not None and document.keys() == {"digest"}:
            self._is_closed = True
            if document["digest"] != self._digest.hexdigest():
                self._trouble = "The digest at its end does not fit what stands before it."
        else:
            self._take_row(document)
        self._digest.update(line)
        return self._trouble is None and self._chain.trouble is None

    def verdict(self) -> Verdict:
        found = self._chain.verdict()
        if not found.is_sound:
            return found
        trouble = self._trouble or self._why_incomplete()
        if trouble is None:
            return found
        says = f"The file was changed or cut off. {trouble} Export it again and compare."
        return Verdict(False, says, rows=self._chain.number)

    def _take_header(self, document: Mapping[str, Any] | None) -> None:
        if document is None or document.keys() != _HEADER_KEYS:
            self._trouble = "Line 1 is not the header of an exported audit."
        elif document["format"] != FORMAT:
            self._trouble = "It was written by another version of replydesk."
        self._header = document or {}

    def _take_row(self, document: Mapping[str, Any] | None) -> None:
        row = None if document is None else _row(document)
        if row is None:
            self._chain.fail("cannot be read")
        else:
            self._chain.take(row)

    def _why_incomplete(self) -> str | None:
        if self._header is None:
            return "It is empty."
        if not self._is_closed:
            return "Its digest at the end is missing."
        if self._header["rows"] != self._chain.number or self._header["head"] != self._chain.head:
            return "Its header tells of another end than its rows."
        return None


async def _page(store: Store, after: int, limit: int) -> list[AuditRow]:
    return await store.read(lambda tx: tx.audits.sealed(after, limit))


async def _readable(store: Store, after: int) -> list[AuditRow]:
    """The rows up to the first that cannot be read."""
    found: list[AuditRow] = []
    try:
        while row := await _page(store, after + len(found), 1):
            found += row
    except StoreCorrupt:
        return found
    return found


def _header(last: Seal) -> dict[str, Any]:
    return {
        "replydesk": "audit",
        "format": FORMAT,
        "rows": last.number,
        "head": last.hash,
        "last_seal": None if last.at is None else _written(last.at),
    }


def _row_document(row: AuditRow) -> dict[str, Any]:
    return {**asdict(row), "facts": dict(row.facts)}


def _row(document: Mapping[str, Any]) -> AuditRow | None:
    try:
        row = AuditRow(**document)
    except TypeError:
        return None
    return row if isinstance(row.facts, dict) else None


def _document(line: bytes) -> dict[str, Any] | None:
    """What a line says, if it is spelled exactly as this code spells it."""
    try:
        document = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict) or _line(document) != line:
        return None
    return document


def _line(document: Mapping[str, Any]) -> bytes:
    text = json.dumps(document, ensure_ascii=True, separators=(",", ":"))
    return f"{text}\n".encode("ascii")


def _written(at: Moment) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
