"""Every command: its one sentence, and the module that is loaded when it is asked for."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol, cast


@dataclass(frozen=True, slots=True)
class CommandEntry:
    module: str
    says: str


class CommandRoom(Protocol):
    """What the module of a command has."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None: ...

    def run(self, arguments: argparse.Namespace) -> int:
        """Do it and return the exit code; ReplydeskErrors are told by the caller."""
        ...


COMMANDS: Mapping[str, CommandEntry] = {
    "run": CommandEntry("bot.cli.run", "Runs the desk until it is stopped with Ctrl-C."),
    "demo": CommandEntry(
        "bot.cli.demo", "Opens the desk on a built-in network; needs no accounts and no file."
    ),
    "check": CommandEntry(
        "bot.cli.check", "Checks everything that a run needs, and says what to do where it fails."
    ),
    "init": CommandEntry("bot.cli.init", "Writes a configuration by asking a few questions."),
    "migrate": CommandEntry(
        "bot.cli.migrate", "Brings the database to the schema of this version."
    ),
    "accounts": CommandEntry("bot.cli.accounts", "Lists the accounts and how they are."),
    "replay": CommandEntry(
        "bot.cli.replay",
        "Shows how recorded comments would be triaged and answered; stores and sends nothing.",
    ),
    "console-token": CommandEntry(
        "bot.cli.console_token", "Prints a link that signs a member in to the console once."
    ),
    "export": CommandEntry("bot.cli.export", "Exports the sealed audit, or verifies it."),
    "forget": CommandEntry(
        "bot.cli.forget", "Erases what an author wrote and what was written to them."
    ),
}


def command_named(name: str) -> CommandRoom:
    """Load a command; KeyError for a word that is none."""
    return cast(CommandRoom, import_module(COMMANDS[name].module))
