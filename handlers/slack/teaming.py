"""`/desk team`: who is in the team, and people of the workspace who join it.

A person is named by a mention, which Slack turns into their id (`should_escape` in the manifest);
a name that is typed proves nothing and is looked for among the members' short names alone.
"""

from __future__ import annotations

import re

from bot.cards.pages import DeskQuery
from bot.errors import ConnectorError, Rejected
from bot.model.commands import AddMember, ChangeRole, Command, Outcome, OutcomeKind, SuspendMember
from bot.model.member import ChatIdentity
from bot.speech.speech import marked
from handlers import team_words
from handlers.shortening import cut
from handlers.slack.clerk import Clerk
from handlers.slack.payloads import CHAT, SlashCommand
from handlers.slack.workspace import Workspace
from handlers.team_words import TeamOrder, TeamVerb

_PERSON = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>|([UW][A-Z0-9]{7,})")
NOBODY = marked("Name a person of this workspace with @. Bots and guests from outside cannot join.")
NOT_TOLD = marked("Slack did not say who that is: {why}")
TOO_SLOW = marked("it took too long. Try again.")
MOST = 2_500
"""Characters of the list."""


class Teaming:
    def __init__(self, clerk: Clerk, workspace: Workspace) -> None:
        self._clerk = clerk
        self._workspace = workspace

    async def answer(self, asked: SlashCommand, rest: str) -> str:
        if not rest:
            return await self._list(asked)
        speech = await self._clerk.speech(asked.identity)
        try:
            order = team_words.read(rest.split())
        except ValueError:
            return team_words.how(speech)
        command = await self._command(asked, order)
        if isinstance(command, Outcome):
            return command.says
        return (await self._clerk.perform(asked.identity, asked.id, command)).says

    async def _list(self, asked: SlashCommand) -> str:
        desk = await self._clerk.ask(self._clerk.desk.view(DeskQuery(), asked.identity))
        if not desk.brand:
            return desk.speech.say(
                "The desk does not know you yet. Your member id is {id}.", id=asked.user_id
            )
        lines = team_words.listed(desk.members, desk.speech.say)
        return cut("\n".join((*lines, team_words.how(desk.speech))), MOST)

    async def _command(self, asked: SlashCommand, order: TeamOrder) -> Command | Outcome:
        if order.verb is TeamVerb.ADD:
            return await self._adding(asked, order)
        slug = await self.slug(order.who)
        if order.verb is TeamVerb.ROLE:
            return ChangeRole(slug, order.role)
        return SuspendMember(slug)

    async def _adding(self, asked: SlashCommand, order: TeamOrder) -> Command | Outcome:
        user, say = _user_in(order.who), (await self._clerk.speech(asked.identity)).say
        try:
            person = await self._workspace.person(user) if user else None
        except Rejected:
            person = None
        except (ConnectorError, TimeoutError) as error:
            why = str(error) or say(TOO_SLOW)
            return Outcome(OutcomeKind.REFUSED, say(NOT_TOLD, why=why))
        if person is None:
            return Outcome(OutcomeKind.REFUSED, say(NOBODY))
        return AddMember(order.name or person.name, order.role, person.id)

    async def slug(self, who: str) -> str:
        """A mention is the member behind that id; anything else is a short name as it stands."""
        user = _user_in(who)
        if not user:
            return who.lower()
        member = await self._clerk.ask(self._clerk.desk.who(ChatIdentity(CHAT, user)))
        return who if member is None else member.slug


def _user_in(who: str) -> str:
    """Empty when it is no id of Slack's."""
    found = _PERSON.fullmatch(who)
    return "" if found is None else found[1] or found[2]
