"""The rooms beside the hooks: the console at the root, doors of chats, what a demo adds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aiohttp import web

from bot.bootstrap.opening import OpenDesk
from handlers.console.app import build_console


def rooms_of(
    desk: OpenDesk, act_as: Sequence[str] | None, more: Mapping[str, web.Application]
) -> Mapping[str, web.Application]:
    """By the path that each is served at."""
    console = build_console(
        desk.desk,
        desk.feed,
        desk.sign_in,
        desk.joins if act_as is None else None,
        desk.greets,
        act_as=act_as,
        sandbox="/sandbox" in more,
        clock=desk.clock,
        allowed_hosts=desk.settings.desk.host_names,
    )
    return {**more, **desk.chats.doors, "/": console}
