"""Models: whoever speaks the OpenAI protocol writes drafts."""

from __future__ import annotations

from integrations.llm.openai_drafter import OpenAIDrafter
from integrations.llm.prompt import load_prompt


def connect(
    *,
    api_key: str,
    base_url: str,
    model: str,
    timeout_seconds: float,
    temperature: float | None,
    max_concurrency: int,
    prompt: str,
) -> OpenAIDrafter:
    """Touches no network; ConfigurationError when prompt, key or both addresses are missing."""
    return OpenAIDrafter(
        load_prompt(prompt),
        model=model,
        base_url=base_url,
        api_key=api_key,
        timeout_seconds=timeout_seconds,
        temperature=temperature,
        max_concurrency=max_concurrency,
    )


__all__ = ["OpenAIDrafter", "connect"]
