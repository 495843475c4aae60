"""Signed webhooks of the sandbox network: every change of a comment, at least once.

The sender reads the network's log of changes and remembers in the network's file how far it
came, so that a kill loses nothing. A delivery carries up to a hundred events:

    {"delivery", "account", "events": [{"kind", "change", "comment"}]}

    X-Sandbox-Timestamp: seconds since 1970
    X-Sandbox-Delivery:  its id, the same in every try
    X-Sandbox-Signature: sha256=HMAC-SHA256(secret, timestamp + "." + body), in hex

A delivery that fails is tried again after each pause of `RETRIES`, then given up, as networks
do; who needs all of the truth reads the listing.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp

from integrations.sandbox.faults import Drift, Faults
from integrations.sandbox.network import SandboxNetwork
from integrations.sandbox.records import Change
from integrations.sandbox.rendering import comment_json, is_news

RETRIES = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0)
"""Seconds between the tries of one delivery."""
HOOKS_THROUGH = "hooks_through"
"""The network's fact that says up to which change webhooks were sent."""
_PER_DELIVERY = 100


@dataclass(frozen=True, slots=True)
class HookTarget:
    """Where webhooks go and the secret that signs them."""

    url: str
    secret: str

    def __repr__(self) -> str:
        return f"HookTarget(url={self.url!r})"


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """The value of `X-Sandbox-Signature`."""
    signed = timestamp.encode() + b"." + body
    return "sha256=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def signed_headers(secret: str, now_ms: int, delivery: str, body: bytes) -> dict[str, str]:
    timestamp = str(now_ms // 1000)
    return {
        "Content-Type": "application/json",
        "X-Sandbox-Delivery": delivery,
        "X-Sandbox-Timestamp": timestamp,
        "X-Sandbox-Signature": signature(secret, timestamp, body),
    }


class HookSender:
    """Sends what happens until it is told to stop; `retries` are seconds."""

    def __init__(
        self,
        network: SandboxNetwork,
        faults: Faults,
        http: aiohttp.ClientSession,
        target: HookTarget,
        *,
        retries: Sequence[float] = RETRIES,
    ) -> None:
        self._network = network
        self._faults = faults
        self._http = http
        self._target = target
        self._retries = retries

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`; ring the network's bell after setting it."""
        with self._network.bell() as bell:
            while not stop.is_set():
                if self._faults.is_out or not await self._send_pending(stop):
                    await bell.wait()

    async def _send_pending(self, stop: asyncio.Event) -> bool:
        """Whether there was anything."""
        through = int(await self._network.recall(HOOKS_THROUGH) or 0)
        changes = await self._network.changes_since(through, _PER_DELIVERY)
        if not changes:
            return False
        if self._faults.hooks.is_on:
            await _pause(stop, self._faults.hooks.late_ms / 1000)
            told = [one for one in changes if is_news(self._network, one.comment)]
            for body in self._deliveries(told) if told else ():
                await self._deliver(body, stop)
        if stop.is_set():
            # what was cut short is sent again at the next start: at least once
            return False
        await self._network.remember(HOOKS_THROUGH, str(changes[-1].number))
        return True

    def _deliveries(self, changes: Sequence[Change]) -> list[Mapping[str, Any]]:
        events = [self._event(change) for change in changes]
        if self._faults.drift is Drift.UNKNOWN_EVENTS:
            events.append(_unheard_of(changes[-1]))
        chunks = [events]
        if self._faults.hooks.is_reordered:
            chunks = [[event] for event in reversed(events)]
        if self._faults.hooks.is_duplicated:
            chunks = [chunk for chunk in chunks for _ in range(2)]
        return [
            {
                "delivery": f"d{chunk[0]['change']}-{chunk[-1]['change']}",
                "account": self._network.brand.id,
                "events": chunk,
            }
            for chunk in chunks
        ]

    def _event(self, change: Change) -> dict[str, Any]:
        return {
            "kind": str(change.kind),
            "change": change.number,
            "comment": comment_json(self._network, change.comment, self._faults.drift),
        }

    async def _deliver(self, delivery: Mapping[str, Any], stop: asyncio.Event) -> None:
        body = json.dumps(delivery, ensure_ascii=False, separators=(",", ":")).encode()
        for pause in (*self._retries, None):
            if await self._is_taken(body, str(delivery["delivery"])) or pause is None:
                return
            if await _pause(stop, pause):
                return

    async def _is_taken(self, body: bytes, delivery: str) -> bool:
        headers = signed_headers(self._target.secret, self._network.now(), delivery, body)
        try:
            async with self._http.post(
                self._target.url,
                data=body,
                headers=headers,
                timeout=aiohttp.ClientTimeout(total=10),
            ) as response:
                return response.status < 300
        except (aiohttp.ClientError, TimeoutError, OSError):
            return False


def _unheard_of(change: Change) -> dict[str, Any]:
    return {
        "kind": "comment.reaction_added",
        "change": change.number,
        "reaction": {"comment": f"c{change.comment.id}", "emoji": "🫖"},
    }


async def _pause(stop: asyncio.Event, seconds: float) -> bool:
    """Whether it was cut short by `stop`."""
    if seconds <= 0:
        return stop.is_set()
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return False
    return True
