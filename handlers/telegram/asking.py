"""Asking for the words that a button needs: a prompt that opens an answer on one phone."""

from __future__ import annotations

from bot.cards.card import Action, Ask, Card
from bot.cards.pages import CardPage, EditorQuery
from bot.model.commands import Outcome, OutcomeKind, StartEditing
from bot.speech.speech import marked
from handlers.telegram.buttons import OnCard
from handlers.telegram.clerk import Clerk
from handlers.telegram.keyboard import asked_action
from handlers.telegram.menus import Menus
from handlers.telegram.press import CHANGED, Press
from handlers.telegram.prompts import draft_prompt, line_prompt, post_prompt
from handlers.telegram.voice import Voice


class Asking:
    def __init__(self, clerk: Clerk, voice: Voice, menus: Menus) -> None:
        self._clerk = clerk
        self._voice = voice
        self._menus = menus

    async def ask(self, press: Press, pressed: OnCard) -> None:
        page = await self._menus.card(press, pressed)
        if page is None or page.card is None:
            return
        action = asked_action(page.card, pressed.argument)
        if action is None:
            await self._voice.toast(press.query, await self._clerk.said(press.user, CHANGED))
            return
        try:
            html, placeholder = await self._prompt(press, page, page.card, action)
        except ValueError as error:
            refused = Outcome(OutcomeKind.REFUSED, str(error))
            await self._voice.toast(press.query, await self._clerk.said(press.user, refused))
            return
        asked = await self._voice.ask(press.spot, html, placeholder)
        say = (await self._clerk.speech(press.user)).say
        says = say("Answer the message below.") if asked else say("Telegram is slow. Press again.")
        await self._voice.notice(press.query, says)

    async def _prompt(
        self, press: Press, page: CardPage, card: Card, action: Action
    ) -> tuple[str, str]:
        """HTML and the field's placeholder; ValueError, with a sentence, when nothing is asked."""
        speech = await self._clerk.speech(press.user)
        match action.ask:
            case Ask.DRAFT:
                notice = await self._start_editing(press, card)
                asked = self._clerk.desk.view(EditorQuery(card.key), press.identity)
                editor = await self._clerk.ask(asked)
                if editor.card is None:
                    raise ValueError(marked("There is nothing to edit here."))
                return draft_prompt(press.user, editor, action, notice)
            case Ask.POST:
                text = _only_text(page)
                await self._start_editing(press, card)
                return post_prompt(press.user, card, action, text, speech)
            case _:
                return line_prompt(press.user, card, action, speech)

    async def _start_editing(self, press: Press, card: Card) -> str:
        """What the others are doing; ValueError when this person cannot edit it."""
        command = StartEditing(card.key, card.revision)
        outcome = await self._clerk.perform(press.user, press.query.id, command)
        if not outcome.is_done:
            raise ValueError(outcome.says)
        return outcome.says if outcome.note else ""


def _only_text(page: CardPage) -> str:
    texts = {one.text for one in page.post.variants} if page.post is not None else set()
    if len(texts) != 1:
        raise ValueError(
            marked("Its texts differ from account to account. Edit it in the console.")
        )
    return texts.pop()
