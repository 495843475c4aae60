"""Words that begin with a slash: the queue, why, pauses, new posts, help.

They answer in the chat, to whoever may see it; what a person may do is decided for that person.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from zoneinfo import ZoneInfo

from telegram import BotCommand, Message, User

from bot.cards.pages import CardPage, HistoryQuery, MessageQuery, NumberQuery, QueueFilter
from bot.model.commands import BeginPractice, HandOver, Pause, Unpause
from bot.model.ids import MessageId
from bot.speech.speech import marked, speech_in
from handlers import crisis_words, direct_words, hold_words, report_words
from handlers.telegram import pacing, replies
from handlers.telegram.accounts import Accounts
from handlers.telegram.audiences import among
from handlers.telegram.clerk import UNKNOWN, After, Clerk, identity_of, nothing, unknown
from handlers.telegram.composer import Composer
from handlers.telegram.in_private import InPrivate
from handlers.telegram.landing import Landings
from handlers.telegram.linking import Linking
from handlers.telegram.markup import CHAT, bold, code, lines, words
from handlers.telegram.oncalling import OnCalling
from handlers.telegram.pages import Pages
from handlers.telegram.teaming import Teaming
from handlers.telegram.voice import Spot, Voice
from handlers.telegram.weeks import Weeks

WORDS: Mapping[str, str] = {
    "queue": marked("What waits for a decision"),
    "mine": marked("What is with me"),
    "week": marked("Planned posts of the coming week that wait for your yes, one by one"),
    "dm": marked("What waits for your yes comes to you alone too: on or off"),
    "search": marked("Cards with all of these words, answered ones too"),
    "new": marked("Plan a post"),
    "pause": marked("Says what waits to leave and asks by a button; /pause now holds it"),
    "unpause": marked("Says what is held and asks by a button; /unpause now lets it leave"),
    "why": marked("Why a card says what it says"),
    "accounts": marked("The accounts and how they stand; admins let them go live"),
    "here": marked("Choose what lands in this group; for admins"),
    "practice": marked("A comment to practise on here; nothing leaves the desk"),
    "oncall": marked("Who is on call, who stands in, test pages"),
    "away": marked("What you have goes back to the queue; nothing new is given"),
    "back": marked("You are here again"),
    "shift": marked("Who is on shift; start or end your own"),
    "digest": marked("What waits for you, at times you choose; your quiet hours"),
    "handover": marked("What is open, promised and waits for approval, as a card here"),
    "report": marked("What came in, and what became of it: day, week or month"),
    "crisis": marked("Crisis mode: what is planned waits; its card asks once"),
    "replies": marked("Saved replies; managers keep and drop them"),
    "team": marked("Who is in the team; admins add, change and suspend"),
    "link": marked("Be yourself in another chat too, by a code"),
    "help": marked("What this bot can do, and its numbers"),
}
"""What the desk's words do; the words themselves are the same in every language."""


def registered(language: str) -> list[BotCommand]:
    say = speech_in(language).say
    return [BotCommand(word, say(says)) for word, says in WORDS.items()]


