"""The workers of this process: every kind of due row and the task that does it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.bootstrap.coordinating import process_name
from bot.coordination.limits import Rate
from bot.metrics import Metrics
from bot.model.channel import ChatAbilities
from bot.model.ids import AccountId
from bot.ports import (
    Beats,
    ChatFrontend,
    Clock,
    Drafter,
    DraftsAtOnce,
    EventFeed,
    EventStream,
    Limiter,
    Listens,
    Pager,
    Translates,
    Wakeup,
)
from bot.services.deciding import DeskRules
from bot.services.growing import Growing
from bot.services.lines import Lines
from bot.services.triage_rules import Triager
from bot.services.watching import Watching
from bot.store.store import Store
from bot.workers.audience import AudienceTask
from bot.workers.card import CardTask, ChatTiming
from bot.workers.digest import DigestTask
from bot.workers.feed import FeedTask
from bot.workers.first_day import FirstDayTask
from bot.workers.items import (
    BulkTask,
    CrisisTask,
    DraftTask,
    DutyTask,
    EditingTask,
    GoalsTask,
    LapseTask,
    ModerateTask,
    PeakTask,
    PromiseTask,
    QuestionTask,
    ReminderTask,
    TriageTask,
    WakeTask,
)
from bot.workers.listen import ListenTask
from bot.workers.loop import Task, WorkLoop
from bot.workers.measure import MeasureTask
from bot.workers.page import BeatTask, EscalateTask, PageTask
from bot.workers.pictures import PicturesTask
from bot.workers.poll import PollTask, StreamTask
from bot.workers.publish import PublishTask, Timing
from bot.workers.recall import RecallTask, WarmTask
from bot.workers.thread import ThreadTask
from bot.workers.translate import TranslateTask
from bot.workers.upkeep import KEEP_EVENTS, HealthTask, SealTask, TidyTask, VerifyTask
from bot.workers.watch import WatchTask


def work_loop(
    store: Store,
    clock: Clock,
    wakeup: Wakeup,
    lines: Lines,
    rules: DeskRules,
    frontends: Mapping[str, ChatFrontend],
    listeners: Mapping[str, Listens],
    limiter: Limiter,
    drafter: Drafter,
    triager: Triager,
    metrics: Metrics,
    timing: Timing,
    keep_events: int = KEEP_EVENTS,
    shared: Mapping[str, Task] | None = None,
) -> WorkLoop:
    """`keep_events` is in milliseconds; `shared` are tasks made elsewhere, by kind."""
    tasks: Mapping[str, Task] = {
        "poll": PollTask(store, clock, lines, limiter),
        "stream": StreamTask(store, clock, lines),
        "recall": RecallTask(store, clock, lines, limiter, triager),
        "warm": WarmTask(store),
        "first_day": FirstDayTask(store, lines, triager),
        "measure": MeasureTask(store, clock, lines, limiter, rules.oncall),
        "triage": TriageTask(
            store,
            triager,
            lines,
            rules,
            drafter if isinstance(drafter, DraftsAtOnce) else None,
        ),
        "draft": DraftTask(store, lines, drafter, translates=rules.translates),
        "translate": TranslateTask(
            store, drafter if isinstance(drafter, Translates) else None, rules.language_of
        ),
        "card": CardTask(
            store, clock, lines, rules, limiter, frontends, ChatTiming(lease=timing.lease)
        ),
        "pictures": PicturesTask(store, clock, limiter, frontends, ChatTiming(lease=timing.lease)),
        "thread": ThreadTask(store, clock, limiter, frontends, ChatTiming(lease=timing.lease)),
        "audience": AudienceTask(store, clock, frontends),
        "listen": ListenTask(store, clock, listeners),
        "publish": PublishTask(store, clock, lines, limiter, timing),
        "moderate": ModerateTask(store, lines),
        "editing": EditingTask(store),
        "wake": WakeTask(store),
        "lapse": LapseTask(store),
        "reminder": ReminderTask(store, rules),
        "peak": PeakTask(store, rules.peaks),
        "goals": GoalsTask(store, rules.goals),
        "duty": DutyTask(store, rules.duties, rules.goals),
        "crisis": CrisisTask(store),
        "question": QuestionTask(store),
        "promise": PromiseTask(store),
        "bulk": BulkTask(store, lines, rules),
        "digest": DigestTask(store, clock, lines, rules, frontends),
        "seal": SealTask(store),
        "tidy": TidyTask(store, clock, keep_events),
        "verify": VerifyTask(store, lines),
        "escalate": EscalateTask(store, rules.oncall),
    }
    tasks = {**tasks, **(shared or {})}
    return WorkLoop(store, clock, wakeup, tasks, metrics, owner=process_name(), lease=timing.lease)


def oncall_tasks(
    store: Store,
    clock: Clock,
    lines: Lines,
    rules: DeskRules,
    frontends: Mapping[str, ChatFrontend],
    pagers: Mapping[str, Pager],
    beats: Beats | None,
    console_url: str,
) -> Mapping[str, Task]:
    """What wakes people."""
    return {
        "page": PageTask(store, clock, lines, rules, frontends, pagers, console_url),
        "beat": BeatTask(store, beats),
        "health": HealthTask(store, clock, rules.oncall),
    }


def shared_tasks(
    store: Store, wakeup: Wakeup, feed: EventFeed, stream: EventStream | None
) -> Mapping[str, Task]:
    """Tasks that only a desk with Redis has; elsewhere their rows wait for one that has it."""
    if stream is None:
        return {}
    return {
        "feed": FeedTask(store, feed, stream, wakeup),
    }


def rates(lines: Lines, frontends: Mapping[str, ChatFrontend]) -> Callable[[str], Rate | None]:
    """How fast each network and chat may be asked, from what its connector or front end declares.

    The keys are `account:<id>`, and of chats those of `bot.workers.card.keys_of`.
    """

    def rate(key: str) -> Rate | None:
        kind, _, rest = key.partition(":")
        if kind == "chat":
            chat, _, act = rest.partition(":")
            frontend = frontends.get(chat)
            return None if frontend is None else _chat_rate(frontend.abilities, act)
        line = lines.of(AccountId(int(rest))) if kind == "account" else None
        if line is None:
            return None
        per_minute = line.capabilities.requests_per_minute
        return Rate(per_minute, burst=max(1, per_minute // 2))

    return rate


def _chat_rate(abilities: ChatAbilities, act: str) -> Rate | None:
    """`act` is empty for everything we ask of the chat, or what is done, with `:` and where."""
    done, place, _channel = act.partition(":")
    of_act = {
        "post:": abilities.posts,
        "urgent:": abilities.urgent,
        "thread:": abilities.threads,
        "edit:": abilities.edits,
        "edit": abilities.edits_in_all,
        "": abilities.total,
    }
    found = of_act.get(done + place)
    return None if found is None else Rate(found.per_minute, found.burst)


def watch_tasks(store: Store, clock: Clock, news: Wakeup, rules: DeskRules) -> Mapping[str, Task]:
    """`news` rings when something was committed."""
    return {
        "watch": WatchTask(
            store, clock, news, Watching(rules.watch, rules.oncall), Growing(rules.oncall)
        ),
    }
