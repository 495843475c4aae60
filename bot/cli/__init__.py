"""The command line: `replydesk COMMAND`. One file per command; only what is asked for loads.

Exit codes: 0 it is done; 1 it went wrong or found something wrong; 2 the command line or the
configuration cannot be used; 130 somebody pressed Ctrl-C.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from bot import logs
from bot.bootstrap.build import version
from bot.cli.commands import COMMANDS, command_named
from bot.cli.terminal import complain, make_printable
from bot.config.loading import DEFAULT_FILE
from bot.errors import ConfigurationError, ReplydeskError

DONE, FAILED, UNUSABLE, INTERRUPTED = 0, 1, 2, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    words = sys.argv[1:] if argv is None else list(argv)
    make_printable()
    logs.configure("warning")
    try:
        arguments = parser_for(words).parse_args(words)
        return int(arguments.run(arguments))
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        _let_go_of_output()
        return FAILED
    except Exception as error:  # noqa: BLE001 - the command boundary
        return _explain(error)


def parser_for(words: Sequence[str]) -> argparse.ArgumentParser:
    """The whole parser; only commands that stand among the words have their options."""
    shared = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    shared.add_argument(
        "--config",
        metavar="FILE",
        help=f"Reads the configuration from this file instead of {DEFAULT_FILE}.",
    )
    parser = argparse.ArgumentParser(
        prog="replydesk",
        description="Brings a brand's comments, mentions and reviews to the team with reply "
        "drafts, and publishes what a person approved, exactly once.",
        parents=[shared],
    )
    parser.add_argument("--version", action="version", version=f"replydesk {version()}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, command in COMMANDS.items():
        sub = commands.add_parser(
            name, help=command.says, description=command.says, parents=[shared]
        )
        if name in words:
            room = command_named(name)
            room.add_arguments(sub)
            sub.set_defaults(run=room.run)
    return parser


def _explain(error: BaseException) -> int:
    known = _known_in(error)
    if known is None:
        logs.get_logger(__name__).error("command_failed", exc_info=error)
        complain(
            "replydesk stopped because of a fault of its own. Start it again; if this repeats, "
            "report it with the lines above."
        )
        return FAILED
    complain(str(known))
    return UNUSABLE if isinstance(known, ConfigurationError) else FAILED


def _known_in(error: BaseException) -> ReplydeskError | None:
    """The error that was raised on purpose, if that is all that a group of errors holds."""
    if isinstance(error, ReplydeskError):
        return error
    if isinstance(error, BaseExceptionGroup):
        found = [_known_in(inner) for inner in error.exceptions]
        return found[0] if all(found) else None
    return None


def _let_go_of_output() -> None:
    """Whoever read our output has gone; the interpreter must not try to write the rest to it."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
