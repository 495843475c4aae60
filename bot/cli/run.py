"""`replydesk run`: the desk itself, whole or only its web or worker part."""

from __future__ import annotations

import argparse
import asyncio

from bot import logs
from bot.bootstrap.running import run_desk
from bot.cli.opening import settings_from


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--only",
        choices=["web", "worker"],
        help="Runs one part in this process; start the other one beside it.",
    )


def run(arguments: argparse.Namespace) -> int:
    settings = settings_from(arguments)
    logs.configure(settings.desk.log_level, settings.desk.log_format)
    return asyncio.run(run_desk(settings, only=arguments.only))
