"""`replydesk init`: a configuration made by asking; of secrets it asks only the names."""

from __future__ import annotations

import argparse
import asyncio
import os
import re
from collections.abc import Mapping
from pathlib import Path

from bot.cli.init_accounts import Answers, ask_accounts, environment_names
from bot.cli.init_from_store import export
from bot.cli.opening import config_path, known_networks, settings_from
from bot.cli.terminal import ask, say
from bot.cli.toml_text import Value, toml_lines
from bot.config.fields import why_no_slug, why_no_zone
from bot.config.loading import read
from bot.errors import ConfigurationError
from bot.model.member import Role
from bot.model.text import slugified

HEAD = """\
# The configuration of replydesk. Every key is explained in docs/reference/configuration.md.
# No secret stands here: secrets are named as { env = "NAME" } or { file = "path" }.
"""
ALONE = """\
# One person alone cannot ask a second one; take this out when the team grows. It is audited.
[policies]
solo_team = true
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--from-store",
        action="store_true",
        help="print what was set up from chat or console, to be put into the configuration",
    )


def run(arguments: argparse.Namespace) -> int:
    if arguments.from_store:
        return asyncio.run(export(settings_from(arguments)))
    path = config_path(arguments)
    if path.exists():
        raise ConfigurationError(
            f"{path} exists already, and init never replaces a file. Move it away, or name another "
            "one with --config."
        )
    brand = _ask_brand()
    members = _ask_members()
    accounts = ask_accounts(brand["slug"])
    text = _text(brand, members, accounts)
    read(text, path, known_networks(), {})
    _create(path, text)
    _close(path, members[0]["slug"], environment_names(accounts))
    return 0


def _ask_brand() -> dict[str, str]:
    say("A few questions; an empty answer takes what stands in brackets.")
    name = ask("The brand's name", check=_not_empty)
    slug = ask("Its short name, for commands and logs", slugified(name), check=why_no_slug)
    languages = ask(
        "Languages that its audience writes in, most frequent first", "en", check=_languages
    )
    zone = ask("Its time zone, for example Europe/Bucharest", "UTC", check=why_no_zone)
    return {"slug": slug, "name": name, "languages": languages, "zone": zone}


def _ask_members() -> list[dict[str, str]]:
    name = ask("Your name; you become the admin", check=_not_empty)
    members = [{"slug": slugified(name), "name": name, "role": Role.ADMIN.value}]
    roles = ", ".join(role.value for role in Role)
    while name := ask("Another member's name, or nothing to go on"):
        taken = {member["slug"] for member in members}
        role = ask(f"Their role: {roles}", Role.AGENT.value, check=_role)
        members.append({"slug": _free(slugified(name), taken), "name": name, "role": role})
    return members


def _text(brand: dict[str, str], members: list[dict[str, str]], accounts: list[Answers]) -> str:
    parts = [HEAD]
    approvers = [m for m in members if Role(m["role"]).includes(Role.MANAGER)]
    writers = [m for m in members if Role(m["role"]).includes(Role.AGENT)]
    if len(approvers) == 1 and approvers == writers:
        parts.append(ALONE)
    languages = _words(brand["languages"])
    parts.append(_table("brands", {**brand, "languages": languages}))
    parts += [_table("brands.members", dict(member)) for member in members]
    parts += [_table("brands.accounts", account.values()) for account in accounts]
    return "\n".join(parts)


def _table(name: str, values: Mapping[str, Value]) -> str:
    return "\n".join([f"[[{name}]]", *toml_lines(values), ""])


def _create(path: Path, text: str) -> None:
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644), "wb") as file:
            file.write(text.encode())
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be written: {error.strerror}.") from error


def _close(path: Path, admin: str, names: list[str]) -> None:
    say(f"Wrote {path}. What is left to do:")
    for name in names:
        say(f"  set the environment variable {name} to its secret")
    say("  replydesk check")
    say("  replydesk run")
    say(f"  replydesk console-token {admin}   (while it runs; signs you in)")
    say("New accounts only watch, until an admin presses Go live.")


def _free(slug: str, taken: set[str]) -> str:
    numbers = (f"{slug[:56]}-{number}" for number in range(2, len(taken) + 3))
    return slug if slug not in taken else next(n for n in numbers if n not in taken)


def _words(text: str) -> list[str]:
    return [word for word in re.split(r"[\s,;]+", text) if word]


def _not_empty(answer: str) -> str | None:
    if not answer.strip():
        return "Please write something."
    return None if len(answer) <= 200 else "That is too long; 200 letters are the most."


def _languages(answer: str) -> str | None:
    words = _words(answer)
    is_right = bool(words) and all(re.fullmatch("[a-z]{2}", word) for word in words)
    return None if is_right else "Write each as two small letters, for example: en, fr"


def _role(answer: str) -> str | None:
    roles = [role.value for role in Role]
    return None if answer in roles else f"Write one of {', '.join(roles)}."
