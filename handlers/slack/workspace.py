"""Which workspace the token belongs to: asked once, and compared with who sends us something."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from slack_bolt.authorization import AuthorizeResult

from handlers.slack.line import SlackLine

ASK_SECONDS = 2.0
LOOK_SECONDS = 0.7
"""A slash command is answered within three seconds, and the desk may take 2.2 of them."""


@dataclass(frozen=True, slots=True)
class Bot:
    team_id: str
    team: str
    user_id: str
    bot_id: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of this very workspace; bots, guests of other workspaces and who left are none."""

    id: str
    name: str


class Workspace:
    def __init__(self, line: SlackLine) -> None:
        self._line = line
        self._bot: Bot | None = None

    async def bot(self) -> Bot:
        """Any `ConnectorError`; asked again until it is known."""
        if self._bot is None:
            told = await self._line.read("auth.test", {})
            self._bot = Bot(
                str(told.get("team_id", "")),
                str(told.get("team", "")),
                str(told.get("user_id", "")),
                str(told.get("bot_id", "")),
            )
        return self._bot

    async def person(self, user_id: str) -> Person | None:
        """None for whoever is not a person of this workspace; any `ConnectorError`."""
        async with asyncio.timeout(LOOK_SECONDS):
            bot = await self.bot()
            told = await self._line.read("users.info", {"user": user_id})
        user = told.get("user") or {}
        outside = user.get("is_bot") or user.get("deleted") or user.get("is_stranger")
        if outside or user.get("team_id") != bot.team_id or user.get("id") in {"USLACKBOT", ""}:
            return None
        profile = user.get("profile") or {}
        name = profile.get("real_name") or user.get("real_name") or user.get("name") or user_id
        return Person(str(user["id"]), str(name))

    async def authorize(
        self, enterprise_id: str | None, team_id: str | None
    ) -> AuthorizeResult | None:
        """For Bolt: None for another workspace. People's ids are unique within one alone."""
        async with asyncio.timeout(ASK_SECONDS):
            bot = await self.bot()
        if team_id != bot.team_id:
            return None
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_id=bot.bot_id,
            bot_user_id=bot.user_id,
            bot_token=self._line.options.bot_token,
        )
