"""What `replydesk demo` may be told; it needs no file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.errors import ConfigurationError

DATA_DIR = Path(".replydesk") / "demo"


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """`port` None takes a free one."""

    port: int | None = None
    open_browser: bool = True
    data_dir: Path = DATA_DIR


def demo_options(
    port: int | None, *, open_browser: bool, environment: Mapping[str, str] | None = None
) -> DemoOptions:
    """The command line beats PORT; ConfigurationError when PORT is no port."""
    variables = os.environ if environment is None else environment
    return DemoOptions(port or _port(variables.get("PORT", "")), open_browser, DATA_DIR)


def _port(value: str) -> int | None:
    if not value.strip():
        return None
    if not value.strip().isdecimal() or int(value) > 65535:
        raise ConfigurationError(
            "The environment variable PORT is not a number between 0 and 65535. Correct it or "
            "unset it."
        )
    return int(value) or None
