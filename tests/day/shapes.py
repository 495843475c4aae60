"""What comes on a day, and how much of it.

The shares are those of a brand that posts and is liked: most of what is written below its posts
wants nothing of it (docs/howto/a_working_day.md says where they come from).
"""

from __future__ import annotations

from enum import StrEnum


class Shape(StrEnum):
    HEARTS = "hearts"
    """Emoji and nothing else."""
    TAGS = "tags"
    """Somebody shows the post to friends, with or without a few words to them."""
    THANKS = "thanks"
    CHEER = "cheer"
    """A few words of delight."""
    PRAISE = "praise"
    """Praise that tells something."""
    CHAT = "chat"
    """Talk that asks for nothing."""
    SPAM = "spam"
    ANGRY = "angry"
    """An insult without a matter."""
    QUESTION = "question"
    COMPLAINT = "complaint"
    LEGAL = "legal"
    SAFETY = "safety"
    THEN_THANKS = "then_thanks"
    """To our answer."""
    THEN_MORE = "then_more"
    """To our answer, and it wants another one."""


SHARES = {
    Shape.HEARTS: 350,
    Shape.TAGS: 260,
    Shape.THANKS: 110,
    Shape.CHEER: 130,
    Shape.PRAISE: 30,
    Shape.CHAT: 10,
    Shape.SPAM: 24,
    Shape.ANGRY: 4,
    Shape.QUESTION: 36,
    Shape.COMPLAINT: 22,
    Shape.LEGAL: 2,
    Shape.SAFETY: 4,
    Shape.THEN_THANKS: 12,
    Shape.THEN_MORE: 6,
}
"""Of a thousand."""

WANTS_ANSWER = frozenset(
    {Shape.QUESTION, Shape.COMPLAINT, Shape.LEGAL, Shape.SAFETY, Shape.THEN_MORE}
)
"""Must never be found among what needs no reply."""

LANGUAGES = {"en": 40, "fr": 20, "ro": 22, "ru": 18}
"""Of a hundred."""

ACCOUNTS = {"acme": ("en", "fr"), "acme-two": ("ro", "ru")}
"""Which account reads which languages."""

HOURS = (
    2, 1, 1, 1, 1, 2, 5, 12, 20, 22, 22, 26, 48, 44, 26, 22, 22, 28, 40, 58, 64, 52, 30, 10,
)  # fmt: skip
"""How much of a day comes in each of its hours: a peak over lunch, a higher one in the evening."""

EDITED, DELETED = 14, 10
"""Of a thousand: what its author rewrites, and takes back, within the hour."""