class Orders:
    def __init__(
        self,
        clerk: Clerk,
        voice: Voice,
        pages: Pages,
        weeks: Weeks,
        composer: Composer,
        linking: Linking,
        accounts: Accounts,
        landings: Landings,
        teaming: Teaming,
        oncalling: OnCalling,
        in_private: InPrivate,
    ) -> None:
        self._clerk = clerk
        self._accounts = accounts
        self._voice = voice
        self._pages = pages
        self._composer = composer
        self._in_private = in_private
        self._answers: Mapping[str, Callable[[Message, User, str], Awaitable[None]]] = {
            "queue": self._queue,
            "mine": self._mine,
            "week": lambda message, user, _rest: weeks.open(message, user),
            "search": self._search,
            "new": self._new,
            "why": self._why,
            "report": self._report,
            "accounts": self._list_accounts,
            "help": self._help,
            "start": self._help,
        }

        self._deeds: Mapping[str, Callable[[Message, User, str], Awaitable[After]]] = {
            "pause": lambda message, user, rest: self._hold(message, user, "pause", rest),
            "unpause": lambda message, user, rest: self._hold(message, user, "unpause", rest),
            "link": linking.take,
            "here": lambda message, user, _rest: landings.command(message, user),
            "dm": self._dm,
            "practice": lambda message, user, _rest: self._practice(message, user),
            "team": teaming.take,
            "crisis": self._crisis,
            "replies": lambda message, user, rest: replies.take(clerk, voice, message, user, rest),
            "oncall": oncalling.take,
            "away": oncalling.away,
            "back": lambda message, user, _rest: oncalling.back(message, user),
            "shift": oncalling.shift,
            "digest": lambda message, user, rest: pacing.take(clerk, voice, message, user, rest),
            "handover": lambda message, user, _rest: self._hand_over(message, user),
        }

    async def take(self, message: Message, user: User, word: str, rest: str) -> After:
        """NotSaved leaves the message unconfirmed; a word that is none of ours is not answered."""
        deed = self._deeds.get(word)
        if deed is not None:
            return await deed(message, user, rest)
        answer = self._answers.get(word)
        if answer is None:
            return nothing
        if word not in {"help", "start"} and await self._clerk.member(user) is None:
            stranger = unknown(user, await self._clerk.speech(user))
            return lambda: self._voice.tell(message, user, stranger)
        return lambda: answer(message, user, rest)

    async def _hold(self, message: Message, user: User, word: str, rest: str) -> After:
        """`/pause now posts ACCOUNT`, and for a pause the reason in the lines below."""
        first, _, reason = rest.partition("\n")
        is_sure, kinds, account = hold_words.read(first)
        slug = account.strip() or None
        command = (
            Pause(kinds, slug, reason.strip(), is_sure)
            if word == "pause"
            else Unpause(kinds, slug, is_sure)
        )
        id_ = f"message:{message.chat.id}:{message.message_id}"
        outcome = await self._clerk.perform(user, id_, command)
        return lambda: self._in_private.tell(message, user, outcome)

    async def _practice(self, message: Message, user: User) -> After:
        thread = str(message.message_thread_id or "") if message.is_topic_message else ""
        command = BeginPractice(CHAT, str(message.chat.id), thread)
        id_ = f"message:{message.chat.id}:{message.message_id}"
        outcome = await self._clerk.perform(user, id_, command)
        return lambda: self._voice.tell(message, user, outcome)

    async def _hand_over(self, message: Message, user: User) -> After:
        thread = str(message.message_thread_id or "") if message.is_topic_message else ""
        command = HandOver(CHAT, str(message.chat.id), thread)
        id_ = f"message:{message.chat.id}:{message.message_id}"
        outcome = await self._clerk.perform(user, id_, command)
        return lambda: self._voice.tell(message, user, outcome)

    async def _dm(self, message: Message, user: User, rest: str) -> After:
        try:
            command = direct_words.read(rest)
        except ValueError:
            says = (await self._clerk.speech(user)).say(direct_words.HOW)
            return lambda: self._voice.refuse(message, says)
        id_ = f"message:{message.chat.id}:{message.message_id}"
        outcome = await self._clerk.perform(user, id_, command)
        return lambda: self._voice.tell(message, user, outcome)

    async def _crisis(self, message: Message, user: User, rest: str) -> After:
        thread = str(message.message_thread_id or "") if message.is_topic_message else ""
        try:
            command = crisis_words.read(rest, CHAT, str(message.chat.id), thread)
        except ValueError:
            says = crisis_words.how(await self._clerk.speech(user))
            return lambda: self._voice.refuse(message, says)
        id_ = f"message:{message.chat.id}:{message.message_id}"
        outcome = await self._clerk.perform(user, id_, command)
        return lambda: self._voice.tell(message, user, outcome)

    async def _queue(self, message: Message, user: User, rest: str) -> None:
        await self._pages.open(message, user, QueueFilter.OPEN)

    async def _mine(self, message: Message, user: User, rest: str) -> None:
        await self._pages.open(message, user, QueueFilter.MINE)

    async def _search(self, message: Message, user: User, rest: str) -> None:
        if not rest.strip():
            speech = await self._clerk.speech(user)
            example = "/search refund parcel"
            says = speech.say("Write what you look for, for example {example}.", example=example)
            await self._voice.refuse(message, says)
            return
        await self._pages.search(message, user, rest.strip())

    async def _list_accounts(self, message: Message, user: User, rest: str) -> None:
        await self._accounts.command(message, user)

    async def _new(self, message: Message, user: User, rest: str) -> None:
        await self._composer.choose(message, user)

    async def _why(self, message: Message, user: User, rest: str) -> None:
        page = await self._meant(message, user, rest)
        if page is None or page.card is None:
            speech = await self._clerk.speech(user)
            says = speech.say("Answer a card with /why, or write its number: /why 1042")
            says = page.refusal or says if page else says
            await self._voice.refuse(message, says)
            return
        query = HistoryQuery(page.card.key, among(message.chat.id))
        history = await self._clerk.ask(self._clerk.desk.view(query, identity_of(user)))
        if history.card is None:
            await self._voice.refuse(message, history.refusal)
            return
        reasons = history.why or (history.speech.say("The desk has noted no reasons."),)
        html = lines((bold(f"#\u2060{page.card.number}"), *(words(f"• {one}") for one in reasons)))
        await self._voice.say(Spot.of(message), html)

    async def _report(self, message: Message, user: User, rest: str) -> None:
        try:
            query = report_words.read(rest.split())
        except ValueError:
            says = (await self._clerk.speech(user)).say(report_words.HOW)
            await self._voice.refuse(message, says)
            return
        query = replace(query, among=among(message.chat.id))
        page = await self._clerk.ask(self._clerk.desk.view(query, identity_of(user)))
        if page.report is None:
            await self._voice.refuse(message, page.trouble)
            return
        zone = ZoneInfo(page.zone)
        told = (words(one) for one in report_words.listed(page, zone))
        html = lines((bold(report_words.titled(page, zone)), *told))
        await self._voice.say(Spot.of(message), html)

    async def _meant(self, message: Message, user: User, rest: str) -> CardPage | None:
        number = rest.strip().removeprefix("#")
        view = self._clerk.desk.view
        if number.isascii() and number.isdecimal() and len(number) < 18:
            return await self._clerk.ask(view(NumberQuery(int(number)), identity_of(user)))
        card = message.reply_to_message
        if card is None:
            return None
        id_ = MessageId(f"{card.chat.id}:{card.message_id}")
        query = MessageQuery(CHAT, str(card.chat.id), id_)
        return await self._clerk.ask(view(query, identity_of(user)))

    async def _help(self, message: Message, user: User, rest: str) -> None:
        member = await self._clerk.member(user)
        speech = await self._clerk.speech(user)
        say, known = speech.say, speech.say(UNKNOWN)
        if member is not None:
            role = say(member.role.value)
            known = say("You are {name}, {role}.", name=member.name, role=role)
        yours, this_chat = say("Your number:"), say("This chat:")
        this_topic = say("This topic:")
        thread = message.message_thread_id if message.is_topic_message else None
        html = lines(
            (
                *(f"{code('/' + word)} {words(say(says))}" for word, says in WORDS.items()),
                words(known),
                f"{words(yours)} {code(str(user.id))}",
                f"{words(this_chat)} {code(str(message.chat.id))}",
                f"{words(this_topic)} {code(str(thread))}" if thread is not None else "",
            )
        )
        await self._voice.say(Spot.of(message), html)
