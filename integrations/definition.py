"""How a network presents itself to bootstrap: its settings, and how to connect one account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Generic, TypeVar

import aiohttp
from pydantic import BaseModel, ConfigDict

from bot.model.ids import NetworkName
from bot.ports import Clock, Connector, SessionVault
from integrations import NETWORKS


class ConnectorSettings(BaseModel):
    """Root of every connector's settings: strict, and unknown keys are errors.

    Secrets are fields of type `SecretRef`; bootstrap resolves them and hands the values to
    `connect` under the field's name. Every outside base URL is a setting.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a connector may use of the process it runs in."""

    http: aiohttp.ClientSession
    clock: Clock
    vault: SessionVault
    secrets: Mapping[str, str]
    """Resolved secrets by settings field. Never logged, never in a repr."""
    slug: str
    """The account's slug, for logs."""
    allow_private_hosts: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Surroundings(slug={self.slug!r})"


S = TypeVar("S", bound=ConnectorSettings)


@dataclass(frozen=True, slots=True)
class NetworkDefinition(Generic[S]):
    """`about` and `steps` are for whoever connects an account by asking: what the network is, and
    how one comes by what `settings` needs. Their fields say with `title` and `description` how
    they are asked for; one that has a default and no title is left to the configuration.
    `hook_setting` names the setting of the secret that proves webhooks, where the network sends
    any: for an account that is connected in the console the desk makes one.
    """

    name: NetworkName
    title: str
    settings: type[S]
    about: str = ""
    steps: tuple[str, ...] = ()
    hook_setting: str = ""

    def connect(self, settings: S, surroundings: Surroundings) -> Connector:
        """The connector, built by `connect` of the package's own `connector` module.

        It touches no network. The module is imported only now: settings are checked at every
        start before anything is served, and a line that receives no webhooks can wait.
        """
        connector: Connector = self.connector_module().connect(settings, surroundings)
        return connector

    def connector_module(self) -> Any:
        """Imports it; connecting is quick afterwards."""
        return import_module(f"{NETWORKS[self.name]}.connector")


def definition_of(network: str) -> NetworkDefinition[ConnectorSettings]:
    """A network's own description; KeyError for a name that is none.

    Its package is imported only now, because somebody asks for it.
    """
    definition: NetworkDefinition[ConnectorSettings] = import_module(NETWORKS[network]).NETWORK
    return definition
