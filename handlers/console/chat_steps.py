"""How a chat is connected, step by step, for whoever sets the desk up in the console."""

from __future__ import annotations

from collections.abc import Mapping

from bot.speech.speech import Speech, marked

STEPS: Mapping[str, tuple[str, ...]] = {
    "slack": (
        marked("Copy the manifest below."),
        marked(
            "At https://api.slack.com/apps choose Create New App, From a manifest, and paste it."
        ),
        marked("Install the app, and put its bot token (xoxb-) into SLACK_BOT_TOKEN."),
        marked(
            "Make an app-level token with connections:write, and put it (xapp-) into "
            "SLACK_APP_TOKEN."
        ),
        marked("Add a line [slack] to replydesk.toml, and start the desk again."),
        marked("Write /invite @replydesk in a channel: the bot asks there what should land."),
    ),
    "telegram": (
        marked("Write /newbot to @BotFather, and put the token into TELEGRAM_BOT_TOKEN."),
        marked("Add a line [telegram] to replydesk.toml, and start the desk again."),
        marked("Add the bot to a group: it asks there what should land."),
    ),
}
"""By the chat's name; of a tool of one's own its documents tell."""


def steps_in(speech: Speech) -> dict[str, tuple[str, ...]]:
    return {chat: tuple(map(speech.say, steps)) for chat, steps in STEPS.items()}
