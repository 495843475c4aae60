"""`replydesk migrate`: the database's schema brought up to this version."""

from __future__ import annotations

import argparse

from bot.cli.opening import settings_from
from bot.cli.terminal import say
from bot.store.database import parse
from bot.store.migrate import current, upgrade


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """It has no options of its own."""


def run(arguments: argparse.Namespace) -> int:
    address = settings_from(arguments).desk.database_url
    before = current(address)
    upgrade(address)
    after = current(address)
    name = parse(address).name
    if before == after:
        say(f"{name} has schema {after} already; nothing was changed.")
    elif before is None:
        say(f"{name} was set up with schema {after}.")
    else:
        say(f"{name} was brought from schema {before} to {after}.")
    return 0
