"""`replydesk run` on PostgreSQL: one web process and two workers on one database."""

import asyncio
from pathlib import Path

import pytest

from tests.e2e.loop import alice_at, answered, network_of
from tests.e2e.process import DeskHome, report, said_by
from tests.services import LOOPBACK, free_port

pytestmark = pytest.mark.postgres


async def test_the_loop_runs_on_postgres_with_two_workers(
    tmp_path: Path, postgres_url: str
) -> None:
    home = DeskHome(tmp_path / "desk", network=f"http://{LOOPBACK}:{free_port()}/sandbox/api")
    home.configure()
    database = {"DATABASE_URL": postgres_url}

    code, said = await said_by(home.folder, "run", environment=database)
    assert code == 1
    assert "Run `replydesk migrate`." in said
    code, said = await said_by(home.folder, "migrate", environment=database)
    assert (code, "was set up with schema" in said) == (0, True), said

    async with (
        network_of(home) as sandbox,
        home.running("--only", "web", environment=database) as web,
        home.running("--only", "worker", environment=database) as first,
        home.running("--only", "worker", environment=database, number=2) as second,
    ):
        report(f"ready after {await web.ready(home.url):.1f} s")
        link = await home.sign_in_link("alice", postgres_url)
        async with alice_at(home, link) as alice:
            assert (await alice.order("go_live", account="acme")).is_done
            for mark in ("KONE", "KTWO", "KTHREE"):
                card = await answered(sandbox, alice, mark)
                assert card.links[0].startswith(sandbox.pane_url)
            await asyncio.sleep(1.2)
            assert all(len(texts) == 1 for texts in (await sandbox.visible_replies()).values())
            assert len(await alice.cards("all")) == 3
        for process in (web, first, second):
            code, seconds = await process.interrupt()
            assert (code, seconds < 20.0) == (0, True), process.said
    assert not home.database.exists()
