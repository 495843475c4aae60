"""A desk whose team is on call: Bob first, then Alice, by a chat and by a pager."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date

from bot.cards.card import Card, CardKind, plain
from bot.model.channel import Place
from bot.model.ids import MINUTE, IncidentId
from bot.model.incident import Incident
from bot.model.member import ChatIdentity
from bot.model.oncall import EscalationPolicy, OnCall, Rotation, Route, RouteKind, Step
from bot.model.paging import Page
from bot.services.deciding import DeskRules
from bot.services.settling_in import NamedChannel
from tests.fakes.chat import CHAT, Message
from tests.fakes.desk_kit import TEAM, DeskKit, opened_desk
from tests.fakes.pager import FakePager

CARE = NamedChannel("care", CHAT, Place("C-care"))
POISONED = "My son was poisoned by your tea, he is in hospital."
MEMBERS = tuple(replace(one, identities=(ChatIdentity(CHAT, f"U-{one.slug}"),)) for one in TEAM)
ROUTES = {
    one.slug: one
    for one in (
        Route("dm", RouteKind.DIRECT, chat=CHAT),
        Route("care", RouteKind.CHANNEL, chat=CHAT, channel="care"),
        Route("duty", RouteKind.PAGERDUTY),
    )
}
FIRST = Rotation("first", ("bob", "olga"), date(2026, 11, 30), 9 * 60, 7, "UTC")
STEPS = (
    Step(("rotation:first",), ("dm", "duty"), 5 * MINUTE),
    Step(("alice",), ("duty", "dm"), 10 * MINUTE),
)
POLICY = EscalationPolicy("default", STEPS, repeat=1)
ONCALL = OnCall((POLICY,), ROUTES, {FIRST.slug: FIRST})


@dataclass(slots=True)
class OnCallKit:
    kit: DeskKit
    duty: FakePager

    async def incident(self, number: int = 1) -> Incident:
        return await self.kit.read(lambda tx: tx.incidents.get(IncidentId(number)))

    async def incidents(self) -> list[Incident]:
        brand = (await self.kit.account_now()).brand_id
        return await self.kit.read(lambda tx: tx.incidents.open_in(brand))

    async def pages(self, number: int = 1) -> list[Page]:
        return await self.kit.read(lambda tx: tx.pages.of_incident(IncidentId(number)))

    async def card(self, number: int = 1) -> Card:
        return await self.kit.card_of(number, CardKind.INCIDENT)

    async def happened(self, number: int = 1) -> list[str]:
        found = await self.kit.read(lambda tx: tx.incidents.timeline(IncidentId(number)))
        return [one.what.value for one in found]

    def direct(self, member: str) -> list[Message]:
        return self.kit.chat.in_channel(f"D-U-{member}")


@asynccontextmanager
async def on_call(
    address: str, oncall: OnCall = ONCALL, *, knows_keys: bool = True
) -> AsyncIterator[OnCallKit]:
    made: list[FakePager] = []

    def pagers(clock: object) -> dict[str, FakePager]:
        made.append(FakePager(clock, knows_keys))  # type: ignore[arg-type]
        return {"duty": made[0]}

    rules = DeskRules(oncall=oncall)
    async with opened_desk(
        address, rules=rules, channels=[CARE], members=MEMBERS, pagers=pagers
    ) as kit:
        yield OnCallKit(kit, made[0])


def words(card: Card) -> str:
    spans = (card.source, card.context, card.quote, *card.facts, card.state.spans)
    return "\n".join(plain(one) for one in spans)
