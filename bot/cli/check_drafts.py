"""Who would write the drafts, in the drafter's own words."""

from __future__ import annotations

from contextlib import AsyncExitStack

from bot.bootstrap.drafters import build_drafter
from bot.cli.findings import Finding, fail, ok
from bot.config import DraftSettings
from bot.errors import ConfigurationError
from bot.metrics import Metrics


async def check_drafts(settings: DraftSettings) -> list[Finding]:
    """Asks no model for anything: a check costs nothing."""
    async with AsyncExitStack() as stack:
        try:
            drafter = await build_drafter(stack, settings, Metrics())
        except ConfigurationError as error:
            return [fail("drafts", str(error))]
        return [ok("drafts", drafter.says)]
