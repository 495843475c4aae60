"""Where a text shows numbers and addresses that nobody should post in public."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

# Every repetition is bounded or over one class, so a hostile text costs linear time.
_CARD = re.compile(r"(?<!\d)\d(?:[ -]?\d){12,18}(?!\d)", re.ASCII)
_IBAN = re.compile(r"(?<![a-z0-9])([a-z]{2})\d\d(?: ?[a-z0-9]){11,30}", re.ASCII | re.IGNORECASE)
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{2,63}){1,4}")

_IBAN_LENGTHS = {
    "at": 20, "be": 16, "bg": 22, "ch": 21, "cz": 24, "de": 22, "es": 24, "fr": 27, "gb": 22,
    "hu": 28, "ie": 22, "it": 27, "lu": 20, "md": 24, "nl": 18, "pl": 28, "pt": 25, "ro": 24,
    "ua": 29,
}  # fmt: skip


class PrivateKind(StrEnum):
    CARD = "card number"
    IBAN = "bank account"
    EMAIL = "e-mail address"


@dataclass(frozen=True, slots=True)
class PrivateSpan:
    """`text[start:end]` is private."""

    kind: PrivateKind
    start: int
    end: int


def private_spans(text: str) -> Iterator[PrivateSpan]:
    """Card numbers that pass Luhn, IBANs that pass mod 97 (ISO 13616), e-mail addresses."""
    for match in _CARD.finditer(text):
        if _passes_luhn(re.sub(r"\D", "", match.group())):
            yield PrivateSpan(PrivateKind.CARD, *match.span())
    for match in _IBAN.finditer(text):
        end = _iban_end(match)
        if end is not None:
            yield PrivateSpan(PrivateKind.IBAN, match.start(), end)
    for match in _EMAIL.finditer(text):
        yield PrivateSpan(PrivateKind.EMAIL, *match.span())


def _passes_luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (1 + place % 2)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0 and len(set(digits)) > 1


def _iban_end(match: re.Match[str]) -> int | None:
    """Words may follow without a break, so the country's length says where the number ends."""
    wanted = _IBAN_LENGTHS.get(match.group(1).lower())
    if wanted is None:
        return None
    taken = ""
    for place, character in enumerate(match.group()):
        taken += character.strip()
        if len(taken) == wanted:
            return match.start() + place + 1 if _passes_mod97(taken) else None
    return None


def _passes_mod97(iban: str) -> bool:
    moved = iban[4:] + iban[:4]
    return int("".join(str(int(character, 36)) for character in moved)) % 97 == 1
