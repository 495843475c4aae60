"""The sockets: what the core asks of the outside and what the outside may ask of the core.

Protocols only; every value that crosses one lives in `bot.model` or `bot.cards`. A socket has
at most five methods; a further ability is a further small protocol.
"""

from __future__ import annotations

from bot.ports.chats import (
    ChatFrontend,
    ChatMemory,
    ChatPresence,
    ChatWires,
    Examines,
    Gallery,
    Introduces,
    Listens,
    ReachesPeople,
    Rehearses,
    ShowsPictures,
    TellsAudience,
    Threads,
    Witness,
)
from bot.ports.doors import Desk, Greets, Inlet, Joins, JoinsChats, SignsIn
from bot.ports.drafts import Drafter, DraftsAtOnce, Probes, Translates
from bot.ports.inside import (
    Alarms,
    Bell,
    Breaker,
    Clock,
    EventFeed,
    EventStream,
    Limiter,
    Spending,
    Wakeup,
)
from bot.ports.networks import (
    Closes,
    Connector,
    Measures,
    Moderates,
    Recalls,
    ReceivesWebhooks,
    ResolvesMentions,
    SessionVault,
    Stages,
    Streams,
    Tried,
    Wires,
)
from bot.ports.pages import Beats, Pager, Settles
from bot.ports.pictures import FetchesPictures

__all__ = [
    "Alarms",
    "Beats",
    "Bell",
    "Breaker",
    "ChatFrontend",
    "ChatMemory",
    "ChatPresence",
    "ChatWires",
    "Clock",
    "Closes",
    "Connector",
    "Desk",
    "Drafter",
    "DraftsAtOnce",
    "EventFeed",
    "EventStream",
    "Examines",
    "FetchesPictures",
    "Gallery",
    "Greets",
    "Inlet",
    "Introduces",
    "Joins",
    "JoinsChats",
    "Limiter",
    "Listens",
    "Measures",
    "Moderates",
    "Pager",
    "Probes",
    "ReachesPeople",
    "Recalls",
    "ReceivesWebhooks",
    "Rehearses",
    "ResolvesMentions",
    "SessionVault",
    "Settles",
    "ShowsPictures",
    "SignsIn",
    "Spending",
    "Stages",
    "Streams",
    "TellsAudience",
    "Threads",
    "Translates",
    "Tried",
    "Wakeup",
    "Wires",
    "Witness",
]
