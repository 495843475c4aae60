"""Tokens of cards: random, behind letters that say when.

What is random from its first letter on lands in another page of its index each time: a page of a
hundred comments among many cards changed a hundred pages of that index, more than all else that it
stores. So a token begins with the minute it is made in, and those of one minute stand together. The
eight letters behind it are random: more than 200 million million of them in each minute.
"""

from __future__ import annotations

import secrets
import string

from bot.model.ids import MINUTE, TOKEN_LENGTH, CardToken, Moment

_ALPHABET = "".join(sorted(string.ascii_letters + string.digits)).encode()
"""In the order of the index, so that later minutes come later in it."""
_OF_TIME = 4
"""Letters of the minute: they come again after 28 years."""
_FAIR = 256 - 256 % len(_ALPHABET)
_LETTER_OF = bytes(_ALPHABET[byte % len(_ALPHABET)] for byte in range(256))
_LEFT_OVER = bytes(range(_FAIR, 256))
"""The last bytes do not divide among the letters: they would make some of them likelier."""


def new_tokens(count: int, at: Moment) -> list[CardToken]:
    """So many, from one question to the system: each costs as much as a statement."""
    minute, size = _minute(at), TOKEN_LENGTH - _OF_TIME
    letters, wanted = "", count * size
    while len(letters) < wanted:
        drawn = secrets.token_bytes(wanted - len(letters) + TOKEN_LENGTH)
        letters += drawn.translate(_LETTER_OF, _LEFT_OVER).decode()
    return [CardToken(minute + letters[start : start + size]) for start in range(0, wanted, size)]


def _minute(at: Moment) -> str:
    number, letters = at // MINUTE, bytearray()
    for _ in range(_OF_TIME):
        number, letter = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[letter])
    return letters[::-1].decode()
