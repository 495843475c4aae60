"""Metrics: each call shows in what Prometheus reads, and the reference page lists them all."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.metrics import Metrics

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "metrics.md").read_text("utf-8")


def _families() -> dict[str, str]:
    """Every family of ours as it is spelled on the page, with its kind."""
    return {
        f"{family.name}_total" if family.type == "counter" else family.name: family.type
        for family in Metrics().registry.collect()
        if family.name.startswith("replydesk_")
    }


@pytest.mark.parametrize(
    ("tell", "line"),
    [
        (lambda m: m.items_received("rss", 3), 'items_received_total{network="rss"} 3.0'),
        (
            lambda m: m.item_triaged(needs_reply=True),
            'items_triaged_total{needs_reply="yes"} 1.0',
        ),
        (lambda m: m.draft_saved("model"), 'drafts_total{origin="model"} 1.0'),
        (lambda m: m.drafting_failed(), "draft_failures_total 1.0"),
        (
            lambda m: m.publication_moved("unknown"),
            'publications_total{state="unknown"} 1.0',
        ),
        (
            lambda m: m.command_given("approve", "stale"),
            'commands_total{command="approve",outcome="stale"} 1.0',
        ),
        (
            lambda m: m.hook_answered("sandbox", 401),
            'hooks_total{network="sandbox",status="401"} 1.0',
        ),
        (lambda m: m.set_unsupported("rss", 3), 'unsupported{network="rss"} 3.0'),
        (
            lambda m: m.task_ended("poll", "done", 0.3),
            'task_seconds_bucket{kind="poll",le="0.5"} 1.0',
        ),
        (lambda m: m.set_due_rows("cards", 4), 'due_rows{lane="cards"} 4.0'),
        (lambda m: m.set_dead_letters(2), "dead_letters 2.0"),
        (
            lambda m: m.set_last_heard("blog", 1_790_000_000_500),
            'account_last_heard_seconds{account="blog"} 1.7900000005e+09',
        ),
        (lambda m: None, 'build_info{version="1.2"} 1.0'),
    ],
)
def test_what_happened_can_be_read(tell: Callable[[Metrics], None], line: str) -> None:
    metrics = Metrics("1.2")
    tell(metrics)
    assert f"\nreplydesk_{line}\n" in metrics.render().decode()


def test_a_task_is_counted_with_how_it_ended() -> None:
    metrics = Metrics()
    metrics.task_ended("poll", "failed", 0.1)
    metrics.task_ended("poll", "done", 0.2)
    rendered = metrics.render().decode()
    assert 'replydesk_tasks_total{kind="poll",outcome="failed"} 1.0' in rendered
    assert 'replydesk_tasks_total{kind="poll",outcome="done"} 1.0' in rendered


def test_two_desks_in_one_process_count_apart() -> None:
    one, two = Metrics(), Metrics()
    one.items_received("rss")
    assert b'items_received_total{network="rss"}' not in two.render()


@pytest.mark.parametrize(("name", "kind"), _families().items())
def test_every_metric_has_its_line_on_the_reference_page(name: str, kind: str) -> None:
    assert f"| `{name}` | {kind} |" in PAGE


def test_the_reference_page_names_no_metric_that_does_not_exist() -> None:
    assert set(re.findall(r"(?m)^\| `(replydesk_\w+)` \|", PAGE)) == set(_families())
