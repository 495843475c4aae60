"""The real process notices that a network is silent, under a clock that is set forward."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

from integrations.sandbox.server import SandboxServer
from tests.e2e.console_client import Person, eventually
from tests.e2e.loop import alice_at, network_of
from tests.e2e.process import DeskHome
from tests.patience import PATIENCE
from tests.services import LOOPBACK, free_port


async def is_silent(alice: Person, silent: bool) -> bool:
    told = [one for one in await alice.cards() if "Nothing could be read from" in one.raw]
    return bool(told) is silent


async def test_an_outage_is_told_after_a_quarter_of_an_hour_and_over_when_it_is(
    tmp_path: Path,
) -> None:
    clock = tmp_path / "clock"
    clock.write_text("0", "ascii")
    home = DeskHome(
        tmp_path / "desk",
        network=f"http://{LOOPBACK}:{free_port()}/sandbox/api",
        program=(sys.executable, "-m", "tests.e2e.shifted_clock"),
    )
    home.configure()
    home.lay_database()
    environment = {"REPLYDESK_TEST_CLOCK": str(clock)}
    async with (
        network_of(home) as sandbox,
        home.open(environment=environment),
        alice_at(home) as alice,
    ):
        await read_once(alice, sandbox)
        sandbox.faults.is_out = True
        clock.write_text(str(20 * 60), "ascii")
        await eventually(partial(is_silent, alice, True), "the card", 4 * PATIENCE)
        sandbox.faults.is_out = False
        await eventually(partial(is_silent, alice, False), "its end", 6 * PATIENCE)


async def read_once(alice: Person, sandbox: SandboxServer) -> None:
    """Until a comment that only a poll or a hook brings is there."""
    post = await sandbox.network.publish_post("Slow mornings")
    await sandbox.network.comment("maya", "KONCE where is my order?", post_id=post.id)

    async def here() -> bool:
        return await alice.card_of("KONCE") is not None

    await eventually(here, "the first comment")
