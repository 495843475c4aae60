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
_NO_ADDRESS = marked(
    "The desk has no address that the chat could call. Set public_url in [desk], or choose a "
    "connection."
)


WAY = "way"
BY_CONNECTION = marked("through a connection that the desk opens")
BY_ADDRESS = marked("as requests to the address of the desk")
_WAY = Question(
    WAY,
    marked("How presses come in"),
    "",
    QuestionKind.CHOICE,
    is_needed=True,
    suggested=BY_CONNECTION,
    choices=(BY_CONNECTION, BY_ADDRESS),
)


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
"""By the chat's name; what it is asked for where the desk opens a connection."""
_CALLED: Mapping[str, tuple[Question, ...]] = {
    "slack": (
        QUESTIONS["slack"][0],
        _token(
            "signing_secret",
            marked("Signing secret"),
            marked("Basic Information, App Credentials. It proves that a request is Slack’s."),
        ),
    ),
    "telegram": QUESTIONS["telegram"],
}
"""The same where the chat calls the desk."""

_SHAPES = {
    ("slack", "bot_token"): (
        re.compile(r"xoxb-[A-Za-z0-9-]+"),
        marked("This is no bot token: it begins with xoxb-. Look under OAuth & Permissions."),
    ),
    ("slack", "app_token"): (
        re.compile(r"xapp-[A-Za-z0-9-]+"),
        marked("This is no app-level token: it begins with xapp-. Look under Basic Information."),
    ),
    ("slack", "signing_secret"): (
        re.compile(r"(?!xox|xapp)[A-Za-z0-9_-]{16,128}"),
        marked("This is no signing secret. Look under Basic Information, App Credentials."),
    ),
    ("telegram", "bot_token"): (
        re.compile(r"[0-9]+:[A-Za-z0-9_-]+"),
        marked("This is no token of a bot. Ask @BotFather for it again with /token."),
    ),
}


def questions(chat: str, *, has_address: bool) -> tuple[Question, ...]:
    """Everything that the form asks for; the way too, where the chat could call the desk.

    Of the tokens the page shows those of the way that is chosen.
    """
    if not has_address:
        return QUESTIONS[chat]
    return (_WAY, *dict.fromkeys((*QUESTIONS[chat], *_CALLED[chat])))


def is_called(answers: Mapping[str, str]) -> bool:
    """Whether the chat is to call the desk."""
    return answers.get(WAY) == BY_ADDRESS


def checked(chat: str, answers: Mapping[str, str], *, has_address: bool) -> dict[str, str]:
    """The tokens that the chosen way needs, and no others; AnswersRefused."""
    found, problems = {}, {}
    asked = QUESTIONS
    if is_called(answers):
        if not has_address:
            raise AnswersRefused({WAY: _NO_ADDRESS})
        asked = _CALLED
    for question in asked[chat]:
        token = answers.get(question.name, "")
        shape, says = _SHAPES[chat, question.name]
        if not token:
            problems[question.name] = _NEEDED
        elif not shape.fullmatch(token):
            problems[question.name] = says
        found[question.name] = token
    if problems:
        raise AnswersRefused(problems)
    return found
