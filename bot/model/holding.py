"""Holding statements: words that a team agreed on before anything happened.

A statement has a name and a language, and versions. A version is used once somebody who did not
write it has approved it, until it expires, is retired, or a later version is approved.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.model.ids import BrandId, MemberId, Moment, StatementId


@dataclass(frozen=True, slots=True)
class HoldingStatement:
    """One version, which `owner_id` wrote. `language` is ISO 639-1. None is: not yet."""

    id: StatementId
    brand_id: BrandId
    name: str
    language: str
    version: int
    text: str
    owner_id: MemberId
    written_at: Moment
    expires_at: Moment
    approved_by: MemberId | None = None
    approved_at: Moment | None = None
    retired_by: MemberId | None = None
    retired_at: Moment | None = None

    def is_usable(self, now: Moment) -> bool:
        return self.approved_at is not None and self.retired_at is None and now < self.expires_at
