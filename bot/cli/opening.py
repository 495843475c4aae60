"""What most commands begin with: the settings of the file, and the store that they name."""

from __future__ import annotations

import argparse
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from pydantic import BaseModel

from bot.config import NetworkModels, Settings, load
from bot.config.loading import DEFAULT_FILE
from bot.coordination.clock import SystemClock
from bot.store.store import Store, open_store
from integrations import NETWORKS
from integrations.definition import definition_of


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


def _model_of(network: str) -> type[BaseModel]:
    return definition_of(network).settings
