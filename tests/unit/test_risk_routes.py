"""Whom a risk is for: named on the card, and asked with one press."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.cards.actions import ActionName
from bot.cards.card import Card, CardKind
from bot.cards.pages import CardQuery
from bot.model import commands as c
from bot.model.channel import Place, Route
from bot.model.ids import ItemId
from bot.model.risk_route import RiskRoute
from bot.model.triage import Risk
from bot.services.deciding import DeskRules
from bot.services.settling_in import NamedChannel
from tests.fakes.chat import CHAT
from tests.fakes.desk_kit import DeskKit, desk_address, labels, opened_desk
from tests.fakes.oncall_kit import CARE, MEMBERS, words

THREAT = "I will sue you, my lawyer has your tea."
LAWYERS = NamedChannel(
    "legal", CHAT, Place("C-legal"), "Lawyers", routes=(Route(languages=("fr",)),)
)
ROUTE = RiskRoute(people=("bob", "eve", "gone"), channel="legal")
ASK = "Ask Bob, Eve, Lawyers"
SPOKESPERSON = RiskRoute(people=("ada",))


@asynccontextmanager
async def opened(
    request: pytest.FixtureRequest, folder: Path, route: RiskRoute
) -> AsyncIterator[DeskKit]:
    rules = DeskRules(risk_routes={"acme": {Risk.LEGAL: route, Risk.PRESS: SPOKESPERSON}})
    address = desk_address(request, folder)
    async with opened_desk(address, rules=rules, channels=[CARE, LAWYERS], members=MEMBERS) as kit:
        yield kit


@pytest.fixture
async def kit(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DeskKit]:
    async with opened(request, tmp_path, ROUTE) as kit:
        yield kit


async def questions(kit: DeskKit, item: ItemId) -> set[str]:
    found = await kit.read(lambda tx: tx.questions.of_items([item]))
    return {str(one.asked_id or "channel") for one in found.get(item, [])}


async def test_the_card_says_whom_its_risk_is_for_and_calls_nobody(kit: DeskKit) -> None:
    card = await kit.card_of(await kit.comment(THREAT))
    assert "Legal risk: Bob, Eve, Lawyers" in words(card)
    assert "U-" not in str(card.facts)
    assert ASK in labels(card)
    harmless = await kit.card_of(await kit.comment())
    assert "Bob" not in words(harmless)
    assert ASK not in labels(harmless)


async def test_what_a_journalist_asks_is_for_whoever_speaks_to_the_press(kit: DeskKit) -> None:
    item = await kit.comment("I am a journalist and am writing an article about your tea.")
    card = await kit.card_of(item)
    assert "Press risk: Ada" in words(card)
    assert "Ask Ada" in labels(card)
    assert card.is_urgent


async def test_it_calls_the_people_where_the_team_wants_that(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    async with opened(request, tmp_path, RiskRoute(("bob",), mention=True)) as kit:
        item = await kit.comment(THREAT)
        [shown] = [one.card for one in kit.chat.messages if one.card.kind is CardKind.ITEM]
        assert "U-bob" in str(shown.facts)
        assert (await kit.press("olga", await kit.card_of(item), c.NoReplyNeeded)).is_done
        assert "U-bob" not in str((await kit.card_of(item)).facts)


async def test_one_press_asks_all_of_them_but_whoever_presses(kit: DeskKit) -> None:
    item = await kit.comment(THREAT)
    outcome = await kit.press("bob", await kit.card_of(item), c.AskRoute, Risk.LEGAL)
    assert outcome.says.startswith("Asked Eve, Lawyers, answer due in 4 hours.")
    await kit.work()
    shown = [one for one in kit.chat.messages if one.card.kind is CardKind.QUESTION]
    assert sorted(one.place.channel for one in shown) == ["C-care", "C-legal"]
    assert all("What may we say to this" in words(one.card) for one in shown)
    assert ASK not in labels(await kit.card_of(item))


async def test_a_list_of_whom_to_ask_begins_with_them(kit: DeskKit) -> None:
    def first(card: Card) -> tuple[str, ...]:
        return next(one.first for one in card.actions if one.name is ActionName.QUESTION)

    assert first(await kit.card_of(await kit.comment(THREAT))) == ("bob", "eve", "gone", "#legal")
    assert first(await kit.card_of(await kit.comment())) == ()


async def test_who_may_not_see_the_comment_is_not_asked(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    inside = NamedChannel(
        "inside", CHAT, Place("C-inside"), routes=(Route(risks=(Risk.LEGAL,)),), private=True
    )
    rules = DeskRules(risk_routes={"acme": {Risk.LEGAL: RiskRoute(("olga", "ada"), "care")}})
    address = desk_address(request, tmp_path)
    open_ = NamedChannel("care", CHAT, Place("C-care"), routes=(Route(languages=("fr",)),))
    async with opened_desk(address, rules=rules, channels=[open_, inside], members=MEMBERS) as kit:
        item = await kit.comment(THREAT)
        token = await kit.token_of(item)
        card = (await kit.desk.view(CardQuery(token), kit.who("alice"))).card
        assert card is not None
        outcome = await kit.press("alice", card, c.AskRoute, Risk.LEGAL)
        assert outcome.says.startswith("Asked Ada, answer due")


async def test_a_risk_that_is_for_nobody_asks_nobody(kit: DeskKit) -> None:
    item = await kit.comment(THREAT)
    outcome = await kit.press("olga", await kit.card_of(item), c.AskRoute, Risk.SAFETY)
    assert outcome.says.startswith("Nobody is named for this risk")
    assert await questions(kit, item) == set()
