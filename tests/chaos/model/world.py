"""Everything outside the desk: the clock, the file, two networks, and what people decided."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from bot.model.account import AccountState
from bot.model.channel import Place
from bot.model.ids import AccountId, Moment, RemoteId
from bot.model.item import ItemState
from bot.model.publication import Prepared
from bot.services.settling_in import NamedChannel
from bot.store.tx import Tx
from tests.chaos.model.book import Book, Known
from tests.chaos.model.chat import TeamChat
from tests.chaos.model.public import KEY_SECONDS, PublicNetwork
from tests.chaos.model.weather import Luck
from tests.fakes.clock import FakeClock

R = TypeVar("R")
ACCOUNTS = ("acme", "acme-two")
CHANNELS = (
    NamedChannel("care", "fakechat", Place("C-care")),
    NamedChannel("wall", "otherchat", Place("C-wall")),
)
"""Every card stands in both."""
COMPLAINT = "My order never arrived, where is it? I want my money back."


class Reads(Protocol):
    """A process of the desk, as the judge sees it."""

    accounts: dict[AccountId, str]

    async def read(self, fn: Callable[[Tx], R]) -> R: ...


@dataclass(slots=True)
class World:
    """`address` is that of the file, which is opened by one process after the other."""

    address: str
    clock: FakeClock = field(default_factory=FakeClock)
    book: Book = field(default_factory=Book)
    networks: dict[str, PublicNetwork] = field(default_factory=dict)
    chats: dict[str, TeamChat] = field(default_factory=dict)
    latest: Moment = Moment(0)
    """The latest that the clock on the wall ever showed."""
    was_restarted: bool = False
    was_set_on: bool = False
    set_back: float = 0.0
    faults: list[Exception] = field(default_factory=list)
    """What tasks raised and never should."""

    def __post_init__(self) -> None:
        for slug in ACCOUNTS:
            network = PublicNetwork(slug, self.clock, on_shown=self.book.shown)
            network.says(COMPLAINT)
            self.networks[slug] = network
        self.chats = {channel.chat: TeamChat(channel.chat, self.clock) for channel in CHANNELS}

    def pass_time(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.latest = max(self.latest, self.clock.now())
        for place in self._outside():
            place.tick()

    def set_clock(self, seconds: float) -> None:
        """Somebody sets the clock on the wall."""
        self.clock.jump(seconds)
        self.latest = max(self.latest, self.clock.now())
        self.was_set_on |= seconds > 0
        self.set_back -= min(seconds, 0)
        self._spare_who_cannot_know()

    def restarted(self) -> None:
        self.was_restarted = True
        self._spare_who_cannot_know()

    def _spare_who_cannot_know(self) -> None:
        """Of its predecessor's requests a new process has only the wall's clock.

        When that was set, what is on its way has arrived, and keys are known for as much longer.
        """
        if not self.was_restarted:
            return
        if self.was_set_on:
            self.settle_what_is_coming()
        for network in self.networks.values():
            network.key_seconds = KEY_SECONDS + self.set_back

    def set(self, luck: Luck) -> None:
        """How the next calls go."""
        for place in self._outside():
            place.weather, place.sight, place.late_by = luck.weather, luck.sight, luck.late

    def settle(self) -> None:
        """All is well from here on, and what was on its way has arrived."""
        self.set(Luck())
        self.settle_what_is_coming()

    def settle_what_is_coming(self) -> None:
        for place in self._outside():
            place.arrive(list(place.coming))

    def _outside(self) -> list[Any]:
        return [*self.networks.values(), *self.chats.values()]

    async def leaves(self, process: Reads, account: str, prepared: Prepared) -> None:
        """Judge a request before it is made."""
        known = await process.read(lambda tx: _known(tx, process, account, prepared))
        self.book.leaves(account, prepared, known)


def _known(tx: Tx, process: Reads, slug: str, prepared: Prepared) -> Known:
    number = next(key for key, name in process.accounts.items() if name == slug)
    is_live = tx.accounts.get(number).state is AccountState.LIVE
    target = prepared.request["target"]
    if target is None:
        return Known(tx.now(), is_live)
    item = tx.items.known(number, [RemoteId(target)])[RemoteId(target)]
    return Known(tx.now(), is_live, item.text, item.state is ItemState.GONE)
