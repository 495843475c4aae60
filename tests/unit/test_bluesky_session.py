"""The session: one log-in, kept; one renewal at a time; the app password only when it must."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.errors import AuthenticationFailed, Unavailable
from bot.model.network import Watch
from bot.ports import Connector
from integrations.bluesky.endpoint import is_allowed, pds_named_by
from integrations.bluesky.legs import NOTIFICATIONS, OWN
from tests.contract.connectors.bluesky.case import REPLY, MemoryVault, connected
from tests.contract.connectors.bluesky.fake import FakeBluesky, fixture, running_bluesky
from tests.fakes.clock import FakeClock


@asynccontextmanager
async def _network() -> AsyncIterator[tuple[FakeBluesky, aiohttp.ClientSession]]:
    async with running_bluesky() as fake, aiohttp.ClientSession() as http:
        yield fake, http


async def _read(connector: Connector) -> None:
    await connector.fetch(NOTIFICATIONS, None, Watch())


async def test_a_stored_session_is_used_instead_of_the_app_password() -> None:
    vault = MemoryVault()
    async with _network() as (fake, http):
        await _read(connected(fake.url, http, FakeClock(), vault=vault))
        await _read(connected(fake.url, http, FakeClock(), vault=vault))
    assert (fake.logins, fake.refreshes) == (1, 0)


async def test_many_readers_with_an_expired_session_renew_it_once() -> None:
    async with _network() as (fake, http):
        connector = connected(fake.url, http, FakeClock())
        await connector.verify()
        fake.end_access()
        await asyncio.gather(*(connector.fetch(OWN, None, Watch()) for _ in range(5)))
    assert (fake.logins, fake.refreshes) == (1, 1)


async def test_the_renewed_session_is_kept() -> None:
    vault = MemoryVault()
    async with _network() as (fake, http):
        connector = connected(fake.url, http, FakeClock(), vault=vault)
        await _read(connector)
        fake.end_access()
        await _read(connector)
        await _read(connected(fake.url, http, FakeClock(), vault=vault))
    assert (fake.logins, fake.refreshes) == (1, 1)
    assert "refresh-token-2" in str(vault.kept)


async def test_a_session_that_another_process_renewed_is_taken_over() -> None:
    vault = MemoryVault()
    async with _network() as (fake, http):
        one, other = (connected(fake.url, http, FakeClock(), vault=vault) for _ in range(2))
        await _read(one)
        await _read(other)
        fake.end_access()
        await _read(one)
        await _read(other)
    assert (fake.logins, fake.refreshes) == (1, 1)


async def test_a_dead_refresh_token_is_replaced_by_a_new_log_in() -> None:
    async with _network() as (fake, http):
        connector = connected(fake.url, http, FakeClock())
        await _read(connector)
        fake.live.clear()
        await _read(connector)
    assert (fake.logins, fake.refreshes) == (2, 1)


async def test_a_token_that_is_about_to_end_is_renewed_before_it_is_used() -> None:
    clock = FakeClock()
    vault = MemoryVault()
    async with _network() as (fake, http):
        await _read(connected(fake.url, http, clock, vault=vault))
        kept = json.loads(str(vault.kept))
        # {"exp": 1790000030} thirty seconds after the clock of this test
        kept["access"] = "x.eyJleHAiOiAxNzkwMDAwMDMwfQ.y"
        vault.kept = json.dumps(kept)
        await _read(connected(fake.url, http, clock, vault=vault))
    refused = [one for one in fake.exchanges if one.status != 200]
    assert (fake.refreshes, refused) == (1, [])


async def test_a_wrong_app_password_is_said_with_what_to_do_and_not_tried_again_at_once() -> None:
    clock = FakeClock()
    async with _network() as (fake, http):
        connector = connected(fake.url, http, clock, app_password="wrong")
        for _ in range(5):
            with pytest.raises(AuthenticationFailed, match="Create a new app password"):
                await _read(connector)
        assert fake.logins == 1
        fake.password = "wrong"
        clock.advance(61)
        await _read(connector)


async def test_a_session_of_another_account_is_not_used() -> None:
    vault = MemoryVault()
    async with _network() as (fake, http):
        await _read(connected(fake.url, http, FakeClock(), vault=vault))
        kept = json.loads(str(vault.kept))
        vault.kept = json.dumps({**kept, "identifier": "other.test"})
        await _read(connected(fake.url, http, FakeClock(), vault=vault))
        vault.kept = "not what we wrote"
        await _read(connected(fake.url, http, FakeClock(), vault=vault))
    assert fake.logins == 3


async def test_a_reply_whose_session_ended_is_not_sent_twice_but_left_to_the_queue() -> None:
    clock = FakeClock()
    async with _network() as (fake, http):
        connector = connected(fake.url, http, clock)
        prepared = connector.prepare(REPLY)
        await connector.find(prepared)
        put = fake._calls["com.atproto.repo.putRecord"]

        async def ended(request: web.Request, body: Any) -> tuple[int, Any]:
            fake._calls["com.atproto.repo.putRecord"] = put
            return 400, {"error": "ExpiredToken", "message": "Token has expired"}

        fake._calls["com.atproto.repo.putRecord"] = ended
        with pytest.raises(Unavailable, match="nothing was sent"):
            await connector.publish(prepared, None, clock.deadline_in(5))
        assert (fake.writes, fake.refreshes) == (1, 1)
        await connector.publish(prepared, None, clock.deadline_in(5))
    assert list(fake.visible) == [REPLY.text]


async def test_signing_in_and_renewing_go_to_the_entryway_and_all_else_to_the_data_server() -> None:
    async with _network() as (fake, http), running_bluesky() as entryway:
        connector = connected(entryway.url, http, FakeClock(), pds=fake.url)
        fake.live = entryway.live
        await _read(connector)
        entryway.live -= {token for token in entryway.live if token.startswith("access")}
        await _read(connector)
    assert [one.nsid.rsplit(".", 1)[-1] for one in entryway.exchanges] == [
        "createSession",
        "refreshSession",
    ]
    assert (fake.logins, fake.refreshes) == (0, 0)
    assert "app.bsky.notification.listNotifications" in {one.nsid for one in fake.exchanges}


async def test_a_private_data_server_is_used_only_when_its_host_is_allowed() -> None:
    async with _network() as (fake, http), running_bluesky() as entryway:
        (service,) = entryway.did_document["service"]
        service["serviceEndpoint"] = fake.url
        fake.live = entryway.live
        await _read(connected(entryway.url, http, FakeClock()))
        assert fake.exchanges == []
        await _read(connected(entryway.url, http, FakeClock(), private_hosts=("127.0.0.1",)))
        assert fake.exchanges


async def test_an_answer_without_a_did_document_leaves_us_where_we_were() -> None:
    async with _network() as (fake, http), running_bluesky() as entryway:
        (service,) = entryway.did_document["service"]
        service["serviceEndpoint"] = fake.url
        fake.live = entryway.live
        connector = connected(entryway.url, http, FakeClock(), private_hosts=("127.0.0.1",))
        await _read(connector)
        entryway.did_document = None
        entryway.live -= {token for token in entryway.live if token.startswith("access")}
        await _read(connector)
    assert len(entryway.exchanges) == 2


async def test_a_discovered_address_must_be_public_and_encrypted_or_allowed_by_name() -> None:
    assert await is_allowed("https://1.1.1.1", ())
    assert not await is_allowed("http://1.1.1.1", ())
    assert not await is_allowed("https://127.0.0.1", ())
    assert not await is_allowed("https://10.0.0.8", ())
    assert not await is_allowed("https://[::1]", ())
    assert not await is_allowed("https://169.254.169.254", ())
    assert await is_allowed("http://127.0.0.1:2583", ("127.0.0.1:2583",))
    assert await is_allowed("http://127.0.0.1:2583", ("127.0.0.1",))
    assert not await is_allowed("file:///etc/passwd", ("",))


def test_the_data_server_is_read_from_the_did_document() -> None:
    assert pds_named_by(fixture("session")["didDoc"]) == "https://pds.example"
    assert pds_named_by({"service": [{"id": "#other", "serviceEndpoint": "https://x"}]}) is None
    assert pds_named_by(None) is None
