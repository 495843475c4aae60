"""People in a fake Telegram: they tap buttons, answer messages and write commands.

What they do reaches the bot as updates, by poll or webhook, as the server is set. `taps` counts
what a thumb does: buttons and sent messages.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.fakes.telegram_server import TelegramServer
from tests.fakes.telegram_world import BOT, GROUP, Shown, message_form
from tests.patience import PATIENCE


async def until(server: TelegramServer, holds: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    """What `holds` says once it says something; it is asked whenever the bot has done something."""
    end = asyncio.get_running_loop().time() + seconds
    while True:
        changed = server.changed
        found = holds()
        if found:
            return found
        left = end - asyncio.get_running_loop().time()
        assert left > 0, "it did not happen in time"
        try:
            await asyncio.wait_for(changed.wait(), min(left, 0.2))
        except TimeoutError:
            continue


@dataclass(slots=True)
class Person:
    server: TelegramServer
    id: int
    name: str
    taps: int = 0

    @property
    def form(self) -> dict[str, Any]:
        return {"id": self.id, "is_bot": False, "first_name": self.name}

    # Buttons

    def press(self, message: Shown, data: str, query: str = "") -> str:
        """A press; its number, under which it is answered. One with a number is the same again."""
        self.taps += 1
        world = self.server.world
        number = query or str(world.number() + 10_000)
        world.queries.setdefault(number, None)
        self.server.tell(
            callback_query={
                "id": number,
                "from": self.form,
                "message": message_form(world, message),
                "chat_instance": "1",
                "data": data,
            }
        )
        return number

    async def answer_to(self, query: str) -> dict[str, Any]:
        """What the press was answered: text, and whether it must be put away."""
        answered: dict[str, Any] = await until(
            self.server, lambda: self.server.world.queries[query]
        )
        return answered

    async def tap(self, message: Shown, label: str) -> dict[str, Any]:
        """Presses the button whose label has these words, and reads what comes."""
        return await self.answer_to(self.press(message, message.data(label)))

    # Groups

    def moves(self, chat: int, old: str, new: str) -> None:
        """They come into a group or leave it, which an administrator hears."""
        self.server.tell(
            chat_member={
                "chat": self.server.world.chat(chat).form(),
                "from": self.form,
                "date": 1_796_029_200,
                "old_chat_member": _membership(self.form, old),
                "new_chat_member": _membership(self.form, new),
            }
        )

    def changes_the_bot(self, chat: int, old: str, new: str) -> None:
        """They bring the bot in, remove it, or change what it may do."""
        bot = {"id": BOT["id"], "is_bot": True, "first_name": "Acme desk"}
        self.server.tell(
            my_chat_member={
                "chat": self.server.world.chat(chat).form(),
                "from": self.form,
                "date": 1_796_029_200,
                "old_chat_member": _membership(bot, old),
                "new_chat_member": _membership(bot, new),
            }
        )

    # Words

    def write(
        self,
        text: str,
        *,
        answering: Shown | None = None,
        chat: int = GROUP,
        thread: int | None = None,
        photo: str = "",
        **more: Any,
    ) -> Shown:
        """A message; the bot hears it when privacy mode lets it."""
        self.taps += 1
        world = self.server.world
        look: dict[str, Any] = {"text": text}
        if photo:
            look = {
                "caption": text,
                "photo": [{"file_id": photo, "file_unique_id": photo, "width": 9, "height": 9}],
            }
        if text.startswith("/"):
            length = len(text.split(maxsplit=1)[0])
            look["entities"] = [{"type": "bot_command", "offset": 0, "length": length}]
        message = Shown(
            world.number(),
            chat,
            self.form,
            [look],
            answering.thread if answering is not None and thread is None else thread,
            answering.id if answering is not None else None,
        )
        world.messages.append(message)
        to_us = text.startswith("/") or (
            answering is not None and answering.sender["id"] == BOT["id"]
        )
        if to_us or world.chat(chat).kind == "private":
            self.server.tell(message=message_form(world, message) | more)
        return message

    def rewrite(self, message: Shown, text: str) -> None:
        """They edit what they wrote, which the bot hears as it heard the message."""
        world = self.server.world
        message.looks.append({"text": text})
        edited = message_form(world, message) | {"edit_date": 1_796_029_200 + len(message.looks)}
        self.server.tell(edited_message=edited)

    # Inline

    async def types(self, query: str) -> list[dict[str, Any]]:
        """What is offered for words after the bot's name in the input field."""
        number = str(self.server.world.number() + 20_000)
        self.server.tell(
            inline_query={"id": number, "from": self.form, "query": query, "offset": ""}
        )
        await until(self.server, lambda: number in self.server.inline_results)
        return list(self.server.inline_results[number])

    def choose(self, result: dict[str, Any], chat: int = GROUP) -> Shown:
        """Sends an offered result into a chat."""
        self.taps += 1
        world = self.server.world
        text = result["input_message_content"]["message_text"]
        message = Shown(world.number(), chat, self.form, [{"text": text}], via_bot=True)
        world.messages.append(message)
        self.server.tell(message=message_form(world, message))
        return message


def _membership(user: dict[str, Any], status: str) -> dict[str, Any]:
    more: dict[str, Any] = {}
    if status == "kicked":
        more["until_date"] = 0
    if status == "administrator":
        rights = (
            "can_be_edited", "is_anonymous", "can_manage_chat", "can_delete_messages",
            "can_manage_video_chats", "can_restrict_members", "can_promote_members",
            "can_change_info", "can_invite_users", "can_post_stories", "can_edit_stories",
            "can_delete_stories",
        )  # fmt: skip
        more |= dict.fromkeys(rights, False)
    return {"user": user, "status": status, **more}
