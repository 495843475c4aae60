"""`replydesk smoke`: the live checklist, against the real chats, accounts and servers.

Before other people see anything the person is asked. What was posted is deleted at the end, also
after a failure or Ctrl-C. Exit code 0: every step passed; 1: one failed; 3: none failed, but some
could not be checked; 130: interrupted.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from bot.bootstrap.chats import Given, named
from bot.bootstrap.rehearsals import Shape, named_place, rehearsals
from bot.bootstrap.wiring import tried_line
from bot.cli.check_accounts import connected, own_settings
from bot.cli.joined import Joined, answers_of, given_of, joined_in
from bot.cli.opening import settings_from
from bot.cli.recording import Recordings
from bot.cli.scrubbing import Scrubber
from bot.cli.smoke_accounts import AccountRehearsal
from bot.cli.smoke_desk import DeskRehearsal
from bot.cli.smoke_report import write_report
from bot.cli.smoke_walk import Taken, Walk
from bot.cli.smoke_witness import Nobody, TerminalWitness
from bot.cli.terminal import say
from bot.config import Settings
from bot.coordination.clock import SystemClock
from bot.errors import ConfigurationError
from bot.model.channel import Place
from bot.model.ids import NetworkName
from bot.model.smoke import Verdict
from bot.ports import Closes, Rehearses

CHATS = ("slack", "telegram")
ALL_PASSED, FAILED, NOT_ALL, INTERRUPTED = 0, 1, 3, 130


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--only",
        metavar="NAME",
        help="Goes through slack, telegram, desk or one account alone, named by its slug.",
    )
    parser.add_argument(
        "--yes",
        action="store_true",
        help="Asks nothing: what others see is posted and deleted, what a person must see or press "
        "is not checked.",
    )
    parser.add_argument(
        "--reply",
        action="append",
        default=[],
        metavar="ACCOUNT=COMMENT",
        help="Names a comment, by name or address, that gets one marked test reply, deleted after.",
    )
    parser.add_argument(
        "--record",
        type=Path,
        metavar="DIR",
        help="Writes what was asked and answered there, without tokens, names, ids and texts.",
    )
    parser.add_argument(
        "--cards",
        type=Path,
        metavar="DIR",
        help="Has Slack validate every card and view in the JSON files of this folder too.",
    )


def run(arguments: argparse.Namespace) -> int:
    settings = settings_from(arguments)
    shapes = list(shapes_in(arguments.cards)) if arguments.cards else []
    return asyncio.run(_smoke(settings, arguments, shapes))


async def _smoke(
    settings: Settings,
    arguments: argparse.Namespace,
    shapes: Sequence[Shape],
) -> int:
    joined = await joined_in(settings)
    replies = _replies(settings, joined, arguments.reply)
    _known(settings, joined, arguments.only)
    recordings = Recordings(is_on=arguments.record is not None)
    async with _opened(settings, joined, arguments.only, replies, shapes, recordings) as found:
        witness = Nobody() if arguments.yes else TerminalWitness()
        walk = Walk(witness, recordings.begin, asks=not arguments.yes)
        is_whole = await walk.through(found)
    written = write_report(settings.desk.data_dir / "smoke", walk.taken)
    say(f"Written to {written}.")
    if arguments.record is not None:
        scrubber = Scrubber([*_private(settings), *joined.words])
        for path in recordings.write(arguments.record, scrubber):
            say(f"Recorded in {path}; look through it before you give it to anybody.")
    return _code(walk.taken) if is_whole else INTERRUPTED


@asynccontextmanager
async def _opened(
    settings: Settings,
    joined: Joined,
    only: str | None,
    replies: Mapping[str, str],
    shapes: Sequence[Shape],
    recordings: Recordings,
) -> AsyncIterator[Mapping[str, Rehearses]]:
    clock = SystemClock()
    async with AsyncExitStack() as stack:
        found: dict[str, Rehearses] = {"desk": DeskRehearsal(settings)}
        chats = _chats(settings, joined, only)
        found |= await rehearsals(stack, settings, clock, recordings.tap, chats, shapes)
        for brand, account in settings.accounts:
            if only not in {None, account.slug}:
                continue
            http = await stack.enter_async_context(
                aiohttp.ClientSession(
                    cookie_jar=aiohttp.DummyCookieJar(), middlewares=recordings.tap(account.network)
                )
            )
            connector = connected(settings, account, own_settings(brand, account), http)
            if isinstance(connector, Closes):
                stack.push_async_callback(connector.close)
            slug = account.slug
            found[slug] = AccountRehearsal(connector, clock, replies.get(slug, ""))
        for one in joined.accounts:
            slug = one.account.slug
            if only not in {None, slug}:
                continue
            network = NetworkName(one.account.network)
            tap = recordings.tap(network)
            answers = answers_of(settings, one)
            line = await stack.enter_async_context(
                tried_line(settings, clock, network, answers, tap)
            )
            found[slug] = AccountRehearsal(line.connector, clock, replies.get(slug, ""))
        yield {name: one for name, one in found.items() if only in {None, name}}


def _chats(
    settings: Settings, joined: Joined, only: str | None
) -> Mapping[str, tuple[Given, Place | None]]:
    """Those that are wanted, so that a secret of another one may be missing."""
    found: dict[str, tuple[Given, Place | None]] = {}
    for chat in CHATS:
        if chat in settings.named_chats and only in {None, chat}:
            found[chat] = named(settings, chat), named_place(settings, chat)
    for one in joined.chats:
        if only in {None, one.chat}:
            place = named_place(settings, one.chat) or joined.places.get(one.chat)
            found[one.chat] = given_of(settings, one), place
    return found


def _known(settings: Settings, joined: Joined, only: str | None) -> None:
    names = ["desk", *_slugs(settings, joined)]
    names += [chat for chat in CHATS if chat in settings.named_chats]
    names += [one.chat for one in joined.chats]
    if only is not None and only not in names:
        raise ConfigurationError(
            f"There is nothing called {only} in the configuration or the console. Say one of: "
            f"{', '.join(names)}."
        )


def _slugs(settings: Settings, joined: Joined) -> Sequence[str]:
    of_file = [account.slug for _brand, account in settings.accounts]
    return [*of_file, *(one.account.slug for one in joined.accounts)]


def _replies(settings: Settings, joined: Joined, wanted: Sequence[str]) -> dict[str, str]:
    slugs = _slugs(settings, joined)
    replies = {}
    for one in wanted:
        slug, _, comment = one.partition("=")
        if slug not in slugs or not comment:
            raise ConfigurationError(
                f"--reply {one} names no account and comment. Write --reply ACCOUNT=COMMENT, where "
                f"the account is one of: {', '.join(sorted(slugs))}."
            )
        replies[slug] = comment
    return replies


def _private(settings: Settings) -> Sequence[str]:
    """Names of the configuration that a recording must not tell."""
    words = [brand.name for brand in settings.brands]
    words += [brand.slug for brand in settings.brands]
    for brand in settings.brands:
        words += [member.name for member in brand.members]
        words += [member.slug for member in brand.members]
        words += [channel.channel for channel in brand.channels]
    return words


def shapes_in(folder: Path) -> Iterator[Shape]:
    """Every message and view of Slack's in the JSON files of a folder, at whatever depth."""
    if not folder.is_dir():
        raise ConfigurationError(f"There is no folder {folder}. Name one with JSON files.")
    for path in sorted(folder.rglob("*.json")):
        try:
            document = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise ConfigurationError(f"{path} cannot be read as JSON: {error}.") from error
        yield from _shapes(path.stem, document)


def _shapes(name: str, thing: Any) -> Iterator[Shape]:
    if isinstance(thing, list) and thing and all(_is_block(one) for one in thing):
        yield (name, "blocks", thing)
    elif isinstance(thing, dict) and isinstance(thing.get("blocks"), list):
        is_view = thing.get("type") in {"modal", "home"}
        yield (name, "view", thing) if is_view else (name, "blocks", thing["blocks"])
    elif isinstance(thing, dict):
        for key, value in thing.items():
            yield from _shapes(f"{name}.{key}", value)


def _is_block(thing: Any) -> bool:
    return isinstance(thing, dict) and "type" in thing and "block_id" in thing


def _code(taken: Sequence[Taken]) -> int:
    verdicts = {one.finding.verdict for one in taken}
    if Verdict.FAIL in verdicts:
        return FAILED
    return NOT_ALL if Verdict.NOT_CHECKED in verdicts else ALL_PASSED
