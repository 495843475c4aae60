"""Menus, questions and what was cut: opened on the card's own message, and nothing is decided."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from bot.cards.card import Ask, Card
from bot.cards.kinds import TURN_BY_THEMSELVES
from bot.cards.pages import CardPage, CardQuery, DeskQuery
from bot.model.commands import Outcome, OutcomeKind
from bot.ports import Clock
from handlers.question_words import askable
from handlers.team_words import Choice, choices
from handlers.telegram import questions
from handlers.telegram.buttons import OnCard
from handlers.telegram.clerk import Clerk, unknown
from handlers.telegram.keyboard import BACK, asked_action, chooses_member
from handlers.telegram.line import Myself
from handlers.telegram.markup import CHAT, Reading
from handlers.telegram.press import CHANGED, Press
from handlers.telegram.render import Drawing, drawn, whole
from handlers.telegram.voice import Voice

_UTC = ZoneInfo("UTC")


class Menus:
    def __init__(self, clerk: Clerk, voice: Voice, myself: Myself, clock: Clock) -> None:
        self._clerk = clerk
        self._voice = voice
        self._myself = myself
        self._clock = clock

    async def open(self, press: Press, pressed: OnCard) -> None:
        page = await self.card(press, pressed)
        if page is None:
            return
        assert page.card is not None
        choices_ = await self._choices(press, page.card, pressed.argument)
        menu = "" if pressed.argument == BACK else pressed.argument
        await self._show(press, page, menu=menu, choices=choices_)
        await self._voice.notice(press.query)

    async def _choices(self, press: Press, card: Card, menu: str) -> tuple[Choice, ...]:
        """Whom it lists: everybody may be asked, but not given something."""
        if menu != questions.MENU and not chooses_member(menu):
            return ()
        desk = await self._clerk.ask(self._clerk.desk.view(DeskQuery(), press.identity))
        if menu == questions.MENU:
            return askable(desk, card.speech.say, _asked_first(card))
        return choices((one for one in desk.members if one.role != "viewer"), card.speech.say)

    async def make_sure(self, press: Press, pressed: OnCard) -> None:
        page = await self.card(press, pressed)
        if page is None:
            return
        action = None if page.card is None else asked_action(page.card, pressed.argument)
        if action is None:
            await self._voice.toast(press.query, await self._clerk.said(press.user, CHANGED))
            return
        await self._show(press, page, sure=pressed.argument)
        await self._voice.notice(press.query, action.confirm)

    async def show_whole(self, press: Press, pressed: OnCard) -> None:
        page = await self.card(press, pressed)
        if page is None or page.card is None:
            return
        await self._voice.notice(press.query)
        for html in whole(page.card):
            await self._voice.say(press.spot, html)

    async def card(self, press: Press, pressed: OnCard) -> CardPage | None:
        """The card as this person may see it, should it be the one they saw; else they are told."""
        # What stands in a channel is drawn in the channel's language, a view in the reader's.
        place = None if press.foot else (CHAT, str(press.place[0]))
        query = CardQuery(pressed.token, place)
        asked = self._clerk.desk.view(query, press.identity)
        page = await self._clerk.ask(asked)
        if page.card is None:
            await self._voice.toast(press.query, await self._not_seen(press, page.refusal))
            return None
        is_older = page.card.revision != pressed.revision
        if is_older and page.card.kind not in TURN_BY_THEMSELVES:
            await self._voice.toast(press.query, await self._clerk.said(press.user, CHANGED))
            return None
        return page

    async def _not_seen(self, press: Press, refusal: str) -> Outcome:
        if refusal:
            return Outcome(OutcomeKind.REFUSED, refusal)
        speech = await self._clerk.speech(press.user)
        if await self._clerk.member(press.user) is not None:
            return Outcome(OutcomeKind.MISSING, speech.say("There is no such card any more."))
        return unknown(press.user, speech)

    async def _show(
        self,
        press: Press,
        page: CardPage,
        *,
        menu: str = "",
        sure: str = "",
        choices: tuple[Choice, ...] = (),
    ) -> None:
        """Other buttons below the same words."""
        card: Card | None = page.card
        assert card is not None
        drawing = Drawing(
            Reading(self._clock.now(), _UTC, card.speech),
            can_prefill=bool((await self._myself.user()).supports_inline_queries),
            menu=menu,
            sure=sure,
            choices=choices,
            foot=press.foot,
        )
        await self._voice.show_buttons(*press.place, drawn(card, drawing).rows)


def _asked_first(card: Card) -> tuple[str, ...]:
    return next((one.first for one in card.actions if one.ask is Ask.QUESTION), ())
