"""The slash command: the queue, pauses and reasons, answered to the one who asked alone."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import tzinfo

from pydantic import ValidationError
from slack_bolt.context.ack.async_ack import AsyncAck

from bot.cards.card import Card, Text
from bot.cards.pages import (
    DeskQuery,
    HistoryQuery,
    NumberQuery,
    QueueFilter,
    QueuePage,
    QueueQuery,
    SearchQuery,
)
from bot.model.commands import (
    BeginPractice,
    HandOver,
    HoldKind,
    MakeLinkCode,
    Pause,
    Unpause,
    UseLinkCode,
)
from bot.speech.speech import marked
from handlers import crisis_words, direct_words, hold_words, report_words
from handlers.shortening import cut, shortened
from handlers.slack import blocks, in_private, pacing, replies
from handlers.slack.accounts import Accounts
from handlers.slack.clerk import Clerk
from handlers.slack.home import FILTERS, HOME
from handlers.slack.landing import Landings
from handlers.slack.oncalling import OnCalling
from handlers.slack.payloads import CHAT, SlashCommand
from handlers.slack.render import state_spans, zone_of
from handlers.slack.spans import Element, escaped, rich
from handlers.slack.teaming import Teaming
from handlers.slack.weeks import Weeks

MOST = 8
"""Cards in one answer; the Home tab shows them all."""

HELP = (
    ("queue", marked("what waits for a decision")),
    ("mine", marked("what was given to you")),
    ("week", marked("planned posts of the coming week that wait for your yes, one by one")),
    (
        "dm on | dm off",
        marked("what waits for your yes comes to your direct messages too; for approvers"),
    ),
    ("search WORDS", marked("cards with all of these words, answered ones too")),
    ("why NUMBER", marked("why a card was sorted as it was")),
    (
        "pause [now] [replies|posts] [on ACCOUNT] [reason]",
        marked("nothing leaves until somebody unpauses; without now a button asks once"),
    ),
    (
        "unpause [now] [replies|posts] [on ACCOUNT]",
        marked("let it leave again; asks once too, and about each post that is late"),
    ),
    ("accounts", marked("the accounts and how they stand; admins let them go live")),
    ("here", marked("choose what lands in this channel; for admins")),
    ("practice", marked("a comment to practise on here; nothing leaves the desk")),
    ("team", marked("who is in the team")),
    ("team add @PERSON ROLE", marked("somebody of the workspace joins; for admins")),
    ("team role WHO ROLE | team suspend WHO", marked("change a member; for admins")),
    ("oncall", marked("who is on call now and next, and whom pages reach")),
    (
        "oncall override @PERSON until WHEN | oncall test | oncall expect until WHEN",
        marked("somebody stands in; test pages to everybody; more than usual is to come"),
    ),
    ("report [day|week|month] [ACCOUNT]", marked("what came in, and what became of it")),
    (
        "away | away until WHEN",
        marked("what you have goes back to the queue; nothing new is given"),
    ),
    ("back", marked("you are here again")),
    ("shift", marked("who is on shift, and who comes next")),
    ("shift start | shift end", marked("your shift begins or ends now, whatever the plan says")),
    ("handover", marked("what is open, promised and waits for approval, as a card here")),
    (
        "digest 09:00 16:00 | digest quiet 22:00-07:00 | digest off",
        marked("what waits for you in a direct message; when nobody mentions you"),
    ),
    (
        "crisis start [one-more|four-eyes|same] [reason] | crisis end",
        marked("planned posts wait, more must say yes; the card asks once before it starts"),
    ),
    (
        "crisis updates 30m | crisis updates off",
        marked("reminds the lead of updates for stakeholders, which land in this channel"),
    ),
    (
        "crisis statement LANGUAGE NAME [30d]: TEXT",
        marked("words to have at hand in a crisis; somebody else approves them"),
    ),
    ("replies", marked("words that the team uses again and again, with their numbers")),
    (
        "replies keep LANGUAGE NAME: TEXT | replies drop NUMBER",
        marked("cards in that language offer them, or no more; for managers"),
    ),
    ("link", marked("a code with which you say in another chat who you are")),
    ("link CODE", marked("you are whoever asked for the code in another chat")),
    ("help", marked("this")),
)
_STRANGER = marked("The desk does not know you yet. Your member id is {id}.")
_HOLD = re.compile(r"(?:on\s+(\S+)\s*)?(.*)", re.DOTALL)
_MENTION = re.compile(r"<[@#!][^|>]*\|?([^>]*)>")
"""A person or channel as Slack writes what was typed with @ or #."""

Answer = tuple[str, list[Element]]
"""Text and blocks; without blocks the text is all."""


