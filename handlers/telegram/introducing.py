"""Whose token somebody has, and what the bot may do: asked before it is kept."""

from __future__ import annotations

from collections.abc import Iterator

from telegram import User

from bot.errors import AnswersRefused, AuthenticationFailed
from bot.model.team_chat import ChatIntroduced
from bot.speech.speech import Speech, marked
from handlers.telegram.line import Myself

_REFUSED = marked(
    "Telegram does not take this token: it is cut off, or a newer one was made. Copy it again."
)
_NO_GROUPS = marked(
    "It cannot be added to a group. Allow that first: @BotFather, /setjoingroups, Enable."
)
_NO_INLINE = marked(
    "Short drafts cannot be edited where one types: @BotFather, /setinline switches it on."
)
_READS_ALL = marked(
    "It reads everything that is said in its groups; the desk needs less: @BotFather, /setprivacy, "
    "Enable."
)


class TelegramIntroduction:
    """Implements `bot.ports.Introduces`."""

    def __init__(self, myself: Myself) -> None:
        self._myself = myself

    async def introduce(self, speech: Speech) -> ChatIntroduced:
        try:
            me = await self._myself.user()
        except AuthenticationFailed as error:
            raise AnswersRefused({"bot_token": _REFUSED}) from error
        return ChatIntroduced(
            remote_id=str(me.id),
            name=f"@{me.username}",
            can=(speech.say("post and redraw cards"), speech.say("write to people alone")),
            cannot=tuple(speech.say(says) for says in _lacks(me)),
        )


def _lacks(me: User) -> Iterator[str]:
    if me.can_join_groups is False:
        yield _NO_GROUPS
    if not me.supports_inline_queries:
        yield _NO_INLINE
    if me.can_read_all_group_messages:
        yield _READS_ALL
