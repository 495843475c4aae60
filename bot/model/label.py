"""Labels by hand: what a person says that an item is about, over what triage said."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.model.triage import Intent, Triage, Urgency


@dataclass(frozen=True, slots=True)
class ByHand:
    """Topics, an urgency and labels of the team's own; what is empty stays as triage says."""

    intents: tuple[Intent, ...] = ()
    urgency: Urgency | None = None
    own: tuple[str, ...] = ()

    def over(self, triage: Triage) -> Triage:
        urgency = self.urgency or triage.urgency
        return replace(triage, intents=self.intents or triage.intents, urgency=urgency)

    @property
    def words(self) -> tuple[str, ...]:
        """In English, as the configuration and triage spell them."""
        urgency = () if self.urgency is None else (f"{self.urgency.value} urgency",)
        topics = (one.value.replace("_", " ") for one in self.intents)
        return (*topics, *urgency, *self.own)
