"""`replydesk export`: the sealed audit as a file, with the check that nobody changed it, and the
post-mortem of an incident.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

from bot.cli.opening import opened_store, settings_from
from bot.cli.terminal import complain, say
from bot.config import Settings
from bot.errors import ConfigurationError
from bot.model.ids import IncidentId
from bot.services.audit_book import Verdict, export, verify_file, verify_store
from bot.services.post_mortem import markdown

WHOLE_STORE = ""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=["audit", "incident"], help="Names what is exported.")
    parser.add_argument(
        "number", nargs="?", type=int, help="Which incident: the number on its card."
    )
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="Writes to this new file instead of standard output.",
    )
    parser.add_argument(
        "--verify",
        nargs="?",
        const=WHOLE_STORE,
        metavar="FILE",
        help="Exports nothing, but checks the database, or a file that was exported earlier.",
    )


def run(arguments: argparse.Namespace) -> int:
    if (arguments.what == "incident") is (arguments.number is None):
        raise ConfigurationError(
            "Write `export incident NUMBER` with the number on its card, or `export audit`."
        )
    if arguments.what == "incident":
        settings = settings_from(arguments)
        return asyncio.run(_post_mortem(settings, IncidentId(arguments.number), arguments.out))
    if arguments.verify:
        return _tell(_verify_file(Path(arguments.verify)))
    settings = settings_from(arguments)
    if arguments.verify == WHOLE_STORE:
        return asyncio.run(_verify(settings))
    return asyncio.run(_export(settings, arguments.out))


async def _verify(settings: Settings) -> int:
    async with opened_store(settings) as store:
        return _tell(await verify_store(store))


def _verify_file(path: Path) -> Verdict:
    try:
        with path.open("rb") as file:
            return verify_file(file)
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}.") from error


def _tell(verdict: Verdict) -> int:
    if verdict.is_sound:
        say(verdict.says)
        return 0
    complain(verdict.says)
    return 1


async def _export(settings: Settings, out: Path | None) -> int:
    rows = -2  # the header and the digest are no rows
    with ExitStack() as stack:
        file = sys.stdout.buffer if out is None else stack.enter_context(_created(out))
        async with opened_store(settings) as store:
            async for line in export(store):
                file.write(line)
                rows += 1
        file.flush()
    if out is not None:
        say(f"Wrote {rows} sealed rows to {out}.")
    return 0


async def _post_mortem(settings: Settings, incident_id: IncidentId, out: Path | None) -> int:
    async with opened_store(settings) as store:
        told = await store.read(lambda tx: markdown(tx, incident_id))
    if told is None:
        complain(f"There is no incident {incident_id}. Its number stands on its card.")
        return 1
    with ExitStack() as stack:
        file = sys.stdout.buffer if out is None else stack.enter_context(_created(out))
        file.write(told.encode())
        file.flush()
    if out is not None:
        say(f"Wrote the post-mortem of incident {incident_id} to {out}.")
    return 0


def _created(path: Path) -> BinaryIO:
    """Readable by its owner alone: it holds what people wrote."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise ConfigurationError(
            f"{path} exists already, and an export never replaces a file. Name another one."
        ) from error
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be written: {error.strerror}.") from error
    return os.fdopen(descriptor, "wb")
