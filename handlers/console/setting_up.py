"""What the Connect page asks the desk for: JSON in, a typed command out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo
from typing import Annotated

from pydantic import Field, StringConstraints

from bot.cards.landing import set_up_of
from bot.model import commands
from bot.model.channel import Place
from bot.model.member import Role
from bot.speech.speech import marked
from handlers.console.orders import OrderForm, Slug

ChatName = Annotated[str, StringConstraints(min_length=1, max_length=20)]
ChatId = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Topic = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)]
Value = Annotated[str, StringConstraints(max_length=100)]


class SetUpChannelForm(OrderForm):
    """Its choices come by the name of their aspect; what is left out takes everything."""

    chat: ChatName
    channel: ChatId
    topic: Topic = ""
    title: Annotated[str, StringConstraints(max_length=200)] = ""
    chosen: dict[Value, Annotated[list[Value], Field(max_length=200)]] = Field(default={})

    def command(self, zone: tzinfo) -> commands.Command:
        try:
            return set_up_of(self.chat, Place(self.channel, self.topic), self.title, self.chosen)
        except ValueError:
            raise ValueError(
                marked("One of these choices is none any more. Load the page again.")
            ) from None


class AddMemberForm(OrderForm):
    name: Annotated[str, StringConstraints(max_length=200)]
    role: Annotated[Role, Field(strict=False)]

    def command(self, zone: tzinfo) -> commands.Command:
        return commands.AddMember(self.name, self.role)


class InviteForm(OrderForm):
    member: Slug

    def command(self, zone: tzinfo) -> commands.Command:
        return commands.InviteMember(self.member)


SETTING_UP: Mapping[str, type[OrderForm]] = {
    "set_up_channel": SetUpChannelForm,
    "add_member": AddMemberForm,
    "invite_member": InviteForm,
}
