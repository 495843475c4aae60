"""Bootstrap: the only place that reads Settings and names concrete classes."""

from __future__ import annotations

from bot.bootstrap.demo import run_demo
from bot.bootstrap.opening import OpenDesk, opened
from bot.bootstrap.running import run_desk

__all__ = ["OpenDesk", "opened", "run_demo", "run_desk"]
