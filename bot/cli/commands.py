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
    "smoke": CommandEntry(
        "bot.cli.smoke",
        "Goes through the live checklist with the real chats and accounts, asking before it posts.",
    ),
    "init": CommandEntry("bot.cli.init", "Writes a configuration by asking a few questions."),
    "migrate": CommandEntry(
        "bot.cli.migrate", "Brings the database to the schema of this version."
    ),
    "accounts": CommandEntry("bot.cli.accounts", "Lists the accounts and how they are."),
    "shadow": CommandEntry(
        "bot.cli.shadow", "Compares what shadow recorded with what the team answered itself."
    ),
    "replay": CommandEntry(
        "bot.cli.replay",
        "Shows how recorded comments would be triaged and answered; stores and sends nothing.",
    ),
    "drill": CommandEntry(
        "bot.cli.drill", "Plays a storm to the team on the sandbox, and scores what it does."
    ),
    "crisis": CommandEntry(
        "bot.cli.crisis", "Starts or ends crisis mode, or says how it is, when no chat can."
    ),
    "manifest": CommandEntry(
        "bot.cli.manifest", "Prints what to paste where an app of a chat is made."
    ),
    "console-token": CommandEntry(
        "bot.cli.console_token", "Prints a link that signs a member in to the console once."
    ),
    "export": CommandEntry("bot.cli.export", "Exports the sealed audit, or verifies it."),
    "forget": CommandEntry(
        "bot.cli.forget", "Erases what an author wrote and what was written to them."
    ),
    "faultpoints": CommandEntry(
        "bot.cli.faultpoints", "Lists the moments at which a test may kill the desk."
    ),
}


def command_named(name: str) -> CommandRoom:
    """Load a command; KeyError for a word that is none."""
    return cast(CommandRoom, import_module(COMMANDS[name].module))
