"""What Slack sends, as far as we read it; https://docs.slack.dev/reference/interaction-payloads.

Everything else in a payload is ignored. A payload that lacks what we need is a ValidationError and
means nothing to us.
"""

from __future__ import annotations

import hashlib
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from bot.model.ids import CommandId
from bot.model.member import ChatIdentity

CHAT = "slack"

Id = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Trigger = Annotated[str, StringConstraints(max_length=300)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Who(_Part):
    id: Id

    @property
    def identity(self) -> ChatIdentity:
        return ChatIdentity(CHAT, self.id)


class Option(_Part):
    value: Annotated[str, StringConstraints(max_length=200)]


class Pressed(_Part):
    """One element of `actions`."""

    action_id: Id
    action_ts: Id
    value: str = ""
    selected_option: Option | None = None

    @property
    def data(self) -> str:
        """What the button or the chosen option carries."""
        return self.value if self.selected_option is None else self.selected_option.value


class Container(_Part):
    message_ts: str = ""
    channel_id: str = ""
    is_ephemeral: bool = False
    """Whoever pressed alone sees the message."""


class FileOf(_Part):
    """A file that a person attached: https://docs.slack.dev/reference/objects/file-object."""

    id: Id
    name: Annotated[str, StringConstraints(max_length=1_000)] = ""
    mimetype: Annotated[str, StringConstraints(max_length=200)] = ""
    size: int = 0
    url_private: str = ""
    url_private_download: str = ""

    @property
    def address(self) -> str:
        """Where its bytes are, for whoever has a token."""
        return self.url_private_download or self.url_private


class Field_(_Part):  # noqa: N801 - `Field` is pydantic's
    """The state of one element of a form."""

    value: str | None = None
    selected_option: Option | None = None
    selected_options: tuple[Option, ...] = ()
    selected_date_time: int | None = None
    files: tuple[FileOf, ...] = ()


class State(_Part):
    """By block, then by element."""

    values: dict[str, dict[str, Field_]] = {}


class View(_Part):
    """A modal or a Home tab; `private_metadata` is what we gave it to remember."""

    id: Id
    type: str = ""
    callback_id: str = ""
    private_metadata: str = ""
    hash: str = ""


class Press(_Part):
    """`block_actions`"""

    user: Who
    trigger_id: Trigger = ""
    container: Container = Container()
    view: View | None = None
    state: State = State()
    """Of the selects in the message that it came from."""
    actions: Annotated[tuple[Pressed, ...], Field(min_length=1)]

    def chosen(self, prefix: str) -> dict[str, tuple[str, ...]]:
        """What stands in the message's selects, by what follows `prefix` in the block's name."""
        return {
            block.removeprefix(prefix): tuple(
                option.value for field in fields.values() for option in field.selected_options
            )
            for block, fields in self.state.values.items()
            if block.startswith(prefix)
        }

    @property
    def is_in_modal(self) -> bool:
        return self.view is not None and self.view.type == "modal"

    @property
    def is_from_menu(self) -> bool:
        return self.pressed.selected_option is not None

    @property
    def pressed(self) -> Pressed:
        return self.actions[0]

    @property
    def id(self) -> CommandId:
        """The same for the same press, however often it is delivered."""
        where = self.container.message_ts or (self.view.id if self.view else "")
        return command_id(self.user.id, where, self.pressed.action_id, self.pressed.action_ts)


class Form(View):
    state: State = State()

    def field(self, block_id: str) -> Field_:
        """The one element of a block; an empty one when the block is not there."""
        return next(iter(self.state.values.get(block_id, {}).values()), Field_())


class Submission(_Part):
    """`view_submission`, and `view_closed` without its state."""

    user: Who
    trigger_id: Trigger = ""
    view: Form

    @property
    def id(self) -> CommandId:
        return command_id(self.user.id, self.view.id, self.view.callback_id, self.trigger_id)


class ShownMessage(_Part):
    ts: Id
    thread_ts: str = ""
    text: str = ""
    files: tuple[FileOf, ...] = ()


class SentMessage(ShownMessage):
    """A message of a channel as its event tells of it; https://docs.slack.dev/reference/events."""

    channel: str = ""
    user: Id
    bot_id: str = ""
    subtype: str = ""

    @property
    def is_of_a_bot(self) -> bool:
        return bool(self.bot_id)


class MessageSent(_Part):
    """`message`"""

    event: SentMessage


class MessageBefore(_Part):
    ts: Id
    thread_ts: str = ""
    user: Id
    bot_id: str = ""


class ChangedEvent(_Part):
    """`message` is how it reads now; a deleted one has none."""

    subtype: Literal["message_changed", "message_deleted"]
    channel: Id
    event_ts: Id
    message: SentMessage | None = None
    previous_message: MessageBefore


class MessageChanged(_Part):
    """`message` of a message that was there before."""

    event: ChangedEvent


class ChannelOf(_Part):
    id: Id


class Shortcut(_Part):
    """`shortcut` and `message_action`; the latter has a channel and a message."""

    user: Who
    trigger_id: Trigger
    channel: ChannelOf | None = None
    message: ShownMessage | None = None


class SlashCommand(_Part):
    user_id: Id
    trigger_id: Trigger = ""
    channel_id: str = ""
    text: Annotated[str, StringConstraints(max_length=4_000)] = ""

    @property
    def identity(self) -> ChatIdentity:
        return ChatIdentity(CHAT, self.user_id)

    @property
    def id(self) -> CommandId:
        return command_id(self.user_id, self.text, "command", self.trigger_id)


class HomeEvent(_Part):
    user: Id
    tab: str = ""
    view: View | None = None
    """What stands there, once anything does."""


class HomeOpened(_Part):
    """`app_home_opened`"""

    event: HomeEvent


class JoinEvent(_Part):
    user: Id
    channel: Id
    inviter: str = ""


class Invited(_Part):
    """`member_joined_channel` and `member_left_channel`"""

    event: JoinEvent


class LeaveEvent(_Part):
    channel: Id


class Removed(_Part):
    """`channel_left` and `group_left`"""

    event: LeaveEvent


def command_id(*parts: str) -> CommandId:
    """Hex sha256 of what Slack repeats when it delivers the same thing again."""
    return CommandId(hashlib.sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest())
