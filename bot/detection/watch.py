"""One stream watched: counts in; a notice or a page out, each said once.

Closed buckets change what the detector knows; open ones are judged on a copy of it, as often as
one likes. A page makes a notice of the same thing superfluous.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from bot.detection.knobs import FALSE_NOTICES_A_WEEK, FALSE_PAGES_A_WEEK, threshold
from bot.detection.rearm import Rearm
from bot.detection.surge import FLOOR, Reading, SurgeDetector

Loudness = Literal["notice", "page"]


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """In a person's words; `floor` is the number of mentions below which nothing is said."""

    false_pages_a_week: float = FALSE_PAGES_A_WEEK
    false_notices_a_week: float = FALSE_NOTICES_A_WEEK
    floor: int = FLOOR


@dataclass(frozen=True, slots=True)
class Call:
    """Something to say, and how loudly."""

    loudness: Loudness
    reading: Reading


class StreamWatch:
    def __init__(
        self, state: Mapping[str, Any] | None = None, knobs: Sensitivity | None = None
    ) -> None:
        kept, knobs = state or {}, knobs or Sensitivity()
        self._detector = SurgeDetector(kept.get("detector"), floor=knobs.floor)
        self._page = Rearm(kept.get("page"))
        self._notice = Rearm(kept.get("notice"))
        self._page_from = threshold(knobs.false_pages_a_week)
        self._notice_from = threshold(knobs.false_notices_a_week)

    def dump(self) -> dict[str, Any]:
        """JSON; one that is loaded from it goes on as this one would."""
        return {
            "detector": self._detector.dump(),
            "page": self._page.dump(),
            "notice": self._notice.dump(),
        }

    @property
    def last_bucket(self) -> int | None:
        """The newest that was closed."""
        return self._detector.last_bucket

    def close(self, bucket: int, count: int) -> Call | None:
        """A bucket is over. ValueError when it is not after the last one."""
        return self._call(self._detector.close(bucket, count))

    def judge(self, opened: Sequence[tuple[int, int]]) -> Call | None:
        """Buckets that are still open with what they have so far, oldest first."""
        call = None
        if opened:
            ahead = self._detector.copy() if len(opened) > 1 else self._detector
            for bucket, count in opened[:-1]:
                call = self._call(ahead.close(bucket, count)) or call
            call = self._call(ahead.judge(*opened[-1])) or call
        return call

    def _call(self, reading: Reading) -> Call | None:
        if self._page.speaks(reading.bucket, reading.score, self._page_from):
            self._notice.speaks(reading.bucket, reading.score, self._notice_from)
            return Call("page", reading)
        if self._notice.speaks(reading.bucket, reading.score, self._notice_from):
            return Call("notice", reading)
        return None


def learned(counts: Iterable[tuple[int, int]], kept: Mapping[str, Any] | None) -> dict[str, Any]:
    """What a watch knows that saw these closed buckets pass in silence; `kept` is what it said."""
    detector = SurgeDetector()
    for bucket, count in counts:
        detector.close(bucket, count)
    return {**StreamWatch(kept).dump(), "detector": detector.dump()}
