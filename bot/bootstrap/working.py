"""The working half of a desk: it takes up what a predecessor left, then claims and does."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from bot.bootstrap.loading import end_loading
from bot.bootstrap.opening import OpenDesk
from bot.bootstrap.workshop import oncall_tasks, shared_tasks, watch_tasks, work_loop
from bot.config import Settings
from bot.faults import FaultPoint, reach
from bot.model.ids import DAY, SECOND
from bot.services.language import Identifier
from bot.services.lexicon import load_cues
from bot.services.listening import set_to_listen
from bot.services.settling_in import set_to_work
from bot.services.standing_by import set_on_call, set_on_guard
from bot.services.triage_rules import Triager
from bot.store.database import parse
from bot.store.tx import Tx
from bot.workers.counting import count_events
from bot.workers.feed import set_to_feed
from bot.workers.indexing import IndexTask, set_to_index
from bot.workers.loop import Task
from bot.workers.publish import Timing
from bot.workers.watch import set_to_watch


async def work(desk: OpenDesk, stop: asyncio.Event) -> None:
    """Until `stop` is set; then what is in flight is finished."""
    alone = parse(desk.settings.desk.database_url).is_sqlite
    if alone:
        # The lock is ours, so whoever held these leases is dead.
        await desk.store.write(_take_over, None)
    reach(FaultPoint.BOOT_RECONCILE)
    await desk.store.write(set_to_work, desk.lines.connectors)
    await desk.store.write(set_to_listen, tuple(desk.chats.listeners))
    beat = desk.settings.oncall.heartbeat_seconds * SECOND
    await desk.store.write(set_on_call, beat if desk.beats is not None else None)
    await desk.store.write(set_on_guard, None)
    await desk.store.write(set_to_watch, None)
    await desk.store.write(set_to_index, None)
    if desk.stream is not None:
        await desk.store.write(set_to_feed, None)
    triager = await asyncio.to_thread(_triager, desk.letters)
    end_loading()
    loop = work_loop(
        desk.store,
        desk.clock,
        desk.wakeup,
        desk.lines,
        desk.rules,
        desk.chats.frontends,
        desk.chats.listeners,
        desk.limiter,
        desk.drafter,
        triager,
        desk.metrics,
        Timing(answer_within=desk.settings.desk.answer_seconds, lease=_lease(desk.settings)),
        desk.settings.desk.keep_events_days * DAY,
        {
            **_oncall(desk),
            **watch_tasks(desk.store, desk.clock, desk.news, desk.rules),
            "search": IndexTask(desk.store, desk.feed),
            **shared_tasks(desk.store, desk.news, desk.feed, desk.stream),
        },
    )
    counting = asyncio.create_task(
        count_events(desk.feed, desk.metrics, desk.store, desk.news), name="counting"
    )
    try:
        await loop.run(stop)
    finally:
        counting.cancel()


def _oncall(desk: OpenDesk) -> Mapping[str, Task]:
    return oncall_tasks(
        desk.store,
        desk.clock,
        desk.lines,
        desk.rules,
        desk.chats.frontends,
        desk.pagers,
        desk.beats,
        desk.settings.desk.console_url,
    )


def _triager(letters: Identifier) -> Triager:
    """A tenth of a second of reading and building: in a thread, so that hooks are answered."""
    return Triager(load_cues(), letters)


def _lease(settings: Settings) -> int:
    """Milliseconds."""
    return int(settings.desk.lease_seconds * SECOND)


def _take_over(tx: Tx, commands: Sequence[None]) -> list[None]:
    tx.due.release()
    return [None] * len(commands)
