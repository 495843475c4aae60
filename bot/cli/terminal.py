"""Words on a terminal: what comes from outside is made harmless before it is printed."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Sequence

from bot.errors import ConfigurationError
from bot.logs import one_line, without_secrets


def say(text: str = "") -> None:
    """One line, or several of ours; nothing in it can move the cursor or show a secret."""
    print("\n".join(one_line(line) for line in without_secrets(text).split("\n")), flush=True)


def say_before_answer(prompt: str) -> None:
    """What the person answers stands on the same line."""
    print(one_line(without_secrets(prompt)), end="", flush=True)


def complain(text: str) -> None:
    """To standard error, with the program's name before it."""
    lines = without_secrets(text).split("\n")
    print(f"replydesk: {chr(10).join(one_line(line) for line in lines)}", file=sys.stderr)


def print_link(link: str) -> None:
    """A link that carries a token which is meant to be seen: the one thing not redacted."""
    print(link, flush=True)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Left-aligned columns; the last one may be as long as it likes."""
    printable = [[one_line(cell) for cell in row] for row in (head, *rows)]
    widths = [max(len(row[column]) for row in printable) for column in range(len(head))]
    for row in printable:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        say("  ".join(cells).rstrip())


def ask(
    question: str, default: str = "", *, check: Callable[[str], str | None] = lambda answer: None
) -> str:
    """The answer, or the default for an empty one; asked again until `check` has no complaint.

    ConfigurationError when nobody is there to answer.
    """
    shown = f" [{default}]" if default else ""
    while True:
        try:
            answer = input(f"{question}{shown}: ").strip() or default
        except EOFError as error:
            raise ConfigurationError(
                "There is nobody to answer. Run this in a terminal; nothing was changed."
            ) from error
        complaint = check(answer)
        if complaint is None:
            return answer
        say(complaint)


def make_printable() -> None:
    """A terminal that lacks a letter shows its code instead of ending the program."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
