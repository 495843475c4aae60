"""Webhooks of the sandbox: signed, repeated until taken, and misbehaving when told to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from bot.errors import HookMalformed, SignatureInvalid
from bot.model.hook import HookRequest
from bot.model.ids import Moment, RemoteId
from bot.model.network import IncomingItem, Removal, Unsupported
from integrations.sandbox.faults import Drift, Faults
from integrations.sandbox.hook_reading import OLDEST, read_hook
from integrations.sandbox.hooks import HOOKS_THROUGH, HookSender, HookTarget, signed_headers
from integrations.sandbox.network import SandboxNetwork
from integrations.sandbox.server import SandboxServer
from integrations.sandbox.voices import SEED
from integrations.sandbox.world import WorldOptions
from tests.patience import PATIENCE

NOW = Moment(1_790_000_000_000)
SECRET = "s3cret"
RECORDED = (
    Path(__file__).parent.parent / "contract/connectors/sandbox/fixtures/hook.json"
).read_bytes()


def request(body: bytes = RECORDED, secret: str = SECRET, at: int = NOW) -> HookRequest:
    headers = signed_headers(secret, at, "d1", body)
    return HookRequest("POST", {name.lower(): value for name, value in headers.items()}, {}, body)


# --- reading ----------------------------------------------------------------------------------


def test_every_event_is_told_ignored_or_kept_as_unsupported() -> None:
    (delivery,) = read_hook(request(), SECRET, NOW).deliveries
    assert delivery.account == "acme"
    created, deleted, unheard_of, renamed = delivery.observations
    assert isinstance(created, IncomingItem)
    assert (created.remote_id, created.text) == ("c1", "My box arrived broken.")
    assert deleted == Removal(RemoteId("c2"))
    assert isinstance(unheard_of, Unsupported)
    assert unheard_of.kind == "comment.reaction_added"
    assert isinstance(renamed, Unsupported)
    assert "a renamed field" in renamed.payload


@pytest.mark.parametrize("secret", ["other", ""])
def test_a_hook_signed_with_another_secret_is_refused(secret: str) -> None:
    with pytest.raises(SignatureInvalid):
        read_hook(request(secret=secret), SECRET, NOW)
    with pytest.raises(SignatureInvalid):
        read_hook(request(), secret, NOW)


def test_a_changed_body_is_refused() -> None:
    good = request()
    changed = HookRequest("POST", good.headers, {}, good.body.replace(b"broken", b"BROKEN"))
    with pytest.raises(SignatureInvalid):
        read_hook(changed, SECRET, NOW)


@pytest.mark.parametrize("age", [OLDEST + 1_000, -OLDEST - 1_000])
def test_a_hook_replayed_much_later_or_from_the_future_is_refused(age: int) -> None:
    with pytest.raises(SignatureInvalid, match="five minutes"):
        read_hook(request(at=NOW - age), SECRET, NOW)


def test_a_timestamp_that_is_no_number_is_refused() -> None:
    headers = {"x-sandbox-timestamp": "soon", "x-sandbox-signature": "sha256=00"}
    with pytest.raises(SignatureInvalid):
        read_hook(HookRequest("POST", headers, {}, b"{}"), SECRET, NOW)


@pytest.mark.parametrize("body", [b"not json", b"[]", b'{"delivery": "d", "events": []}'])
def test_a_signed_hook_that_is_not_as_documented_is_malformed(body: bytes) -> None:
    with pytest.raises(HookMalformed):
        read_hook(request(body), SECRET, NOW)


# --- sending ----------------------------------------------------------------------------------


@dataclass
class Ear:
    """A desk that writes down what it hears; `refusals` are statuses that it answers first."""

    heard: list[dict[str, object]] = field(default_factory=list)
    refusals: list[int] = field(default_factory=list)
    enough: asyncio.Event = field(default_factory=asyncio.Event)
    wanted: int = 1
    gave_in: asyncio.Event = field(default_factory=asyncio.Event)

    async def hear(self, incoming: web.Request) -> web.Response:
        if self.refusals:
            status = self.refusals.pop(0)
            if not self.refusals:
                self.gave_in.set()
            return web.Response(status=status)
        body = await incoming.read()
        headers = {name.lower(): value for name, value in incoming.headers.items()}
        read_hook(HookRequest("POST", headers, {}, body), SECRET, NOW)
        self.heard.append(json.loads(body))
        if len(self.heard) >= self.wanted:
            self.enough.set()
        return web.Response(text="ok")

    def changes(self) -> list[list[object]]:
        return [[event["change"] for event in heard["events"]] for heard in self.heard]  # type: ignore[attr-defined]


@asynccontextmanager
async def listening(ear: Ear) -> AsyncIterator[HookTarget]:
    app = web.Application()
    app.router.add_post("/hooks", ear.hear)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield HookTarget(f"http://127.0.0.1:{runner.addresses[0][1]}/hooks", SECRET)
    finally:
        await runner.cleanup()


@asynccontextmanager
async def hooked(ear: Ear, faults: Faults) -> AsyncIterator[SandboxNetwork]:
    network = await SandboxNetwork.open(":memory:", now=lambda: NOW)
    await network.publish_post("Tea")
    stop = asyncio.Event()
    async with listening(ear) as target, aiohttp.ClientSession() as http:
        sender = HookSender(network, faults, http, target, retries=(0.0, 0.01, 0.01))
        sending = asyncio.create_task(sender.run(stop))
        try:
            yield network
        finally:
            stop.set()
            network.ring()
            await sending
    await network.close()


async def _say(network: SandboxNetwork, number: int) -> None:
    for index in range(number):
        await network.comment("maya", f"comment {index}", post_id=1)


async def _enough(ear: Ear) -> None:
    await asyncio.wait_for(ear.enough.wait(), PATIENCE)


async def test_a_new_comment_is_told_with_a_signature_that_holds() -> None:
    ear = Ear()
    async with hooked(ear, Faults()) as network:
        await _say(network, 1)
        await _enough(ear)
    assert ear.changes() == [[1]]


async def test_a_delivery_that_was_refused_comes_again() -> None:
    ear = Ear(refusals=[503, 500])
    async with hooked(ear, Faults()) as network:
        await _say(network, 1)
        await _enough(ear)
    assert ear.changes() == [[1]]


async def test_a_delivery_that_is_refused_for_good_does_not_hold_up_the_next() -> None:
    ear = Ear(refusals=[500] * 4)
    async with hooked(ear, Faults()) as network:
        await _say(network, 1)
        await asyncio.wait_for(ear.gave_in.wait(), PATIENCE)
        await network.comment("tom", "later", post_id=1)
        await _enough(ear)
    assert ear.changes() == [[2]]


async def test_duplicated_hooks_bring_the_same_delivery_twice() -> None:
    ear, faults = Ear(wanted=2), Faults()
    faults.hooks.is_duplicated = True
    async with hooked(ear, faults) as network:
        await _say(network, 1)
        await _enough(ear)
    assert ear.heard[0] == ear.heard[1]


async def test_reordered_hooks_tell_the_newest_first() -> None:
    ear, faults = Ear(wanted=3), Faults(is_out=True)
    faults.hooks.is_reordered = True
    async with hooked(ear, faults) as network:
        await _say(network, 3)
        faults.is_out = False
        network.ring()
        await _enough(ear)
    assert ear.changes() == [[3], [2], [1]]


async def test_what_happens_while_hooks_are_off_is_never_told() -> None:
    ear, faults = Ear(), Faults()
    faults.hooks.is_on = False
    async with hooked(ear, faults) as network:
        await _say(network, 1)
        async with asyncio.timeout(PATIENCE):
            while await network.recall(HOOKS_THROUGH) != "1":
                pass
        faults.hooks.is_on = True
        await network.comment("tom", "hello again", post_id=1)
        await _enough(ear)
    assert ear.changes() == [[2]]


async def test_drift_adds_events_that_nobody_documented() -> None:
    ear, faults = Ear(), Faults(drift=Drift.UNKNOWN_EVENTS)
    async with hooked(ear, faults) as network:
        await _say(network, 1)
        await _enough(ear)
    assert "comment.reaction_added" in json.dumps(ear.heard)


async def test_a_flood_is_told_in_deliveries_of_a_hundred() -> None:
    ear, faults = Ear(wanted=3), Faults(is_out=True)
    async with hooked(ear, faults) as network:
        await _say(network, 250)
        faults.is_out = False
        network.ring()
        await _enough(ear)
    assert [len(changes) for changes in ear.changes()] == [100, 100, 50]


async def test_what_was_seeded_is_old_news_and_what_customers_write_next_is_told() -> None:
    ear = Ear()
    options = WorldOptions(life_first=0.0, life_most=1)
    async with (
        listening(ear) as target,
        SandboxServer(options=options, hook=target, now=lambda: NOW),
    ):
        await _enough(ear)
    assert ear.changes() == [[len(SEED) + 1]]


def test_a_target_does_not_print_its_secret() -> None:
    assert SECRET not in repr(HookTarget("http://127.0.0.1/hooks", SECRET))
