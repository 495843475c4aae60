"""Labels by hand: what a person says that an item is about, over what triage said."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from bot.model.triage import Intent, Triage, Urgency

Label = Intent | Urgency | str
"""A topic, an urgency, or one of the team's own."""

LONGEST = 40
"""Characters of one of the team's own."""
MOST_OWN = 20
"""Of the team's own on one item."""


@dataclass(frozen=True, slots=True)
class ByHand:
    """Topics, an urgency and labels of the team's own; what is empty stays as triage says."""

    intents: tuple[Intent, ...] = ()
    urgency: Urgency | None = None
    own: tuple[str, ...] = ()

    def over(self, triage: Triage) -> Triage:
        urgency = self.urgency or triage.urgency
        return replace(triage, intents=self.intents or triage.intents, urgency=urgency)

    @classmethod
    def of(cls, labels: Iterable[Label]) -> ByHand:
        """Each in its place; of several urgencies the highest."""
        some = tuple(dict.fromkeys(labels))
        topics = {one for one in some if isinstance(one, Intent)}
        urgencies = {one for one in some if isinstance(one, Urgency)}
        return cls(
            intents=tuple(one for one in Intent if one in topics),
            urgency=next((one for one in reversed(Urgency) if one in urgencies), None),
            own=tuple(one for one in some if not isinstance(one, Intent | Urgency)),
        )

    def changed(self, stands: Triage | None, put_on: ByHand, taken_off: ByHand) -> ByHand:
        """With these and without those; what neither names stays as somebody else left it.

        `stands` is the item's triage with these labels over it. An item without a topic is about
        something else, and one without an urgency has the normal one.
        """
        kept = (one for one in self.own if one not in taken_off.own)
        return ByHand(
            intents=self._topics(stands, put_on.intents, taken_off.intents),
            urgency=put_on.urgency or self._urgency(stands, taken_off.urgency),
            own=tuple(dict.fromkeys((*kept, *put_on.own))),
        )

    def _topics(
        self, stands: Triage | None, put_on: Sequence[Intent], taken_off: Sequence[Intent]
    ) -> tuple[Intent, ...]:
        now = frozenset(self.intents if stands is None else stands.intents)
        wanted = (now - set(taken_off)) | set(put_on)
        if wanted == now:
            return self.intents
        if Intent.OTHER not in put_on:
            wanted -= {Intent.OTHER}
        return tuple(one for one in Intent if one in wanted) or (Intent.OTHER,)

    def _urgency(self, stands: Triage | None, taken_off: Urgency | None) -> Urgency | None:
        now = self.urgency if stands is None else stands.urgency
        return Urgency.NORMAL if taken_off is not None and now is taken_off else self.urgency

    @property
    def words(self) -> tuple[str, ...]:
        """In English, as the configuration and triage spell them."""
        return tuple(map(word_of, (*self.intents, *filter(None, (self.urgency,)), *self.own)))


def word_of(label: Label) -> str:
    """In English, as the configuration and triage spell it."""
    match label:
        case Urgency():
            return f"{label.value} urgency"
        case Intent():
            return label.value.replace("_", " ")
        case _:
            return label


def labels_of(triage: Triage | None, by_hand: ByHand | None) -> frozenset[str]:
    """Folded: all that an item is called, by triage with labels by hand over it, or by hand."""
    own = () if by_hand is None else by_hand.own
    said = () if triage is None else (*triage.intents, triage.urgency)
    return frozenset(folded(word_of(one)) for one in (*said, *own))


def folded(word: str) -> str:
    """What is the same label, whatever its case and blanks."""
    return " ".join(word.split()).casefold()
