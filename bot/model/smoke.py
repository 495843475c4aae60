"""The live checklist: steps that are taken against the real services, and what each one found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    PASS = "pass"  # noqa: S105 - it is a verdict
    FAIL = "fail"
    NOT_CHECKED = "not checked"
    """It could not be tried, or nobody was there to say; that is no pass."""


@dataclass(frozen=True, slots=True)
class SmokeFinding:
    """`says`: what was found; where it is no pass, also what to do next."""

    verdict: Verdict
    says: str


def passed(says: str) -> SmokeFinding:
    return SmokeFinding(Verdict.PASS, says)


def failed(says: str) -> SmokeFinding:
    return SmokeFinding(Verdict.FAIL, says)


def not_checked(says: str) -> SmokeFinding:
    return SmokeFinding(Verdict.NOT_CHECKED, says)


def seen(answer: bool | None, yes: str, no: str) -> SmokeFinding:
    """What a person who was to look said; nobody's silence is no pass."""
    if answer is None:
        return not_checked("Nobody was there to look. Run it again, and stay.")
    return passed(yes) if answer else failed(no)


@dataclass(frozen=True, slots=True)
class SmokeStep:
    """`shows` is what other people will see, as the end of "This ..."; empty: nobody sees it."""

    name: str
    title: str
    proves: str
    shows: str = ""
    is_tidying: bool = False
    """Takes away what earlier steps left: done without asking, whatever else was skipped."""


class SmokeSkipped(Exception):
    """Raised in the middle of a step; the message says why, and what to do next."""
