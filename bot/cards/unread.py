"""What a reader of a card does not read: what a machine made of it, or that nothing was made."""

from __future__ import annotations

from bot.model.member import Tongue
from bot.model.translation import Translations, wording
from bot.speech.speech import Speech, marked

COMMENT = {
    "en": marked("In English, not translated"),
    "fr": marked("In French, not translated"),
    "ro": marked("In Romanian, not translated"),
    "ru": marked("In Russian, not translated"),
}
"""Of the text of the card itself, by its language."""

REPLY = {
    "en": marked("Reply in English, not translated"),
    "fr": marked("Reply in French, not translated"),
    "ro": marked("Reply in Romanian, not translated"),
    "ru": marked("Reply in Russian, not translated"),
}


def told(translations: Translations, text: str, tongue: Tongue) -> str:
    """What a machine made of a text for this reader; empty for nothing."""
    return translations.get(wording(text, tongue.language), "")


def reply_untold(speech: Speech, language: str) -> str:
    """That our words are in a language that the reader does not read."""
    named = REPLY.get(language)
    if named is not None:
        return speech.say(named)
    return speech.say("Reply in {language}, not translated", language=language.upper())


def text_untold(speech: Speech, language: str) -> str:
    """As `reply_untold`, of a post."""
    named = COMMENT.get(language)
    if named is not None:
        return speech.say(named)
    return speech.say("In {language}, not translated", language=language.upper())
