"""The local part of `replydesk check`: disk, database, key, port and people and drafts."""

from __future__ import annotations

import errno
import os
import shutil
import socket
import tempfile
from collections.abc import Collection, Iterator
from importlib import resources
from pathlib import Path

from bot.cli.findings import Finding, fail, ok, warn
from bot.config import Settings, sealing_key
from bot.config.settings import BrandSettings
from bot.errors import ReplydeskError
from bot.model.member import Role
from bot.services.direct_channel import UNREACHED
from bot.services.lexicon import LANGUAGES
from bot.store.database import parse
from bot.store.migrate import check, current

LEAST_FREE_BYTES = 200 * 1024 * 1024


def check_desk(settings: Settings) -> list[Finding]:
    """Blocking, a few seconds at most."""
    return [
        _disk(settings.desk.data_dir),
        _database(settings.desk.database_url),
        _key(settings),
        _port(settings.desk.host, settings.desk.port),
        *(_admins(brand) for brand in settings.brands),
        *(finding for brand in settings.brands for finding in _direct(brand, settings.chats)),
        *_prompt(settings.drafts.prompt),
        *_languages(settings),
    ]


def _admins(brand: BrandSettings) -> Finding:
    """Without one nobody can add people, connect accounts or let one go live."""
    admins = [one.name for one in brand.members if one.role is Role.ADMIN]
    if admins:
        return ok("team", f"Admin of {brand.name}: {', '.join(admins)}.")
    return warn(
        "team",
        f"{brand.name} has no admin in the configuration, so nobody of it can let an account go "
        'live. Write role = "admin" at one of its [[brands.members]].',
    )


def _direct(brand: BrandSettings, chats: Collection[str]) -> Iterator[Finding]:
    """Who is told alone what waits for their yes, and in which chats that can be."""
    for member in (one for one in brand.members if one.direct):
        named = {one.chat for one in member.identities} - UNREACHED
        missing = sorted(named - set(chats))
        if missing:
            yield warn(
                "team",
                f"{member.name} has direct messages in {', '.join(missing)}, which has no table in "
                "the file: they come once an admin has connected it on the Connect page.",
            )
        if named & set(chats):
            where = ", ".join(sorted(named & set(chats)))
            says = f"What waits for a yes of {member.name} comes to them alone too, in {where}."
            once = " In Telegram they write to the bot once first." if "telegram" in where else ""
            yield ok("team", says + once)


def _disk(folder: Path) -> Finding:
    there = folder
    while not there.exists():
        there = there.parent
    try:
        with tempfile.TemporaryFile(dir=there):
            free = shutil.disk_usage(there).free
    except OSError as error:
        return fail(
            "disk",
            f"{folder} cannot be written: {error.strerror}. Let the user that runs replydesk write "
            "there, or name another folder as [desk] data_dir.",
        )
    if free < LEAST_FREE_BYTES:
        says = f"Only {free // 1024**2} MiB are free at {folder}. Make room before it is full."
        return warn("disk", says)
    return ok("disk", f"{folder} can be written, {free // 1024**3} GiB are free.")


def _database(address: str) -> Finding:
    try:
        database = parse(address)
        if current(address) is None:
            how = "`replydesk run` makes it" if database.is_sqlite else "run `replydesk migrate`"
            return warn("database", f"{database.name} holds no data yet; {how}.")
        check(address)
    except ReplydeskError as error:
        return fail("database", str(error))
    return ok("database", f"{database.name} answers and has the right schema.")


def _key(settings: Settings) -> Finding:
    try:
        key = sealing_key(settings.desk)
    except ReplydeskError as error:
        return fail("key", str(error))
    if key is None:
        return warn(
            "key",
            "There is no key to seal sign-ins of networks with, so they are not kept. Put 32 "
            "random bytes in URL-safe base64 into REPLYDESK_KEY or "
            f"{settings.desk.data_dir / 'key'}.",
        )
    return ok("key", "Sign-ins of networks are stored sealed.")


def _port(host: str, port: int) -> Finding:
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            if os.name == "posix":
                # what a server that just stopped left behind does not matter
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except socket.gaierror:
        return fail("port", f"{host} is no address of this machine. Correct [desk] host.")
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            says = f"Port {port} is taken, perhaps by the desk itself. Else choose another one."
            return warn("port", says)
        says = f"Port {port} of {host} cannot be used: {error.strerror}. Choose another one."
        return fail("port", says)
    return ok("port", "A free port is taken at start." if port == 0 else f"Port {port} is free.")


def _prompt(name: str) -> list[Finding]:
    if (resources.files("prompts") / f"{name}.md").is_file():
        return []
    return [fail("drafts", f"There is no prompt {name}. Set prompt in [drafts] to draft.v1.")]


def _languages(settings: Settings) -> list[Finding]:
    found = []
    for brand in settings.brands:
        foreign = [language for language in brand.languages if language not in LANGUAGES]
        if foreign:
            says = (
                f"{brand.name} reads {', '.join(foreign)}, for which there are no cues and no "
                f"templates yet; there are for {', '.join(LANGUAGES)}. A model can still write."
            )
            found.append(warn("languages", says))
    return found
