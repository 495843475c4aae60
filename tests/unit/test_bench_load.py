"""How the benchmarks send: what is refused for now goes again, and its delay counts."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from tests.benchmarks.latency import Missing, arrived
from tests.benchmarks.load import AGAIN_SECONDS, Sent, open_loop, saturate
from tests.benchmarks.plain_http import request
from tests.services import LOOPBACK

POST = request("POST", "/", b"{}", {})


async def answering(statuses: Sequence[int]) -> asyncio.Server:
    """One connection at a time; the answers in this order, then 200."""
    left = list(statuses)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while (await reader.read(65_536)).startswith(b"POST"):
            status = left.pop(0) if left else 200
            writer.write(b"HTTP/1.1 %d x\r\nContent-Length: 0\r\n\r\n" % status)
        writer.close()

    return await asyncio.start_server(serve, LOOPBACK, 0)


async def test_what_is_answered_503_is_sent_again_and_counted() -> None:
    async with await answering([503, 503]) as server:
        port = server.sockets[0].getsockname()[1]
        sent = await open_loop(port, [POST], 100.0)
        assert sent.again == 2
        assert sent.seconds >= 2 * AGAIN_SECONDS
        assert (await saturate(port, [POST] * 3, callers=1)).again == 0


async def test_any_other_refusal_ends_the_run() -> None:
    async with await answering([401]) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(ExceptionGroup) as refused:
            await saturate(port, [POST], callers=1)
        assert refused.group_contains(RuntimeError, match="401")


async def test_what_never_arrives_has_no_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.benchmarks.latency.PATIENCE", 0.01)
    with pytest.raises(Missing, match="1 of 2"):
        await arrived({1: 5.0}, [1, 2], Sent([4.0, 4.0]))
    latencies = await arrived({1: 5.0, 2: 7.0}, [1, 2], Sent([4.0, 4.0]))
    assert (latencies.p50, latencies.p99) == (1.0, 3.0)
