"""Outward: who writes drafts and translates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

# Only annotations name them, so no start pays for the half that its part does not use.
if TYPE_CHECKING:
    from bot.model.draft import DraftProposal, DraftRequest


class Drafter(Protocol):
    @property
    def says(self) -> str:
        """One sentence for `check` and the console: who writes, and whether it works."""
        ...

    async def draft(self, request: DraftRequest) -> DraftProposal:
        """One proposal; DraftingFailed when none can be had."""
        ...


@runtime_checkable
class DraftsAtOnce(Protocol):
    """A drafter that asks nobody: its draft is there together with what it answers."""

    def draft_at_once(self, request: DraftRequest) -> DraftProposal:
        """As `Drafter.draft`. Pure and quick: it runs inside a transaction."""
        ...


@runtime_checkable
class Probes(Protocol):
    async def probe(self) -> str:
        """Ask whether it would answer now; a sentence for `check`, or DraftingFailed."""
        ...


@runtime_checkable
class Translates(Protocol):
    async def translate(self, text: str, language: str) -> str:
        """The text in a language (ISO 639-1), for staff alone; DraftingFailed when none is had."""
        ...
