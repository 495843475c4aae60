"""What shadow recorded, told: whose words were approved, and how near the team's own came."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from statistics import median

from bot.model.account import Account
from bot.model.draft import Draft, DraftOrigin, normalised
from bot.model.ids import ItemId, Moment
from bot.model.publication import Publication
from bot.store.tx import Tx

_WORD = re.compile(r"\w+")


class Words(StrEnum):
    """Whose words were approved."""

    UNCHANGED = "unchanged"
    """The drafter's, as they were."""
    EDITED = "edited"
    """A member's, where the drafter had written some."""
    WRITTEN = "written"
    """A member's, where no drafter had."""


@dataclass(frozen=True, slots=True)
class Compared:
    """`theirs` is what the team answered on the network itself; None as long as it did not."""

    item_id: ItemId
    words: Words
    ours: str
    theirs: str | None

    @property
    def nearness(self) -> float | None:
        """From 0 to 1: how much of both is the same words in the same order."""
        if self.theirs is None:
            return None
        ours, theirs = (_WORD.findall(text.casefold()) for text in (self.ours, self.theirs))
        return round(SequenceMatcher(None, ours, theirs, autojunk=False).ratio(), 2)


@dataclass(frozen=True, slots=True)
class Shadowed:
    """Of one account."""

    account: Account
    replies: tuple[Compared, ...]

    def many(self, words: Words) -> int:
        return sum(one.words is words for one in self.replies)

    @property
    def nearness(self) -> Sequence[float]:
        """Of those that the team answered itself, the farthest first."""
        return sorted(one.nearness for one in self.replies if one.nearness is not None)

    @property
    def median(self) -> float | None:
        return round(median(self.nearness), 2) if self.nearness else None


def shadowed(tx: Tx, since: Moment) -> list[Shadowed]:
    """Every account that recorded something since then, or is in shadow now."""
    found = [
        Shadowed(account, tuple(_compared(tx, tx.publications.recorded(account.id, since))))
        for account in tx.accounts.all()
    ]
    return [one for one in found if one.replies or one.account.is_shadow]


def _compared(tx: Tx, recorded: Sequence[Publication]) -> Iterator[Compared]:
    for publication in recorded:
        assert publication.item_id is not None
        whole = tx.items.whole(publication.item_id)
        if whole is None or not publication.text:
            # its author was forgotten
            continue
        words = _words(publication, tx.drafts.versions(publication.item_id))
        native = whole.native_reply
        theirs = native.text if native is not None and native.text else None
        yield Compared(publication.item_id, words, publication.text, theirs)


def _words(publication: Publication, versions: Sequence[Draft]) -> Words:
    drafted = {normalised(one.text) for one in versions if one.origin is not DraftOrigin.MEMBER}
    if normalised(publication.text) in drafted:
        return Words.UNCHANGED
    return Words.EDITED if drafted else Words.WRITTEN
