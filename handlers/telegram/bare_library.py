"""Imported before the library: it imports httpx, and that a command line of its own.

Wherever they are installed this one brings rich, pygments and click: 5 MiB for what nobody here can
call. httpx does without it where it is absent, and so it is for us.
"""

from __future__ import annotations

import sys
from typing import Any

_modules: dict[str, Any] = sys.modules
_modules.setdefault("httpx._main", None)
