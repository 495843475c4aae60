"""Recordings made fit to be given away: the shape of everything stays, what it says does not.

Nothing is kept because it looks harmless. A text stays only where it is one of the vendors' own
words that stand below; every other text, name, address and number is replaced, the same by the
same, so that what refers to each other still does. A key stays where it is written as fields are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from bot.errors import ConfigurationError
from bot.logs import without_secrets

SMALLEST = 1_000
"""Numbers below count something; those above may name somebody."""

WORDS = frozenset(
    "true false ok error errors user bot channel group supergroup private message messages "
    "interactive events_api slash_commands hello disconnect refresh_requested block_actions "
    "view_submission view_closed modal home blocks context rich_text rich_text_section "
    "rich_text_quote rich_text_preformatted text plain_text mrkdwn section header divider image "
    "input actions button static_select option_group plain_text_input datetimepicker checkboxes "
    "primary danger default none full en fr ro ru desk_card hidden bot_message thread_broadcast "
    "administrator creator member restricted left kicked callback_query my_chat_member "
    "inline_query HTML bold italic blockquote expandable_blockquote text_link bot_command url "
    "mention public unlisted direct reply favourite reblog follow poll status visible held "
    "approve approved hold spam trash publish draft comment open closed html rendered "
    "invalid_auth not_authed missing_scope channel_not_found not_in_channel is_archived "
    "message_not_found invalid_blocks unknown_method ratelimited internal_error fatal_error "
    "expired_trigger_id exchanged_trigger_id failed_constraint".split()
)
SENTENCES = frozenset(
    {
        "Bad Request: message is not modified: specified new message content and reply markup "
        "are exactly the same as a current content and reply markup of the message",
        "Bad Request: message to delete not found",
        "Bad Request: chat not found",
        "Bad Request: message thread not found",
        "Unauthorized",
        "Not Found",
    }
)
PATHS = frozenset(
    "api v1 v2 v3 accounts verify_credentials statuses context instance notifications search "
    "timelines home public favourite unfavourite xrpc wp-json wp users me comments posts replies "
    "media sandbox streaming like hide spam GET POST PUT DELETE PATCH".split()
)
_METHOD = re.compile(
    r"(?:chat|auth|apps|conversations|users|views|blocks)(?:\.[A-Za-z]{2,20}){1,2}"
)
_BOT_METHOD = re.compile(r"(?:get|send|edit|delete|answer|set|create|pin)[A-Za-z]{2,24}")
_LEXICON = re.compile(r"(?:com\.atproto|app\.bsky)(?:\.[A-Za-z]{2,24}){1,3}")
_KEY = re.compile(r"[$_]?[a-z]+(?:[A-Z][a-z]+){0,4}(?:_[a-z]+){0,5}")
_KEY_LENGTH = 40

_Made = Callable[[int, str], str]
_KINDS: Sequence[tuple[re.Pattern[str], _Made]] = (
    (re.compile(r"\d{9,10}\.\d{6}"), lambda n, _: f"1700000000.{n:06}"),
    (re.compile(r"-?\d+"), lambda n, told: f"{'-' * told.startswith('-')}{1_000_000 + n}"),
    (
        re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d)?"),
        lambda n, _: f"2026-01-01T{n // 3600 % 24:02}:{n // 60 % 60:02}:{n % 60:02}.000Z",
    ),
    (re.compile(r"wss?://\S*"), lambda n, _: f"wss://example.invalid/{n}"),
    (re.compile(r"https?://\S*"), lambda n, _: f"https://example.invalid/{n}"),
    (re.compile(r"at://\S*"), lambda n, _: f"at://did:example:{n}/collection/{n}"),
    (re.compile(r"did:\S*"), lambda n, _: f"did:example:{n}"),
    (re.compile(r"[^\s@]+@[^\s@]+"), lambda n, _: f"person{n}@example.invalid"),
    (re.compile(r"[ABCDEFTUVWG][A-Z0-9]{6,}"), lambda n, told: f"{told[0]}{n:08}"),
    (re.compile(r".*", re.DOTALL), lambda n, _: f"words {n}"),
)


class Scrubber:
    """One for all recordings of a run. `private` are words that no key may be either."""

    def __init__(self, private: Sequence[str]) -> None:
        self._private = {word.casefold() for word in private}
        self._given: dict[str, int] = {}

    def scrub(self, thing: Any) -> Any:
        match thing:
            case dict():
                return {self._key(str(key)): self.scrub(value) for key, value in thing.items()}
            case list() | tuple():
                return [self.scrub(one) for one in thing]
            case str():
                return self._text(thing)
            case bool() | None:
                return thing
            case int():
                return self._number(thing)
            case _:
                return 0.5

    def call(self, call: str) -> str:
        """The name of a method stays, and of a path what no person and no thing is called."""
        if _METHOD.fullmatch(call) or _BOT_METHOD.fullmatch(call):
            return call
        method, _, path = call.partition(" ")
        parts = [self._part(part) for part in path.split("/")]
        return f"{self._part(method)} {'/'.join(parts)}"

    def refuse_if_told(self, text: str) -> None:
        """ConfigurationError when a secret of the configuration stands in a text."""
        if without_secrets(text) != text:
            raise ConfigurationError(
                "A secret was left in what was to be recorded, so nothing was written. Please "
                "report this, without the secret."
            )

    def _text(self, text: str) -> str:
        if not text or text in WORDS or text in SENTENCES or _LEXICON.fullmatch(text):
            return text
        number = self._of(text)
        return next(made(number, text) for kind, made in _KINDS if kind.fullmatch(text))

    def _number(self, number: int) -> int:
        if abs(number) < SMALLEST:
            return number
        made = 1_000_000 + self._of(str(number))
        return -made if number < 0 else made

    def _key(self, key: str) -> str:
        is_plain = len(key) <= _KEY_LENGTH and _KEY.fullmatch(key)
        if is_plain and key.casefold() not in self._private and without_secrets(key) == key:
            return key
        return f"key {self._of(key)}"

    def _part(self, part: str) -> str:
        if not part or part in PATHS or _LEXICON.fullmatch(part):
            return part
        return f":{self._of(part)}"

    def _of(self, original: str) -> int:
        """The number that stands for it everywhere."""
        return self._given.setdefault(original, len(self._given) + 1)
