"""By when an answer of a colleague is wanted: what people choose from."""

from __future__ import annotations

from collections.abc import Mapping

from bot.model.question import DueBy
from bot.speech.speech import marked

DUE_BY: Mapping[DueBy, str] = {
    DueBy.HOUR: marked("In 1 hour"),
    DueBy.HOURS: marked("In 4 hours"),
    DueBy.TODAY: marked("End of the business day"),
    DueBy.TOMORROW: marked("This time tomorrow"),
}
