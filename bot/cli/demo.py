"""`replydesk demo`: the whole desk on the built-in network, for looking around."""

from __future__ import annotations

import argparse
import asyncio

from bot.bootstrap.demo import run_demo
from bot.config import demo_options


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--port",
        type=_port,
        metavar="PORT",
        help="Listens here; without it PORT of the environment or a free one is taken.",
    )
    parser.add_argument(
        "--no-browser", action="store_true", help="Prints the address without opening a browser."
    )


def run(arguments: argparse.Namespace) -> int:
    options = demo_options(arguments.port, open_browser=not arguments.no_browser)
    return asyncio.run(run_demo(options))


def _port(word: str) -> int:
    if not word.isdecimal() or int(word) > 65535:
        raise argparse.ArgumentTypeError("write a number between 0 and 65535")
    return int(word)
