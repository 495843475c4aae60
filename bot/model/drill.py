"""Drills: a storm that is played to a team on the sandbox, and what the team made of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.model.ids import ItemId, Moment


class Expects(StrEnum):
    """What whoever wrote the storm wants done with a comment."""

    ANSWER = "answer"
    """Somebody waits for words: it is seen, and answered."""
    SILENCE = "silence"
    """A bait, an insult, a threat of a lawyer: a public answer makes it worse."""
    ANYTHING = "anything"


@dataclass(frozen=True, slots=True)
class StormLine:
    """A comment; `at` is milliseconds after the drill begins."""

    at: int
    text: str
    author: str
    followers: int = 0
    expects: Expects = Expects.ANYTHING


@dataclass(frozen=True, slots=True)
class Words:
    """A holding statement that the team has at hand in the drill; `language` is ISO 639-1."""

    name: str
    language: str
    text: str


@dataclass(frozen=True, slots=True)
class Storm:
    """Times are milliseconds; the targets run from the first alarm."""

    name: str
    lasts: int
    acknowledge_within: int
    statement_within: int
    banned: tuple[str, ...]
    """Words that no answer may have."""
    statements: tuple[Words, ...]
    lines: tuple[StormLine, ...]
    """In the order of their times."""


class MistakeKind(StrEnum):
    WRONG_APPROVAL = "wrong_approval"
    """An answer was approved to what should have had none."""
    BANNED_WORD = "banned_word"
    UNAPPROVED = "unapproved"
    """An answer stands on the network that nobody approved on the desk."""
    UNSEEN = "unseen"
    """Nobody touched a comment that waits for an answer."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """`who` is a member's name, where one is known; `says` the words that it is about."""

    kind: MistakeKind
    item_id: ItemId
    who: str = ""
    says: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """Points of so many that could be had."""

    points: int
    most: int


@dataclass(frozen=True, slots=True)
class DrillScore:
    """Times are milliseconds from the first alarm; None: it did not happen."""

    storm: Storm
    begun_at: Moment
    comments: int
    """How many of the storm's had arrived."""
    alarmed_at: Moment | None
    acknowledged_after: int | None
    acknowledged_by: str
    statement_after: int | None
    wanted: int
    """Comments that waited for an answer."""
    answered: int
    mistakes: tuple[Mistake, ...]
    acknowledge: Part
    statement: Part
    answers: Part
    care: Part

    @property
    def points(self) -> int:
        """Of a hundred."""
        return sum(part.points for part in self.parts)

    @property
    def parts(self) -> tuple[Part, ...]:
        return (self.acknowledge, self.statement, self.answers, self.care)

    def count(self, kind: MistakeKind) -> int:
        return sum(one.kind is kind for one in self.mistakes)
