"""The inlet: a hook is verified, stored, and only then answered."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from bot.errors import HookMalformed, ReplydeskError, SignatureInvalid, StoreUnavailable
from bot.faults import FaultPoint, reach
from bot.metrics import Metrics
from bot.model.hook import HookDelivery, HookRequest
from bot.model.ids import AccountId, RemoteId
from bot.model.network import Unsupported
from bot.ports import ReceivesWebhooks
from bot.services import hooked
from bot.services.intake import Delivery, take
from bot.services.lines import Lines
from bot.services.unproved import Unproved
from bot.store.store import Store
from bot.store.tx import Tx

ANSWER_WITHIN = 2.0
"""Seconds for the commit; networks give up on a hook after a few seconds and send it again."""
MANY_HOOKS = 16
"""Waiting to be stored at once; at five hundred a second it is a handful."""

_STATUS: Mapping[type[ReplydeskError], int] = {SignatureInvalid: 401, HookMalformed: 400}
"""As the door answers; whatever the store raises is 503."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """What one hook told, before its accounts are looked up."""

    network: str
    deliveries: tuple[HookDelivery, ...]
    came_for: AccountId
    """The account that the hook was configured for."""
    is_first: bool = False
    """Whether that account waits for its first one."""


class TheInlet:
    """Implements the `Inlet` port."""

    def __init__(self, store: Store, lines: Lines, metrics: Metrics) -> None:
        self._store = store
        self._lines = lines
        self._metrics = metrics
        self._unproved = Unproved(store)
        self._waiting = 0
        self._takes_hooks: dict[type, bool] = {}

    async def receive_hook(self, network: str, hook: str, request: HookRequest) -> str:
        came_for = self._account(network, hook)
        line = self._receiver(came_for)
        try:
            reading = line.read_hook(request)
            reach(FaultPoint.HOOK_VERIFIED)
            if reading.deliveries:
                is_first = came_for in self._lines.unheard
                arrival = Arrival(network, reading.deliveries, came_for, is_first)
                if not await self._stored(arrival):
                    raise StoreUnavailable(
                        "The desk does not know yet who it is on this network; send it again."
                    )
                self._lines.unheard.discard(came_for)
                reach(FaultPoint.HOOK_COMMITTED)
        except ReplydeskError as error:
            self._metrics.hook_answered(network, _STATUS.get(type(error), 503))
            if isinstance(error, SignatureInvalid):
                await self._unproved.at_hook(came_for)
            raise
        self._metrics.hook_answered(network, 200)
        return reading.answer

    async def _stored(self, arrival: Arrival) -> bool:
        """While many wait for this, what follows from hooks makes room."""
        places = self._store.places
        self._waiting += 1
        places.is_pressed = self._waiting >= MANY_HOOKS
        try:
            return await self._store.write(receive, arrival, timeout=ANSWER_WITHIN)
        finally:
            self._waiting -= 1
            places.is_pressed = self._waiting >= MANY_HOOKS

    def _account(self, network: str, hook: str) -> AccountId:
        try:
            return self._lines.hooks[network, hook]
        except KeyError:
            if self._lines.are_whole():
                raise
        raise StoreUnavailable("The desk is being opened; send it again.")

    def _receiver(self, came_for: AccountId) -> ReceivesWebhooks:
        line: object = self._lines.of(came_for)
        kind = type(line)
        if kind not in self._takes_hooks:
            # looking a protocol's methods up takes longer than the signature
            self._takes_hooks[kind] = issubclass(kind, ReceivesWebhooks)
        if not self._takes_hooks[kind]:
            raise KeyError(came_for)
        return cast(ReceivesWebhooks, line)


def receive(tx: Tx, arrivals: Sequence[Arrival]) -> list[bool]:
    """Store what hooks told. An account that is not ours is kept as unsupported, not dropped.

    False, and nothing is stored: it may be for an account of which the token was not seen yet.
    """
    now = tx.now()
    for came_for in {arrival.came_for for arrival in arrivals if arrival.is_first}:
        hooked.begin(tx, came_for, now)
    known = tx.accounts.by_remote({arrival.network for arrival in arrivals})
    deliveries = []
    taken = [_is_placed(tx, arrival, known) for arrival in arrivals]
    for arrival in itertools.compress(arrivals, taken):
        for told in arrival.deliveries:
            account = known.get((arrival.network, told.account))
            if account is not None:
                deliveries.append(Delivery(account, told.observations))
                continue
            stray = Unsupported("unknown_account", f"{told.account}: {told.observations!r}")
            tx.events.keep_unsupported([stray], arrival.network, None, now)
    take(tx, deliveries)
    return taken


def _is_placed(tx: Tx, arrival: Arrival, known: Mapping[tuple[str, RemoteId], AccountId]) -> bool:
    """Whether each account is known, or is certainly a stranger's."""
    if all((arrival.network, told.account) in known for told in arrival.deliveries):
        return True
    return tx.accounts.get(arrival.came_for).remote_id is not None
