"""What is counted in the store, read when somebody asks for /metrics and not before."""

from __future__ import annotations

import contextlib

from bot.bootstrap.build import version
from bot.errors import StoreError
from bot.metrics import Metrics
from bot.model.due import Lane
from bot.store.store import Store


async def rendered(store: Store, metrics: Metrics) -> bytes:
    """Prometheus text. While the store does not answer, its numbers are those of the last time."""
    with contextlib.suppress(StoreError):
        await _measure(store, metrics)
    metrics.set_build(version())
    return metrics.render()


async def _measure(store: Store, metrics: Metrics) -> None:
    depth, dead, accounts, strange = await store.read(
        lambda tx: (
            tx.due.depth(),
            len(tx.due.dead_letters()),
            tx.accounts.all(),
            tx.events.unsupported_counts(),
        )
    )
    for lane in Lane:
        metrics.set_due_rows(lane.name.lower(), depth.get(lane, 0))
    metrics.set_dead_letters(dead)
    for network, count in strange.items():
        metrics.set_unsupported(network, count)
    for account in accounts:
        metrics.set_last_heard(account.slug, account.last_heard_at or 0)
