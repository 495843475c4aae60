"""What every front end calls the parts of a look back."""

from __future__ import annotations

from bot.speech.speech import marked

TITLE = marked("Said before")
BY_AUTHOR = marked("What they said before")
TO_OTHERS = marked("What we told others about this")
NOTHING = marked("Nothing was found.")
WE_SAID = marked("We answered")
USE = marked("Use the reply of #{number}")
SHORT = 400
"""Characters of a text that are shown in a chat."""
