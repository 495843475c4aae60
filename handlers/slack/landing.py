"""“What should land here?”: asked where the bot is invited, answered by an admin with selects.

The question is a message of the channel; what a person selects in it is seen by them alone until
they save. A press brings all selects with it, so nothing is remembered in between.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, ValidationError
from slack_bolt.context.ack.async_ack import AsyncAck

from bot.cards.landing import Aspect, LandingPage, LandingQuery, set_up_of
from bot.errors import ConnectorError
from bot.model.channel import Place
from bot.model.commands import Outcome, OutcomeKind
from bot.model.member import ChatIdentity
from bot.ports import ChatPresence
from bot.speech.speech import Speech, marked
from handlers.slack import blocks
from handlers.slack.clerk import TELL_SECONDS, Clerk, Corner, NotSaved
from handlers.slack.limits import MENU_OPTIONS, OPTION_TEXT
from handlers.slack.line import SlackLine
from handlers.slack.names import Area
from handlers.slack.payloads import CHAT, Invited, Press, Removed
from handlers.slack.spans import Element, escaped
from handlers.slack.workspace import Workspace

LAND = Area.LAND
"""The first word of `action_id`: `land.pick`, `land.save`, `land.change`."""

QUESTION = marked("What should land here?")
HINT = marked("An admin chooses. What is left open takes everything.")
_INVITE = marked("I am not in this channel. Invite me first, then I ask what should land here.")
_ASKED = marked("I asked in the channel.")
_NOT_OURS = marked("This means nothing here any more. Ask again with {command} here.")
_TITLE = 80


class Memory(BaseModel):
    """What the question's buttons carry."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    title: str = ""


class Landings:
    def __init__(
        self, clerk: Clerk, line: SlackLine, workspace: Workspace, presence: ChatPresence
    ) -> None:
        self._clerk = clerk
        self._line = line
        self._workspace = workspace
        self._presence = presence

    async def joined(self, ack: AsyncAck, body: dict[str, object]) -> None:
        """`member_joined_channel`. NotSaved: not heard."""
        try:
            event = Invited.model_validate(body).event
        except ValidationError:
            await ack()
            return
        if not await self._is_us(event.user):
            await self._clerk.ask(self._presence.entered(event.channel, event.user))
            await ack()
            return
        is_known = await self._clerk.ask(self._presence.came(event.channel))
        await ack()
        if not is_known:
            await self.ask(event.channel, ChatIdentity(CHAT, event.inviter))

    async def somebody_left(self, ack: AsyncAck, body: dict[str, object]) -> None:
        """`member_left_channel`. NotSaved: not heard."""
        try:
            event = Invited.model_validate(body).event
        except ValidationError:
            await ack()
            return
        await self._clerk.ask(self._presence.quit(event.channel, event.user))
        await ack()

    async def left(self, ack: AsyncAck, body: dict[str, object]) -> None:
        """`channel_left` and `group_left`: they are told of ourselves alone."""
        try:
            channel = Removed.model_validate(body).event.channel
        except ValidationError:
            await ack()
            return
        await self._clerk.ask(self._presence.left(channel))
        await ack()

    async def command(self, channel: str, reader: ChatIdentity) -> str:
        """The slash command's word: asks, and says so to the one who wanted it."""
        speech = await self._clerk.speech(reader)
        return speech.say(_ASKED if await self.ask(channel, reader) else _INVITE)

    async def ask(self, channel: str, reader: ChatIdentity) -> bool:
        """Post the question as this person would be asked; False when it could not be posted."""
        page = await self._page(channel, reader)
        memory = Memory(title=await self._title(channel))
        body = {"channel": channel, **_message(page, memory, is_open=not page.refusal)}
        return await self._clerk.try_to("chat.postMessage", body, TELL_SECONDS)

    async def press(self, ack: AsyncAck, body: dict[str, object]) -> None:
        """NotSaved leaves it unacknowledged."""
        try:
            press = Press.model_validate(body)
            memory = Memory.model_validate_json(press.pressed.value or "{}")
        except ValidationError:
            await ack()
            return
        match press.pressed.action_id:
            case "land.save":
                await self._save(ack, press, memory)
            case "land.change":
                await self._change(ack, press, memory)
            case _:
                # a select: what it holds comes with the press that saves
                await ack()

    async def _save(self, ack: AsyncAck, press: Press, memory: Memory) -> None:
        reader, channel = press.user.identity, press.container.channel_id
        try:
            command = set_up_of(CHAT, Place(channel), memory.title, press.chosen(f"{LAND}."))
        except ValueError:
            speech = await self._clerk.speech(reader)
            outcome = Outcome(
                OutcomeKind.REFUSED, speech.say(_NOT_OURS, command=self._line.options.command)
            )
        else:
            outcome = await self._clerk.perform(reader, press.id, command)
        await ack()
        await self._clerk.tell(Corner(press.user.id, channel), outcome)
        if outcome.is_done:
            await self._redraw(press, memory, is_open=False)

    async def _change(self, ack: AsyncAck, press: Press, memory: Memory) -> None:
        page = await self._page(press.container.channel_id, press.user.identity)
        await ack()
        if page.refusal:
            await self._clerk.whisper(
                Corner(press.user.id, press.container.channel_id), page.refusal
            )
        else:
            await self._redraw(press, memory, is_open=True)

    async def _redraw(self, press: Press, memory: Memory, *, is_open: bool) -> None:
        page = await self._page(press.container.channel_id, press.user.identity)
        where = {"channel": press.container.channel_id, "ts": press.container.message_ts}
        body = where | _message(page, memory, is_open=is_open)
        await self._clerk.try_to("chat.update", body, TELL_SECONDS)

    async def _page(self, channel: str, reader: ChatIdentity) -> LandingPage:
        return await self._clerk.ask(self._clerk.desk.view(LandingQuery(CHAT, channel), reader))

    async def _title(self, channel: str) -> str:
        """As people see it, or nothing where Slack does not say."""
        try:
            told = await self._line.read("conversations.info", {"channel": channel})
        except ConnectorError:
            return ""
        about = told.get("channel")
        name = about.get("name") if isinstance(about, dict) else ""
        return f"#{name}"[:_TITLE] if name else ""

    async def _is_us(self, user: str) -> bool:
        try:
            return (await self._workspace.bot()).user_id == user
        except ConnectorError as error:
            raise NotSaved from error


