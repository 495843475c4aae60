"""What a card may say of a reply that is out, word for word, copied by hand."""

from __future__ import annotations

from collections.abc import Sequence

PUBLISHED = "Published"
FOUND = "Published: Its answer was lost; the desk looked, found it there and did not send it again."
SHOWN = "Published: Its answer was lost; the network showed it, so it was not sent again."
SENT_AGAIN = (
    "Published: Its first answer was lost; the desk looked, it was not there, and it was sent "
    "once more."
)
AFTER_A_LOST_ANSWER: Sequence[str] = (FOUND, SHOWN, SENT_AGAIN)
ALL: Sequence[str] = (PUBLISHED, *AFTER_A_LOST_ANSWER)
