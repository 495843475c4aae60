"""The sandbox: a social network that comes with the desk, and the line to it.

The demo's network, the tests' network and the team's training ground. `world.py` is the network
itself; `connector.py` speaks to it over HTTP and knows nothing of its inside.
"""

from __future__ import annotations

from bot.model.ids import NetworkName
from bot.speech.speech import marked
from integrations.definition import NetworkDefinition
from integrations.sandbox.settings import SandboxSettings

NETWORK: NetworkDefinition[SandboxSettings] = NetworkDefinition(
    name=NetworkName("sandbox"),
    title="Sandbox",
    settings=SandboxSettings,
    about=marked("The built-in network, to train on: nothing of it is real."),
    hook_setting="hook_secret",
)
