"""“What should land here?”: asked in a group that the bot is brought into, answered by an admin.

The message's buttons are the aspects; each opens its choices in place, and Save sends the answer to
the desk. What was ticked until then is kept beside the message, so that it survives a restart; it
is nobody's decision before it is saved.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from telegram import ChatMemberUpdated, Message, User
from telegram.constants import ChatType

from bot.cards.landing import Aspect, LandingPage, LandingQuery, set_up_of
from bot.model.channel import Place
from bot.model.commands import Outcome, OutcomeKind
from bot.ports import ChatMemory, ChatPresence
from bot.speech.speech import Speech, marked
from handlers.shortening import cut
from handlers.telegram.audiences import OUTSIDE, is_inside
from handlers.telegram.buttons import Alone, Button, Rows, Verb, mark
from handlers.telegram.clerk import After, Clerk, NotSaved, identity_of, nothing
from handlers.telegram.markup import CHAT, bold, lines, words
from handlers.telegram.press import BUSY, NOT_OURS, Press
from handlers.telegram.voice import Spot, Voice

QUESTION = marked("What should land here?")
HINT = marked("An admin chooses. What is left open takes everything.")
NOT_HERE = marked("Write /here in the group whose cards you want to choose.")
_GROUPS = frozenset({ChatType.GROUP, ChatType.SUPERGROUP})
_SAVE, _MAIN, _ASK = "save", "main", "ask"
_LABEL = 60
_TICKED, _FREE = "☑ ", "☐ "


@dataclass(frozen=True, slots=True)
class _Where:
    """A group or one of its topics, and the message in it that asks."""

    chat: int
    topic: str
    message: int
    title: str

    @property
    def place(self) -> Place:
        return Place(str(self.chat), self.topic)

    @property
    def note(self) -> str:
        return f"landing:{self.message}"


class Landings:
    def __init__(
        self, clerk: Clerk, voice: Voice, memory: ChatMemory, presence: ChatPresence
    ) -> None:
        self._clerk = clerk
        self._voice = voice
        self._memory = memory
        self._presence = presence

    # Coming and going

    async def moved(self, change: ChatMemberUpdated) -> After:
        """`my_chat_member`. NotSaved leaves it unconfirmed."""
        if change.chat.type not in _GROUPS:
            return nothing
        was_here = change.old_chat_member.status not in OUTSIDE
        is_here = change.new_chat_member.status not in OUTSIDE
        channel = str(change.chat.id)
        if was_here and not is_here:
            await self._clerk.ask(self._presence.left(channel))
        if was_here == is_here or not is_here:
            return nothing
        if await self._clerk.ask(self._presence.came(channel)):
            return nothing
        return lambda: self._ask(Spot(change.chat.id), change.from_user, "")

    async def passed(self, change: ChatMemberUpdated) -> After:
        """`chat_member`, which Telegram tells where the bot is an administrator."""
        if change.chat.type in _GROUPS:
            told = self._presence.quit
            if is_inside(change.new_chat_member):
                told = self._presence.entered
            await self._clerk.ask(told(str(change.chat.id), str(change.new_chat_member.user.id)))
        return nothing

    async def command(self, message: Message, user: User) -> After:
        """`/here`"""
        if message.chat.type not in _GROUPS:
            speech = await self._clerk.speech(user)
            return lambda: self._voice.refuse(message, speech.say(NOT_HERE))
        thread = message.message_thread_id if message.is_topic_message else None
        topic = "" if thread is None else str(thread)
        return lambda: self._ask(Spot(message.chat.id, thread), user, topic)

    async def _ask(self, spot: Spot, user: User, topic: str) -> None:
        page = await self._page(user, Place(str(spot.chat), topic))
        if page.refusal:
            await self._voice.say(spot, _html(page), _closed(page))
        else:
            await self._voice.say(spot, _html(page), _main(page, _chosen_of(page)))

    # Presses

    async def press(self, press: Press, pressed: Alone) -> After:
        """NotSaved leaves the press unconfirmed."""
        if not isinstance(press.message, Message):
            return lambda: self._refuse(press, NOT_OURS)
        where = _where(press.message)
        if pressed.argument == _SAVE:
            return await self._save(press, where)
        return lambda: self._turn(press, where, pressed.argument)

    async def _save(self, press: Press, where: _Where) -> After:
        page = await self._page(press.user, where.place)
        chosen = await self._ticked(where, page)
        try:
            command = set_up_of(CHAT, where.place, where.title, chosen)
        except ValueError:
            return lambda: self._refuse(press, NOT_OURS)
        outcome = await self._clerk.perform(press.user, press.query.id, command)
        return lambda: self._saved(press, where, outcome)

    async def _saved(self, press: Press, where: _Where, outcome: Outcome) -> None:
        await self._voice.toast(press.query, outcome)
        if outcome.is_done:
            await self._clerk.ask(self._memory.keep(str(where.chat), where.note, ""))
            page = await self._page(press.user, where.place)
            await self._voice.redraw(*press.place, _html(page), _closed(page))

    async def _turn(self, press: Press, where: _Where, argument: str) -> None:
        try:
            page = await self._page(press.user, where.place)
            if page.refusal:
                await self._voice.toast(press.query, Outcome(OutcomeKind.REFUSED, page.refusal))
                return
            rows = await self._rows(where, page, argument)
        except NotSaved:
            await self._refuse(press, BUSY)
            return
        await self._voice.redraw(*press.place, _html(page), rows)
        await self._voice.notice(press.query)

    async def _rows(self, where: _Where, page: LandingPage, argument: str) -> Rows:
        name, _, choice = argument.partition("-")
        aspect = next((one for one in page.aspects if one.name == name), None)
        if name == _ASK:
            await self._memory.keep(str(where.chat), where.note, "")
        chosen = await self._ticked(where, page)
        if aspect is None:
            return _main(page, chosen)
        if choice:
            chosen[name] = _toggled(aspect, chosen.get(name, ()), choice)
            await self._memory.keep(str(where.chat), where.note, json.dumps(chosen))
        return _choices(aspect, chosen.get(name, ()), page.speech)

    async def _ticked(self, where: _Where, page: LandingPage) -> dict[str, Sequence[str]]:
        """What stands ticked: what was kept beside the message, or what is in force."""
        kept = await self._clerk.ask(self._memory.recall(str(where.chat), where.note))
        return dict(json.loads(kept)) if kept else _chosen_of(page)

    async def _page(self, user: User, place: Place) -> LandingPage:
        query = LandingQuery(CHAT, place.channel, place.topic)
        return await self._clerk.ask(self._clerk.desk.view(query, identity_of(user)))

    async def _refuse(self, press: Press, outcome: Outcome) -> None:
        await self._voice.toast(press.query, await self._clerk.said(press.user, outcome))


def _where(message: Message) -> _Where:
    thread = message.message_thread_id if message.is_topic_message else None
    topic = "" if thread is None else str(thread)
    return _Where(message.chat.id, topic, message.message_id, message.chat.title or "")


def _chosen_of(page: LandingPage) -> dict[str, Sequence[str]]:
    return {one.name: one.chosen for one in page.aspects}


def _toggled(aspect: Aspect, chosen: Sequence[str], choice: str) -> list[str]:
    """With or without the choice that has this mark, in the order of the choices."""
    values = [one.value for one in aspect.choices]
    wanted = {one for one in values if _mark(one) == choice} ^ set(chosen)
    return [one for one in values if one in wanted]


def _mark(value: str) -> str:
    return mark(value)[:8]


def _html(page: LandingPage) -> str:
    say = page.speech.say
    return lines((bold(say(QUESTION)), words(page.stands), words(say(HINT))))


def _button(label: str, argument: str, style: str = "") -> Button:
    return Button(cut(label, _LABEL), Alone(Verb.LAND, argument).encode(), style=style)


def _main(page: LandingPage, chosen: dict[str, Sequence[str]]) -> Rows:
    say, aspects = page.speech.say, []
    for one in page.aspects:
        told = say("{what}: {why}", what=one.label, why=one.says(chosen.get(one.name, ())))
        aspects.append((_button(told, one.name),))
    return (*aspects, (_button(page.speech.say("Save"), _SAVE, "success"),))


def _closed(page: LandingPage) -> Rows:
    say = page.speech.say
    label = say("Change") if page.stands else say("Choose what lands here")
    return ((_button(label, _ASK),),)


def _choices(aspect: Aspect, chosen: Sequence[str], speech: Speech) -> Rows:
    rows = [
        (
            _button(
                f"{_TICKED if one.value in chosen else _FREE}{one.label}",
                f"{aspect.name}-{_mark(one.value)}",
            ),
        )
        for one in aspect.choices[:90]
    ]
    return (*rows, (_button(f"← {speech.say('Back')}", _MAIN),))
