"""What Slack takes, and how much of a card we show there.

Slack's own numbers are those of https://docs.slack.dev/reference/block-kit and of its published
types (`@slack/types` 3.2); our own are smaller wherever a card would fill more than a screen.
Numbers are characters. Nothing is lost: the editor opens the whole draft, and the console shows
everything.
"""

from __future__ import annotations

from handlers.fitting import Limits

# Slack's limits

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
BUTTON_TEXT = 75
OPTION_TEXT = 75
MENU_OPTIONS = 100
SENTENCE = 2_000
"""A `plain_text` or `mrkdwn` object in a context; Slack takes 3,000 in a section."""
CONFIRM_TITLE = 100
CONFIRM_TEXT = 300
CONFIRM_BUTTON = 30
VIEW_TITLE = 24
VIEW_BUTTON = 24
URL = 3_000
INPUT_TEXT = 3_000
"""What a text field can hold."""
INPUT_LABEL = 2_000
INPUT_HINT = 2_000
PRIVATE_METADATA = 3_000
COMMAND_ANSWER = 3_000

# Our own

FALLBACK = 300
MAIN_BUTTONS = 4
"""Buttons beside each other; the rest goes under More."""


IN_CHANNEL = Limits(
    source=240,
    context=240,
    quote=1_200,
    fact=160,
    facts=8,
    draft=2_400,
    state=400,
    links=5,
    translation=600,
    total=5_000,
)
IN_VIEW = Limits(
    source=240,
    context=240,
    quote=2_500,
    fact=300,
    facts=12,
    draft=2_900,
    state=600,
    links=8,
    translation=1_250,
    total=8_000,
)
