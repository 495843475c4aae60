"""Answers to prompts: words that a person wrote become the command they were asked for.

The words of a draft are saved as its next version, and the answer to them carries the button that
says yes to it. Nothing that is written in a chat leaves it by itself.
"""

from __future__ import annotations

from telegram import Message, User

from bot.cards.actions import ActionName, ButtonData, to_command
from bot.cards.pages import CardQuery, DeskQuery, EditorQuery
from bot.model.commands import Command, EditPost, Outcome, OutcomeKind, SaveDraft, VariantText
from bot.ports import Clock
from bot.speech.speech import marked
from handlers.question_words import askable
from handlers.telegram import questions
from handlers.telegram.buttons import Alone, Verb
from handlers.telegram.captions import Captions, without_alts
from handlers.telegram.clerk import After, Clerk, identity_of
from handlers.telegram.composer import Composer
from handlers.telegram.corrections import corrected
from handlers.telegram.markup import typed
from handlers.telegram.prompts import Asked
from handlers.telegram.views import saved
from handlers.telegram.voice import Spot, Voice

GONE = Outcome(OutcomeKind.MISSING, marked("There is no such card any more."))


class Answers:
    def __init__(
        self, clerk: Clerk, voice: Voice, composer: Composer, captions: Captions, clock: Clock
    ) -> None:
        self._clerk = clerk
        self._captions = captions
        self._voice = voice
        self._composer = composer
        self._clock = clock

    async def take(self, message: Message, user: User, asked: Asked, text: str) -> After:
        """NotSaved leaves the message unconfirmed."""
        if not isinstance(asked, ButtonData):
            return await self._taken(message, user, asked)
        words, is_for_post = typed(text).strip(), asked.action is ActionName.EDIT_POST
        if is_for_post and message.photo:
            words, _alts = without_alts(words)
            if not words:
                return await self._captions.take(message, user, asked.token)
        try:
            command = await self._command(user, asked, words)
        except ValueError as error:
            says = (await self._clerk.speech(user)).say(str(error))
            return lambda: self._voice.refuse(message, says)
        if command is None:
            gone = (await self._clerk.said(user, GONE)).says
            return lambda: self._voice.refuse(message, gone)
        outcome = await self._clerk.perform(user, command_id(message), command)
        if not (is_for_post and message.photo and outcome.is_done):
            return lambda: self._tell(message, user, asked, command, outcome)
        more = await self._captions.take(message, user, asked.token)

        async def told() -> None:
            await self._tell(message, user, asked, command, outcome)
            await more()

        return told

    async def _taken(self, message: Message, user: User, asked: Alone) -> After:
        if asked.verb is Verb.ALT:
            return await self._captions.answer(message, user, asked)
        return await self._composer.take(message, user, asked)

    async def _command(self, user: User, asked: ButtonData, words: str) -> Command | None:
        """What the words mean; None when the card is gone, ValueError when they mean nothing."""
        if not words:
            raise ValueError(marked("There are no words in this. Answer once more."))
        match asked.action:
            case ActionName.SAVE | ActionName.EDIT:
                page = await self._clerk.ask(
                    self._clerk.desk.view(EditorQuery(asked.token), identity_of(user))
                )
                return SaveDraft(
                    asked.token, asked.revision, corrected(page.text, words, page.speech)
                )
            case ActionName.EDIT_POST:
                return await self._edited_post(user, asked, words)
            case ActionName.QUESTION:
                view = self._clerk.desk.view(DeskQuery(), identity_of(user))
                desk = await self._clerk.ask(view)
                entry = questions.entry_of(asked, words, askable(desk, desk.speech.say))
                return to_command(asked, now=self._clock.now(), entry=entry)
            case _:
                return to_command(asked, now=self._clock.now(), entry=words)

    async def _edited_post(self, user: User, asked: ButtonData, words: str) -> Command | None:
        view = self._clerk.desk.view
        page = await self._clerk.ask(view(CardQuery(asked.token), identity_of(user)))
        if page.post is None:
            return None
        before = page.post
        speech, text = await self._clerk.speech(user), before.variants[0].text
        text = corrected(text, words, speech)
        variants = tuple(VariantText(one.account, text) for one in before.variants)
        return EditPost(asked.token, asked.revision, variants, before.slot, before.pictures)

    async def _tell(
        self, message: Message, user: User, asked: ButtonData, command: Command, outcome: Outcome
    ) -> None:
        if not outcome.is_done:
            await self._voice.tell(message, user, outcome)
            return
        prompt = message.reply_to_message
        if prompt is not None:
            await self._voice.take_away(prompt.chat.id, prompt.message_id, "✓")
        if not isinstance(command, SaveDraft):
            await self._voice.agree(message)
            return
        view = self._clerk.desk.view
        page = await self._clerk.ask(view(EditorQuery(asked.token), identity_of(user)))
        if page.card is not None:
            html, rows = saved(outcome.says, page.text, page.does, page.card)
            await self._voice.say(Spot.of(message), html, rows)


def command_id(message: Message) -> str:
    """The same for the same message, however often it is delivered."""
    return f"message:{message.chat.id}:{message.message_id}"
