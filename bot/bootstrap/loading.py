"""Loading late: what the first webhook does not need is imported when webhooks are answered.

An import takes the interpreter for tens of milliseconds at a time. In a thread of its own it
shares it with the event loop, which so answers in between.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterable
from importlib import import_module
from typing import Any


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
    """
    gc.disable()


def end_loading() -> None:
    """Look for garbage again, but not among what was loaded: going through it all took a tenth of
    a second each time, in which no webhook was answered.
    """
    gc.freeze()
    gc.enable()
