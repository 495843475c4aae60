"""Whether another process has committed to our SQLite file, asked in a few microseconds.

https://www.sqlite.org/pragma.html#pragma_data_version: the number changes for a connection when
another one commits, so the connection that asks never writes.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from types import TracebackType
from typing import Self


class DataVersion:
    """Call it for the number; only a difference means anything."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None, timeout=0)
        self._connection.execute("PRAGMA query_only = ON")
        self._last = 0

    def __call__(self) -> int:
        try:
            row = self._connection.execute("PRAGMA data_version").fetchone()
        except sqlite3.OperationalError:
            # the file is locked for a moment; the next look will tell
            return self._last
        self._last = int(row[0])
        return self._last

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connection.close()
