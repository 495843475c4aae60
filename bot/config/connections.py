"""The second pass: each account's own keys, against the model that its connector declares."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from bot.config.problems import Problem, SettingsRefused, Source, from_validation, unknown_word
from bot.config.secret_values import take_out_literals
from bot.config.settings import OWN_KEYS

M = TypeVar("M", bound=BaseModel)
FILE = "replydesk.toml"


@dataclass(frozen=True, slots=True)
class NetworkModels:
    """Which networks can be configured, and what each wants to know."""

    names: tuple[str, ...]
    model_of: Callable[[str], type[BaseModel]]
    """Called only for networks that are configured: it may import."""


def settings_for(
    raw: Mapping[str, Any],
    model: type[M],
    *,
    where: str = "accounts",
    file: str = FILE,
    folder: Path | None = None,
) -> M:
    """An account's own keys as its connector's model; SettingsRefused with all that is wrong.

    `where` is the section for sentences; `folder` is where relative secret files start.
    """
    source = Source(file, dict(raw), model, within=where, more_keys=OWN_KEYS)
    cleaned, problems = take_out_literals(source, folder or Path.cwd())
    try:
        made = model.model_validate_json(json.dumps(cleaned, default=str), strict=True)
    except ValidationError as error:
        # without the cause, which would print what was written
        raise SettingsRefused([*problems, *from_validation(error, source)]) from None
    if problems:
        raise SettingsRefused(problems)
    return made


def clean_accounts(
    raw: Any, networks: NetworkModels, *, file: str, folder: Path
) -> tuple[Any, list[Problem]]:
    """The raw settings with every account's secrets checked, and what is wrong with its keys."""
    problems: list[Problem] = []
    brands = raw.get("brands") if isinstance(raw, dict) else None
    for number, brand in enumerate(_tables(brands)):
        for place, account in enumerate(_tables(brand.get("accounts"))):
            where = f"brands[{_slug(brand, number)}].accounts[{_slug(account, place)}]"
            problems += _clean_account(account, networks, where, file, folder)
    return raw, problems


def _clean_account(
    account: dict[str, Any], networks: NetworkModels, where: str, file: str, folder: Path
) -> list[Problem]:
    network = account.get("network")
    if not isinstance(network, str):
        return []
    if network not in networks.names:
        return [Problem(file, where, "network", unknown_word(network, networks.names))]
    own = {key: value for key, value in account.items() if key not in OWN_KEYS}
    model = networks.model_of(network)
    source = Source(file, own, model, within=where, more_keys=OWN_KEYS)
    cleaned, _ = take_out_literals(source, folder)
    try:
        settings_for(own, model, where=where, file=file, folder=folder)
    except SettingsRefused as refused:
        account.update(cleaned)
        return list(refused.problems)
    account.update(cleaned)
    return []


def _tables(value: Any) -> list[dict[str, Any]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _slug(table: dict[str, Any], number: int) -> str:
    slug = table.get("slug")
    return slug if isinstance(slug, str) and slug.isprintable() else str(number + 1)
