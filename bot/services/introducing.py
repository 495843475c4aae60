"""Introducing: a network is asked whose token somebody has, before anything of it is kept.

An admin may ask, nobody else: whoever may not is refused before a token goes anywhere. What was
shown is what is connected: the network is asked once more when the admin says yes, and somebody
else's token then is refused. Between the two nothing is kept here, so a token that is not
connected is nowhere.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.cards.connecting import ConnectQuery, Found, JoiningPage, Looked, NewHook
from bot.cards.retold import retold
from bot.errors import AnswersRefused, ConfigurationError, ConnectorError, PermissionMissing
from bot.model import commands as c
from bot.model.commands import Command, Order, Outcome, OutcomeKind
from bot.model.ids import BrandId, CommandId
from bot.model.joining import Introduced, Wish, secret_key
from bot.model.member import ChatIdentity, Member, Role
from bot.model.network import Identity
from bot.model.text import storable
from bot.ports import Desk, Measures, Recalls, Streams, Tried, Wires
from bot.services.deciding import refused
from bot.services.standing import abilities, inabilities
from bot.speech.speech import ENGLISH, Speech, speech_in

VERIFY_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class _Asked:
    """A network's answer with what it was asked with."""

    introduced: Introduced
    tried: Tried


class Introducing:
    """Implements `bot.ports.Joins`."""

    def __init__(self, desk: Desk, wires: Wires) -> None:
        self._desk = desk
        self._wires = wires

    def page(self) -> JoiningPage:
        return self._wires.page()

    async def look(self, press: CommandId, actor: ChatIdentity, wish: Wish) -> Looked:
        looked, _asked = await self._ask(press, actor, wish)
        return looked

    async def join(
        self, press: CommandId, actor: ChatIdentity, wish: Wish, remote_id: str
    ) -> Looked:
        looked, asked = await self._ask(press, actor, wish)
        if asked is None or looked.found is None:
            return looked
        speech, member = await self._speech(actor)
        if member is None or asked.introduced.identity.remote_id != remote_id:
            says = speech.say("That is another account than the one shown. Look again first.")
            return replace(looked, outcome=refused(says))
        slug = looked.outcome.note
        try:
            sealed = self._sealed(member.brand_id, slug, asked.tried.secrets)
            hook = self._sealed(member.brand_id, slug, asked.tried.hook)
        except ConfigurationError as error:
            return replace(looked, outcome=refused(retold(speech, str(error))))
        wanted = c.JoinAccount(slug, asked.introduced, sealed, hook)
        outcome = await self._perform(press, actor, wanted)
        if not outcome.is_done:
            return replace(looked, outcome=outcome)
        await self._wires.plug_in()
        told = await self._new_hook(actor, slug, asked.tried.hook)
        return replace(looked, outcome=outcome, hook=told)

    def _sealed(
        self, brand_id: BrandId, slug: str, secrets: Mapping[str, str]
    ) -> tuple[tuple[str, str], ...]:
        """ConfigurationError where there is no key."""
        return tuple(
            (name, self._wires.seal(secret, secret_key(brand_id, slug, name)))
            for name, secret in secrets.items()
        )

    async def _new_hook(
        self, actor: ChatIdentity, slug: str, secrets: Mapping[str, str]
    ) -> NewHook | None:
        """None where the network sends no webhooks, or some came and their secret stays."""
        page = await self._desk.view(ConnectQuery(slug), actor)
        if page.hook is None or page.hook.since is not None:
            return None
        address = self._wires.page().address + page.hook_path
        return NewHook(address, next(iter(secrets.values())))

    async def disconnect(self, press: CommandId, actor: ChatIdentity, account: str) -> Outcome:
        outcome = await self._perform(press, actor, c.DisconnectAccount(account))
        if outcome.is_done:
            await self._wires.plug_in()
        return outcome

    async def make_key(self, press: CommandId, actor: ChatIdentity) -> Outcome:
        speech, member = await self._speech(actor)
        if member is not None and member.role.includes(Role.ADMIN):
            try:
                await asyncio.to_thread(self._wires.make_key)
            except ConfigurationError as error:
                return refused(retold(speech, str(error)))
        return await self._perform(press, actor, c.MakeKey())

    async def _ask(
        self, press: CommandId, actor: ChatIdentity, wish: Wish
    ) -> tuple[Looked, _Asked | None]:
        """The network's answer in words, with the slug in `note`; None where there is none."""
        first = CommandId(f"{press}:try")
        may = await self._perform(first, actor, c.TryAccount(wish.network, wish.account))
        if not may.is_done:
            return Looked(may), None
        speech, _member = await self._speech(actor)
        answers = {storable(name): storable(text) for name, text in wish.answers.items()}
        try:
            async with self._wires.trying(wish.network, answers) as tried:
                asked = await self._introduced(tried)
        except AnswersRefused as error:
            told = {name: retold(speech, says) for name, says in error.problems.items()}
            says = speech.say("Something is missing or wrong. Look at each answer.")
            return Looked(refused(says), told), None
        except (ConnectorError, TimeoutError, OSError) as error:
            return Looked(refused(_why(error, wish, speech))), None
        found = _found(asked.introduced, speech)
        says = speech.say("The network accepts it: this is {name}.", name=found.name)
        return Looked(Outcome(OutcomeKind.DONE, says, may.note), found=found), asked

    async def _introduced(self, tried: Tried) -> _Asked:
        async with asyncio.timeout(VERIFY_SECONDS):
            identity = await tried.connector.verify()
        line = tried.connector
        told = Introduced(
            identity,
            line.capabilities,
            tried.settings,
            streams=isinstance(line, Streams),
            measures=isinstance(line, Measures),
            recalls=isinstance(line, Recalls),
        )
        return _Asked(told, tried)

    async def _perform(self, press: CommandId, actor: ChatIdentity, command: Command) -> Outcome:
        return await self._desk.perform(Order(press, actor, command))

    async def _speech(self, actor: ChatIdentity) -> tuple[Speech, Member | None]:
        member = await self._desk.who(actor)
        return (speech_in(member.tongue.language) if member else ENGLISH), member


def _found(introduced: Introduced, speech: Speech) -> Found:
    identity, capabilities = introduced.identity, introduced.capabilities
    return Found(
        name=_name(identity),
        remote_id=identity.remote_id,
        url=identity.url,
        can=tuple(abilities(capabilities, speech)),
        cannot=tuple(inabilities(capabilities, speech)),
    )


def _name(identity: Identity) -> str:
    named = [one for one in (identity.display_name, identity.handle) if one]
    return " · ".join(dict.fromkeys(named)) or identity.remote_id


def _why(error: Exception, wish: Wish, speech: Speech) -> str:
    match error:
        case TimeoutError():
            return speech.say("The network did not answer in time. Check the address.")
        case PermissionMissing(scope=scope):
            why = retold(speech, str(error))
            return speech.say("{why} The scope that is missing is {scope}.", why=why, scope=scope)
        case ConnectorError():
            return retold(speech, str(error))
        case _:
            return speech.say("The network cannot be reached. Check the address.")
