"""`[alerts]`: how often the team bears to be told, or woken, for nothing."""

from __future__ import annotations

from pydantic import Field

from bot.config.fields import Table
from bot.detection.knobs import (
    FALSE_NOTICES_A_WEEK,
    FALSE_PAGES_A_WEEK,
    LEAST_A_WEEK,
    MOST_A_WEEK,
)
from bot.model.signal import WatchRule


class AlertSettings(Table):
    """`[alerts]`"""

    false_pages_a_week: float = Field(default=FALSE_PAGES_A_WEEK, ge=LEAST_A_WEEK, le=MOST_A_WEEK)
    """Fewer let a rise grow further before somebody is woken. Of each brand and kind of count."""
    false_notices_a_week: float = Field(
        default=FALSE_NOTICES_A_WEEK, ge=LEAST_A_WEEK, le=MOST_A_WEEK
    )
    """The same for a word in the chat that wakes nobody."""

    heeds_verdicts: bool = True
    """Whether *Not worth waking me* and *Too late* move both, within bounds."""

    @property
    def rule(self) -> WatchRule:
        return WatchRule(self.false_pages_a_week, self.false_notices_a_week, self.heeds_verdicts)
