"""Who goes through the live checklist: a person at the terminal, or nobody."""

from __future__ import annotations

import asyncio
import sys
import threading

from bot.cli.terminal import say, say_before_answer

NO = frozenset({"n", "no"})


class Nobody:
    """Implements `bot.ports.Witness`."""

    is_there = False

    async def sees(self, question: str) -> bool | None:
        return None

    async def names(self, question: str) -> str:
        return ""

    def told(self, says: str) -> None:
        """Nobody hears it."""


class TerminalWitness:
    """Implements `bot.ports.Witness`. Gone for good once the input ended."""

    def __init__(self) -> None:
        self._is_there = True

    @property
    def is_there(self) -> bool:
        return self._is_there

    async def sees(self, question: str) -> bool | None:
        answer = await self._line(f"{question} [Y/n] ")
        return None if answer is None else answer.lower() not in NO

    async def names(self, question: str) -> str:
        return await self._line(f"{question}: ") or ""

    def told(self, says: str) -> None:
        say(f"  {says}")

    async def _line(self, prompt: str) -> str | None:
        """One line, while sockets stay alive; None when there is nobody."""
        if not self._is_there:
            return None
        say_before_answer(prompt)
        line = await _typed()
        self._is_there = bool(line)
        return line.strip() if line else None


async def _typed() -> str:
    """A line with its end; empty at the end of the input.

    Read in a thread that nothing waits for, so that Ctrl-C ends the command at once.
    """
    loop = asyncio.get_running_loop()
    typed: asyncio.Future[str] = loop.create_future()

    def give(line: str) -> None:
        if not typed.done():
            typed.set_result(line)

    def read() -> None:
        line = sys.stdin.readline()
        if not loop.is_closed():
            loop.call_soon_threadsafe(give, line)

    threading.Thread(target=read, name="smoke-typed", daemon=True).start()
    return await typed
