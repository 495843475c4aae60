"""A desk that has worked for a year, made quickly: real lives of some hundred items, multiplied.

A sample of comments lives through the real services: taken in, sorted, drafted, shown in a chat,
answered, closed or left as quiet, its presses forgotten and its audit sealed, until nothing is due.
Then all of its rows are copied as often as wanted, with numbers, keys and moments of their own, by
SQL in the order of time. The rows are those that the desk writes; only who wrote them is not it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Column, Table

from bot.model.channel import Place
from bot.model.commands import Approve, NoReplyNeeded
from bot.model.due import Lane, NewDue
from bot.model.ids import DAY, SECOND, Moment, RemoteId
from bot.model.item import ItemState
from bot.model.network import IncomingItem
from bot.model.peak import PeakRule
from bot.services.deciding import DeskRules
from bot.services.reply_templates import load_reply_templates
from bot.services.settling_in import NamedChannel
from bot.services.template_drafter import TemplateDrafter
from bot.store import migrate
from bot.store.schema import METADATA
from bot.workers.items import TriageTask
from integrations.sandbox.reading import read_comment
from tests.benchmarks.outside import comment, text_of
from tests.fakes.chat import CHAT
from tests.fakes.desk_kit import ACME, DeskKit, opened_desk, triager

CARE = NamedChannel("care", CHAT, Place("C-care"))
BRAND = replace(ACME, channels=(CARE,))
RULES = DeskRules(undo_window=0, peaks=PeakRule(0, 0, sets_aside=False))
YEAR = 365 * DAY
BY_ONE_AUTHOR = 3
"""Comments that one person writes, on average."""
ANSWERED, CLOSED = 2, 5
"""Of ten comments the first two are answered; to the next three somebody says that no reply is
needed; the others are short reactions and stay quiet."""
REACTIONS = ("Love it", "Yes!", "Thank you!", "Love it so much", "\U0001f525\U0001f525\U0001f525")
STAYS = {"alembic_version", "brand", "account", "member", "channel", "chat_identity", "leg_cursor"}
"""Tables whose rows are the configuration's."""
REMOTE_IDS = {"remote_id", "root_remote_id", "parent_remote_id", "thread_remote_id", "message"}
MOMENTS = ("_at", "_until", "_since", "not_before", "deadline")
RANDOM = {"token": "lower(hex(randomblob(6)))", "key": "randomblob(16)"}
"""Columns of what is random, and how SQLite makes it."""
SUBJECTS = {"item": "item", "reply": "item", "publication": "publication", "card": "card"}
"""The table that a subject's number is of."""
IN_ONE_COMMIT = 40


@asynccontextmanager
async def desk_at(path: Path, now: Moment) -> AsyncIterator[DeskKit]:
    """The desk on this file, worked by hand, at that moment; templates draft with the triage."""
    address = f"sqlite:///{path}"
    async with opened_desk(address, rules=RULES, channels=BRAND.channels) as kit:
        templates = TemplateDrafter(load_reply_templates())
        triage = TriageTask(kit.store, triager(), kit.lines, RULES, templates)
        kit.tasks = {**kit.tasks, "triage": triage}
        kit.clock.jump((now - kit.clock.now()) / SECOND)
        yield kit


async def live(kit: DeskKit, number: int) -> None:
    """A comment comes, is sorted and shown, and comes to its end."""
    incoming = incoming_at(number, kit.clock.now())
    await kit.take(incoming)
    await kit.work()
    found = await kit.id_of(incoming.remote_id)
    end = _end_of(number)
    if end is not ItemState.QUIET:
        verb = Approve if end is ItemState.ANSWERED else NoReplyNeeded
        assert (await kit.press("bob", await kit.card_of(found), verb)).is_done
        await kit.work()
    state = (await kit.item(found)).state
    assert state is end, f"{incoming.text!r} is {state}, not {end}"


def _end_of(number: int) -> ItemState:
    if number % 10 < ANSWERED:
        return ItemState.ANSWERED
    return ItemState.CLOSED if number % 10 < CLOSED else ItemState.QUIET


