"""The walk through the live checklist: asks before others see anything, and always tidies up."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import aiohttp

from bot.cli.terminal import say
from bot.errors import ConnectorError, RateLimited
from bot.model.smoke import SmokeFinding, SmokeSkipped, SmokeStep, Verdict, failed, not_checked
from bot.ports import Rehearses, Witness

STEP_SECONDS = 200.0
"""More than a person gets to press, and than any look at a slow network."""


@dataclass(frozen=True, slots=True)
class Taken:
    """`where` is the chat, the account's slug or `desk`."""

    where: str
    step: SmokeStep
    finding: SmokeFinding
    seconds: float


class Walk:
    """`begins` is told the name of each thing and step before anything is asked of it."""

    def __init__(self, witness: Witness, begins: Callable[[str, str], None], *, asks: bool) -> None:
        self._witness = witness
        self._begins = begins
        self._asks = asks
        self.taken: list[Taken] = []

    async def through(self, found: Mapping[str, Rehearses]) -> bool:
        """False when somebody interrupted it; what was posted is deleted all the same."""
        is_whole = True
        for where, rehearsal in found.items():
            say(f"\n{where}")
            for step in rehearsal.steps():
                if step.is_tidying or is_whole:
                    is_whole = await self._take(where, rehearsal, step) and is_whole
                else:
                    self._note(where, step, not_checked("It was interrupted before this."), 0.0)
        self._sum()
        return is_whole

    async def _take(self, where: str, rehearsal: Rehearses, step: SmokeStep) -> bool:
        """False when it was interrupted in this step."""
        begun, is_whole = time.monotonic(), True
        self._begins(where, step.name)
        try:
            finding = await self._found(rehearsal, step)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            assert task is not None
            task.uncancel()
            finding, is_whole = not_checked("It was interrupted. Run it again."), False
        self._note(where, step, finding, time.monotonic() - begun)
        return is_whole

    async def _found(self, rehearsal: Rehearses, step: SmokeStep) -> SmokeFinding:
        if step.shows and self._asks:
            agreed = await self._witness.sees(f"  {step.title}: this {step.shows}. Do it?")
            if not agreed:
                return not_checked("Nobody agreed to it.")
        try:
            async with asyncio.timeout(STEP_SECONDS):
                return await rehearsal.take(step, self._witness)
        except SmokeSkipped as skipped:
            return not_checked(str(skipped))
        except RateLimited as error:
            return not_checked(f"{error} Wait a minute, then run this part again with --only.")
        except ConnectorError as error:
            return failed(str(error))
        except TimeoutError:
            return failed(f"There was no answer within {STEP_SECONDS:g} s. Check the address.")
        except (aiohttp.ClientError, OSError) as error:
            return failed(f"Out of reach ({type(error).__name__}). Check address and network.")

    def _note(self, where: str, step: SmokeStep, finding: SmokeFinding, seconds: float) -> None:
        self.taken.append(Taken(where, step, finding, seconds))
        say(f"  {finding.verdict.value:<11} {step.title}: {finding.says}")

    def _sum(self) -> None:
        verdicts = [one.finding.verdict for one in self.taken]
        counts = [f"{verdicts.count(one)} {one.value}" for one in Verdict]
        say(f"\n{', '.join(counts)}.")
