"""What a process gave to its disk, and what a disk may hold after the power went.

A write is durable once its file was synced after it. Of what was written since, a disk may have
kept everything, nothing, a part of the last write, or any sectors of any of it.
"""

from __future__ import annotations

import random
import shutil
import struct
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from tests import services

GCC = services.Service("a C compiler", "apt install gcc libc6-dev")
SOURCE = Path(__file__).with_name("power_recorder.c")
SECTOR = 512
_HEAD = struct.Struct("=IIqq")


class Kind(StrEnum):
    WRITTEN = "W"
    SYNCED = "S"
    TRUNCATED = "T"
    UNLINKED = "U"
    SENT = "N"


@dataclass(frozen=True, slots=True)
class Record:
    """`at` is its place in the log, in bytes."""

    at: int
    kind: Kind
    path: str
    offset: int
    data: bytes = field(repr=False)


class Tail(StrEnum):
    """What became of writes that were not synced."""

    KEPT = "kept"
    LOST = "lost"
    TORN = "torn"
    SHUFFLED = "shuffled"


def build_recorder(folder: Path) -> Path:
    """The library to preload; the test is skipped, or fails, where there is no compiler."""
    compiler = shutil.which("gcc")
    if compiler is None:
        services.lack(GCC)
    library = folder / "power_recorder.so"
    subprocess.run(
        [compiler, "-O2", "-shared", "-fPIC", "-o", library, SOURCE, "-ldl", "-pthread"], check=True
    )
    return library


def read_log(log: Path) -> list[Record]:
    return list(_records(log.read_bytes()))


def _records(raw: bytes) -> Iterator[Record]:
    at = 0
    while at < len(raw):
        kind, path_bytes, offset, size = _HEAD.unpack_from(raw, at)
        begin = at + _HEAD.size
        path = raw[begin : begin + path_bytes].decode()
        end = begin + path_bytes + size
        yield Record(at, Kind(chr(kind)), path, offset, raw[begin + path_bytes : end])
        at = end


@dataclass(slots=True)
class _File:
    durable: bytearray = field(default_factory=bytearray)
    is_durable: bool = False
    """Whether its name survives."""
    pending: list[Record] = field(default_factory=list)

    def sync(self) -> None:
        for one in self.pending:
            _apply(self.durable, one)
        self.pending.clear()
        self.is_durable = True


class Disk:
    """Files by path; `run` it through a log and ask at any point what may be left."""

    def __init__(self) -> None:
        self._files: dict[str, _File] = {}

    def run(self, record: Record) -> None:
        match record.kind:
            case Kind.WRITTEN | Kind.TRUNCATED:
                self._files.setdefault(record.path, _File()).pending.append(record)
            case Kind.SYNCED if record.path in self._files:
                self._files[record.path].sync()
            case Kind.UNLINKED:
                self._files.pop(record.path, None)
            case _:
                pass

    def after(self, tail: Tail, chance: random.Random) -> dict[str, bytes]:
        """What the files hold when the power comes back."""
        return {
            path: _remains(file, tail, chance)
            for path, file in self._files.items()
            if file.is_durable or tail is not Tail.LOST
        }


def _remains(file: _File, tail: Tail, chance: random.Random) -> bytes:
    content = bytearray(file.durable)
    for one in _survivors(file.pending, tail, chance):
        _apply(content, one)
    return bytes(content)


def _survivors(pending: Sequence[Record], tail: Tail, chance: random.Random) -> Iterator[Record]:
    match tail:
        case Tail.LOST:
            return
        case Tail.KEPT:
            yield from pending
        case Tail.TORN:
            yield from pending[:-1]
            for last in pending[-1:]:
                sectors = len(last.data) // SECTOR
                kept = chance.randint(0, max(0, sectors - 1)) * SECTOR
                yield Record(last.at, last.kind, last.path, last.offset, last.data[:kept])
        case Tail.SHUFFLED:
            parts = [part for one in pending for part in _sectors(one)]
            yield from (part for part in parts if chance.random() < 0.5)


def _sectors(record: Record) -> Iterator[Record]:
    if record.kind is Kind.TRUNCATED:
        yield record
    for begin in range(0, len(record.data), SECTOR):
        part = record.data[begin : begin + SECTOR]
        yield Record(record.at, record.kind, record.path, record.offset + begin, part)


def _apply(content: bytearray, record: Record) -> None:
    if record.kind is Kind.TRUNCATED:
        del content[record.offset :]
        content.extend(bytes(record.offset - len(content)))
        return
    end = record.offset + len(record.data)
    content.extend(bytes(max(0, end - len(content))))
    content[record.offset : end] = record.data
