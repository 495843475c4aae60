"""The rooms beside the hooks: the console at the root, doors of chats, what a demo adds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from aiohttp import web

from bot.bootstrap.opening import OpenDesk
from bot.cards.connecting import JoiningPage, Looked
from bot.model.commands import Outcome, OutcomeKind
from bot.model.ids import CommandId
from bot.model.joining import Wish
from bot.model.member import ChatIdentity
from bot.ports import Joins
from handlers.console.app import build_console
from integrations.pictures import GuardedPictures

_NO = Outcome(OutcomeKind.REFUSED, "In the demo no account is connected.")


class KeyAlone:
    """Implements `bot.ports.Joins` for a demo: tokens of chats are sealed, accounts are none."""

    def __init__(self, joins: Joins) -> None:
        self._joins = joins

    def page(self) -> JoiningPage:
        return replace(self._joins.page(), offers=())

    async def look(self, press: CommandId, actor: ChatIdentity, wish: Wish) -> Looked:
        return Looked(_NO)

    async def join(
        self, press: CommandId, actor: ChatIdentity, wish: Wish, remote_id: str
    ) -> Looked:
        return Looked(_NO)

    async def disconnect(self, press: CommandId, actor: ChatIdentity, account: str) -> Outcome:
        return _NO

    async def make_key(self, press: CommandId, actor: ChatIdentity) -> Outcome:
        return await self._joins.make_key(press, actor)


def rooms_of(
    desk: OpenDesk, act_as: Sequence[str] | None, more: Mapping[str, web.Application]
) -> Mapping[str, web.Application]:
    """By the path that each is served at."""
    console = build_console(
        desk.desk,
        desk.feed,
        desk.sign_in,
        KeyAlone(desk.joins) if "/sandbox" in more else desk.joins,
        desk.greets,
        desk.chat_joins,
        act_as=act_as,
        sandbox="/sandbox" in more,
        clock=desk.clock,
        allowed_hosts=desk.settings.desk.host_names,
        fetches=GuardedPictures(desk.settings.desk.allow_private_hosts),
    )
    return {**more, **desk.chats.doors, "/": console}
