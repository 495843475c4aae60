"""What each method of the Bot API does in a fake Telegram, and what it refuses."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.telegram_world import (
    BOT,
    GROUP,
    Chat,
    Refused,
    Shown,
    World,
    bad,
    keyboard_look,
    message_form,
    text_look,
)

Method = Callable[[dict[str, Any]], Any]


@dataclass(slots=True)
class BotCalls:
    world: World = field(default_factory=lambda: World({GROUP: Chat(GROUP)}))
    me: dict[str, Any] = field(
        default_factory=lambda: BOT
        | {"can_join_groups": True, "can_read_all_group_messages": False,
           "supports_inline_queries": False}
    )  # fmt: skip
    webhook: dict[str, Any] = field(default_factory=dict)
    commands: dict[str, Any] = field(default_factory=dict)
    """By language."""
    inline_results: dict[str, Any] = field(default_factory=dict)

    def methods(self) -> dict[str, Method]:
        return {
            "getMe": lambda _values: self.me,
            "sendMessage": self._send_message,
            "editMessageText": self._edit_text,
            "editMessageReplyMarkup": self._edit_markup,
            "deleteMessage": self._delete,
            "deleteMessages": self._delete_many,
            "answerCallbackQuery": self._answer_query,
            "answerInlineQuery": self._answer_inline,
            "sendPhoto": self._send_photo,
            "sendMediaGroup": self._send_album,
            "createForumTopic": self._create_topic,
            "deleteForumTopic": self._delete_topic,
            "pinChatMessage": self._pin,
            "getChat": self._chat,
            "getChatMember": self._member,
            "getFile": self._get_file,
            "setMyCommands": self._set_commands,
            "setMessageReaction": self._react,
            "setWebhook": self._set_webhook,
            "deleteWebhook": self._delete_webhook,
            "getWebhookInfo": lambda _values: {
                "url": self.webhook.get("url", ""),
                "has_custom_certificate": False,
                "pending_update_count": len(self.world.updates),
            },
        }

    def _send_message(self, values: dict[str, Any]) -> Any:
        look = text_look(values)
        chat = self._may_send(values)
        return message_form(self.world, self.world.show(chat, look, values))

    def _may_send(self, values: dict[str, Any]) -> Chat:
        now = asyncio.get_running_loop().time()
        return self.world.may_send(values.get("chat_id"), values.get("message_thread_id"), now)

    def _edit_text(self, values: dict[str, Any]) -> Any:
        chat = self.world.reachable(values.get("chat_id"))
        message = self.world.own(chat.id, values.get("message_id"))
        if "photo" in message.now:
            raise bad("there is no text in the message to edit")
        return self._edited(message, text_look(values))

    def _edit_markup(self, values: dict[str, Any]) -> Any:
        chat = self.world.reachable(values.get("chat_id"))
        message = self.world.own(chat.id, values.get("message_id"))
        rest = {key: value for key, value in message.now.items() if key != "reply_markup"}
        return self._edited(message, rest | keyboard_look(values))

    def _edited(self, message: Shown, look: dict[str, Any]) -> Any:
        if look == message.now:
            raise bad(
                "message is not modified: specified new message content and reply markup are "
                "exactly the same as a current content and reply markup of the message"
            )
        message.looks.append(look)
        return message_form(self.world, message)

    def _delete(self, values: dict[str, Any]) -> Any:
        chat = self.world.reachable(values.get("chat_id"))
        self.world.delete(chat.id, values.get("message_id"))
        return True

    def _delete_many(self, values: dict[str, Any]) -> Any:
        chat = self.world.reachable(values.get("chat_id"))
        for message in values["message_ids"]:
            with contextlib.suppress(Refused):
                self.world.delete(chat.id, message)
        return True

    def _answer_query(self, values: dict[str, Any]) -> Any:
        number = values["callback_query_id"]
        if number not in self.world.queries or self.world.queries[number] is not None:
            raise bad("query is too old and response timeout expired or query ID is invalid")
        if len(values.get("text", "")) > 200:
            raise bad("MESSAGE_TOO_LONG")
        self.world.queries[number] = {
            "text": values.get("text", ""),
            "show_alert": bool(values.get("show_alert")),
        }
        return True

    def _answer_inline(self, values: dict[str, Any]) -> Any:
        self.inline_results[values["inline_query_id"]] = values["results"]
        return True

    def _send_photo(self, values: dict[str, Any]) -> Any:
        look = text_look(values, limit=1024, name="caption") | self._photo(values["photo"], values)
        return message_form(self.world, self.world.show(self._may_send(values), look, values))

    def _send_album(self, values: dict[str, Any]) -> Any:
        if not 2 <= len(values["media"]) <= 10:
            raise bad("wrong number of messages in the album")
        chat = self._may_send(values)
        shown = [
            self.world.show(chat, self._photo(one["media"], values), values)
            for one in values["media"]
        ]
        return [message_form(self.world, message) for message in shown]

    def _photo(self, named: Any, values: dict[str, Any]) -> dict[str, Any]:
        if isinstance(named, str) and named.startswith("attach://"):
            named = values[named.removeprefix("attach://")]
        if isinstance(named, bytes):
            if not named.startswith((b"\x89PNG", b"\xff\xd8", b"RIFF", b"GIF8")):
                raise bad("IMAGE_PROCESS_FAILED")
            file_id = f"file-{len(self.world.files) + 1}"
            self.world.files[file_id] = named
        elif named in self.world.files:
            file_id = named
        else:
            raise bad("wrong file identifier/HTTP URL specified")
        size = len(self.world.files[file_id])
        return {
            "photo": [
                {"file_id": file_id, "file_unique_id": file_id, "width": 9, "height": 9,
                 "file_size": size}
            ]
        }  # fmt: skip

    def _create_topic(self, values: dict[str, Any]) -> Any:
        chat = self.world.reachable(values.get("chat_id"))
        if not chat.is_forum:
            raise bad("the chat is not a forum")
        if "can_manage_topics" not in chat.rights:
            raise bad("not enough rights to create a topic")
        if not 1 <= len(values["name"]) <= 128:
            raise bad("TOPIC_NAME_INVALID")
        number = self.world.number()
        chat.topics[number] = values["name"]
        return {"message_thread_id": number, "name": values["name"], "icon_color": 7322096}

    def _delete_topic(self, values: dict[str, Any]) -> Any:
        chat = self.world.reachable(values.get("chat_id"))
        if chat.topics.pop(values["message_thread_id"], None) is None:
            raise bad("message thread not found")
        return True

    def _pin(self, values: dict[str, Any]) -> Any:
        chat = self.world.reachable(values.get("chat_id"))
        if "can_pin_messages" not in chat.rights:
            raise bad("not enough rights to manage pinned messages in the chat")
        chat.pinned.append(self.world.own(chat.id, values.get("message_id")).id)
        return True

    def _chat(self, values: dict[str, Any]) -> Any:
        gifts = (
            "unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription",
            "gifts_from_channels",
        )  # fmt: skip
        chat = self.world.reachable(values.get("chat_id"))
        pinned = [self.world.find(chat.id, one) for one in reversed(chat.pinned)]
        latest = next((one for one in pinned if one is not None), None)
        shown = message_form(self.world, latest, with_reply=False) if latest else None
        return chat.form() | {
            "accent_color_id": 1,
            "max_reaction_count": 11,
            "accepted_gift_types": dict.fromkeys(gifts, False),
            **({"pinned_message": shown} if shown else {}),
        }

    def _member(self, values: dict[str, Any]) -> Any:
        chat = self.world.reachable(values.get("chat_id"))
        if values.get("user_id") != BOT["id"]:
            if values.get("user_id") not in chat.members:
                raise bad("member not found")
            return chat.members[values["user_id"]]
        rights = {
            name: name in chat.rights
            for name in (
                "can_be_edited", "can_manage_chat", "can_change_info", "can_delete_messages",
                "can_invite_users", "can_restrict_members", "can_pin_messages",
                "can_manage_topics", "can_promote_members", "can_manage_video_chats",
                "can_post_stories", "can_edit_stories", "can_delete_stories", "is_anonymous",
            )
        }  # fmt: skip
        return {"status": "administrator", "user": BOT, **rights}

    def _get_file(self, values: dict[str, Any]) -> Any:
        number = values["file_id"]
        if number not in self.world.files:
            raise bad("wrong file_id or the file is temporarily unavailable")
        return {"file_id": number, "file_unique_id": number, "file_path": number}

    def _react(self, values: dict[str, Any]) -> Any:
        chat = self.world.reachable(values.get("chat_id"))
        message = self.world.find(chat.id, values.get("message_id"))
        if message is None:
            raise bad("message to react not found")
        message.reactions = [one["emoji"] for one in values["reaction"]]
        return True

    def _set_commands(self, values: dict[str, Any]) -> Any:
        self.commands[values.get("language_code", "")] = values["commands"]
        return True

    def _set_webhook(self, values: dict[str, Any]) -> Any:
        if not values["url"].startswith("http"):
            raise bad("bad webhook: invalid webhook URL specified")
        self.webhook = values
        return True

    def _delete_webhook(self, values: dict[str, Any]) -> Any:
        self.webhook = {}
        return True
