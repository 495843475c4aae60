"""What the desk says in its logs, as a test reads it."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any

from bot import logs


@contextmanager
def captured_logs() -> Iterator[list[dict[str, Any]]]:
    """Every line from `info` up, as it would be written, while the block runs."""
    written = _Lines()
    handlers, level = list(logging.getLogger().handlers), logging.getLogger().level
    logs.configure("info", "json", written)
    try:
        yield written.lines
    finally:
        logging.getLogger().handlers[:] = handlers
        logging.getLogger().setLevel(level)


class _Lines(StringIO):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[dict[str, Any]] = []

    def write(self, text: str) -> int:
        self.lines += [json.loads(line) for line in text.splitlines()]
        return len(text)
