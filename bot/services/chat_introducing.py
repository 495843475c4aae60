"""Introducing a chat: it is asked whose tokens somebody has, before anything of them is kept.

As with accounts (`bot.services.introducing`): the role is decided before a token goes anywhere, and
exactly the workspace and bot that were shown are connected.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bot.cards.connecting import Found, Looked
from bot.cards.retold import retold
from bot.errors import AnswersRefused, ConfigurationError, ConnectorError
from bot.model import commands as c
from bot.model.commands import Command, Order, Outcome
from bot.model.ids import CommandId
from bot.model.member import ChatIdentity
from bot.model.team_chat import ChatIntroduced, chat_secret_key
from bot.model.text import storable
from bot.ports import ChatWires, Desk
from bot.services.deciding import refused
from bot.speech.speech import ENGLISH, Speech, marked, speech_in

_SILENT = marked("The chat did not answer in time. Try again in a moment.")


class ChatIntroducing:
    """Implements `bot.ports.JoinsChats`."""

    def __init__(self, desk: Desk, wires: ChatWires) -> None:
        self._desk = desk
        self._wires = wires

    async def look(
        self, press: CommandId, actor: ChatIdentity, chat: str, tokens: Mapping[str, str]
    ) -> Looked:
        looked, _told = await self._ask(press, actor, chat, _storable(tokens))
        return looked

    async def join(
        self,
        press: CommandId,
        actor: ChatIdentity,
        chat: str,
        tokens: Mapping[str, str],
        remote_id: str,
    ) -> Looked:
        tokens = _storable(tokens)
        looked, told = await self._ask(press, actor, chat, tokens)
        if told is None:
            return looked
        speech = await self._speech(actor)
        if told.remote_id != remote_id:
            says = speech.say("That is another bot than the one shown. Look again first.")
            return replace(looked, outcome=refused(says))
        try:
            sealed = tuple(
                (name, self._wires.seal(token, chat_secret_key(chat, name)))
                for name, token in self._wires.kept(chat, tokens).items()
            )
        except ConfigurationError as error:
            return replace(looked, outcome=refused(retold(speech, str(error))))
        outcome = await self._perform(press, actor, c.JoinChat(chat, told, sealed))
        if outcome.is_done:
            await self._wires.plug_in()
        return replace(looked, outcome=outcome)

    async def disconnect(self, press: CommandId, actor: ChatIdentity, chat: str) -> Outcome:
        outcome = await self._perform(press, actor, c.DisconnectChat(chat))
        if outcome.is_done:
            await self._wires.plug_in()
        return outcome

    async def _ask(
        self, press: CommandId, actor: ChatIdentity, chat: str, tokens: Mapping[str, str]
    ) -> tuple[Looked, ChatIntroduced | None]:
        """The chat's answer in words; None where there is none."""
        may = await self._perform(CommandId(f"{press}:try"), actor, c.TryChat(chat))
        if not may.is_done:
            return Looked(may), None
        speech = await self._speech(actor)
        try:
            told = await self._wires.introduce(chat, tokens, speech)
        except AnswersRefused as error:
            problems = {name: retold(speech, says) for name, says in error.problems.items()}
            says = speech.say("Something is missing or wrong. Look at each answer.")
            return Looked(refused(says), problems), None
        except TimeoutError:
            return Looked(refused(speech.say(_SILENT))), None
        except ConnectorError as error:
            return Looked(refused(retold(speech, str(error)))), None
        found = Found(told.name, told.remote_id, "", told.can, told.cannot)
        says = speech.say("The chat accepts it: this is {name}.", name=told.name)
        return Looked(replace(may, says=says), found=found), told

    async def _perform(self, press: CommandId, actor: ChatIdentity, command: Command) -> Outcome:
        return await self._desk.perform(Order(press, actor, command))

    async def _speech(self, actor: ChatIdentity) -> Speech:
        member = await self._desk.who(actor)
        return speech_in(member.tongue.language) if member else ENGLISH


def _storable(tokens: Mapping[str, str]) -> dict[str, str]:
    """As somebody pastes them: with a line's end, or with blanks around."""
    cleaned = {storable(name): storable(token).strip() for name, token in tokens.items()}
    return {name: token for name, token in cleaned.items() if token}
