"""What each chat asks for to be connected in the console, and how its tokens look.

A token that looks like another one is told apart before it goes anywhere: the wrong field is the
usual mistake, and a token with anything else in it could change the address that it is sent to.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.errors import AnswersRefused
from bot.model.joining import Question, QuestionKind
from bot.speech.speech import marked

_NEEDED = marked("This is needed.")


def _token(name: str, label: str, help_: str) -> Question:
    return Question(name, label, help_, QuestionKind.SEALED, is_needed=True)


QUESTIONS: Mapping[str, tuple[Question, ...]] = {
    "slack": (
        _token(
            "bot_token",
            marked("Bot token"),
            marked("Begins with xoxb-. OAuth & Permissions shows it once the app is installed."),
        ),
        _token(
            "app_token",
            marked("App-level token"),
            marked("Begins with xapp-. Basic Information, App-Level Tokens, connections:write."),
        ),
    ),
    "telegram": (
        _token(
            "bot_token",
            marked("Token"),
            marked("What @BotFather answered: a number, a colon, and letters."),
        ),
    ),
}
"""By the chat's name."""

_SHAPES = {
    ("slack", "bot_token"): (
        re.compile(r"xoxb-[A-Za-z0-9-]+"),
        marked("This is no bot token: it begins with xoxb-. Look under OAuth & Permissions."),
    ),
    ("slack", "app_token"): (
        re.compile(r"xapp-[A-Za-z0-9-]+"),
        marked("This is no app-level token: it begins with xapp-. Look under Basic Information."),
    ),
    ("telegram", "bot_token"): (
        re.compile(r"[0-9]+:[A-Za-z0-9_-]+"),
        marked("This is no token of a bot. Ask @BotFather for it again with /token."),
    ),
}


def checked(chat: str, tokens: Mapping[str, str]) -> dict[str, str]:
    """The tokens that the chat asks for, and no others; AnswersRefused."""
    found, problems = {}, {}
    for question in QUESTIONS[chat]:
        token = tokens.get(question.name, "")
        shape, says = _SHAPES[chat, question.name]
        if not token:
            problems[question.name] = _NEEDED
        elif not shape.fullmatch(token):
            problems[question.name] = says
        found[question.name] = token
    if problems:
        raise AnswersRefused(problems)
    return found
