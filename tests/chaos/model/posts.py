"""Planned posts: what was composed, who touched it, and what a yes to it means."""

from __future__ import annotations

from dataclasses import dataclass

from bot.model import commands as c
from bot.model.commands import Outcome, VariantText
from bot.model.ids import HOUR, CardToken, Moment
from tests.chaos.model.book import Broken, Grant
from tests.chaos.model.process import Process
from tests.chaos.model.team import MANAGER, RANK, Act, Seen, Team


@dataclass(slots=True)
class Sheet:
    """A post as its people know it. `hands` wrote these words, so they cannot say yes to them."""

    account: str
    words: str
    slot: Moment | None
    hands: set[str]


class Planning:
    def __init__(self, team: Team) -> None:
        self._team = team
        self._sheets: dict[str, Sheet] = {}

    @property
    def tokens(self) -> list[str]:
        return list(self._sheets)

    async def compose(
        self, process: Process, who: str, account: str, words: str, slot: Moment | None
    ) -> None:
        command = c.ComposePost((VariantText(account, words),), slot)
        told = await self._team.order(process, who, command)
        if told.is_done:
            self._team.tokens.append(CardToken(told.note))
            self._sheets[told.note] = Sheet(account, words, slot, {who})

    async def edit(
        self, process: Process, who: str, seen: Seen, words: str, slot: Moment | None
    ) -> None:
        """New words call an approval off; another time for the same words does not."""
        sheet = self._sheets[seen.card.key]
        variants = (VariantText(sheet.account, words),)
        command = c.EditPost(CardToken(seen.card.key), seen.card.revision, variants, slot)
        told = await self._team.order(process, who, command, seen)
        if not told.is_done:
            return
        if told.says.startswith("Moved."):
            if words != sheet.words:
                raise Broken(f"{words!r} took the approval of {sheet.words!r}")
            self._move(seen.card.key, slot)
        else:
            self._team.world.book.end(seen.card.key, f"edited by {who}")
            sheet.hands.add(who)
        sheet.words, sheet.slot = words, slot

    def _move(self, token: str, slot: Moment | None) -> None:
        for grant in self._team.world.book.of(token):
            grant.moves, grant.is_late = True, False
            grant.not_before = slot or self._team.world.clock.now()
            grant.expires = _expiry(slot)

    async def approve(self, process: Process, who: str, seen: Seen) -> Outcome:
        sheet = self._sheets[seen.card.key]
        told = await self._team.press(process, who, seen, Act.APPROVE, "")
        if told.is_done:
            self._approved(who, seen, sheet, told)
        return told

    def _approved(self, who: str, seen: Seen, sheet: Sheet, told: Outcome) -> None:
        if RANK[who] < MANAGER or who in sheet.hands:
            raise Broken(f"{who} said yes to a post of {sheet.hands}, and was told {told}")
        book, now = self._team.world.book, self._team.world.clock.now()
        grant = Grant(
            seen.card.key, sheet.account, None, "", seen.words[0],
            sheet.slot or Moment(now + self._team.undo), _expiry(sheet.slot),
        )  # fmt: skip
        book.yes(grant, who)
        if told.says.startswith("Approved."):
            book.goes_out(grant, 1)


def _expiry(slot: Moment | None) -> Moment | None:
    return None if slot is None else Moment(slot + HOUR)