async def fill(path: Path, items: int, sample: int, now: Moment) -> None:
    """A database at `path` with so many items of the year before `now`, of which `sample` lived."""
    migrate.upgrade(f"sqlite:///{path}")
    async with desk_at(path, Moment(now - YEAR)) as kit:
        for number in range(1, sample + 1):
            await live(kit, number)
            kit.clock.advance(YEAR / items / SECOND)
        await kit.do(lambda tx: tx.audits.seal(tx.now()))
        await kit.do(lambda tx: tx.cards.forget_presses(Moment(tx.now() + 1)))
        left = await kit.read(lambda tx: tx.due.depth())
        assert not left, f"still due: {left}"
    _multiply(path, items // sample, YEAR // items * sample)
    async with desk_at(path, now) as kit:
        await kit.add_due(NewDue("tidy", "tidy", Lane.ANALYTICS, kit.clock.now(), {}))
        await kit.work(Lane.ANALYTICS)
    _give_back(path)


def incoming_at(number: int, now: Moment) -> IncomingItem:
    """A comment with ids as long as those of large networks."""
    is_quiet = _end_of(number) is ItemState.QUIET
    words = REACTIONS[number % len(REACTIONS)] if is_quiet else text_of(number)
    seen = read_comment(comment(number, words))
    assert isinstance(seen, IncomingItem)
    post = _remote(2, number // 10)
    fan = replace(seen.author, remote_id=_remote(3, number // BY_ONE_AUTHOR))
    return replace(
        seen, remote_id=_remote(1, number), author=fan, published_at=now,
        parent_remote_id=post, thread_remote_id=post,
    )  # fmt: skip


def _remote(kind: int, number: int) -> RemoteId:
    return RemoteId(str(kind * 10**17 + number))


def _multiply(path: Path, times: int, step: int) -> None:
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA synchronous = OFF")
    database.execute("PRAGMA cache_size = -262144")
    strides = _strides(database)
    copies = [_copy(METADATA.tables[name], strides) for name in _copied(strides)]
    for first in range(1, times, IN_ONE_COMMIT):
        database.execute("BEGIN")
        for time in range(first, min(times, first + IN_ONE_COMMIT)):
            for copy in copies:
                database.execute(copy, {"k": time, "step": step})
        database.execute("COMMIT")
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()


def _give_back(path: Path) -> None:
    """What `tidy` freed would be written again by the next comments: here it leaves the file."""
    database = sqlite3.connect(path, isolation_level=None)
    database.executescript("PRAGMA incremental_vacuum")  # execute() would end it after one page
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()


def _strides(database: sqlite3.Connection) -> Mapping[str, int]:
    """Table that has rows to copy -> how far apart the numbers of two copies are."""
    found = {}
    for table in METADATA.sorted_tables:
        key = next(iter(table.primary_key.columns)).name
        (rows,) = database.execute(f'SELECT count(*) FROM "{table.name}"').fetchone()
        if rows and table.name not in STAYS:
            found[table.name] = database.execute(
                f'SELECT max("{key}") FROM "{table.name}"'
            ).fetchone()[0]
    return found


def _copied(strides: Mapping[str, int]) -> Sequence[str]:
    """In the order in which one refers to another."""
    return [table.name for table in METADATA.sorted_tables if table.name in strides]


def _copy(table: Table, strides: Mapping[str, int]) -> str:
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    values = ", ".join(_value(table, column, strides) for column in table.columns)
    key = next(iter(table.primary_key.columns)).name
    return (
        f'INSERT INTO "{table.name}" ({names}) SELECT {values} FROM "{table.name}" '
        f'WHERE "{key}" <= {strides[table.name]} ORDER BY "{key}"'
    )


def _value(table: Table, column: Column[object], strides: Mapping[str, int]) -> str:
    """What stands in this column of the k-th copy."""
    name = f'"{column.name}"'
    for foreign in column.foreign_keys:
        stride = strides.get(foreign.column.table.name)
        return name if stride is None else f"{name} + :k * {stride}"
    if column.primary_key:
        return f"{name} + :k * {strides[table.name]}"
    if column.name == "subject_id":
        return f"{name} + :k * ({_stride_of_subject(table, strides)})"
    if column.name == "seal_number":
        return f"{name} + :k * {strides[table.name]}"
    if column.name in RANDOM:
        return RANDOM[column.name]
    if column.name in REMOTE_IDS:
        return _as_new(name)
    if column.name == "at" or column.name.endswith(MOMENTS):
        return f"{name} + :k * :step"
    return name


def _stride_of_subject(table: Table, strides: Mapping[str, int]) -> str:
    kind = "kind" if table.name == "card" else "subject"
    cases = " ".join(
        f"WHEN '{subject}' THEN {strides[of]}" for subject, of in SUBJECTS.items() if of in strides
    )
    return f'CASE "{kind}" {cases} ELSE 0 END'


def _as_new(name: str) -> str:
    """The same id of another thing: numbers stay numbers."""
    return (
        f"CASE WHEN {name} GLOB '[0-9]*' THEN CAST(CAST({name} AS INTEGER) + :k * 100000 AS TEXT) "
        f"ELSE {name} || '-' || :k END"
    )
