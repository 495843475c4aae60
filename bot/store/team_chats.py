"""Chats that were connected in the console, and their tokens, sealed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import delete, insert, select, update

from bot.model.ids import BrandId, Moment
from bot.model.team_chat import ChatIntroduced, TeamChat, chat_secret_key
from bot.store.connection import Connection
from bot.store.schema import sealed_secret, team_chat
from bot.store.sessions import Sessions


class TeamChats:
    def __init__(self, connection: Connection) -> None:
        self._c = connection
        self._sessions = Sessions(connection)

    def all(self) -> dict[str, TeamChat]:
        """By name; those that are disconnected among them."""
        rows = self._c.execute(select(team_chat).order_by(team_chat.c.chat)).all()
        if not rows:
            return {}
        kept = select(sealed_secret.c.key, sealed_secret.c.sealed).where(
            sealed_secret.c.key.startswith("chat:")
        )
        sealed = {r.key: r.sealed for r in self._c.execute(kept)}
        return {r.chat: _chat(r, sealed) for r in rows}

    def connected(self) -> dict[str, TeamChat]:
        return {name: one for name, one in self.all().items() if one.is_connected}

    def save(
        self,
        brand_id: BrandId,
        chat: str,
        introduced: ChatIntroduced,
        sealed: Mapping[str, str],
        at: Moment,
    ) -> None:
        """Connected from now on, with these tokens and no others."""
        self.hand_over([chat])
        row = {
            "chat": chat,
            "brand_id": brand_id,
            "remote_id": introduced.remote_id,
            "name": introduced.name,
            "is_connected": True,
            "trouble": "",
            "is_called": introduced.is_called,
        }
        self._c.execute(insert(team_chat).values(row))
        for name, token in sealed.items():
            self._sessions.save_secret(chat_secret_key(chat, name), token, at)

    def disconnect(self, chat: str) -> None:
        """Its tokens are deleted; that it was there is kept."""
        here = team_chat.c.chat == chat
        self._c.execute(update(team_chat).where(here).values(is_connected=False, trouble=""))
        self._forget(chat)

    def hand_over(self, chats: Iterable[str]) -> None:
        """The configuration names these from now on."""
        for chat in chats:
            self._c.execute(delete(team_chat).where(team_chat.c.chat == chat))
            self._forget(chat)

    def say_trouble(self, chat: str, says: str) -> bool:
        """True when that is news."""
        here = (team_chat.c.chat == chat) & (team_chat.c.trouble != says)
        return bool(self._c.execute(update(team_chat).where(here).values(trouble=says)).rowcount)

    def called(self, chat: str, at: Moment) -> bool:
        """It called and proved itself; True when that is news."""
        here = (team_chat.c.chat == chat) & team_chat.c.called_at.is_(None)
        return bool(self._c.execute(update(team_chat).where(here).values(called_at=at)).rowcount)

    def _forget(self, chat: str) -> None:
        mine = sealed_secret.c.key.startswith(chat_secret_key(chat, ""), autoescape=True)
        self._c.execute(delete(sealed_secret).where(mine))


def _chat(r: Any, sealed: Mapping[str, str]) -> TeamChat:
    begins = chat_secret_key(r.chat, "")
    own = {k.removeprefix(begins): v for k, v in sealed.items() if k.startswith(begins)}
    called_at = None if r.called_at is None else Moment(r.called_at)
    return TeamChat(
        r.chat, r.remote_id, r.name, r.is_connected, r.trouble, own, r.is_called, called_at
    )
