"""The live checklist in a real group: our own bot and front end, a step at a time.

What is posted is deleted at the end. A press is looked for among the updates that wait, and none of
them is confirmed: whatever else is there stays for the desk.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from aiohttp import ClientSession
from telegram import Bot
from telegram.error import TelegramError

from bot.cards.posting import Posting
from bot.cards.smoke_card import ASKS, smoke_card
from bot.model.channel import Place
from bot.model.ids import CardToken, MessageId, Monotonic, PostKey
from bot.model.smoke import SmokeFinding, SmokeSkipped, SmokeStep, failed, not_checked, passed, seen
from bot.ports import Clock, Witness
from handlers.charting import ChartPainter
from handlers.telegram.albums import Albums
from handlers.telegram.examining import Examination
from handlers.telegram.failures import explained, is_gone, is_unchanged
from handlers.telegram.forgetful import Forgetful, NoPictures
from handlers.telegram.frontend import TelegramFrontend, parts_of
from handlers.telegram.line import Myself, TelegramOptions, open_bot
from handlers.telegram.topics import Topics
from handlers.telegram.updates import ALLOWED

PRESS_SECONDS = 120.0
"""How long a person has to press."""
PAUSE = 1.0
TOPIC = "replydesk smoke"
UNNAMED = 'No group is named. Add [[brands.channels]] with chat = "telegram", then run it again.'

Act = Callable[[Witness], Awaitable[SmokeFinding]]


def rehearsal(
    http: ClientSession,
    clock: Clock,
    options: TelegramOptions,
    place: Place | None,
    token: CardToken,
    webhook: str,
) -> TelegramRehearsal:
    """Nothing is sent yet."""
    return TelegramRehearsal(open_bot(http, clock, options), clock, options, place, token, webhook)


class TelegramRehearsal:
    """Implements `bot.ports.Rehearses`. `webhook` is where updates should go; empty: polled."""

    def __init__(
        self,
        bot: Bot,
        clock: Clock,
        options: TelegramOptions,
        place: Place | None,
        token: CardToken,
        webhook: str,
    ) -> None:
        self._bot = bot
        self._clock = clock
        self._named = place
        self._token = token
        self._webhook = webhook
        self._myself = Myself(bot, clock)
        self._examination = Examination(bot, self._myself, clock, options)
        memory = Forgetful()
        self._topics = Topics(bot, memory, clock, "none")
        albums = Albums(bot, memory, NoPictures(), ChartPainter())
        self._frontend = TelegramFrontend(bot, self._myself, memory, self._topics, albums, clock)
        self._posted: list[MessageId] = []
        self._revision = 1
        self._topic: int | None = None
        taken = self._table()
        self._steps = [step for step, _act in taken]
        self._acts = {step.name: act for step, act in taken}

    def steps(self) -> Sequence[SmokeStep]:
        return self._steps

    async def take(self, step: SmokeStep, witness: Witness) -> SmokeFinding:
        try:
            return await self._acts[step.name](witness)
        except TelegramError as error:
            raise explained(error, self._clock.now()) from error

    def _table(self) -> Sequence[tuple[SmokeStep, Act]]:
        card, words = "posts one test card", "posts one more message"
        topic = "makes a topic with one test card, where the group has topics, and deletes it"
        return (
            (SmokeStep("token", "Telegram knows the token", "the token"), self._who),
            (SmokeStep("rights", "The bot may write in the group", "rights"), self._rights),
            (SmokeStep("updates", "Updates come the way that is set", "no deaf bot"), self._way),
            (SmokeStep("post", "A card is posted", "a comment reaches the team", card), self._post),
            (
                SmokeStep("redraw", "The card is redrawn in place", "every copy shows the same"),
                self._redraw,
            ),
            (
                SmokeStep("unchanged", "The same once more is refused", "redraws repeat", words),
                self._unchanged,
            ),
            (
                SmokeStep("press", "A press comes and is answered", "a decision by one tap"),
                self._press,
            ),
            (
                SmokeStep("topics", "A card in a topic", "a topic for a route", topic),
                self._in_topic,
            ),
            (
                SmokeStep("tidy", "All of it is deleted", "nothing is left", is_tidying=True),
                self._tidy,
            ),
        )

    # Nobody sees these

    async def _who(self, _witness: Witness) -> SmokeFinding:
        found = await self._examination.examine(())
        return passed(found[0].says)

    async def _rights(self, _witness: Witness) -> SmokeFinding:
        found = (await self._examination.examine([self._place]))[1:]
        trouble = [one.says for one in found if one.is_trouble]
        return failed(" ".join(trouble)) if trouble else passed(found[-1].says)

    async def _way(self, _witness: Witness) -> SmokeFinding:
        info = await self._bot.get_webhook_info()
        if info.url != self._webhook:
            is_at = "is sent to another address" if info.url else "waits to be asked for"
            return failed(
                f"What happens in Telegram {is_at}. Start the desk once: it sets this by its own "
                "configuration. If it is another program's bot, give the desk one of its own."
            )
        if info.last_error_message:
            return failed(
                f"Telegram could not deliver: {info.last_error_message}. See that desk.public_url "
                "reaches the desk from outside."
            )
        return passed(f"It is as configured; {info.pending_update_count} updates wait there.")

    # The team sees these

    async def _post(self, _witness: Witness) -> SmokeFinding:
        await self._posts_in(self._place)
        return passed(f"The card stands in {self._place.channel}.")

    async def _redraw(self, _witness: Witness) -> SmokeFinding:
        self._revision += 1
        await self._frontend.redraw(self._place, self._shown(), self._card())
        return passed("The card was redrawn in its place.")

    async def _unchanged(self, _witness: Witness) -> SmokeFinding:
        """The front end passes over this refusal, which must be the one that it knows."""
        chat, _number = parts_of(self._shown())
        says = "replydesk smoke: the same words twice"
        sent = await self._bot.send_message(chat, says)
        self._posted.append(MessageId(f"{chat}:{sent.message_id}"))
        try:
            await self._bot.edit_message_text(says, chat, sent.message_id)
        except TelegramError as error:
            if is_unchanged(error):
                return passed("Telegram says that nothing changed, in the words that we know.")
            return failed(f"Telegram says it in other words: {error.message}. Please report this.")
        return failed("Telegram takes an edit that changes nothing. Please report this.")

    async def _press(self, witness: Witness) -> SmokeFinding:
        message = self._shown()
        if self._webhook:
            raise SmokeSkipped("Updates go to the desk. Start it, and press a real card's button.")
        if not witness.is_there:
            raise SmokeSkipped("Nobody is there to press. Run it without --yes.")
        witness.told(f"Press “{ASKS}” on the card, within {PRESS_SECONDS:g} s.")
        query = await self._pressed(parts_of(message))
        data = str(query.get("data", ""))
        await self._bot.answer_callback_query(str(query["id"]), "replydesk smoke: it works")
        if self._token not in data:
            return failed("The button brought other data than we gave it. Please report this.")
        return seen(
            await witness.sees("  Did “replydesk smoke: it works” show for a moment?"),
            "The press came and was answered.",
            "The answer to the press was not shown. Please report this.",
        )

    async def _pressed(self, card: tuple[str, int]) -> Mapping[str, Any]:
        """The press on our card; nothing is confirmed."""
        end = self._clock.monotonic() + PRESS_SECONDS
        while self._clock.monotonic() < end:
            raw = await self._bot.do_api_request(
                "getupdates",
                api_kwargs={"limit": 100, "timeout": 0, "allowed_updates": list(ALLOWED)},
            )
            for update in raw:
                query = update.get("callback_query") or {}
                shown = query.get("message") or {}
                if shown.get("message_id") == card[1]:
                    return query
            await asyncio.sleep(PAUSE)
        raise SmokeSkipped(
            "No press came. If more than a hundred updates wait, run the desk first; then stop it "
            "and try again."
        )

    async def _in_topic(self, _witness: Witness) -> SmokeFinding:
        place = self._place
        chat = await self._bot.get_chat(place.channel)
        if not chat.is_forum:
            return not_checked("The group has no topics. Switch them on in a test group to check.")
        general = await self._posts_in(Place(place.channel, "1", place.language, place.zone))
        named = Place(place.channel, TOPIC, place.language, place.zone)
        self._topic = await self._topics.of(named, self._card())
        await self._posts_in(named)
        return passed(f"Cards stand in General ({general}) and in a topic that was made for it.")

    async def _tidy(self, _witness: Witness) -> SmokeFinding:
        if not self._posted:
            return passed("There is nothing to delete.")
        for message in reversed(self._posted):
            chat, number = parts_of(message)
            try:
                await self._bot.delete_message(chat, number)
            except TelegramError as error:
                if not is_gone(error):
                    raise
        if self._topic is not None:
            await self._bot.delete_forum_topic(self._place.channel, self._topic)
        return passed("What was posted is deleted again.")

    # The pieces

    @property
    def _place(self) -> Place:
        if self._named is None:
            raise SmokeSkipped(UNNAMED)
        return self._named

    def _shown(self) -> MessageId:
        if not self._posted:
            raise SmokeSkipped("No card was posted, so there is nothing to look at.")
        return self._posted[0]

    def _card(self) -> Any:
        return smoke_card(self._token, self._revision, self._clock.now())

    async def _posts_in(self, place: Place) -> MessageId:
        posting = Posting(PostKey(f"smoke{len(self._posted)}"), place, self._card())
        deadline = Monotonic(self._clock.monotonic() + 10.0)
        message = await self._frontend.post(posting, deadline)
        self._posted.append(message)
        return message
