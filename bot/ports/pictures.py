"""Outward: pictures of other people."""

from __future__ import annotations

from typing import Protocol


class FetchesPictures(Protocol):
    async def fetch(self, address: str) -> tuple[str, bytes] | None:
        """Its image type and its bytes; None where no picture can be had from there."""
        ...
