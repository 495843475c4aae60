"""`replydesk forget AUTHOR`: a person's words and name, gone; the decisions about them stay."""

from __future__ import annotations

import argparse
import asyncio

from bot.cli.opening import opened_store, settings_from
from bot.cli.terminal import ask, complain, say
from bot.config import Settings
from bot.services.forgetting import Forget, KnownAuthor, find, forget

BACKUPS = (
    "Backups, exported files and the network itself still hold it: erase it there too where you "
    "must."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "author",
        metavar="AUTHOR",
        help="Is the author's handle, or the id that the network gave them.",
    )
    parser.add_argument(
        "--account", metavar="SLUG", help="Forgets the author on this account alone."
    )
    parser.add_argument("--yes", action="store_true", help="Does not ask before erasing.")


def run(arguments: argparse.Namespace) -> int:
    settings = settings_from(arguments)
    return asyncio.run(_run(settings, arguments))


async def _run(settings: Settings, arguments: argparse.Namespace) -> int:
    async with opened_store(settings) as store:
        found = await store.read(lambda tx: find(tx, arguments.author))
        found = [known for known in found if arguments.account in {None, known.account.slug}]
        if not found:
            complain("The desk knows no author of that handle or id. Nothing was erased.")
            return 1
        for known in found:
            say(_shown(known))
        if not arguments.yes and not _is_sure():
            say("Nothing was erased.")
            return 1
        done = [await store.write(forget, Forget(known.author.id)) for known in found]
    for forgotten in done:
        (say if forgotten.is_done else complain)(forgotten.says)
    if not all(forgotten.is_done for forgotten in done):
        return 1
    say(BACKUPS)
    return 0


def _shown(known: KnownAuthor) -> str:
    author, account = known.author, known.account
    items = "1 item" if known.items == 1 else f"{known.items} items"
    return f"{author.handle} ({author.display_name}) on {account.network}, {account.slug}: {items}"


def _is_sure() -> bool:
    answer = ask("Erase their name and words, and what was written to them? (yes/no)", "no")
    return answer.lower() in {"y", "yes"}
