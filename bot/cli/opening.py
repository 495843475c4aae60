"""What most commands begin with: the settings of the file, and the store that they name."""

from __future__ import annotations

import argparse
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from bot.config import NetworkModels, Settings, load
from bot.config.loading import DEFAULT_FILE
from bot.coordination.clock import SystemClock
from bot.errors import ReplydeskError
from bot.store.store import Store, open_store
from bot.store.tx import Tx
from bot.store.version import current, head
from integrations import NETWORKS
from integrations.definition import definition_of

_Read = TypeVar("_Read")


def known_networks() -> NetworkModels:
    return NetworkModels(tuple(NETWORKS), _model_of)


def config_path(arguments: argparse.Namespace) -> Path:
    return Path(getattr(arguments, "config", DEFAULT_FILE))


def settings_from(arguments: argparse.Namespace) -> Settings:
    """ConfigurationError with everything that is wrong, the accounts' own keys included."""
    return load(config_path(arguments), known_networks())


@asynccontextmanager
async def opened_store(settings: Settings) -> AsyncIterator[Store]:
    """The store as it is; SchemaMismatch when it was never migrated."""
    store = await open_store(settings.desk.database_url, SystemClock())
    try:
        yield store
    finally:
        await store.close()


async def read_if_there(settings: Settings, read: Callable[[Tx], _Read]) -> _Read | None:
    """None where the store cannot be read, which is for another line of a check to tell."""
    try:
        if current(settings.desk.database_url) != head():
            return None
        async with opened_store(settings) as store:
            return await store.read(read)
    except ReplydeskError:
        return None


def _model_of(network: str) -> type[BaseModel]:
    return definition_of(network).settings
