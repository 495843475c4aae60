"""How a chat is connected, step by step, for whoever sets the desk up in the console."""

from __future__ import annotations

from collections.abc import Mapping

from bot.speech.speech import Speech, marked

STEPS: Mapping[str, tuple[str, ...]] = {
    "slack": (
        marked("Copy the manifest below."),
        marked(
            "At https://api.slack.com/apps choose Create New App, From a manifest, paste it, and "
            "install the app."
        ),
        marked("Under Basic Information make an app-level token with connections:write."),
        marked("Paste both tokens here. The desk says whose they are, and is there at once."),
        marked("Write /invite @replydesk in a channel: the bot asks there what should land."),
    ),
    "telegram": (
        marked("Write /newbot to @BotFather: it answers with a token."),
        marked("Paste the token here. The desk says whose it is, and is there at once."),
        marked("Add the bot to a group: it asks there what should land."),
    ),
}
"""By the chat's name; of a tool of one's own its documents tell."""


def steps_in(speech: Speech) -> dict[str, tuple[str, ...]]:
    return {chat: tuple(map(speech.say, steps)) for chat, steps in STEPS.items()}
