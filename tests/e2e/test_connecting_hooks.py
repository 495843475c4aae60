"""Webhooks of an account that was connected in the console: over the wire, without a restart."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from integrations.sandbox.hooks import signed_headers
from tests.e2e.console_client import Person, eventually, person_at
from tests.e2e.deliveries import delivery
from tests.e2e.loop import alice_at, network_of
from tests.e2e.process import DeskHome, said_by
from tests.e2e.test_connecting import SLUG, everything_kept, home_without_accounts, joined, wish
from tests.services import LOOPBACK, free_port

FORGED = "a-secret-of-somebody-else"


async def delivered(address: str, secret: str, mark: str) -> int:
    """One comment, as the network sends it; the status that it is answered with."""
    body = delivery(mark)
    headers = signed_headers(secret, int(time.time() * 1000), mark, body)
    async with (
        aiohttp.ClientSession() as http,
        http.post(address, data=body, headers=headers) as answer,
    ):
        return answer.status


async def connected(home: DeskHome, alice: Person) -> tuple[str, str]:
    """Address and secret of its webhooks, as the page shows them once."""
    told = await joined(home, alice)
    hook = told["hook"]
    assert isinstance(hook, dict)
    return str(hook["address"]), str(hook["secret"])


async def card_with(alice: Person, mark: str) -> None:
    await eventually(lambda: alice.card_of(mark), f"the card of {mark}")


async def test_a_webhook_becomes_a_card_and_a_forged_one_is_refused_and_audited(
    tmp_path: Path,
) -> None:
    home = home_without_accounts(tmp_path / "desk")
    async with network_of(home, hooks=False):
        async with home.open() as desk, alice_at(home) as alice:
            address, secret = await connected(home, alice)
            assert address.startswith(f"{home.url}/hooks/sandbox/{SLUG}-")
            waits = "Webhooks: waiting for the first delivery."
            form = f"/connect/accounts/{SLUG}"
            assert waits in await alice.page("/connect")
            page = await alice.page(form)
            assert (waits in page, address in page, secret in page) == (True, True, False)

            assert await delivered(address, FORGED, "KFORGED") == 401
            assert await delivered(address + "x", secret, "KNOWHERE") == 404
            assert waits in await alice.page("/connect")
            assert await delivered(address, secret, "KFIRST") == 200
            await card_with(alice, "KFIRST")
            for path in ("/connect", form):
                page = await alice.page(path)
                assert "Webhooks: delivering since" in page
                assert secret not in page
            assert await alice.card_of("KFORGED") is None

            # its secret proved something, so a new token leaves it alone
            renewed = await joined(home, alice, SLUG)
            assert "hook" not in renewed
            assert await delivered(address, secret, "KRENEWED") == 200
            await desk.kill()
        assert secret.encode() not in everything_kept(home)

        async with home.open(), alice_at(home) as alice:
            assert await delivered(address, secret, "KAGAIN") == 200
            await card_with(alice, "KAGAIN")
            _code, said = await said_by(home.folder, "export", "audit")
            assert said.count('"sender_not_proved"') == 1
            assert secret not in said
            gone = await alice.ask("/accounts/disconnect", account=SLUG)
            assert gone["kind"] == "done"
            assert await delivered(address, secret, "KGONE") == 404
            again = await joined(home, alice, SLUG)
            assert again["hook"]["secret"] != secret  # type: ignore[index]
            assert await delivered(address, secret, "KOLD") == 401


@asynccontextmanager
async def apart(home: DeskHome, database: str) -> AsyncIterator[tuple[DeskHome, Person]]:
    """Two web processes and a worker on one database; the second one, and Alice at the first."""
    other = DeskHome(home.folder, network=home.network, port=free_port())
    key = {"REPLYDESK_KEY": "A" * 43 + "="}
    env = {"DATABASE_URL": database, **key}
    _code, said = await said_by(home.folder, "migrate", environment=env)
    assert "was set up" in said
    async with (
        home.running("--only", "web", environment=env) as web,
        home.running("--only", "web", environment=env | {"PORT": str(other.port)}, number=2) as two,
        home.running("--only", "worker", environment=env),
    ):
        await web.ready(home.url)
        await two.ready(other.url)
        link = await home.sign_in_link("alice", database)
        async with person_at(home.url, link=link) as alice:
            yield other, alice


@pytest.mark.postgres
async def test_every_process_takes_the_webhooks_of_what_was_connected_in_one(
    tmp_path: Path, postgres_url: str
) -> None:
    home = home_without_accounts(tmp_path / "desk")
    async with network_of(home, hooks=False), apart(home, postgres_url) as (other, alice):
        asked = wish(home)
        looked = await alice.ask("/accounts/look", **asked)
        told = await alice.ask("/accounts/join", **asked, remote_id=looked["found"]["remote_id"])
        address, secret = told["hook"]["address"], told["hook"]["secret"]
        there = address.replace(f"{LOOPBACK}:{home.port}", f"{LOOPBACK}:{other.port}")

        async def is_taken() -> bool:
            return await delivered(there, secret, "KTHERE") == 200

        await eventually(is_taken, "the other process has the hook")
        await card_with(alice, "KTHERE")
        assert "Webhooks: delivering since" in await alice.page("/connect")
        assert await delivered(there, FORGED, "KFORGED") == 401
        assert await delivered(address, secret, "KHERE") == 200
        await card_with(alice, "KHERE")
