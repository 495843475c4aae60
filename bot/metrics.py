"""Numbers for Prometheus, in the words of the glossary; docs/reference/metrics.md lists them.

Each process has one `Metrics`; a label never holds anything from outside but names that the
configuration or this code gave. What happens is counted in plain numbers, in the event loop alone,
and spelled when somebody asks.
https://prometheus.io/docs/instrumenting/exposition_formats/ (text format 0.0.4)
"""

from __future__ import annotations

import os
import time
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path

TASK_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Seconds."""

_PROC = Path("/proc/self")


class MetricKind(StrEnum):
    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


class _Family:
    """A number for each combination of labels; without labels there is one from the start."""

    def __init__(self, kind: MetricKind, name: str, says: str, *labels: str) -> None:
        self.kind, self.name, self._says, self._labels = kind, name, says, labels
        self._values: dict[tuple[str, ...], float] = {} if labels else {(): 0.0}

    def add(self, *labels: str, count: float = 1.0) -> None:
        self._values[labels] = self._values.get(labels, 0.0) + count

    def set(self, *labels: str, to: float) -> None:
        self._values[labels] = float(to)

    def lines(self) -> Iterator[str]:
        yield f"# HELP {self.name} {self._says}"
        yield f"# TYPE {self.name} {self.kind}"
        yield from self._samples()

    def _samples(self) -> Iterator[str]:
        for labels, value in self._values.items():
            yield f"{self.name}{_spelled(dict(zip(self._labels, labels, strict=True)))} {value}"


class _Histogram(_Family):
    """How many seconds things of one kind took."""

    def __init__(self, name: str, says: str, label: str) -> None:
        super().__init__(MetricKind.HISTOGRAM, name, says, label)
        self._label = label
        self._counts: dict[str, list[int]] = {}
        self._sums: dict[str, float] = {}

    def observe(self, label: str, seconds: float) -> None:
        counts = self._counts.setdefault(label, [0] * (len(TASK_BUCKETS) + 1))
        counts[bisect_left(TASK_BUCKETS, seconds)] += 1
        self._sums[label] = self._sums.get(label, 0.0) + seconds

    def _samples(self) -> Iterator[str]:
        for label, counts in self._counts.items():
            below = 0
            for edge, count in zip((*TASK_BUCKETS, "+Inf"), counts, strict=True):
                below += count
                labels = _spelled({self._label: label, "le": str(edge)})
                yield f"{self.name}_bucket{labels} {float(below)}"
            labels = _spelled({self._label: label})
            yield f"{self.name}_count{labels} {float(below)}"
            yield f"{self.name}_sum{labels} {self._sums[label]}"


class Metrics:
    """Says what happened; `render` gives the text format that Prometheus reads."""

    def __init__(self) -> None:
        self._families: list[_Family] = []
        self._received = self._counter(
            "replydesk_items_received_total",
            "Items that were stored for the first time.",
            "network",
        )
        self._triaged = self._counter(
            "replydesk_items_triaged_total",
            "Items that were triaged, by whether they need a reply.",
            "needs_reply",
        )
        self._drafts = self._counter(
            "replydesk_drafts_total",
            "Draft versions that were saved, by who wrote them.",
            "origin",
        )
        self._draft_failures = self._counter(
            "replydesk_draft_failures_total",
            "Times that the drafter gave nothing and templates stepped in.",
        )
        self._publications = self._counter(
            "replydesk_publications_total",
            "Moves of publications, by the state that was reached.",
            "state",
        )
        self._commands = self._counter(
            "replydesk_commands_total",
            "Commands that people gave, by what became of them.",
            "command",
            "outcome",
        )
        self._unproved = self._counter(
            "replydesk_unproved_requests_total",
            "Requests to a chat's door whose signature or secret did not prove the sender.",
            "chat",
        )
        self._hooks = self._counter(
            "replydesk_hooks_total",
            "Webhooks that came in, by the HTTP status they were answered with.",
            "network",
            "status",
        )
        self._unsupported = self._gauge(
            "replydesk_unsupported",
            "Things that a network told and the desk does not handle.",
            "network",
        )
        self._tasks = self._counter(
            "replydesk_tasks_total",
            "Due rows that were worked on, by how it ended.",
            "kind",
            "outcome",
        )
        self._task_seconds = _Histogram(
            "replydesk_task_seconds", "Seconds that one task took.", "kind"
        )
        self._families.append(self._task_seconds)
        self._due_rows = self._gauge(
            "replydesk_due_rows", "Due rows that wait or are being worked on.", "lane"
        )
        self._dead_letters = self._gauge(
            "replydesk_dead_letters", "Due rows that used up their tries and wait for a person."
        )
        self._last_heard = self._gauge(
            "replydesk_account_last_heard_seconds",
            "When a fetch or hook of the account last succeeded, in seconds since 1970.",
            "account",
        )
        self._redis = self._gauge(
            "replydesk_redis_answers",
            "1 while Redis answers, 0 while the desk goes on without it.",
            "use",
        )
        self._build = self._gauge("replydesk_build_info", "Always 1; names the version.", "version")

    @property
    def kinds(self) -> Mapping[str, MetricKind]:
        """Every metric of ours by its name."""
        return {family.name: family.kind for family in self._families}

    def items_received(self, network: str, count: int = 1) -> None:
        self._received.add(network, count=count)

    def item_triaged(self, *, needs_reply: bool) -> None:
        self._triaged.add("yes" if needs_reply else "no")

    def draft_saved(self, origin: str) -> None:
        self._drafts.add(origin)

    def drafting_failed(self) -> None:
        self._draft_failures.add()

    def publication_moved(self, state: str) -> None:
        self._publications.add(state)

    def command_given(self, command: str, outcome: str) -> None:
        self._commands.add(command, outcome)

    def sender_unproved(self, chat: str) -> None:
        """`chat` must be one that is configured."""
        self._unproved.add(chat)

    def hook_answered(self, network: str, status: int) -> None:
        """`network` must be one that is configured; strangers' paths are no label."""
        self._hooks.add(network, str(status))

    def set_unsupported(self, network: str, count: int) -> None:
        self._unsupported.set(network, to=count)

    def task_ended(self, kind: str, outcome: str, seconds: float) -> None:
        self._tasks.add(kind, outcome)
        self._task_seconds.observe(kind, seconds)

    def set_due_rows(self, lane: str, rows: int) -> None:
        self._due_rows.set(lane, to=rows)

    def set_dead_letters(self, rows: int) -> None:
        self._dead_letters.set(to=rows)

    def set_last_heard(self, account: str, moment: int) -> None:
        """`moment` is UTC milliseconds."""
        self._last_heard.set(account, to=moment / 1000)

    def set_build(self, version: str) -> None:
        self._build.set(version, to=1)

    def set_redis_answers(self, answers: bool) -> None:
        self._redis.set("coordination", to=answers)

    def render(self) -> bytes:
        """Prometheus text format 0.0.4."""
        lines = [line for family in self._families for line in family.lines()]
        return "".join(f"{line}\n" for line in (*lines, *_of_the_process())).encode()

    def _counter(self, name: str, says: str, *labels: str) -> _Family:
        return self._kept(_Family(MetricKind.COUNTER, name, says, *labels))

    def _gauge(self, name: str, says: str, *labels: str) -> _Family:
        return self._kept(_Family(MetricKind.GAUGE, name, says, *labels))

    def _kept(self, family: _Family) -> _Family:
        self._families.append(family)
        return family


def _spelled(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items()) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _of_the_process() -> Iterator[str]:
    """The usual names; on a system without /proc there is the processor time alone."""
    seconds = _Family(
        MetricKind.COUNTER, "process_cpu_seconds_total", "Processor time, in seconds."
    )
    seconds.set(to=time.process_time())
    yield from seconds.lines()
    try:
        pages = int((_PROC / "statm").read_text(encoding="ascii").split()[1])
        files = len(list((_PROC / "fd").iterdir()))
    except OSError:
        return
    resident = _Family(MetricKind.GAUGE, "process_resident_memory_bytes", "Resident memory.")
    resident.set(to=pages * os.sysconf("SC_PAGE_SIZE"))
    yield from resident.lines()
    opened = _Family(MetricKind.GAUGE, "process_open_fds", "Files and sockets that are open.")
    opened.set(to=files)
    yield from opened.lines()
