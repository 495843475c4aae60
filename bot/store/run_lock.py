"""One desk per SQLite file: a lock of the operating system beside it, gone when the process is.

`all` excludes everybody; `web` and `worker` may run side by side, one each. The file
`<database>.lock` has one slot per part, readable by a person, and one lockable byte per part far
behind the text, because on Windows a locked byte cannot be read.
"""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Self

from bot.errors import AlreadyRunning, ConfigurationError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_SLOT = 64
_LOCKED_BYTES = 1 << 20


class Part(StrEnum):
    """What a process does of the desk's work."""

    ALL = "all"
    WEB = "web"
    WORKER = "worker"

    @property
    def slots(self) -> tuple[int, ...]:
        match self:
            case Part.ALL:
                return (0, 1)
            case Part.WEB:
                return (0,)
            case Part.WORKER:
                return (1,)


class RunLock:
    """Hold it with `with` for as long as the process works on the file."""

    def __init__(self, database: Path, part: Part) -> None:
        self.path = database.with_name(f"{database.name}.lock")
        self._database = database
        self._part = part
        self._descriptor: int | None = None

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()

    def acquire(self) -> None:
        """AlreadyRunning, with who runs, when another process holds our part."""
        descriptor = self._open()
        for slot in self._part.slots:
            if not _lock_byte(descriptor, _LOCKED_BYTES + slot):
                holder = _read_slot(descriptor, slot)
                os.close(descriptor)
                raise AlreadyRunning(self._sentence(holder))
        self._descriptor = descriptor
        self._write(f"{self._part} {os.getpid()}")

    def release(self) -> None:
        """Let the next one in. The file stays: removing it would let two hold two files."""
        if self._descriptor is None:
            return
        self._write("")
        for slot in self._part.slots:
            _unlock_byte(self._descriptor, _LOCKED_BYTES + slot)
        os.close(self._descriptor)
        self._descriptor = None

    def _open(self) -> int:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            return os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise ConfigurationError(
                f"{self.path} cannot be written: {error.strerror}. Give the user that runs "
                "replydesk the right to write this folder, or put the database elsewhere."
            ) from error

    def _write(self, text: str) -> None:
        assert self._descriptor is not None
        for slot in self._part.slots:
            os.lseek(self._descriptor, slot * _SLOT, os.SEEK_SET)
            os.write(self._descriptor, text.ljust(_SLOT - 1).encode() + b"\n")

    def _sentence(self, holder: str) -> str:
        part, _, process = holder.partition(" ")
        who = f"process {process}, which runs {part}" if process else "another process"
        return (
            f"replydesk is already running on {self._database} ({who}). Stop it first, or give "
            "this one a database of its own."
        )


def _read_slot(descriptor: int, slot: int) -> str:
    os.lseek(descriptor, slot * _SLOT, os.SEEK_SET)
    return os.read(descriptor, _SLOT).decode(errors="replace").strip()


if sys.platform == "win32":

    def _lock_byte(descriptor: int, position: int) -> bool:
        os.lseek(descriptor, position, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _unlock_byte(descriptor: int, position: int) -> None:
        os.lseek(descriptor, position, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

else:

    def _lock_byte(descriptor: int, position: int) -> bool:
        try:
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, position)
        except OSError:
            return False
        return True

    def _unlock_byte(descriptor: int, position: int) -> None:
        fcntl.lockf(descriptor, fcntl.LOCK_UN, 1, position)
