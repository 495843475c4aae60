"""The sandbox network itself: what is written stands, is listed once, and survives."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from integrations.sandbox.network import SandboxNetwork
from integrations.sandbox.records import ChangeKind, Comment, NewComment
from integrations.sandbox.seed import life, seed
from integrations.sandbox.voices import POSTS, SEED, STORY
from tests.patience import PATIENCE

KILLED_AFTER_WRITING = """
import asyncio, os, signal, sys
from integrations.sandbox.network import SandboxNetwork

async def main():
    network = await SandboxNetwork.open(sys.argv[1])
    post = await network.publish_post("Tea")
    await network.comment("maya", "Answered before the kill", post_id=post.id)
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


@pytest.fixture
async def network() -> AsyncIterator[SandboxNetwork]:
    opened = await SandboxNetwork.open(":memory:", now=lambda: 1_000_000)
    await opened.publish_post("Tea")
    yield opened
    await opened.close()


async def _said(network: SandboxNetwork, text: str) -> Comment:
    return await network.comment("maya", text, post_id=1)


async def test_a_comment_that_was_accepted_survives_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "sandbox.sqlite"
    ran = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", KILLED_AFTER_WRITING, str(path)], check=False
    )
    assert ran.returncode == -9
    again = await SandboxNetwork.open(str(path))
    page = await again.newest()
    await again.close()
    assert [comment.text for comment in page.comments] == ["Answered before the kill"]


async def test_the_file_waits_for_the_disk_in_wal_mode(tmp_path: Path) -> None:
    path = tmp_path / "sandbox.sqlite"
    network = await SandboxNetwork.open(str(path))
    with closing(sqlite3.connect(path)) as file:
        assert file.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    await network.close()


async def test_an_edit_moves_a_comment_to_the_end_of_what_changed(network: SandboxNetwork) -> None:
    first, second = await _said(network, "one"), await _said(network, "two")
    seen = (await network.changed_since(0)).latest
    await network.edit(first.id, "one, mended")
    page = await network.changed_since(seen)
    assert [(comment.id, comment.text) for comment in page.comments] == [(first.id, "one, mended")]
    everything = await network.changed_since(0)
    assert [comment.id for comment in everything.comments] == [second.id, first.id]


async def test_a_deleted_comment_leaves_a_tombstone_without_its_text(
    network: SandboxNetwork,
) -> None:
    comment = await _said(network, "I regret this")
    await network.mark(comment.id, ChangeKind.DELETED)
    (tombstone,) = (await network.changed_since(0)).comments
    assert (tombstone.is_deleted, tombstone.text) == (True, "")


async def test_pages_of_changes_lead_through_everything_exactly_once(
    network: SandboxNetwork,
) -> None:
    await network.comment_all([NewComment(1, "tom", f"n{index}") for index in range(25)])
    texts: list[str] = []
    since, more = 0, True
    while more:
        page = await network.changed_since(since, limit=10)
        texts += [comment.text for comment in page.comments]
        since, more = page.latest, page.has_more
    assert texts == [f"n{index}" for index in range(25)]


async def test_a_key_is_one_comment_however_often_it_comes(network: SandboxNetwork) -> None:
    parent = await _said(network, "hello")
    first = await network.comment("acme", "hi", parent=parent, key="k1")
    second = await network.comment("acme", "hi", parent=parent, key="k1")
    assert first.id == second.id
    network.honours_keys = False
    third = await network.comment("acme", "hi", parent=parent, key="k1")
    assert third.id != first.id
    assert third.key is None


async def test_a_lagging_listing_never_lets_its_cursor_pass_what_it_hides() -> None:
    now = [1_000_000]
    network = await SandboxNetwork.open(":memory:", now=lambda: now[0])
    await network.publish_post("Tea")
    await _said(network, "old")
    now[0] += 5_000
    await _said(network, "new")
    page = await network.newest(lag_ms=2_000)
    assert [comment.text for comment in page.comments] == ["old"]
    now[0] += 2_000
    later = await network.changed_since(page.latest, lag_ms=2_000)
    assert [comment.text for comment in later.comments] == ["new"]
    await network.close()


async def test_a_clock_that_jumps_back_does_not_hide_changes_from_the_listing() -> None:
    now = [10_000_000]
    network = await SandboxNetwork.open(":memory:", now=lambda: now[0])
    await network.publish_post("Tea")
    await _said(network, "before")
    now[0] -= 3_600_000
    await _said(network, "after")
    texts = [comment.text for comment in (await network.changed_since(0)).comments]
    assert texts == ["before", "after"]
    await network.close()


async def test_broken_surrogates_are_stored_as_something_readable(
    network: SandboxNetwork,
) -> None:
    assert (await _said(network, "tea \ud83d time")).text == "tea ? time"


async def test_the_seed_is_sown_once() -> None:
    network = await SandboxNetwork.open(":memory:")
    assert await seed(network)
    assert not await seed(network)
    assert len(await network.posts()) == len(POSTS)
    assert len((await network.newest()).comments) == len(SEED)
    await network.close()


async def test_life_goes_on_where_the_last_run_stopped() -> None:
    network = await SandboxNetwork.open(":memory:")
    await seed(network)
    for _ in range(2):
        await life(network, asyncio.Event(), first=0.0, between=(0.0, 0.0), most=2)
    told = [comment.text for comment in (await network.newest()).comments][len(SEED) :]
    assert told == [text for _, _, text in STORY[:4]]
    await network.close()


async def test_life_ends_at_once_when_it_is_told_to() -> None:
    network = await SandboxNetwork.open(":memory:")
    await seed(network)
    stop = asyncio.Event()
    living = asyncio.create_task(life(network, stop, first=3_600.0))
    await asyncio.sleep(0)
    stop.set()
    await asyncio.wait_for(living, PATIENCE)
    assert len((await network.newest()).comments) == len(SEED)
    await network.close()


def test_the_story_speaks_four_languages_and_threatens_and_injects() -> None:
    personas = {persona for _, persona, _ in STORY}
    assert {"maya", "hugo", "ioana", "dima"} <= personas
    words = " ".join(text for _, _, text in STORY)
    assert "lawyer" in words
    assert "<!channel>" in words
    assert "onerror" in words
