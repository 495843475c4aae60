"""Loading late: what the first webhook does not need is imported when webhooks are answered.

An import takes the interpreter for tens of milliseconds at a time. In a thread of its own it
shares it with the event loop, which so answers in between.
"""

from __future__ import annotations

import asyncio
import ctypes
import gc
import sys
from collections.abc import Iterable
from importlib import import_module
from typing import Any

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8
"""Of glibc's malloc.h."""
LARGE = 128 * 1024
"""Bytes from which memory is the system's own again when it is freed: glibc's first value, which
it raises to the largest block that was ever freed, and we read files of megabytes."""


async def loaded(module: str) -> Any:
    """The module of this name, imported beside the event loop."""
    return await asyncio.to_thread(import_module, module)


async def load(modules: Iterable[str]) -> None:
    """Import them all, in order; to import them again takes no time."""
    for module in modules:
        await loaded(module)


def begin_loading() -> None:
    """Stop looking for garbage: nearly all that a start makes lives as long as the process, and
    to go through it again and again takes a tenth of the start.

    All threads take their memory from one place: each of its own keeps what the others could use,
    and with one interpreter they seldom ask at the same time.
    """
    gc.disable()
    if (malloc := _malloc()) is not None:
        malloc.mallopt(M_ARENA_MAX, 1)
        malloc.mallopt(M_MMAP_THRESHOLD, LARGE)
        malloc.mallopt(M_TRIM_THRESHOLD, LARGE)


def end_loading() -> None:
    """Look for garbage again, but not among what was loaded: going through it all took a tenth of
    a second each time, in which no webhook was answered. What loads last says so once more.
    """
    gc.freeze()
    gc.enable()
    if (malloc := _malloc()) is not None:
        malloc.malloc_trim(0)


def _malloc() -> ctypes.CDLL | None:
    """glibc's; None where the C library is another one."""
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None)
    return library if hasattr(library, "malloc_trim") else None
