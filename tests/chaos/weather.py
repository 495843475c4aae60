"""How the network behaves towards one slice, and what the desk is told of it beforehand."""

from __future__ import annotations

import random
from dataclasses import dataclass

from integrations.sandbox.faults import Shot
from integrations.sandbox.server import SandboxServer
from tests.chaos.plan import Chat, Network
from tests.e2e.process import DeskHome
from tests.fakes.relay_tool import SECRET, Fault, RelayTool

LEASE_SECONDS = 5
LAG_MS = 1_200
SETTLE_SECONDS = 2
"""What the listings of a late network lag, and what it declares that they may."""
LOSSES = (
    Shot.LOSE_ANSWER,
    Shot.LOSE_ANSWER,
    Shot.LOSE_REQUEST,
    Shot.SERVER_ERROR_AFTER_ACTING,
    Shot.SLOW_ANSWER,
    Shot.GARBAGE,
)
"""Ways in which a write leaves its outcome unknown."""
CHAT_LOSSES = (Fault.LOSE_ANSWER, Fault.LOSE_REQUEST, Fault.ERROR_AFTER_ACTING, Fault.TOO_MANY)
CHAT_LAG_SECONDS, CHAT_SETTLE_SECONDS = 0.8, 1.5
IN_CHAT = "carol"
"""Who of the team sits in the chat."""


@dataclass(frozen=True, slots=True)
class Climate:
    """What holds for a whole slice."""

    has_keys: bool
    shows_own: bool = True
    echoes: bool = True
    """Whether our own replies come back as news; else only looking finds them."""
    lag_ms: int = 0
    settle_seconds: int = 0
    is_polled: bool = True


CLIMATES = {
    Network.KEYS_AND_LOOKS: Climate(has_keys=True),
    Network.LOOKS: Climate(has_keys=False, echoes=False),
    Network.LATE_LOOKS: Climate(
        has_keys=False, echoes=False, lag_ms=LAG_MS, settle_seconds=SETTLE_SECONDS
    ),
    Network.LATER_THAN_DECLARED: Climate(
        has_keys=False, echoes=False, lag_ms=8_000, settle_seconds=1
    ),
    Network.KEYS: Climate(has_keys=True, shows_own=False),
    Network.NEITHER: Climate(has_keys=False, shows_own=False),
    Network.HOOKS_ONLY: Climate(has_keys=False, is_polled=False),
}


def settle_climate(
    climate: Climate, chat: Chat, sandbox: SandboxServer, tool: RelayTool, home: DeskHome
) -> None:
    """Make network and chat so, and write what the desk has to know of them."""
    sandbox.network.honours_keys = climate.has_keys
    sandbox.network.shows_own = climate.shows_own
    sandbox.network.echoes = climate.echoes
    sandbox.faults.list_lag_ms = climate.lag_ms
    sandbox.faults.slow_ms = 5
    sandbox.faults.slow_answer_ms = 1_500
    # one event in a delivery: as many webhooks as there are comments
    sandbox.faults.hooks.is_reordered = True
    tool.read_back = chat is not Chat.BLIND
    tool.lag_seconds = CHAT_LAG_SECONDS if chat is Chat.LATE else 0.0
    home.configure(
        poll_seconds=1 if climate.is_polled else 3_600,
        has_keys=climate.has_keys,
        lease_seconds=LEASE_SECONDS,
        more=MORE.format(
            can_be_read_back=str(climate.shows_own).lower(),
            settle_seconds=climate.settle_seconds,
            member=IN_CHAT,
            url=tool.url,
            read_back=str(tool.read_back).lower(),
            chat_settle_seconds=CHAT_SETTLE_SECONDS if chat is Chat.LATE else 0.0,
        ),
    )
    (home.folder / "relay-secret").write_text(SECRET, encoding="ascii")


def change_weather(
    climate: Climate,
    sandbox: SandboxServer,
    tool: RelayTool,
    chance: random.Random,
    *,
    must_look: bool = False,
) -> None:
    """For one life: whether webhooks come, and how many of the next writes lose their outcome."""
    losses = 4 if must_look else chance.randint(0, 2)
    sandbox.faults.hooks.is_on = not climate.is_polled or chance.random() < 0.7
    sandbox.faults.hooks.is_duplicated = chance.random() < 0.2
    for _ in range(losses):
        sandbox.faults.strike_next(chance.choice(LOSSES), writes_only=True)
    tool.faults.extend(chance.choice(CHAT_LOSSES) for _ in range(chance.randint(0, 2)))


MORE = """\
can_be_read_back = {can_be_read_back}
settle_seconds = {settle_seconds}

[[brands.members]]
slug = "{member}"
name = "Carol"
role = "approver"
relay = "{member}"

[[brands.channels]]
slug = "care"
chat = "relay"
channel = "care-room"

[relay]
url = "{url}"
secret = {{ file = "relay-secret" }}
read_back = {read_back}
settle_seconds = {chat_settle_seconds}
timeout_seconds = 2

[peaks]
cards = 0
cards_under_one_post = 0
show_everything = true
"""
