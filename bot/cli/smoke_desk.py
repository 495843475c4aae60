"""The desk's own servers in the live checklist: database, and Redis where one is named."""

from __future__ import annotations

from collections.abc import Sequence

from bot.cli.check_desk import check_desk
from bot.cli.check_redis import check_redis
from bot.cli.findings import Finding, Level
from bot.config import Settings
from bot.model.smoke import SmokeFinding, SmokeStep, failed, not_checked, passed
from bot.ports import Witness

DATABASE = SmokeStep("database", "The database answers", "nothing is lost")
REDIS = SmokeStep("redis", "Redis answers", "several processes")


class DeskRehearsal:
    """Implements `bot.ports.Rehearses`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def steps(self) -> Sequence[SmokeStep]:
        return (DATABASE, REDIS) if self._settings.desk.redis_url else (DATABASE,)

    async def take(self, step: SmokeStep, _witness: Witness) -> SmokeFinding:
        if step is REDIS:
            [found] = await check_redis(self._settings.desk)
            # a desk runs without it, but whoever named one wants to know
            return passed(found.says) if found.level is Level.OK else failed(found.says)
        [database] = [one for one in check_desk(self._settings) if one.about == "database"]
        return _as_finding(database)


def _as_finding(found: Finding) -> SmokeFinding:
    make = {Level.OK: passed, Level.WARN: not_checked, Level.FAIL: failed}[found.level]
    return make(found.says)
