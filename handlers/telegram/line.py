"""The bot as Telegram knows it: the library's `Bot` over our own wire, and what it may do."""

from __future__ import annotations

from dataclasses import dataclass

import aiohttp
from telegram import Bot, User
from telegram.error import TelegramError

from bot.errors import OutcomeUnknown, Unavailable, UnexpectedResponse
from bot.ports import Clock
from handlers.telegram.failures import explained
from handlers.telegram.request import AiohttpRequest

OFFICIAL = "https://api.telegram.org"
SECONDS = 3.0
"""For who we are: a card may wait for it."""
UNREADABLE = (TypeError, KeyError, AttributeError)
"""What the library raises for an answer without the fields that it expects."""


@dataclass(frozen=True, slots=True)
class TelegramOptions:
    """`topics`: `account` gives every account a topic of its own in a group that has topics."""

    token: str
    base_url: str = OFFICIAL
    topics: str = "none"
    counter: bool = True
    answer_seconds: float = 9.0
    poll_seconds: int = 50
    """How long Telegram may hold a request for updates open."""


def open_bot(http: aiohttp.ClientSession, clock: Clock, options: TelegramOptions) -> Bot:
    """Nothing is sent yet."""
    return Bot(
        options.token,
        base_url=f"{options.base_url}/bot",
        base_file_url=f"{options.base_url}/file/bot",
        request=AiohttpRequest(http, clock, options.answer_seconds),
        get_updates_request=AiohttpRequest(http, clock, options.answer_seconds),
    )


class Myself:
    """Who this bot is, asked once."""

    def __init__(self, bot: Bot, clock: Clock) -> None:
        self._bot = bot
        self._clock = clock
        self._known: User | None = None

    async def user(self) -> User:
        """Raises any `ConnectorError`; nothing was sent that anybody sees."""
        return self._known or await self.ask_again()

    async def ask_again(self) -> User:
        """As `user`, and Telegram has just answered. Unavailable when it did not."""
        try:
            self._known = await self._bot.get_me(read_timeout=SECONDS)
        except TelegramError as error:
            known = explained(error, self._clock.now())
            if isinstance(known, OutcomeUnknown):
                raise Unavailable(str(known)) from error
            raise known from error
        except UNREADABLE as error:
            raise UnexpectedResponse("Telegram's answer cannot be read.") from error
        return self._known
