"""`replydesk manifest slack`: the app's manifest, as the configuration wants it."""

from __future__ import annotations

import argparse
import json

from bot.cli.opening import config_path, settings_from
from bot.cli.terminal import say
from bot.config import SlackSettings
from bot.errors import ConfigurationError
from handlers.slack.manifest import manifest


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("chat", choices=["slack"], help="Which chat the app is for.")


def run(arguments: argparse.Namespace) -> int:
    """With `[slack] mode = "http"` for desk.public_url, else for a socket; no file is needed."""
    slack, public_url = SlackSettings(), ""
    if config_path(arguments).exists():
        settings = settings_from(arguments)
        slack = settings.slack or slack
        public_url = settings.desk.public_url
    if slack.mode == "http" and not public_url:
        raise ConfigurationError(
            'With [slack] mode = "http" Slack must know where the desk is. Set [desk] public_url.'
        )
    shown = manifest(slack.command, public_url if slack.mode == "http" else "")
    say(json.dumps(shown, indent=2))
    return 0
