"""Reads `replydesk.toml`: the environment beats the file, the file beats the defaults."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from pydantic import ValidationError

from bot import logs
from bot.config.connections import NetworkModels, clean_accounts
from bot.config.consistency import inconsistencies
from bot.config.problems import Problem, SettingsRefused, Source, from_validation
from bot.config.secret_values import Secret, resolve, resolve_if_set, take_out_literals
from bot.config.settings import DeskSettings, Settings
from bot.errors import ConfigurationError
from bot.model.account import SecretRef

DEFAULT_FILE = Path("replydesk.toml")
MAX_FILE_BYTES = 1024 * 1024
ENVIRONMENT: Mapping[str, tuple[str, str]] = {
    "DATABASE_URL": ("desk", "database_url"),
    "REDIS_URL": ("desk", "redis_url"),
    "PORT": ("desk", "port"),
    "OPENAI_BASE_URL": ("drafts", "base_url"),
}
"""Variables that beat the file; secrets are named in the file itself."""
KEY_VARIABLE = "REPLYDESK_KEY"


def load(
    path: Path = DEFAULT_FILE,
    networks: NetworkModels | None = None,
    environment: Mapping[str, str] | None = None,
) -> Settings:
    """The settings; SettingsRefused with everything that is wrong, or ConfigurationError.

    With `networks` the accounts' own keys are checked too. Nothing is resolved or connected.
    """
    return read(_text_of(path), path, networks, os.environ if environment is None else environment)


def read(
    text: str, path: Path, networks: NetworkModels | None, environment: Mapping[str, str]
) -> Settings:
    """The settings that a file's text says; `path` is for sentences and relative paths."""
    folder = path.absolute().parent
    source = Source(path.name, _parse(text, path), Settings)
    raw, problems = take_out_literals(source, folder)
    if networks is not None:
        raw, more = clean_accounts(raw, networks, file=path.name, folder=folder)
        problems += more
    raw, replaced, more = _with_environment(raw, environment)
    problems += more
    try:
        settings = Settings.model_validate_json(json.dumps(raw, default=str))
    except ValidationError as error:
        found = from_validation(error, Source(path.name, raw, Settings))
        problems += [_blame_environment(problem, replaced) for problem in found]
        # without the cause, which would print what was written
        raise SettingsRefused(problems) from None
    problems += inconsistencies(settings, path.name)
    if problems:
        raise SettingsRefused(problems)
    return _completed(settings, folder)


def sealing_key(desk: DeskSettings, environment: Mapping[str, str] | None = None) -> Secret | None:
    """The key for stored secrets: `desk.key`, or REPLYDESK_KEY, or `<data_dir>/key`; or none.

    ConfigurationError when `desk.key` names one that is not there.
    """
    if desk.key is not None:
        return resolve(desk.key, environment)
    from_environment = resolve_if_set(SecretRef(env=KEY_VARIABLE), environment)
    return from_environment or resolve_if_set(SecretRef(file=str(desk.data_dir / "key")))


def _text_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
    except FileNotFoundError as error:
        raise ConfigurationError(
            f"There is no {path.name} in {path.absolute().parent}. Run `replydesk init` to write "
            "one, or `replydesk demo` to look around without one."
        ) from error
    except OSError as error:
        raise ConfigurationError(
            f"{path} cannot be read: {error.strerror}. Name another file with --config, or let "
            "the user that runs replydesk read it."
        ) from error
    if len(content) > MAX_FILE_BYTES:
        raise ConfigurationError(f"{path} is larger than 1 MiB: that is no configuration.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        # without the cause, which would show a piece of the file
        raise ConfigurationError(
            f"{path}, line {line}, is not UTF-8. Save the file as UTF-8 and start again."
        ) from None


def _parse(text: str, path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(
            f"{path} is not TOML: {error}. Text stands in quotes, every table begins with its "
            "name in brackets."
        ) from None
    except RecursionError as error:
        raise ConfigurationError(f"{path} is nested too deeply.") from error


def _with_environment(
    raw: Any, environment: Mapping[str, str]
) -> tuple[Any, dict[tuple[str, str], str], list[Problem]]:
    """Raw settings with what the environment says, which keys that replaced, and problems."""
    replaced: dict[tuple[str, str], str] = {}
    problems: list[Problem] = []
    for name, (table, key) in ENVIRONMENT.items():
        value = environment.get(name, "").strip()
        if not value or not isinstance(raw.setdefault(table, {}), dict):
            continue
        if name == "PORT" and not value.isdecimal():
            problems.append(Problem("environment", "", name, "write a whole number."))
            continue
        _hide_password(value)
        raw[table][key] = int(value) if name == "PORT" else value
        replaced[table, key] = name
    return raw, replaced, problems


def _blame_environment(problem: Problem, replaced: Mapping[tuple[str, str], str]) -> Problem:
    name = replaced.get((problem.section, problem.key))
    return problem if name is None else Problem("environment", "", name, problem.says)


def _hide_password(address: str) -> None:
    try:
        password = urlsplit(address).password
    except ValueError:
        return
    if password:
        logs.redact(password)
        logs.redact(unquote(password))


def _completed(settings: Settings, folder: Path) -> Settings:
    data_dir = folder / settings.desk.data_dir.expanduser()
    address = settings.desk.database_url or f"sqlite:///{(data_dir / 'desk.db').as_posix()}"
    return settings.with_desk(data_dir=data_dir, database_url=address)
