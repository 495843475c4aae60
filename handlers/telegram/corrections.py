"""A draft corrected by one line on a phone: `old words => new words` instead of all of it anew."""

from __future__ import annotations

from bot.model.text import excerpt
from bot.speech.speech import ENGLISH, Speech

ARROWS = ("=>", "->", "→")
LONGEST = 240
"""Characters of a line that may be a correction."""


def corrected(draft: str, answer: str, speech: Speech = ENGLISH) -> str:
    """The next version: the answer itself, or the draft with one place in it changed.

    ValueError, with a sentence, for a correction of words that are not there or there twice.
    """
    halves = _halves(answer)
    if halves is None:
        return answer
    old, new = halves
    found = draft.count(old)
    if found == 1:
        return draft.replace(old, new)
    if found:
        raise ValueError(
            speech.plural(
                "“{words}” stands there {count} time. Write a few of the words around it too, on "
                "both sides of the arrow.",
                "“{words}” stands there {count} times. Write a few of the words around it too, on "
                "both sides of the arrow.",
                found,
                words=excerpt(old, 60),
            )
        )
    raise ValueError(
        speech.say(
            "“{words}” does not stand in the draft. Write the words as they stand there, or "
            "answer with the whole new text and no arrow in it.",
            words=excerpt(old, 60),
        )
    )


def _halves(answer: str) -> tuple[str, str] | None:
    """What is to be changed into what; None when the answer is a text of its own."""
    line = answer.strip()
    if "\n" in line or len(line) > LONGEST:
        return None
    for arrow in ARROWS:
        old, found, new = line.partition(arrow)
        if found and arrow not in new and old.strip():
            return old.strip(), new.strip()
    return None
