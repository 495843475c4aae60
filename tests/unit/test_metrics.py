"""Metrics: each call shows in what Prometheus reads, and the reference page lists them all."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.metrics import Metrics

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "metrics.md").read_text("utf-8")


KINDS = Metrics().kinds


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
            'account_last_heard_seconds{account="blog"} 1790000000.5',
        ),
        (
            lambda m: m.set_redis_answers(False),
            'redis_answers{use="coordination"} 0.0',
        ),
        (lambda m: m.set_build("1.2"), 'build_info{version="1.2"} 1.0'),
    ],
)
def test_what_happened_can_be_read(tell: Callable[[Metrics], None], line: str) -> None:
    metrics = Metrics()
    tell(metrics)
    assert f"\nreplydesk_{line}\n" in metrics.render().decode()


def test_a_task_is_counted_with_how_it_ended() -> None:
    metrics = Metrics()
    metrics.task_ended("poll", "failed", 0.1)
    metrics.task_ended("poll", "done", 0.2)
    rendered = metrics.render().decode()
    assert 'replydesk_tasks_total{kind="poll",outcome="failed"} 1.0' in rendered
    assert 'replydesk_tasks_total{kind="poll",outcome="done"} 1.0' in rendered


def test_prometheus_reads_what_is_told() -> None:
    metrics = Metrics()
    metrics.task_ended("poll", "done", 0.005)
    metrics.task_ended("poll", "done", 31.0)
    metrics.set_last_heard('a "strange"\\\nname', 1_000)
    read = {one.name: one for one in text_string_to_metric_families(metrics.render().decode())}
    assert {f"{name}_total" if one.type == "counter" else name for name, one in read.items()} >= {
        *KINDS,
        "process_cpu_seconds_total",
    }
    seconds = read["replydesk_task_seconds"].samples
    buckets = {one.labels["le"]: one.value for one in seconds if one.name.endswith("_bucket")}
    assert (buckets["0.005"], buckets["30.0"], buckets["+Inf"]) == (1, 1, 2)
    assert {one.name: one.value for one in seconds if "le" not in one.labels} == {
        "replydesk_task_seconds_count": 2,
        "replydesk_task_seconds_sum": 31.005,
    }
    (heard,) = read["replydesk_account_last_heard_seconds"].samples
    assert heard.labels == {"account": 'a "strange"\\\nname'}


def test_two_desks_in_one_process_count_apart() -> None:
    one, two = Metrics(), Metrics()
    one.items_received("rss")
    assert b'items_received_total{network="rss"}' not in two.render()


def test_a_desk_without_redis_says_nothing_of_one() -> None:
    assert b"\nreplydesk_redis_answers{" not in Metrics().render()


@pytest.mark.parametrize(("name", "kind"), KINDS.items())
def test_every_metric_has_its_line_on_the_reference_page(name: str, kind: str) -> None:
    assert f"| `{name}` | {kind} |" in PAGE


def test_the_reference_page_names_no_metric_that_does_not_exist() -> None:
    assert set(re.findall(r"(?m)^\| `(replydesk_\w+)` \|", PAGE)) == set(KINDS)
