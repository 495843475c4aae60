"""A pager in memory that does what a test scripts; what reached somebody is the judge."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.errors import Unavailable
from bot.model.ids import Monotonic
from bot.model.paging import OutgoingPage, PagerAbilities
from bot.ports import Clock


@dataclass(frozen=True, slots=True)
class PagerStep:
    """What becomes of one request."""

    error: Exception | None = None
    acts: bool = True
    before: Callable[[], None] = lambda: None


@dataclass(slots=True)
class FakePager:
    """Implements Pager and Settles. With `knows_keys` a page sent twice is one."""

    clock: Clock
    knows_keys: bool = True
    steps: deque[PagerStep] = field(default_factory=deque)
    arrived: list[OutgoingPage] = field(default_factory=list)
    calls: int = 0
    settled: dict[str, bool] = field(default_factory=dict)
    """By key, whether it is over."""

    @property
    def abilities(self) -> PagerAbilities:
        return PagerAbilities("Fakeduty", self.knows_keys)

    def script(self, *steps: PagerStep) -> None:
        self.steps.extend(steps)

    async def page(self, page: OutgoingPage, deadline: Monotonic) -> str:
        self.calls += 1
        step = self.steps.popleft() if self.steps else PagerStep()
        step.before()
        if self.clock.monotonic() >= deadline:
            raise Unavailable("past the deadline")
        if step.acts and not (self.knows_keys and any(o.key == page.key for o in self.arrived)):
            self.arrived.append(page)
        if step.error is not None:
            raise step.error
        return f"receipt-{self.calls}"

    async def settle(self, page: OutgoingPage, *, is_over: bool) -> None:
        self.settled[page.key] = is_over
