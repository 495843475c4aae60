"""What went wrong with a call, as one sentence for staff, without a secret in it.

The server's own words are shown where they help to mend a setting, and never for a refused key:
servers like to repeat it.
"""

from __future__ import annotations

from collections.abc import Collection

import openai

from bot.errors import DraftingFailed
from bot.model.text import excerpt
from integrations.llm.ladder import Rung

MOST_OF_THEIR_WORDS = 160
HIDDEN = "[hidden]"

_NO_SUCH_ENDPOINT = frozenset({404, 405})
_CANNOT = frozenset({400, 415, 422, 500, 501})
_OF_THIS_TEXT = frozenset({400, 413, 422})
_ABOUT_THE_FORM = (
    "response_format",
    "json_schema",
    "json_object",
    "text.format",
    "schema",
    "grammar",
    "unsupported",
    "not supported",
    "unknown",
    "unrecognized",
    "unexpected",
    "not permitted",
    "extra inputs",
    "extra fields",
)


def wants_another_form(error: openai.APIStatusError, rung: Rung) -> bool:
    """Whether the server does not know this way of asking, and a plainer one may do.

    A refused key, a limit or an overloaded server is the same in every form.
    """
    if _is_about(error, ("model_not_found", "temperature")):
        return False
    if error.status_code in _NO_SUCH_ENDPOINT:
        # All other rungs share one address.
        return rung is Rung.RESPONSES
    return error.status_code in _CANNOT and _is_about(error, _ABOUT_THE_FORM)


def is_of_this_text(error: openai.APIError) -> bool:
    """Whether the next comment may fare better: then nobody's comment can silence the model."""
    return isinstance(error, openai.APIStatusError) and error.status_code in _OF_THIS_TEXT


def undrafted(error: openai.APIError, *, where: str, model: str, key: str) -> DraftingFailed:
    """`where` is the server's host, `key` what must not be shown."""
    match error:
        case openai.APITimeoutError():
            says = f"{where} took too long"
        case openai.APIConnectionError():
            says = f"{where} cannot be reached; check base_url under [drafts] and the network"
        case openai.APIStatusError():
            says = _status(error, where, model, key)
        case _:
            says = f"{where} answered with something that is not its protocol"
    return DraftingFailed(f"The model did not answer: {says}.")


def took_too_long(where: str, seconds: float) -> DraftingFailed:
    return DraftingFailed(
        f"The model did not answer: {where} took longer than {seconds:g} seconds."
    )


def _status(error: openai.APIStatusError, where: str, model: str, key: str) -> str:
    match error.status_code:
        case 401:
            return f"{where} refused the key; check OPENAI_API_KEY"
        case 403:
            return f"{where} does not allow this key to use {model}; check the key's project"
        case 404:
            return (
                f"{where} has no model {model}, or is not an OpenAI-compatible server; check "
                "model and base_url under [drafts]"
            )
        case 429:
            return f"{where} says that its limit or budget is used up; look at the usage there"
        case status if status >= 500:
            return f"{where} has trouble of its own ({status})"
        case status:
            return f"{where} refused the request ({status}): {_their_words(error, key)}"


def _their_words(error: openai.APIStatusError, key: str) -> str:
    words = _message(error)
    shown = words.replace(key, HIDDEN) if key else words
    return excerpt(shown, MOST_OF_THEIR_WORDS).rstrip(".") or "it gave no reason"


def _message(error: openai.APIStatusError) -> str:
    message = error.body.get("message") if isinstance(error.body, dict) else error.body
    return message if isinstance(message, str) else ""


def _is_about(error: openai.APIStatusError, words: Collection[str]) -> bool:
    said = f"{error.code} {error.param} {_message(error)}".casefold()
    return any(word in said for word in words)
