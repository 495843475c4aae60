"""What the team of that day does beside answering: asks a colleague, puts off, plans a post.

A colleague answers what they were asked at the next look. What was snoozed is left until the desk
brings it back. Posts are planned in the morning; a manager wants a change, the author makes it, and
with a yes to the new words each leaves at its time.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.cards.card import CardKind
from bot.model import commands as c
from bot.model.ids import SECOND, CardToken, Moment
from tests.day.generator import HOUR, MINUTE
from tests.day.house import House
from tests.day.people import Seen, Thumb
from tests.day.shapes import Shape

ANSWER, CHANGES, APPROVE = "Answer…", "Request changes", "Approve & schedule"
COLLEAGUE = "vic"
MANAGERS = frozenset({"alice", "ada"})
"""A post takes one of them."""
ASKS, SNOOZES = 0.12, 0.12
"""How often a question or a complaint is asked about, or put off."""
PLANNED, SLOT, LAST = 9 * HOUR, 20 * HOUR, 18 * HOUR
"""Posts are planned, leave, and nothing more is put off."""
WORDS, MORE = "Our winter tea is here.", "Our winter tea is here, in every shop."


@dataclass(slots=True)
class Habits:
    """`midnight`: the moment at which the day begins; the seconds of a day count from it."""

    house: House
    midnight: int
    chance: random.Random
    asked: dict[CardToken, int] = field(default_factory=dict)
    """Cards about which a colleague was asked, and when."""
    snoozed: dict[CardToken, int] = field(default_factory=dict)
    posts: list[CardToken] = field(default_factory=list)
    _seen_before: set[CardToken] = field(default_factory=set)
    _wanted: set[CardToken] = field(default_factory=set)
    """Posts of which a change was wanted."""

    async def beside(self, second: int, who: str, thumb: Thumb) -> None:
        """One look at what is no comment."""
        for seen in list(thumb.cards()):
            if ANSWER in seen.labels:
                await thumb.write(COLLEAGUE, seen, ANSWER, "Five days, says the store room.")
            elif seen.token in self.posts and CHANGES in seen.labels and who in MANAGERS:
                await self._decide(who, thumb, seen)
        if second >= PLANNED and not self.posts:
            self.posts = [await self._planned(account) for account in self.house.networks]

    async def waits(self, second: int, who: str, thumb: Thumb, seen: Seen, shape: Shape) -> bool:
        """Whether this comment is left for now, because of what they do about it, or did."""
        until = max(self.asked.get(seen.token, 0), self.snoozed.get(seen.token, 0))
        if second < until:
            return True
        matters = shape in {Shape.QUESTION, Shape.COMPLAINT}
        if not matters or second > LAST or seen.token in self._seen_before:
            return False
        self._seen_before.add(seen.token)
        drawn = self.chance.random()
        if drawn < ASKS:
            self.asked[seen.token] = second + 15 * MINUTE
            await thumb.ask(who, seen, COLLEAGUE, "How long does this take?")
        elif drawn < ASKS + SNOOZES:
            self.snoozed[seen.token] = second + HOUR + 10 * MINUTE
            await thumb.choose(who, seen, "Snooze", "1 hour")
        return drawn < ASKS + SNOOZES

    async def _planned(self, account: str) -> CardToken:
        kit = self.house.kit
        slot = Moment(self.midnight + SLOT * SECOND)
        outcome = await kit.order("olga", c.ComposePost((c.VariantText(account, WORDS),), slot))
        assert outcome.is_done, outcome.says
        return CardToken(outcome.note)

    async def _decide(self, who: str, thumb: Thumb, seen: Seen) -> None:
        if seen.token in self._wanted:
            await thumb.press(who, seen, APPROVE)
            return
        self._wanted.add(seen.token)
        await thumb.write(who, seen, CHANGES, "Say where.")
        await self.house.pass_time(0)
        await self._changed(seen.token)

    async def _changed(self, token: CardToken) -> None:
        """Its author does so in the console, as one who writes at a desk."""
        kit = self.house.kit
        card = await kit.card(token)
        assert card.kind is CardKind.POST
        post = await kit.read(lambda tx: tx.posts.get(card.number))  # type: ignore[arg-type]
        account = next(
            slug for slug in self.house.networks
            if any(one.account_id == self.house.account(slug) for one in post.variants)
        )  # fmt: skip
        words = (c.VariantText(account, MORE),)
        slot = Moment(self.midnight + SLOT * SECOND)
        outcome = await kit.order("olga", c.EditPost(token, card.revision, words, slot))
        assert outcome.is_done, outcome.says

    async def posted(self) -> int:
        """How many of the planned posts stand there, as they were changed."""
        found: Mapping[str, list[str]] = {
            slug: [one.text for one in await server.network.posts(50)]
            for slug, server in self.house.networks.items()
        }
        return sum(texts.count(MORE) for texts in found.values())
