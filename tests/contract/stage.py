"""What the contract suite stands on: the cases it finds, and one connector before one network."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp

from bot.model.network import Batch, IncomingItem
from bot.model.publication import OutgoingText, Prepared, Receipt
from bot.ports import Closes, Connector
from tests.contract import connectors
from tests.contract.connector_case import ConnectorCase, FakeNetwork
from tests.fakes.clock import FakeClock

PACKAGES = tuple(found.name for found in pkgutil.iter_modules(connectors.__path__) if found.ispkg)

NASTY = {
    "empty": "",
    "blanks": " \n\t ",
    "right to left": "\u202eשלום \u202dabc\u202c مرحبا",
    "zero width": "a\u200b\u200d\u2060\ufeffb",
    "100 kB": "ä " * 50_000,
    "one endless word": "x" * 100_000,
    "mention of a channel": "<!channel> <@U123> @everyone",
    "html": "<script>alert(1)</script><b>bold</b> &amp; &lt;i&gt;",
    "shortcode": "[gallery ids='1'] {{ template }} %s {0}",
    "lone surrogate": "broken \ud83d here \udc00",
    "nul and controls": "a\x00b\x07c\x1b[31m",
    "family": "👨‍👩‍👧‍👦🏳️‍🌈e\u0301\u0301\u0301",
    "link": "https://example.com/a?b=c&d=e#f http://[::1",
}


def load(package: str) -> ConnectorCase:
    case = importlib.import_module(f"{connectors.__name__}.{package}.case").CASE
    assert isinstance(case, ConnectorCase)
    return case


def loadable() -> Iterator[ConnectorCase]:
    """A package that does not load fails its own test below, not everybody's."""
    for package in PACKAGES:
        try:
            yield load(package)
        except (ImportError, SyntaxError, AttributeError, AssertionError):
            continue


CASES = tuple(loadable())
WRITERS = tuple(case for case in CASES if case.reply is not None)
READERS = tuple(case for case in CASES if case.reply is None)


@dataclass(frozen=True, slots=True)
class Stage:
    """A connector before its fake network, and the clock both are judged by."""

    case: ConnectorCase
    network: FakeNetwork
    connector: Connector
    clock: FakeClock

    @property
    def reply(self) -> OutgoingText:
        assert self.case.reply is not None
        return self.case.reply

    async def read_everything(self) -> list[Batch]:
        """The first fetch and what it says is left; ends when nothing more is announced."""
        batches = [await self.connector.fetch(self.case.leg, None, self.case.watch)]
        while batches[-1].more:
            assert len(batches) < 20, "the first fetch never ends"
            cursor = batches[-1].cursor
            batches.append(await self.connector.fetch(self.case.leg, cursor, self.case.watch))
        return batches

    async def publish(self, prepared: Prepared, seconds: float = 30.0) -> Receipt:
        return await self.connector.publish(prepared, None, self.clock.deadline_in(seconds))


@asynccontextmanager
async def staged(case: ConnectorCase) -> AsyncIterator[Stage]:
    clock = FakeClock()
    async with case.start() as network, aiohttp.ClientSession() as http:
        connector = case.connect(network.url, http, clock)
        try:
            yield Stage(case, network, connector, clock)
        finally:
            if isinstance(connector, Closes):
                await connector.close()


def items_of(batches: list[Batch]) -> tuple[IncomingItem, ...]:
    return tuple(
        observation
        for batch in batches
        for observation in batch.observations
        if isinstance(observation, IncomingItem)
    )


def told_by(error: BaseException | None) -> str:
    """Everything that an error and its causes would print."""
    words = []
    while error is not None:
        words.append(f"{error!s} {error!r} {getattr(error, 'payload', '')}")
        error = error.__cause__ or error.__context__
    return "\n".join(words)
