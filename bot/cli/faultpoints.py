"""`replydesk faultpoints`: the moments at which a test may kill the desk."""

from __future__ import annotations

import argparse

from bot.cli.terminal import table
from bot.faults import MEANINGS


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """It has no options of its own."""


def run(arguments: argparse.Namespace) -> int:
    table(
        ("POINT", "WHAT HAS JUST HAPPENED"), [[name.value, says] for name, says in MEANINGS.items()]
    )
    return 0
