"""`replydesk drill FILE`: a storm is played to the team on the sandbox, and the team is scored."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path

from bot.bootstrap.drill import DrillOptions, run_drill
from bot.cli.opening import config_path, settings_from
from bot.config.demo import DATA_DIR
from bot.errors import ConfigurationError
from bot.services.storms import read_storm

SHIPPED = files("prompts") / "drills"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file",
        metavar="FILE",
        help="Holds the storm, one JSON object a line; `poisoned-tea` comes with the desk.",
    )
    parser.add_argument(
        "--port", type=int, default=0, metavar="PORT", help="Serves the console here."
    )


def run(arguments: argparse.Namespace) -> int:
    storm = read_storm(_lines(arguments.file), arguments.file)
    has_file = hasattr(arguments, "config") or config_path(arguments).exists()
    settings = settings_from(arguments) if has_file else None
    folder = DATA_DIR if settings is None else settings.desk.data_dir
    return asyncio.run(run_drill(DrillOptions(storm, settings, folder, arguments.port)))


def _lines(name: str) -> Iterable[str]:
    """Of a file, else of the shipped storm of this name."""
    shipped = SHIPPED / f"{name}.jsonl"
    path = Path(name)
    if not path.exists() and Path(name).name == name and shipped.is_file():
        return shipped.read_text("utf-8").splitlines()
    try:
        return path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{name} cannot be read as text: {error}") from error
