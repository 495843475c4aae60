"""What is run: slices, each a desk of its own that dies a few times in one way on one network."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.faults import FaultPoint


class Form(StrEnum):
    SHORT = "short"
    """A few minutes, for the gate."""
    NORMAL = "normal"
    """At most a quarter of an hour."""
    FULL = "full"
    """The figures of docs/reliability.md; over several sittings."""


class House(StrEnum):
    """What the desk runs on."""

    SQLITE = "sqlite"
    POSTGRES = "postgres"
    FLEET = "fleet"
    """PostgreSQL and Redis, with one web and two worker processes: killed, paused and woken."""


class Network(StrEnum):
    """What the network offers to whoever lost an answer."""

    KEYS_AND_LOOKS = "keys+looks"
    LOOKS = "looks"
    """It ignores keys."""
    LATE_LOOKS = "late looks"
    """It ignores keys, and its listings lag as long as it declares."""
    KEYS = "keys"
    """It knows keys and shows nothing of ours."""
    NEITHER = "neither"
    LATER_THAN_DECLARED = "later than declared"
    """It ignores keys, and its listings lag longer than it declares; in no plan."""
    HOOKS_ONLY = "hooks only"
    """It ignores keys; what its webhooks do not bring nobody brings."""


class Chat(StrEnum):
    """Whether the team's chat can be asked for a card whose posting was not answered."""

    READABLE = "readable"
    LATE = "late"
    """It can, and shows what was posted as late as it declares."""
    BLIND = "blind"
    """It cannot: a card may come twice, marked."""


@dataclass(frozen=True, slots=True)
class Slice:
    """`deaths` says of each life at which point it ends; None is a random moment.

    `per_life` comments are written in each life; `seed` repeats every choice of the stage.
    """

    name: str
    house: House
    network: Network
    chat: Chat
    deaths: tuple[FaultPoint | None, ...]
    per_life: int
    seed: int


@dataclass(frozen=True, slots=True)
class Amount:
    """Of one form: kills at each point, random ones, how many of these in a slice."""

    at_each: int
    at_random: int
    at_once: int
    per_life: int


ON_CALL = frozenset(
    {
        FaultPoint.ESCALATE_FIRED,
        FaultPoint.PAGE_CLAIMED,
        FaultPoint.PAGE_CALLED,
        FaultPoint.PAGE_SAVED,
    }
)
"""Nobody is on call on this stage; `tests/chaos/oncall` kills the desk there, and judges."""
OF_A_CRISIS = frozenset({FaultPoint.CRISIS_DECIDED, FaultPoint.CRISIS_COMMITTED})
"""They have a test of their own: nobody here starts a crisis."""
POINTS = [point for point in FaultPoint if point not in ON_CALL | OF_A_CRISIS]
AMOUNTS = {
    Form.SHORT: Amount(1, 6, 6, 6),
    Form.NORMAL: Amount(3, 40, 10, 8),
    Form.FULL: Amount(10, 200, 10, 16),
}
IGNORES_KEYS = (Network.LOOKS, Network.LATE_LOOKS, Network.HOOKS_ONLY)

_DOUBTFUL = (Network.LOOKS, Network.LATE_LOOKS, Network.KEYS_AND_LOOKS, Network.KEYS)
_MIXED = (*_DOUBTFUL, Network.HOOKS_ONLY)
_CHATS = (Chat.READABLE, Chat.LATE)


def plan(form: Form, seed: int) -> list[Slice]:
    """Every slice of a form, in the order in which they are run."""
    return list(_slices(form, random.Random(seed)))


def _slices(form: Form, chance: random.Random) -> Iterator[Slice]:
    amount = AMOUNTS[form]
    for house in (House.SQLITE, House.POSTGRES):
        if form is Form.FULL:
            yield from _by_point(house, amount, chance)
        else:
            yield from _by_network(house, amount, chance)
        yield from _random(house, amount, chance)
        if form is not Form.SHORT:
            yield from _limits(house, amount, chance)
    yield from _random(House.FLEET, replace(amount, per_life=amount.per_life * 2), chance)


def _by_point(house: House, amount: Amount, chance: random.Random) -> Iterator[Slice]:
    for number, point in enumerate(POINTS):
        network, chat = _network_for(point, number), _CHATS[number % 2]
        deaths, seed = (point,) * amount.at_each, chance.getrandbits(32)
        yield Slice(f"{house}/{point}", house, network, chat, deaths, amount.per_life, seed)


def _by_network(house: House, amount: Amount, chance: random.Random) -> Iterator[Slice]:
    """Fewer desks, each of which dies at all points that belong to its network."""
    for number, network in enumerate(_MIXED):
        points = [one for n, one in enumerate(POINTS) if _network_for(one, n) is network]
        deaths, seed = tuple(points) * amount.at_each, chance.getrandbits(32)
        chat = _CHATS[number % 2]
        yield Slice(f"{house}/{network}", house, network, chat, deaths, amount.per_life, seed)


def _random(house: House, amount: Amount, chance: random.Random) -> Iterator[Slice]:
    deaths = (None,) * amount.at_once
    for number in range(amount.at_random // amount.at_once):
        network, chat = _MIXED[number % len(_MIXED)], _CHATS[number % 2]
        name, seed = f"{house}/random-{number + 1}", chance.getrandbits(32)
        yield Slice(name, house, network, chat, deaths, amount.per_life, seed)


def _limits(house: House, amount: Amount, chance: random.Random) -> Iterator[Slice]:
    """Where not everything can be promised: what cannot be known is parked, or posted marked."""
    for name, network, chat, point in (
        ("neither", Network.NEITHER, Chat.READABLE, FaultPoint.PUBLISH_CALLED),
        ("blind chat", Network.LOOKS, Chat.BLIND, FaultPoint.CARD_POSTED),
    ):
        deaths, seed = (point,) * amount.at_each, chance.getrandbits(32)
        yield Slice(f"{house}/{name}", house, network, chat, deaths, amount.per_life, seed)


def _network_for(point: FaultPoint, number: int) -> Network:
    """Where the point hurts most."""
    if point.startswith("hook."):
        return Network.HOOKS_ONLY
    if point.startswith("poll."):
        return Network.LOOKS
    if point is FaultPoint.PUBLISH_RECONCILE:
        return Network.LATE_LOOKS
    return _DOUBTFUL[number % len(_DOUBTFUL)]
