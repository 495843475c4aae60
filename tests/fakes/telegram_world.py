"""What stands in a fake Telegram: chats with their members and topics, messages, and updates.

The rules are those that the Bot API documents and its open server enforces; whatever it would
refuse raises `Refused` with the description that it gives.
"""

from __future__ import annotations

import itertools
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.telegram_text import (
    CannotParse,
    Parsed,
    keyboard_complaints,
    parsed,
    units,
)

BOT = {"id": 777000777, "is_bot": True, "first_name": "Acme desk", "username": "acme_desk_bot"}
GROUP = -100500
"""A supergroup."""


class Refused(Exception):
    def __init__(self, status: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.parameters = parameters


def bad(description: str) -> Refused:
    return Refused(400, f"Bad Request: {description}")


@dataclass(slots=True)
class Chat:
    """`rights`: what the bot may do; `posts`: moments of its latest messages, for the limit."""

    id: int
    kind: str = "supergroup"
    title: str = "Acme care"
    is_forum: bool = False
    rights: set[str] = field(
        default_factory=lambda: {"send", "can_pin_messages", "can_manage_topics"}
    )
    is_member: bool = True
    moved_to: int | None = None
    topics: dict[int, str] = field(default_factory=dict)
    closed: set[int] = field(default_factory=set)
    pinned: list[int] = field(default_factory=list)
    posts: deque[float] = field(default_factory=deque)
    members: dict[int, dict[str, Any]] = field(default_factory=dict)
    """People of a group by their number, as `getChatMember` tells of them."""

    def form(self) -> dict[str, Any]:
        form: dict[str, Any] = {"id": self.id, "type": self.kind}
        if self.kind == "private":
            return form | {"first_name": self.title}
        return form | {"title": self.title} | ({"is_forum": True} if self.is_forum else {})


@dataclass(slots=True)
class Shown:
    """One message; `looks` are all that it ever showed, oldest first."""

    id: int
    chat: int
    sender: dict[str, Any]
    looks: list[dict[str, Any]]
    thread: int | None = None
    answers: int | None = None
    via_bot: bool = False
    is_silent: bool = False
    reactions: list[str] = field(default_factory=list)

    @property
    def now(self) -> dict[str, Any]:
        return self.looks[-1]

    @property
    def text(self) -> str:
        return str(self.now.get("text") or self.now.get("caption") or "")

    @property
    def keyboard(self) -> list[list[dict[str, str]]]:
        markup = self.now.get("reply_markup") or {}
        return list(markup.get("inline_keyboard", []))

    @property
    def labels(self) -> list[str]:
        return [button["text"] for row in self.keyboard for button in row]

    def data(self, label: str) -> str:
        """What the button whose label contains these words sends back."""
        found = [
            button["callback_data"]
            for row in self.keyboard
            for button in row
            if label in button["text"]
        ]
        assert len(found) == 1, f"{label!r} among {self.labels}"
        return found[0]


@dataclass(slots=True)
class World:
    chats: dict[int, Chat] = field(default_factory=dict)
    messages: list[Shown] = field(default_factory=list)
    """Those that stand, in the order in which they came."""
    deleted: list[Shown] = field(default_factory=list)
    updates: list[dict[str, Any]] = field(default_factory=list)
    """Not confirmed yet."""
    queries: dict[str, dict[str, Any] | None] = field(default_factory=dict)
    """Presses: what they were answered, or None."""
    files: dict[str, bytes] = field(default_factory=dict)
    per_minute: int = 20
    _numbers: Any = field(default_factory=lambda: itertools.count(101))

    def chat(self, chat: int) -> Chat:
        return self.chats[chat]

    def in_chat(self, chat: int) -> list[Shown]:
        return [one for one in self.messages if one.chat == chat]

    def by_bot(self, chat: int = GROUP) -> list[Shown]:
        return [one for one in self.in_chat(chat) if one.sender["id"] == BOT["id"]]

    def number(self) -> int:
        return int(next(self._numbers))

    # What the bot asks for

    def reachable(self, chat: Any) -> Chat:
        """The chat that the bot may write to, or why not."""
        try:
            found = self.chats.get(int(chat))
        except (TypeError, ValueError):
            found = None
        if found is None:
            raise bad("chat not found")
        if found.moved_to is not None:
            raise Refused(
                400,
                "Bad Request: group chat was upgraded to a supergroup chat",
                migrate_to_chat_id=found.moved_to,
            )
        if not found.is_member:
            raise Refused(403, f"Forbidden: bot was kicked from the {found.kind} chat")
        return found

    def may_send(self, chat: Any, thread: Any, now: float) -> Chat:
        found = self.reachable(chat)
        if "send" not in found.rights:
            raise bad("not enough rights to send text messages to the chat")
        if thread is not None:
            if int(thread) not in found.topics:
                raise bad("message thread not found")
            if int(thread) in found.closed:
                raise bad("TOPIC_CLOSED")
        while found.posts and now - found.posts[0] >= 60:
            found.posts.popleft()
        if found.kind != "private" and len(found.posts) >= self.per_minute:
            wait = int(60 - (now - found.posts[0])) + 1
            raise Refused(429, f"Too Many Requests: retry after {wait}", retry_after=wait)
        found.posts.append(now)
        return found

    def show(
        self,
        chat: Chat,
        look: dict[str, Any],
        values: dict[str, Any],
        sender: dict[str, Any] | None = None,
    ) -> Shown:
        answers = (values.get("reply_parameters") or {}).get("message_id")
        if answers is not None and self.find(chat.id, answers) is None:
            if not values["reply_parameters"].get("allow_sending_without_reply"):
                raise bad("message to be replied not found")
            answers = None
        message = Shown(
            self.number(),
            chat.id,
            sender or BOT,
            [look],
            values.get("message_thread_id"),
            answers,
            is_silent=bool(values.get("disable_notification")),
        )
        self.messages.append(message)
        return message

    def find(self, chat: int, message: Any) -> Shown | None:
        found = [one for one in self.messages if one.chat == chat and one.id == message]
        return found[0] if found else None

    def own(self, chat: int, message: Any) -> Shown:
        found = self.find(chat, message)
        if found is None:
            raise bad("message to edit not found")
        if found.sender["id"] != BOT["id"]:
            raise bad("message can't be edited")
        return found

    def delete(self, chat: int, message: Any) -> None:
        found = self.find(chat, message)
        if found is None:
            raise bad("message to delete not found")
        self.messages.remove(found)
        self.deleted.append(found)


def text_look(values: dict[str, Any], *, limit: int = 4096, name: str = "text") -> dict[str, Any]:
    """Text, entities and keyboard as they will be shown; Refused for what Telegram refuses."""
    raw = str(values.get(name, ""))
    if values.get("parse_mode") == "HTML":
        try:
            message = parsed(raw)
        except CannotParse as error:
            raise bad(str(error)) from error
    else:
        message = Parsed(raw, ())
    text = message.text.strip()
    if not text and name == "text":
        raise bad("message text is empty")
    if units(text) > limit:
        raise bad("message is too long" if name == "text" else "message caption is too long")
    entities = [
        {"type": one.kind, "offset": one.offset, "length": one.length}
        | ({"url": one.url} if one.url else {})
        for one in message.entities
    ]
    look: dict[str, Any] = {name: text}
    if entities:
        look["entities" if name == "text" else "caption_entities"] = entities
    return look | keyboard_look(values)


def keyboard_look(values: dict[str, Any]) -> dict[str, Any]:
    markup = values.get("reply_markup")
    if not isinstance(markup, dict):
        return {}
    if "inline_keyboard" in markup:
        wrong = keyboard_complaints(markup)
        if wrong:
            raise bad(wrong[0] if wrong[0].startswith("BUTTON") else f"REPLY_MARKUP: {wrong[0]}")
        return {"reply_markup": markup} if markup["inline_keyboard"] else {}
    return {"force_reply": markup} if markup.get("force_reply") else {}


def message_form(world: World, message: Shown, *, with_reply: bool = True) -> dict[str, Any]:
    """As the Bot API writes a message; the one it answers comes without its own."""
    look = {key: value for key, value in message.now.items() if key != "force_reply"}
    form: dict[str, Any] = {
        "message_id": message.id,
        "date": 1_796_029_200,
        "chat": world.chats[message.chat].form(),
        "from": message.sender,
        **look,
    }
    if message.thread is not None:
        form |= {"message_thread_id": message.thread, "is_topic_message": True}
    if message.via_bot:
        form["via_bot"] = BOT
    if message.answers is not None and with_reply:
        answered = world.find(message.chat, message.answers)
        if answered is not None:
            form["reply_to_message"] = message_form(world, answered, with_reply=False)
    return form
