"""The manifest of the Slack app: what it may do and where Slack finds it, to be pasted at
https://api.slack.com/apps?new_app=1 under *From a manifest*.

Only what is used: no user scope, no posting where the bot was not invited. The shape is that of
https://github.com/slackapi/manifest-schema, version 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.speech.speech import marked
from handlers.slack.names import NEW_POST, REPLY

EVENTS_PATH = "/chats/slack/events"

WHAT_FOR: Mapping[str, str] = {
    "chat:write": marked("post and redraw cards"),
    "commands": marked("the slash command and the shortcuts"),
    "channels:history": marked(
        "find a card after a lost answer and read notes, in public channels"
    ),
    "groups:history": marked("find a card after a lost answer and read notes, in private channels"),
    "channels:read": marked("see whether the bot is in a public channel"),
    "groups:read": marked("see whether the bot and who of the team are in a private channel"),
    "im:write": marked("page people as direct messages"),
    "im:history": marked("find a card after a lost answer, in direct messages"),
    "files:write": marked("show the pictures of a planned post under its card"),
    "files:read": marked("take the pictures that somebody attaches to a post"),
    "users:read": marked("add a mentioned person to the team"),
}
"""Each scope of the app, and what it is needed for."""
SCOPES = tuple(WHAT_FOR)


USAGE = (
    "queue | mine | why 1042 | pause | unpause | accounts | here | practice | team | link | help"
)
EVENTS = (
    "app_home_opened",
    "member_joined_channel",  # invited: ask what should land there
    "member_left_channel",  # whoever leaves a private channel sees nothing of it any more
    "channel_left",  # removed: nothing lands there any more
    "group_left",
    "message.channels",  # notes and pictures below our cards; everything else is not read
    "message.groups",  # the same in private channels
)


def missing_scopes(headers: Mapping[str, str]) -> list[str] | None:
    """Of ours those that Slack, in the headers of an answer, does not say the token has.

    None where it says nothing.
    """
    told = {one.strip() for one in headers.get("x-oauth-scopes", "").split(",")} - {""}
    return [one for one in SCOPES if one not in told] if told else None


def manifest(command: str, public_url: str = "") -> dict[str, Any]:
    """With a `public_url` Slack calls the desk there; without one the desk opens a socket."""
    address = f"{public_url}{EVENTS_PATH}" if public_url else ""
    at = {"request_url": address} if address else {}
    return {
        "_metadata": {"major_version": 1, "minor_version": 1},
        "display_information": {
            "name": "replydesk",
            "description": "Answer comments and approve posts from Slack",
            "background_color": "#0b3d2e",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": True,
            },
            "bot_user": {"display_name": "replydesk", "always_online": True},
            "slash_commands": [
                {
                    "command": command,
                    "description": "The desk: queue, pauses, reasons",
                    "usage_hint": USAGE,
                    "should_escape": True,
                    **({"url": address} if address else {}),
                }
            ],
            "shortcuts": [
                {
                    "name": "Reply as the brand",
                    "type": "message",
                    "callback_id": REPLY,
                    "description": "Open a card's reply with the words of this message",
                },
                {
                    "name": "New post",
                    "type": "global",
                    "callback_id": NEW_POST,
                    "description": "Write a post and ask for approval",
                },
            ],
        },
        "oauth_config": {"scopes": {"bot": list(SCOPES)}},
        "settings": {
            "event_subscriptions": {**at, "bot_events": list(EVENTS)},
            "interactivity": {"is_enabled": True, **at},
            "org_deploy_enabled": False,
            "socket_mode_enabled": not address,
            "token_rotation_enabled": False,
        },
    }
