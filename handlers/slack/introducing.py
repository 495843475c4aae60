"""Whose tokens somebody has, and what works with them: asked before they are kept."""

from __future__ import annotations

import re

from bot.errors import (
    AnswersRefused,
    AuthenticationFailed,
    ConnectorError,
    PermissionMissing,
)
from bot.model.team_chat import ChatIntroduced
from bot.speech.speech import Speech, marked
from handlers.slack.line import SlackLine
from handlers.slack.manifest import SCOPES, WHAT_FOR, missing_scopes

ESSENTIAL = "chat:write"
_REFUSED = marked(
    "Slack does not take this token: it is cut off, or it was taken back. Copy it again."
)
_NO_CARDS = marked(
    "The app may not post: it lacks chat:write. Add the scope under OAuth & Permissions, install "
    "the app anew, and paste its new token."
)
_NO_SOCKET = marked(
    "Slack lets no socket be opened with this token. Make one with the scope connections:write."
)
_OTHER_APP = marked(
    "This token is of another app than the bot. Take the one of the app that the bot belongs to."
)
_APP = re.compile(r"xapp-\d+-(A[A-Z0-9]{6,})-")
"""The id of an app as its own tokens name it."""


class SlackIntroduction:
    """Implements `bot.ports.Introduces`."""

    def __init__(self, line: SlackLine) -> None:
        self._line = line

    async def introduce(self, speech: Speech) -> ChatIntroduced:
        try:
            bot = await self._line.read("auth.test", {})
        except AuthenticationFailed as error:
            raise AnswersRefused({"bot_token": _REFUSED}) from error
        missing = missing_scopes((await self._line.ask("auth.test", {})).headers)
        if missing and ESSENTIAL in missing:
            raise AnswersRefused({"bot_token": _NO_CARDS})
        if self._line.options.app_token:
            await self._look_at_the_app(str(bot.get("bot_id", "")))
        has = [] if missing is None else [one for one in SCOPES if one not in missing]
        return ChatIntroduced(
            remote_id=f"{bot.get('team_id')}:{bot.get('user_id')}",
            name=f"@{bot.get('user')} · {bot.get('team')}",
            can=tuple(speech.say(WHAT_FOR[scope]) for scope in has),
            cannot=tuple(_lacks(scope, speech) for scope in missing or ()),
        )

    async def _look_at_the_app(self, bot_id: str) -> None:
        """Presses come through a socket of the app-level token: it must be of the same app."""
        try:
            await self._line.open_socket()
        except AuthenticationFailed as error:
            raise AnswersRefused({"app_token": _REFUSED}) from error
        except PermissionMissing as error:
            raise AnswersRefused({"app_token": _NO_SOCKET}) from error
        named = _APP.match(self._line.options.app_token)
        app = await self._app_of(bot_id) if named else ""
        if named and app and named[1] != app:
            raise AnswersRefused({"app_token": _OTHER_APP})

    async def _app_of(self, bot_id: str) -> str:
        """Empty where Slack does not tell."""
        try:
            told = await self._line.read("bots.info", {"bot": bot_id})
        except ConnectorError:
            return ""
        return str((told.get("bot") or {}).get("app_id", ""))


def _lacks(scope: str, speech: Speech) -> str:
    what = speech.say(WHAT_FOR[scope])
    return speech.say("Not: {what}. The app lacks {scope}.", what=what, scope=scope)
