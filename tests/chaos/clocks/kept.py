"""The world around a desk that outlives its processes: what stands in the chat and on the network.

Whatever a fake shows is in a file before the call returns, as a request that arrived has arrived
however soon afterwards its sender dies.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from tests.fakes.desk_kit import DeskKit

T = TypeVar("T")


class _Kept(list[T]):
    """Tells of everything that is put into it."""

    def __init__(self, held: list[T], keep: Callable[[], None]) -> None:
        super().__init__(held)
        self._keep = keep

    def append(self, one: T) -> None:
        super().append(one)
        self._keep()


def keep_world(kit: DeskKit, path: Path) -> None:
    """What the file at `path` says stands there; from now on it follows."""
    if path.exists():
        kit.chat.messages, kit.network.visible = pickle.loads(path.read_bytes())

    def keep() -> None:
        held: tuple[list[Any], list[Any]] = (list(kit.chat.messages), list(kit.network.visible))
        beside = path.with_suffix(".new")
        beside.write_bytes(pickle.dumps(held))
        beside.replace(path)

    kit.chat.messages = _Kept(kit.chat.messages, keep)
    kit.network.visible = _Kept(kit.network.visible, keep)
    keep()
