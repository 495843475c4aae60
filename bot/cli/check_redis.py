"""Whether Redis answers, for a configuration that names one."""

from __future__ import annotations

from bot.bootstrap.coordinating import probe_redis
from bot.cli.findings import Finding, ok, warn
from bot.config import DeskSettings
from bot.coordination.clock import SystemClock
from bot.errors import CoordinationLost


async def check_redis(settings: DeskSettings) -> list[Finding]:
    """A desk runs without it, so a silent one is only to know about."""
    if not settings.redis_url:
        return []
    try:
        return [ok("redis", await probe_redis(settings.redis_url, SystemClock()))]
    except CoordinationLost as error:
        return [warn("redis", f"{error} The desk runs without it, slower.")]