def _message(page: LandingPage, memory: Memory, *, is_open: bool) -> Element:
    """The question with its selects, or what was answered with a button to answer anew."""
    shown = _question(page, memory) if is_open else _answer(page, memory)
    says = page.speech.say(QUESTION) if is_open or not page.stands else page.stands
    return {"text": escaped(says), "blocks": shown, "parse": "none", "unfurl_links": False}


def _question(page: LandingPage, memory: Memory) -> list[Element]:
    speech = page.speech
    save = blocks.button(
        speech.say("Save"), f"{LAND}.save", memory.model_dump_json(), style="primary"
    )
    return [
        _header(speech.say(QUESTION)),
        *(_select(aspect, speech) for aspect in page.aspects),
        blocks.actions("land.buttons", [save]),
        blocks.note("land.hint", page.stands or speech.say(HINT)),
    ]


def _answer(page: LandingPage, memory: Memory) -> list[Element]:
    say = page.speech.say
    label = say("Change") if page.stands else say("Choose what lands here")
    change = blocks.button(label, f"{LAND}.change", memory.model_dump_json())
    return [
        _header(page.stands or say(QUESTION)),
        blocks.actions("land.buttons", [change]),
        blocks.note("land.hint", say(HINT)),
    ]


def _header(text: str) -> Element:
    return {"type": "section", "block_id": "land.head", "text": blocks.plain(text, 3_000)}


def _select(aspect: Aspect, speech: Speech) -> Element:
    """https://docs.slack.dev/reference/block-kit/block-elements/multi-select-menu-element"""
    options = [blocks.option(one.label, one.value) for one in aspect.choices][:MENU_OPTIONS]
    select: Element = {
        "type": "multi_static_select",
        "action_id": f"{LAND}.pick",
        "placeholder": blocks.plain(aspect.open or speech.say("all"), OPTION_TEXT),
        "options": options,
    }
    chosen = [one for one in options if one["value"] in aspect.chosen]
    if chosen:
        select["initial_options"] = chosen
    return {
        "type": "section",
        "block_id": f"{LAND}.{aspect.name}",
        "text": blocks.plain(aspect.label, 3_000),
        "accessory": select,
    }