class Slash:
    def __init__(
        self,
        clerk: Clerk,
        accounts: Accounts,
        landings: Landings,
        teaming: Teaming,
        oncalling: OnCalling,
        weeks: Weeks,
        command: str,
    ) -> None:
        self._clerk = clerk
        self._accounts = accounts
        self._landings = landings
        self._teaming = teaming
        self._oncalling = oncalling
        self._weeks = weeks
        self._command = command
        self.words: Mapping[str, Callable[[SlashCommand, str], Awaitable[Answer]]] = {
            "queue": self._queue,
            "mine": self._mine,
            "week": self._week,
            "dm": self._dm,
            "search": self._search,
            "why": self._why,
            "pause": self._pause,
            "unpause": self._unpause,
            "accounts": self._list_accounts,
            "here": self._here,
            "practice": self._practice,
            "link": self._link,
            "team": self._team,
            "oncall": self._oncall,
            "away": self._away,
            "back": self._back,
            "shift": self._shift,
            "digest": self._digest,
            "handover": self._hand_over,
            "report": self._report,
            "crisis": self._crisis,
            "replies": self._replies,
            "help": self._help,
        }

    async def run(self, ack: AsyncAck, body: dict[str, object]) -> None:
        try:
            asked = SlashCommand.model_validate(body)
        except ValidationError:
            await ack()
            return
        word, _, rest = asked.text.strip().partition(" ")
        text, shown = await self.words.get(word.lower(), self._help)(asked, rest.strip())
        await ack(escaped(text), blocks=shown or None, response_type="ephemeral")

    async def _help(self, asked: SlashCommand, rest: str) -> Answer:
        say = (await self._clerk.speech(asked.identity)).say
        lines = [f"{self._command} {words}: {say(says)}" for words, says in HELP]
        return "\n".join(lines), []

    async def _queue(self, asked: SlashCommand, rest: str) -> Answer:
        known = rest if rest in set(QueueFilter) else QueueFilter.OPEN
        return await self._list(asked, QueueFilter(known))

    async def _mine(self, asked: SlashCommand, rest: str) -> Answer:
        return await self._list(asked, QueueFilter.MINE)

    async def _list(self, asked: SlashCommand, wanted: QueueFilter) -> Answer:
        asking = self._clerk.desk.view(QueueQuery(wanted, MOST), asked.identity)
        page = await self._clerk.ask(asking)
        say = page.speech.say
        title = say("{what}: {why}", what=say(FILTERS[wanted]), why=page.total)
        return await self._shown(asked, page, title, say("The Home tab of the app shows them all."))

    async def _dm(self, asked: SlashCommand, rest: str) -> Answer:
        try:
            command = direct_words.read(rest)
        except ValueError:
            return (await self._clerk.speech(asked.identity)).say(direct_words.HOW), []
        return (await self._clerk.perform(asked.identity, asked.id, command)).says, []

    async def _week(self, asked: SlashCommand, rest: str) -> Answer:
        return await self._weeks.command(asked), []

    async def _search(self, asked: SlashCommand, rest: str) -> Answer:
        if not rest:
            say = (await self._clerk.speech(asked.identity)).say
            example = f"{self._command} search refund parcel"
            return say("Write what you look for, for example {example}.", example=example), []
        asking = self._clerk.desk.view(SearchQuery(rest, MOST), asked.identity)
        page = await self._clerk.ask(asking)
        say = page.speech.say
        title = say("“{words}”: {count}", words=cut(rest, 80), count=page.total)
        more = say("These are the newest. One more word makes them fewer.")
        return await self._shown(asked, page, title, more)

    async def _shown(self, asked: SlashCommand, page: QueuePage, title: str, more: str) -> Answer:
        desk = await self._clerk.ask(self._clerk.desk.view(DeskQuery(), asked.identity))
        if not desk.brand:
            return page.speech.say(_STRANGER, id=asked.user_id), []
        shown = [blocks.note("title", title)]
        for card in page.cards:
            shown += _row(card, zone_of(desk.zone))
        if page.total > MOST:
            shown.append(blocks.note("more", more))
        return title, shown

    async def _why(self, asked: SlashCommand, rest: str) -> Answer:
        number, say = rest.removeprefix("#"), (await self._clerk.speech(asked.identity)).say
        if not (number.isascii() and number.isdecimal() and len(number) < 12):
            example = f"{self._command} why 1042"
            return say("Write the number of a card, for example {example}.", example=example), []
        ask, view = self._clerk.ask, self._clerk.desk.view
        found = await ask(view(NumberQuery(int(number)), asked.identity))
        card = found.card
        if card is None:
            return found.refusal or say("There is no card #{number} here.", number=number), []
        page = await ask(view(HistoryQuery(card.key), asked.identity))
        reasons = "\n".join(cut(reason, 300) for reason in page.why[:20])
        reasons = reasons or say("It is not sorted yet.")
        return f"#{number}\n{reasons}", []

    async def _pause(self, asked: SlashCommand, rest: str) -> Answer:
        is_sure, kinds, account, reason = _hold(rest)
        return await self._asked_once(asked, Pause(kinds, account, reason, is_sure))

    async def _unpause(self, asked: SlashCommand, rest: str) -> Answer:
        is_sure, kinds, account, _reason = _hold(rest)
        return await self._asked_once(asked, Unpause(kinds, account, is_sure))

    async def _asked_once(self, asked: SlashCommand, command: Pause | Unpause) -> Answer:
        outcome = await self._clerk.perform(asked.identity, asked.id, command)
        return await in_private.asks(self._clerk, asked.identity, outcome)

    async def _list_accounts(self, asked: SlashCommand, rest: str) -> Answer:
        return await self._accounts.answer(asked.identity)

    async def _here(self, asked: SlashCommand, rest: str) -> Answer:
        return await self._landings.command(asked.channel_id, asked.identity), []

    async def _practice(self, asked: SlashCommand, rest: str) -> Answer:
        command = BeginPractice(CHAT, asked.channel_id)
        return (await self._clerk.perform(asked.identity, asked.id, command)).says, []

    async def _team(self, asked: SlashCommand, rest: str) -> Answer:
        return await self._teaming.answer(asked, rest), []

    async def _oncall(self, asked: SlashCommand, rest: str) -> Answer:
        return await self._oncalling.answer(asked, rest), []

    async def _away(self, asked: SlashCommand, rest: str) -> Answer:
        return await self._oncalling.away(asked, rest), []

    async def _back(self, asked: SlashCommand, rest: str) -> Answer:
        return await self._oncalling.back(asked), []

    async def _shift(self, asked: SlashCommand, rest: str) -> Answer:
        return await self._oncalling.shift(asked, rest), []

    async def _digest(self, asked: SlashCommand, rest: str) -> Answer:
        return await pacing.answer(self._clerk, asked, rest), []

    async def _hand_over(self, asked: SlashCommand, rest: str) -> Answer:
        command = HandOver(CHAT, asked.channel_id)
        return (await self._clerk.perform(asked.identity, asked.id, command)).says, []

    async def _report(self, asked: SlashCommand, rest: str) -> Answer:
        try:
            query = report_words.read(_MENTION.sub(r"\1", rest).split())
        except ValueError:
            return (await self._clerk.speech(asked.identity)).say(report_words.HOW), []
        page = await self._clerk.ask(self._clerk.desk.view(query, asked.identity))
        if not page.brand:
            return page.speech.say(_STRANGER, id=asked.user_id), []
        zone = zone_of(page.zone)
        lines = report_words.listed(page, zone)
        if page.report is not None:
            lines = [report_words.titled(page, zone), *lines]
        return "\n".join(lines), []

    async def _crisis(self, asked: SlashCommand, rest: str) -> Answer:
        try:
            command = crisis_words.read(_MENTION.sub(r"\1", rest), CHAT, asked.channel_id)
        except ValueError:
            return crisis_words.how(await self._clerk.speech(asked.identity)), []
        return (await self._clerk.perform(asked.identity, asked.id, command)).says, []

    async def _replies(self, asked: SlashCommand, rest: str) -> Answer:
        return await replies.answer(self._clerk, asked, rest), []

    async def _link(self, asked: SlashCommand, rest: str) -> Answer:
        command = UseLinkCode(rest) if rest else MakeLinkCode()
        outcome = await self._clerk.perform(asked.identity, asked.id, command)
        if not outcome.is_done or rest:
            return outcome.says, []
        say = (await self._clerk.speech(asked.identity)).say
        shown = outcome.once or say("It was shown already; ask for another one.")
        return f"{outcome.says}\n{shown}", []


def _hold(words: str) -> tuple[bool, tuple[HoldKind, ...], str | None, str]:
    """`now replies on acme reason` in parts."""
    is_sure, kinds, rest = hold_words.read(_MENTION.sub(r"\1", words))
    found = _HOLD.fullmatch(rest)
    assert found is not None
    account, reason = found.groups()
    return is_sure, kinds, account, reason.strip()[:500]


def _row(card: Card, zone: tzinfo) -> list[Element]:
    say = card.speech.say
    told = (*shortened(card.source, 120), Text(": "), *shortened(card.quote, 160))
    said = rich(told, zone, card.speech)
    row = [blocks.rich_text(f"said.{card.key}", blocks.section(said))] if said else []
    row += blocks.line(f"state.{card.key}", state_spans(card), zone, card.speech)
    hint = say("Open #{number}", number=card.number)
    opens = blocks.button(say("Open card"), f"{HOME}.open", card.key, hint=hint)
    return [*row, blocks.actions(f"act.{card.key}", [opens])]
