"""The inlet: a hook is verified, stored, and only then answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.errors import HookMalformed, ReplydeskError, SignatureInvalid
from bot.metrics import Metrics
from bot.model.hook import HookDelivery, HookRequest
from bot.model.network import Unsupported
from bot.ports import ReceivesWebhooks
from bot.services.intake import Delivery, take
from bot.services.lines import Lines
from bot.store.store import Store
from bot.store.tx import Tx

ANSWER_WITHIN = 2.0
"""Seconds for the commit; networks give up on a hook after a few seconds and send it again."""


_STATUS: Mapping[type[ReplydeskError], int] = {SignatureInvalid: 401, HookMalformed: 400}
"""As the door answers; whatever the store raises is 503."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """What one hook told, before its accounts are looked up."""

    network: str
    deliveries: tuple[HookDelivery, ...]


class TheInlet:
    """Implements the `Inlet` port."""

    def __init__(self, store: Store, lines: Lines, metrics: Metrics) -> None:
        self._store = store
        self._lines = lines
        self._metrics = metrics

    async def receive_hook(self, network: str, hook: str, request: HookRequest) -> str:
        line = self._receiver(network, hook)
        try:
            reading = line.read_hook(request)
            if reading.deliveries:
                arrival = Arrival(network, reading.deliveries)
                await self._store.write(receive, arrival, timeout=ANSWER_WITHIN)
        except ReplydeskError as error:
            self._metrics.hook_answered(network, _STATUS.get(type(error), 503))
            raise
        self._metrics.hook_answered(network, 200)
        return reading.answer

    def _receiver(self, network: str, hook: str) -> ReceivesWebhooks:
        line: object = self._lines.of(self._lines.hooks[network, hook])
        if not isinstance(line, ReceivesWebhooks):
            raise KeyError(hook)
        return line


def receive(tx: Tx, arrivals: Sequence[Arrival]) -> list[None]:
    """Store what hooks told. An account that is not ours is kept as unsupported, not dropped."""
    now = tx.now()
    known = tx.accounts.by_remote({arrival.network for arrival in arrivals})
    deliveries = []
    for arrival in arrivals:
        for told in arrival.deliveries:
            account = known.get((arrival.network, told.account))
            if account is not None:
                deliveries.append(Delivery(account, told.observations))
                continue
            stray = Unsupported("unknown_account", f"{told.account}: {told.observations!r}")
            tx.events.keep_unsupported([stray], arrival.network, None, now)
    take(tx, deliveries)
    return [None] * len(arrivals)
