"""What tests of the stage get."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """The network's own server complains of every client that dies."""
    log = logging.getLogger("aiohttp.server")
    before = log.level
    log.setLevel(logging.CRITICAL)
    yield
    log.setLevel(before)
