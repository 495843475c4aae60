"""Topics of a group: where in it a card stands, made on demand and remembered.

A channel's `topic` is empty, a topic's number, or a name. A name is made once with
`createForumTopic`, which only works in a group that has topics, and its number is remembered: the
Bot API can neither list topics nor find one by its name. A topic that somebody deleted is made
again, once. General is asked for by no number at all.
"""

from __future__ import annotations

from telegram import Bot
from telegram.error import ChatMigrated, TelegramError

from bot.cards.card import Card
from bot.errors import PermissionMissing, Unavailable
from bot.logs import get_logger
from bot.model.channel import Place
from bot.model.ids import HOUR, Moment
from bot.ports import ChatMemory, Clock
from handlers.shortening import cut
from handlers.telegram.failures import explained, is_no_forum
from handlers.telegram.limits import TOPIC_NAME
from handlers.telegram.markup import one_line

GENERAL = 1
SECONDS = 3.0
"""For making one; the card must begin a second later."""
PER_ACCOUNT = "account"


class Topics:
    def __init__(self, bot: Bot, memory: ChatMemory, clock: Clock, mode: str) -> None:
        self._bot = bot
        self._memory = memory
        self._clock = clock
        self._mode = mode
        self._made_again: dict[tuple[str, str], Moment] = {}
        self._log = get_logger("telegram")

    async def of(self, place: Place, card: Card) -> int | None:
        """The number to post with; None is the group itself, or its General topic.

        Raises `ConnectorError` when there is none and it cannot be made; no card was posted then.
        """
        if place.topic.isascii() and place.topic.isdecimal():
            number = int(place.topic)
            return None if number == GENERAL else number
        name = self._name(place, card)
        if not name or not place.channel.startswith("-"):
            # groups have negative numbers; a private chat has no topics of ours
            return None
        known = await self._memory.recall(place.channel, _note(name))
        return int(known) if known else await self._make(place, name)

    async def is_lost(self, place: Place, card: Card) -> None:
        """Telegram does not know the topic that `of` gave; raises what is to be done about it."""
        name = self._name(place, card)
        if not name or place.topic.isdecimal():
            raise PermissionMissing(
                f"There is no topic {place.topic} in the group any more. Put another number, or a "
                "name, into `topic`.",
                scope="can_manage_topics",
            )
        now = self._clock.now()
        last = self._made_again.get((place.channel, name))
        await self._memory.keep(place.channel, _note(name), "")
        if last is not None and now - last < HOUR:
            raise PermissionMissing(
                f"The topic {name} vanished twice within an hour. See who deletes it.",
                scope="can_manage_topics",
            )
        self._made_again[place.channel, name] = now
        raise Unavailable(f"The topic {name} was deleted. It is made again.")

    def _name(self, place: Place, card: Card) -> str:
        wanted = place.topic or (card.account if self._mode == PER_ACCOUNT else "")
        return cut(one_line(wanted).strip(), TOPIC_NAME)

    async def _make(self, place: Place, name: str) -> int | None:
        try:
            topic = await self._bot.create_forum_topic(place.channel, name, read_timeout=SECONDS)
        except ChatMigrated:
            raise
        except TelegramError as error:
            if is_no_forum(error) and not place.topic:
                # topics for accounts are a wish; a group that has none takes the cards as it is
                return None
            if is_no_forum(error):
                raise PermissionMissing(
                    f"The group has no topics, so there can be no topic {name}. Switch topics on "
                    "in the group, or leave `topic` out.",
                    scope="is_forum",
                ) from error
            failure = explained(error, self._clock.now())
            if isinstance(failure, PermissionMissing):
                raise failure from error
            # Whether or not the topic is there now, no card of ours is.
            raise Unavailable(f"The topic {name} could not be made: {failure}") from error
        number = topic.message_thread_id
        await self._memory.keep(place.channel, _note(name), str(number))
        self._log.info("topic_made", channel=place.channel, topic=number)
        return number


def _note(name: str) -> str:
    return f"topic:{name}"
