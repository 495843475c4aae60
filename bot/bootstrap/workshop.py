"""The workers of this process: every kind of due row and the task that does it."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Mapping
from uuid import uuid4

from bot.coordination.limits import Rate
from bot.metrics import Metrics
from bot.model.ids import AccountId
from bot.ports import Clock, Drafter, Limiter, Wakeup
from bot.services.lines import Lines
from bot.store.store import Store
from bot.workers.items import DraftTask, ModerateTask, TriageTask, WakeTask, WarmTriager
from bot.workers.loop import Task, WorkLoop
from bot.workers.poll import PollTask, StreamTask
from bot.workers.publish import PublishTask, Timing
from bot.workers.upkeep import SealTask, TidyTask, VerifyTask


def work_loop(
    store: Store,
    clock: Clock,
    wakeup: Wakeup,
    lines: Lines,
    limiter: Limiter,
    drafter: Drafter,
    triager: WarmTriager,
    metrics: Metrics,
    timing: Timing,
) -> WorkLoop:
    tasks: Mapping[str, Task] = {
        "poll": PollTask(store, clock, lines, limiter),
        "stream": StreamTask(store, clock, lines),
        "triage": TriageTask(store, triager, lines),
        "draft": DraftTask(store, lines, drafter),
        "publish": PublishTask(store, clock, lines, limiter, timing),
        "moderate": ModerateTask(store, lines),
        "wake": WakeTask(store),
        "seal": SealTask(store),
        "tidy": TidyTask(store),
        "verify": VerifyTask(store, lines),
    }
    owner = f"{socket.gethostname()[:16]}:{os.getpid()}:{uuid4().hex[:8]}"
    return WorkLoop(store, clock, wakeup, tasks, metrics, owner=owner)


def rates(lines: Lines) -> Callable[[str], Rate | None]:
    """How fast each account's network may be called, from what its connector declares."""

    def rate(key: str) -> Rate | None:
        kind, _, number = key.partition(":")
        line = lines.of(AccountId(int(number))) if kind == "account" else None
        if line is None:
            return None
        per_minute = line.capabilities.requests_per_minute
        return Rate(per_minute, burst=max(1, per_minute // 2))

    return rate
