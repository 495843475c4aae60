"""Models: whoever speaks the OpenAI protocol writes drafts."""

from __future__ import annotations

from bot.ports import Breaker, Spending
from integrations.llm.openai_drafter import OpenAIDrafter
from integrations.llm.prompt import load_prompt

TRANSLATION = "translate.v1"


def connect(
    *,
    api_key: str,
    base_url: str,
    model: str,
    timeout_seconds: float,
    temperature: float | None,
    max_concurrency: int,
    prompt: str,
    breaker: Breaker,
    spending: Spending | None = None,
    daily_tokens: int = 0,
) -> OpenAIDrafter:
    """Touches no network; ConfigurationError when prompt, key or both addresses are missing."""
    return OpenAIDrafter(
        load_prompt(prompt),
        translation=load_prompt(TRANSLATION),
        model=model,
        base_url=base_url,
        api_key=api_key,
        timeout_seconds=timeout_seconds,
        temperature=temperature,
        max_concurrency=max_concurrency,
        breaker=breaker,
        spending=spending,
        daily_tokens=daily_tokens,
    )


__all__ = ["OpenAIDrafter", "connect"]
