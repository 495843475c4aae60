"""What an error of Telegram means for the desk: the one place that reads its descriptions.

The Bot API has no error codes beyond HTTP's; the descriptions are those of its open server
(telegram-bot-api, `Client.cpp`), compared without regard to case.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    TelegramError,
)

from bot.errors import (
    AuthenticationFailed,
    ConnectorError,
    OutcomeUnknown,
    PermissionMissing,
    RateLimited,
    Rejected,
    TargetGone,
    Unavailable,
    UnexpectedResponse,
)
from bot.model.ids import SECOND, Moment
from handlers.telegram.request import Flooded, NothingSent

_NOT_MODIFIED = ("message is not modified",)
_GONE = (
    "message to edit not found",
    "message can't be edited",
    "message_id_invalid",
    "message to delete not found",
    "message to be replied not found",
)
_NO_TOPIC = ("message thread not found", "topic_deleted", "topic_id_invalid")
_NO_FORUM = ("chat is not a forum", "the chat is not a forum")
_BAD_MARKUP = ("can't parse entities", "can't find end", "unsupported start tag")
_TOO_LATE = ("query is too old", "query id is invalid", "query_id_invalid")
_NO_PICTURE = (
    "photo_invalid_dimensions",
    "image_process_failed",
    "wrong file identifier",
    "photo_content_type_invalid",
    "failed to get http url content",
    "photo_save_file_invalid",
)
_REFUSALS: Sequence[tuple[tuple[str, ...], str]] = (
    (
        ("chat not found", "peer_id_invalid", "group chat was deactivated"),
        "Telegram knows no such group for this bot. Add the bot to it, and put the group's id, "
        "which the bot answers to /help there, into `channel`.",
    ),
    (
        ("topic_closed",),
        "The topic is closed. Open it again, or give the bot the right to manage topics.",
    ),
    (
        ("not enough rights", "have no rights", "chat_write_forbidden", "need administrator",
         "chat_admin_required", "right_forbidden", "chat_send_"),
        "The bot may not do this in the group. Make it an administrator that may send messages, "
        "pin them and manage topics.",
    ),
)  # fmt: skip


def _says(*words: Sequence[str]) -> Callable[[TelegramError], bool]:
    wanted = tuple(word for group in words for word in group)

    def told(error: TelegramError) -> bool:
        return isinstance(error, BadRequest) and any(w in error.message.lower() for w in wanted)

    return told


is_unchanged = _says(_NOT_MODIFIED)
"""The message shows this already."""
is_gone = _says(_GONE)
has_no_topic = _says(_NO_TOPIC)
is_no_forum = _says(_NO_FORUM)
has_bad_markup = _says(_BAD_MARKUP)
is_too_late = _says(_TOO_LATE)
"""A press that was answered already, or too long ago."""
has_bad_picture = _says(_NO_PICTURE)


def explained(error: TelegramError, now: Moment) -> ConnectorError:
    """The same as the class that says what the caller must do."""
    match error:
        case Flooded(seconds=seconds):
            return RateLimited(str(error), until=now + seconds * SECOND)
        case NothingSent():
            return Unavailable("Telegram could not be reached.")
        case InvalidToken():
            return AuthenticationFailed(
                "Telegram does not know this token. Ask @BotFather for the bot's token, and check "
                "`base_url` if you run a Bot API server of your own."
            )
        case Forbidden():
            return PermissionMissing(
                f"The bot may not write there ({_short(error)}). Add it to the group again.",
                scope="chat",
            )
        case Conflict():
            return Unavailable(
                "Another program reads this bot's updates. Stop it, or give each its own bot."
            )
        case ChatMigrated():
            return Unavailable("The group became a supergroup with another id.")
        case BadRequest():
            return _refused(error)
        case NetworkError():
            return OutcomeUnknown("Telegram did not answer.")
        case _:
            return UnexpectedResponse("Telegram's answer makes no sense.", payload=str(error))


def _refused(error: BadRequest) -> ConnectorError:
    if is_gone(error):
        return TargetGone("The message is not there any more.")
    said = error.message.lower()
    for words, says in _REFUSALS:
        if any(word in said for word in words):
            return PermissionMissing(says, scope="group")
    return Rejected(f"Telegram refused: {_short(error)}.")


def _short(error: TelegramError) -> str:
    return error.message.rstrip(".")[:200]
