"""Presses on buttons: decode, one call to the desk, answer with its sentence.

A press that decides is committed before anything is said. The others open a menu, ask for words or
turn a page: nothing of theirs is kept, and the desk decides what they may see.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from telegram import CallbackQuery, Message

from bot.cards.actions import ActionName, ButtonData, to_command
from bot.cards.pages import DeskQuery
from bot.model.channel import Sighted, Sighting
from bot.model.commands import Outcome
from bot.model.ids import CardToken, MessageId
from bot.ports import ChatMemory, Clock
from bot.speech.speech import marked
from handlers.telegram import labels
from handlers.telegram.accounts import Accounts
from handlers.telegram.asking import Asking
from handlers.telegram.buttons import Alone, OnCard, Verb, decode, mark
from handlers.telegram.clerk import After, Clerk, NotSaved
from handlers.telegram.composer import Composer
from handlers.telegram.in_private import InPrivate, is_own
from handlers.telegram.keyboard import chooses_member
from handlers.telegram.landing import Landings
from handlers.telegram.looking_back import LookingBack
from handlers.telegram.markup import words
from handlers.telegram.menus import Menus
from handlers.telegram.pages import Pages
from handlers.telegram.press import BUSY, NOT_OURS, Press
from handlers.telegram.views import page_of
from handlers.telegram.voice import Voice
from handlers.telegram.weeks import Weeks

DOUBLE = marked("This card stood here twice. The other one is the card.")
Look = Callable[[Press, OnCard], Awaitable[None]]


class Presses:
    def __init__(
        self,
        clerk: Clerk,
        voice: Voice,
        memory: ChatMemory,
        menus: Menus,
        asking: Asking,
        pages: Pages,
        weeks: Weeks,
        looking_back: LookingBack,
        labels_: labels.Labels,
        composer: Composer,
        accounts: Accounts,
        landings: Landings,
        in_private: InPrivate,
        clock: Clock,
    ) -> None:
        self._clerk = clerk
        self._voice = voice
        self._memory = memory
        self._pages = pages
        self._weeks = weeks
        self._labels = labels_
        self._composer = composer
        self._accounts = accounts
        self._landings = landings
        self._in_private = in_private
        self._clock = clock
        self._looks: Mapping[Verb, Look] = {
            Verb.MENU: menus.open,
            Verb.SURE: menus.make_sure,
            Verb.WHOLE: menus.show_whole,
            Verb.ASK: asking.ask,
            Verb.SHOW: pages.show,
            Verb.BEFORE: looking_back.show,
            Verb.LABELS: labels_.show,
        }

    async def take(self, query: CallbackQuery) -> After:
        """NotSaved leaves the press unconfirmed."""
        try:
            pressed = decode(query.data or "")
        except ValueError:
            pressed = None
        if pressed is None or query.message is None:
            return lambda: self._toast(query, NOT_OURS)
        press = Press(query, query.message)
        match pressed:
            case ButtonData():
                return await self._decide(press, pressed)
            case OnCard(verb=Verb.HAND):
                return await self._hand(press, pressed)
            case OnCard(verb=Verb.LABELS, argument=labels.SAVE):
                return await self._relabel(press, pressed)
            case OnCard(verb=Verb.OPEN):
                return lambda: self._open(press, pressed)
            case OnCard():
                return lambda: self._look(press, pressed)
            case Alone(verb=Verb.LIVE):
                return await self._accounts.press(press, pressed)
            case Alone(verb=Verb.LAND):
                return await self._landings.press(press, pressed)
            case Alone():
                return lambda: self._alone(press, pressed)

    async def _decide(self, press: Press, data: ButtonData) -> After:
        try:
            command = to_command(data, now=self._clock.now())
        except ValueError:
            return lambda: self._toast(press.query, NOT_OURS)
        outcome = await self._clerk.perform(press.user, press.query.id, command)
        return lambda: self._tell(press, data.token, outcome)

    async def _hand(self, press: Press, pressed: OnCard) -> After:
        menu, _, marked = pressed.argument.rpartition("-")
        if not chooses_member(menu):
            return lambda: self._toast(press.query, NOT_OURS)
        desk = await self._clerk.ask(self._clerk.desk.view(DeskQuery(), press.identity))
        found = [one.slug for one in desk.members if mark(one.slug) == marked]
        name, _, argument = menu.partition("-")
        data = ButtonData(ActionName(name), pressed.token, pressed.revision, argument)
        command = to_command(data, now=self._clock.now(), entry=found[0] if found else "")
        outcome = await self._clerk.perform(press.user, press.query.id, command)
        return lambda: self._tell(press, pressed.token, outcome)

    async def _relabel(self, press: Press, pressed: OnCard) -> After:
        entry = await self._labels.entry(press, pressed)
        if isinstance(entry, Outcome):
            return lambda: self._voice.toast(press.query, entry)
        command = to_command(labels.data_of(pressed), now=self._clock.now(), entry=entry)
        outcome = await self._clerk.perform(press.user, press.query.id, command)
        return lambda: self._tell(press, pressed.token, outcome)

    async def _tell(self, press: Press, token: CardToken, outcome: Outcome) -> None:
        """The card is redrawn by itself; a view of it is drawn anew here."""
        await self._voice.toast(press.query, outcome)
        if not press.foot:
            await self._sight(press, token)
        elif is_own(press.foot):
            await self._in_private.draw(press, token, outcome)
        elif week := page_of(press.foot, Verb.WEEK):
            await self._weeks.go_on(press, week)
        elif page_of(press.foot) is not None:
            await self._pages.draw(press, token)
        elif outcome.is_done:
            await self._voice.redraw(*press.place, words(outcome.says))

    async def _sight(self, press: Press, token: CardToken) -> None:
        """The press came from a message that stands here: what does the desk know of it?

        An old one, of which Telegram does not tell what it shows, is left alone.
        """
        if not isinstance(press.message, Message):
            return
        chat, number = press.place
        thread = press.spot.thread
        sighting = Sighting(
            str(chat),
            "" if thread is None else str(thread),
            MessageId(f"{chat}:{number}"),
            token,
        )
        if await self._clerk.ask(self._memory.sighted(sighting)) is Sighted.DOUBLE:
            speech = await self._clerk.speech(press.user)
            await self._voice.take_away(chat, number, speech.say(DOUBLE))

    async def _toast(self, query: CallbackQuery, outcome: Outcome) -> None:
        await self._voice.toast(query, await self._clerk.said(query.from_user, outcome))

    async def _look(self, press: Press, pressed: OnCard) -> None:
        try:
            await self._looks[pressed.verb](press, pressed)
            if not press.foot:
                await self._sight(press, pressed.token)
        except NotSaved:
            await self._toast(press.query, BUSY)

    async def _open(self, press: Press, pressed: OnCard) -> None:
        """The message is not where this card stands, so nothing is told of that."""
        try:
            await self._in_private.open(press, pressed.token)
        except NotSaved:
            await self._toast(press.query, BUSY)

    async def _alone(self, press: Press, pressed: Alone) -> None:
        try:
            match pressed.verb:
                case Verb.PAGE:
                    await self._pages.turn(press, pressed)
                case Verb.WEEK:
                    await self._weeks.turn(press, pressed)
                case Verb.NEW:
                    await self._composer.ask(press, pressed)
                case _:
                    await self._voice.take_away(*press.place, "✕")
        except NotSaved:
            await self._toast(press.query, BUSY)
            return
        await self._voice.notice(press.query)
