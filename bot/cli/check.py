"""`replydesk check`: one line for everything that a run needs; exit code 1 if anything fails."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence

from bot.cli.check_accounts import check_accounts
from bot.cli.check_chats import check_chats
from bot.cli.check_desk import check_desk
from bot.cli.check_drafts import check_drafts
from bot.cli.check_joined import check_joined
from bot.cli.check_oncall import check_oncall
from bot.cli.check_policies import check_policies
from bot.cli.check_redis import check_redis
from bot.cli.check_risks import check_risks
from bot.cli.findings import Finding, Level, fail, ok
from bot.cli.opening import config_path, settings_from
from bot.cli.ownership import check_names
from bot.cli.terminal import say
from bot.config import Settings, SettingsRefused
from bot.errors import ConfigurationError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """It has no options of its own."""


def run(arguments: argparse.Namespace) -> int:
    found = check_names()
    _print(found)
    try:
        settings = settings_from(arguments)
    except SettingsRefused as refused:
        found += _print([fail("config", str(problem)) for problem in refused.problems])
    except ConfigurationError as error:
        found += _print([fail("config", str(error))])
    else:
        found += _print([ok("config", _counted(settings, config_path(arguments).name))])
        found += _print(check_desk(settings))
        found += _print(check_oncall(settings))
        found += _print(asyncio.run(_check_lines(settings)))
    return _closing(found)


async def _check_lines(settings: Settings) -> list[Finding]:
    return [
        *await check_policies(settings),
        *await check_risks(settings),
        *await check_redis(settings.desk),
        *await check_drafts(settings.drafts),
        *await check_chats(settings),
        *await check_accounts(settings),
        *await check_joined(settings),
    ]


def _print(found: Sequence[Finding]) -> list[Finding]:
    for finding in found:
        say(str(finding))
    return list(found)


def _closing(found: Sequence[Finding]) -> int:
    failed = sum(finding.level is Level.FAIL for finding in found)
    warned = sum(finding.level is Level.WARN for finding in found)
    if failed:
        say(f"{failed} of {len(found)} checks failed. Mend them and check again.")
        return 1
    say(f"Everything that a run needs is there; {warned} to know about." if warned else "All well.")
    return 0


def _counted(settings: Settings, file: str) -> str:
    brands, accounts = len(settings.brands), len(settings.accounts)
    members = sum(len(brand.members) for brand in settings.brands)
    return (
        f"{file} is in order: {_number(brands, 'brand')}, {_number(accounts, 'account')}, "
        f"{_number(members, 'member')}."
    )


def _number(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
