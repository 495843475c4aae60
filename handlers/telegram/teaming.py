"""`/team`: who is in the team, and people of the group who join it.

A person is named by answering one of their messages, or by their number in a group that they are
in. A user name is nobody: whoever gives it up, another one takes.
"""

from __future__ import annotations

from telegram import Bot, Message, User
from telegram.constants import ChatMemberStatus, ChatType
from telegram.error import TelegramError

from bot.cards.pages import DeskQuery
from bot.model.commands import AddMember, ChangeRole, Command, Outcome, OutcomeKind, SuspendMember
from bot.model.member import ChatIdentity
from bot.speech.speech import marked
from handlers import team_words
from handlers.team_words import TeamOrder, TeamVerb
from handlers.telegram.clerk import After, Clerk, identity_of, unknown
from handlers.telegram.markup import CHAT
from handlers.telegram.voice import Voice

NOBODY = marked(
    "Answer a message of theirs with /team add ROLE, or write their number in a group that they "
    "are in. Bots cannot join."
)
_OUTSIDE = {ChatMemberStatus.LEFT, ChatMemberStatus.BANNED}


class Teaming:
    def __init__(self, bot: Bot, clerk: Clerk, voice: Voice) -> None:
        self._bot = bot
        self._clerk = clerk
        self._voice = voice

    async def take(self, message: Message, user: User, rest: str) -> After:
        """NotSaved leaves the message unconfirmed."""
        words = rest.split()
        if not words:
            listed = await self._list(user)
            return lambda: self._voice.tell(message, user, listed)
        meant = _answered(message)
        if meant is not None:
            words.insert(1, str(meant.id))
        try:
            order = team_words.read(words)
        except ValueError:
            says = team_words.how(await self._clerk.speech(user))
            return lambda: self._voice.refuse(message, says)
        outcome = await self._command(message, user, order)
        if not isinstance(outcome, Outcome):
            outcome = await self._do(message, user, outcome)
        return lambda: self._voice.tell(message, user, outcome)

    async def _do(self, message: Message, user: User, command: Command) -> Outcome:
        id_ = f"message:{message.chat.id}:{message.message_id}"
        return await self._clerk.perform(user, id_, command)

    async def _list(self, user: User) -> Outcome:
        desk = await self._clerk.ask(self._clerk.desk.view(DeskQuery(), identity_of(user)))
        if not desk.brand:
            return unknown(user, await self._clerk.speech(user))
        lines = team_words.listed(desk.members[:40], desk.speech.say)
        return Outcome(OutcomeKind.DONE, "\n".join((*lines, team_words.how(desk.speech))))

    async def _command(self, message: Message, user: User, order: TeamOrder) -> Command | Outcome:
        if order.verb is TeamVerb.ADD:
            person = await self._person(message, order.who)
            if person is None:
                speech = await self._clerk.speech(user)
                return Outcome(OutcomeKind.REFUSED, speech.say(NOBODY))
            return AddMember(order.name or person.full_name, order.role, str(person.id))
        slug = await self.slug(order.who)
        if order.verb is TeamVerb.ROLE:
            return ChangeRole(slug, order.role)
        return SuspendMember(slug)

    async def _person(self, message: Message, who: str) -> User | None:
        """None for a bot, and for whoever is not in this group."""
        found = _answered(message)
        if found is None and who.isascii() and who.isdecimal():
            found = await self._of_the_group(message, int(who))
        return None if found is None or found.is_bot else found

    async def _of_the_group(self, message: Message, number: int) -> User | None:
        if message.chat.type == ChatType.PRIVATE:
            return None
        try:
            member = await self._bot.get_chat_member(message.chat.id, number)
        except TelegramError:
            return None
        return None if member.status in _OUTSIDE else member.user

    async def slug(self, who: str) -> str:
        """A number is the member behind it; anything else is a short name as it stands."""
        if not (who.isascii() and who.isdecimal()):
            return who.lower()
        member = await self._clerk.ask(self._clerk.desk.who(ChatIdentity(CHAT, who)))
        return who if member is None else member.slug


def _answered(message: Message) -> User | None:
    """Who wrote the message that this one answers; whatever is said in a topic answers its head."""
    answered = message.reply_to_message
    if answered is None or answered.sender_chat or answered.forum_topic_created:
        return None
    return answered.from_user
