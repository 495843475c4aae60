"""Numbers for Prometheus, in the words of the glossary; docs/reference/metrics.md lists them.

Each process has one `Metrics` with a registry of its own; a label never holds anything from
outside but names that the configuration or this code gave.
"""

from __future__ import annotations

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

TASK_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Seconds."""


class Metrics:
    """Says what happened; `render` gives the text format that Prometheus reads."""

    def __init__(self, version: str = "") -> None:
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self._received = Counter(
            "replydesk_items_received",
            "Items that were stored for the first time.",
            ["network"],
            registry=registry,
        )
        self._triaged = Counter(
            "replydesk_items_triaged",
            "Items that were triaged, by whether they need a reply.",
            ["needs_reply"],
            registry=registry,
        )
        self._drafts = Counter(
            "replydesk_drafts",
            "Draft versions that were saved, by who wrote them.",
            ["origin"],
            registry=registry,
        )
        self._draft_failures = Counter(
            "replydesk_draft_failures",
            "Times that the drafter gave nothing and templates stepped in.",
            registry=registry,
        )
        self._publications = Counter(
            "replydesk_publications",
            "Moves of publications, by the state that was reached.",
            ["state"],
            registry=registry,
        )
        self._commands = Counter(
            "replydesk_commands",
            "Commands that people gave, by what became of them.",
            ["command", "outcome"],
            registry=registry,
        )
        self._hooks = Counter(
            "replydesk_hooks",
            "Webhooks that came in, by the HTTP status they were answered with.",
            ["network", "status"],
            registry=registry,
        )
        self._unsupported = Gauge(
            "replydesk_unsupported",
            "Things that a network told and the desk does not handle.",
            ["network"],
            registry=registry,
        )
        self._tasks = Counter(
            "replydesk_tasks",
            "Due rows that were worked on, by how it ended.",
            ["kind", "outcome"],
            registry=registry,
        )
        self._task_seconds = Histogram(
            "replydesk_task_seconds",
            "Seconds that one task took.",
            ["kind"],
            buckets=TASK_BUCKETS,
            registry=registry,
        )
        self._due_rows = Gauge(
            "replydesk_due_rows",
            "Due rows that wait or are being worked on.",
            ["lane"],
            registry=registry,
        )
        self._dead_letters = Gauge(
            "replydesk_dead_letters",
            "Due rows that used up their tries and wait for a person.",
            registry=registry,
        )
        self._last_heard = Gauge(
            "replydesk_account_last_heard_seconds",
            "When a fetch or hook of the account last succeeded, in seconds since 1970.",
            ["account"],
            registry=registry,
        )
        self._build = Gauge(
            "replydesk_build_info", "Always 1; names the version.", ["version"], registry=registry
        )
        self._build.labels(version).set(1)

    def items_received(self, network: str, count: int = 1) -> None:
        self._received.labels(network).inc(count)

    def item_triaged(self, *, needs_reply: bool) -> None:
        self._triaged.labels("yes" if needs_reply else "no").inc()

    def draft_saved(self, origin: str) -> None:
        self._drafts.labels(origin).inc()

    def drafting_failed(self) -> None:
        self._draft_failures.inc()

    def publication_moved(self, state: str) -> None:
        self._publications.labels(state).inc()

    def command_given(self, command: str, outcome: str) -> None:
        self._commands.labels(command, outcome).inc()

    def hook_answered(self, network: str, status: int) -> None:
        """`network` must be one that is configured; strangers' paths are no label."""
        self._hooks.labels(network, str(status)).inc()

    def set_unsupported(self, network: str, count: int) -> None:
        self._unsupported.labels(network).set(count)

    def task_ended(self, kind: str, outcome: str, seconds: float) -> None:
        self._tasks.labels(kind, outcome).inc()
        self._task_seconds.labels(kind).observe(seconds)

    def set_due_rows(self, lane: str, rows: int) -> None:
        self._due_rows.labels(lane).set(rows)

    def set_dead_letters(self, rows: int) -> None:
        self._dead_letters.set(rows)

    def set_last_heard(self, account: str, moment: int) -> None:
        """`moment` is UTC milliseconds."""
        self._last_heard.labels(account).set(moment / 1000)

    def render(self) -> bytes:
        """Prometheus text format 0.0.4."""
        return generate_latest(self.registry)
