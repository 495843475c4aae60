"""`replydesk console-token MEMBER`: a link that signs a member in once."""

from __future__ import annotations

import argparse
import asyncio

from bot.cli.opening import opened_store, settings_from
from bot.cli.terminal import print_link, say
from bot.config import Settings
from bot.coordination.clock import SystemClock
from bot.errors import ConfigurationError
from bot.services.sign_in import SignIn


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "member", metavar="MEMBER", help="Is the member's slug, as the configuration names it."
    )


def run(arguments: argparse.Namespace) -> int:
    settings = settings_from(arguments)
    if settings.desk.port == 0 and not settings.desk.public_url:
        raise ConfigurationError(
            "The console's address is not known, because port 0 takes another port at every "
            "start. Set port or public_url in [desk]."
        )
    return asyncio.run(_run(settings, arguments.member))


async def _run(settings: Settings, member: str) -> int:
    async with opened_store(settings) as store:
        token = await SignIn(store, SystemClock()).issue(member)
    print_link(f"{settings.desk.console_url}/sign-in?token={token}")
    say("The link works once, within 10 minutes. Whoever opens it is signed in for 12 hours.")
    return 0
