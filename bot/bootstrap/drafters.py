"""Who writes the drafts: a model with templates behind it, or templates alone."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from urllib.parse import urlsplit

from bot.bootstrap.loading import loaded
from bot.config import DraftSettings, resolve_if_set
from bot.coordination.breaker import LocalBreaker
from bot.errors import ConfigurationError
from bot.metrics import Metrics
from bot.ports import Breaker, Drafter, Spending
from bot.services.fallback_drafter import FallbackDrafter
from bot.services.reply_templates import load_reply_templates
from bot.services.template_drafter import TemplateDrafter


async def build_drafter(
    stack: AsyncExitStack,
    settings: DraftSettings,
    metrics: Metrics,
    breaker: Callable[[str], Breaker] = lambda _server: LocalBreaker(time.monotonic),
    spending: Callable[[str], Spending] | None = None,
) -> Drafter:
    """`auto` takes the model when there is a key or a base URL, else templates alone.

    `breaker` and `spending` make those of a server, by its name.
    """
    templates = TemplateDrafter(load_reply_templates())
    key = resolve_if_set(settings.api_key)
    if settings.drafter == "templates" or (
        settings.drafter == "auto" and not key and not settings.base_url
    ):
        return templates
    if settings.drafter == "openai" and not key and not settings.base_url:
        raise ConfigurationError(
            f"drafts.drafter is openai, but the {settings.api_key} is not set and no "
            "drafts.base_url is given. Set one of them, or choose templates."
        )
    # The library takes a second to import, so only who configured a model pays for it.
    llm = await loaded("integrations.llm")
    server = f"{urlsplit(settings.base_url).netloc.rpartition('@')[2]}:{settings.model}"
    model: Drafter = llm.connect(
        api_key=str(key or ""),
        base_url=settings.base_url,
        model=settings.model,
        timeout_seconds=settings.timeout_seconds,
        temperature=settings.temperature,
        max_concurrency=settings.max_concurrency,
        prompt=settings.prompt,
        breaker=breaker(server),
        spending=spending(server) if spending else None,
        daily_tokens=settings.daily_tokens,
    )
    drafter = FallbackDrafter(model, templates, metrics=metrics)
    stack.push_async_callback(drafter.close)
    return drafter
