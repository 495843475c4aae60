"""How a network presents itself to bootstrap: its settings, and how to connect one account."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Generic, TypeVar

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
    name: NetworkName
    title: str
    settings: type[S]
    connect: Callable[[S, Surroundings], Connector]
    """Builds the connector without touching the network."""


def definition_of(network: str) -> NetworkDefinition[ConnectorSettings]:
    """A network's own description; KeyError for a name that is none.

    Its package is imported only now, because somebody asks for it.
    """
    definition: NetworkDefinition[ConnectorSettings] = import_module(NETWORKS[network]).NETWORK
    return definition
