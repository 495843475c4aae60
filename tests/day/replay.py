"""The day passes: comments come, the desk works, and whoever is on shift goes through their chat.

Two shifts in each chat, a look every six minutes, as somebody does who has other work too. What
wants an answer is published as drafted or edited first; some is left until the desk reminds of it.
A peak is answered cluster by cluster. The card of what needs no reply is closed once it holds
enough, and at the end of a shift. What else they do: `habits`.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select

from bot.cards.card import CardKind
from bot.model import commands as c
from bot.model.ids import CardToken, ItemId, RemoteId
from bot.store.schema import item
from bot.store.tx import Tx
from tests.day.generator import HOUR, MINUTE, Corpus, Said, day
from tests.day.habits import ANSWER, Habits
from tests.day.house import House, house
from tests.day.judging import UNSEEN, Beside, Ears, Report, judged
from tests.day.people import (
    CLOSE_ALL,
    HIDE_ALL,
    NO_REPLY,
    PUBLISH,
    Seen,
    Slack,
    Taps,
    Telegram,
    Thumb,
)
from tests.day.shapes import WANTS_ANSWER, Shape
from tests.day.town import Town

LOOK = 6 * MINUTE
EARLY, LATE, MIDNIGHT = 7 * HOUR, 15 * HOUR, 24 * HOUR
ENOUGH = 160
"""What needs no reply waits on its card until there are so many, or the shift ends."""
REMINDED = 3 * HOUR + 15 * MINUTE
"""When somebody comes back to what they left, after the desk reminded them."""
SHIFTS = {"slack": {EARLY: "bob", LATE: "alice"}, "telegram": {EARLY: "eve", LATE: "ada"}}
FOR_ALL = "Answer "
_COUNT = re.compile(r"\d+")


@dataclass(slots=True)
class Day:
    house: House
    town: Town
    chance: random.Random
    taps: Taps = field(default_factory=Taps)
    second: int = 0
    left: dict[CardToken, int] = field(default_factory=dict)
    """Cards that somebody put off, and until when."""
    taken: set[CardToken] = field(default_factory=set)
    out_of_chat: int = 0
    habits: Habits = field(init=False)

    def __post_init__(self) -> None:
        self.habits = Habits(self.house, self.town.midnight, self.chance)

    def on_shift(self) -> frozenset[str]:
        start = LATE if self.second >= LATE else EARLY
        if self.second < EARLY:
            return frozenset()
        return frozenset(of[start] for of in SHIFTS.values())

    async def passes(self) -> Report:
        ears = Ears(self.house, self.on_shift)
        chats: Sequence[tuple[str, Thumb]] = (
            ("slack", Slack(self.house, self.taps)),
            ("telegram", Telegram(self.house, self.taps)),
        )
        while self.second < MIDNIGHT:
            await self._until(self.second + LOOK)
            ears.listen()
            if self.second >= EARLY:
                for chat, thumb in chats:
                    await self._round(SHIFTS[chat], thumb)
                await self.house.pass_time(0)
        await self.house.pass_time(5 * MINUTE)
        for chat, thumb in chats:
            await self._round(SHIFTS[chat], thumb)
        await self.house.pass_time(5 * MINUTE)
        await self._out_of_chat()
        ears.listen()
        beside = Beside(
            asked=len(self.habits.asked),
            snoozed=len(self.habits.snoozed),
            planned=len(self.habits.posts),
            posted=await self.habits.posted(),
        )
        return await judged(self.town, ears, self.taps.of, self.out_of_chat, beside)

    async def _until(self, second: int) -> None:
        while True:
            at = self.town.next_at()
            if at is None or at > second:
                break
            await self.house.pass_time(max(0, at - self.second))
            self.second = max(self.second, at)
            await self.town.act()
        await self.house.pass_time(second - self.second)
        self.second = second
        await self.town.act()

    async def _round(self, shifts: dict[int, str], thumb: Thumb) -> None:
        who = shifts[LATE if self.second > LATE else EARLY]
        await self.habits.beside(self.second, who, thumb)
        for seen in list(thumb.cards()):
            label = next((one for one in seen.labels if one.startswith(CLOSE_ALL)), None)
            if label is not None:
                await self._set_aside(who, thumb, seen, label)
            elif any(_is_for_all(one) for one in seen.labels):
                await self._peak(who, thumb, seen)
            elif any(one.startswith(NO_REPLY) for one in seen.labels):
                await self._one(who, thumb, seen)

    async def _peak(self, who: str, thumb: Thumb, seen: Seen) -> None:
        """One text for the first of its clusters; the next one stands there at the next look."""
        label = next(one for one in seen.labels if _is_for_all(one))
        await thumb.write(who, seen, label, "We read all of this and answer today.")

    async def _set_aside(self, who: str, thumb: Thumb, seen: Seen, label: str) -> None:
        found = _COUNT.search(label)
        waiting = int(found[0]) if found else 0
        ends = self.second % HOUR == 0 and self.second in {LATE, MIDNIGHT}
        if waiting >= ENOUGH or ends or self.second > MIDNIGHT - LOOK:
            hides = any(one.startswith(HIDE_ALL) for one in seen.labels)
            await thumb.press(who, seen, HIDE_ALL if hides else CLOSE_ALL)

    async def _one(self, who: str, thumb: Thumb, seen: Seen) -> None:
        said = await self._meant(seen.token)
        if said is None or self._puts_off(seen.token, said):
            return
        if await self.habits.waits(self.second, who, thumb, seen, said.shape):
            return
        if said.shape in {Shape.LEGAL, Shape.SAFETY} and seen.token not in self.taken:
            self.taken.add(seen.token)
            await thumb.choose(who, seen, "Team", "Take it")
            await self.house.pass_time(0)
            seen = next(one for one in thumb.cards() if one.token == seen.token)
        draws = self.chance.random()
        if said.shape in WANTS_ANSWER and (draws < 0.3 or PUBLISH not in seen.labels):
            await thumb.answer(who, seen, f"We have looked into it, {said.writer.name}. Thank you.")
        elif said.shape in WANTS_ANSWER or (said.shape is Shape.PRAISE and draws < 0.4):
            await thumb.press(who, seen, PUBLISH)
        else:
            await thumb.press(who, seen, NO_REPLY)

    def _puts_off(self, token: CardToken, said: Said) -> bool:
        """One in ten questions waits for a reminder; never what is grave, nor at the end."""
        if said.shape not in {Shape.QUESTION, Shape.COMPLAINT} or self.second > 18 * HOUR:
            return False
        if token not in self.left:
            waits = self.chance.random() < 0.1
            self.left[token] = self.second + REMINDED if waits else 0
        return self.second < self.left[token]

    async def _meant(self, token: CardToken) -> Said | None:
        def key(tx: Tx) -> tuple[str, RemoteId] | None:
            row = tx.cards.by_token(token)
            if row is None or row.kind is not CardKind.ITEM:
                return None
            shown = tx.items.get(ItemId(row.subject_id))
            return tx.accounts.get(shown.account_id).slug, shown.remote_id

        found = await self.house.kit.read(key)
        return None if found is None else self.town.truth.get(found)

    async def _out_of_chat(self) -> None:
        """What no card in a chat offers is decided in the console."""
        page = await self.house.kit.read(_waiting)
        for number in page:
            shown = await self.house.kit.card_of(number)
            if (await self.house.kit.press("ada", shown, c.NoReplyNeeded)).is_done:
                self.out_of_chat += 1


def _is_for_all(label: str) -> bool:
    """A button of a peak: one answer for a whole cluster."""
    return label.startswith(FOR_ALL) and label != ANSWER


def _waiting(tx: Tx) -> list[ItemId]:
    found = select(item.c.id).where(item.c.state.in_(UNSEEN))
    return [ItemId(number) for number in tx.connection.execute(found).scalars()]


async def replayed(
    folder: Path, seed: int, count: int = 1_000, corpus: Corpus = Corpus.FIRST
) -> Report:
    async with house(folder) as opened:
        town = Town(opened, opened.kit.clock.now())
        town.plan(day(seed, count, corpus))
        return await Day(opened, town, random.Random(seed)).passes()
