"""Labels by hand: what a person says stands over triage, wherever triage is read."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.cards.card import plain
from bot.cards.pages import HistoryQuery, SearchQuery
from bot.model import commands as c
from bot.model.business_hours import BusinessHours
from bot.model.goals import GoalPolicy, ReplyGoal
from bot.model.ids import HOUR, ItemId, RemoteId
from bot.model.triage import Urgency
from bot.services.deciding import DeskRules
from tests.fakes.desk_kit import DeskKit, desk_address, opened_desk
from tests.fakes.oncall_kit import CARE, MEMBERS, words

HIGH = frozenset({Urgency.HIGH, Urgency.CRITICAL})
POLICY = GoalPolicy(
    (ReplyGoal(HOUR, HOUR, urgencies=HIGH), ReplyGoal(4 * HOUR, HOUR)), BusinessHours("UTC")
)
RULES = DeskRules(goals={"acme": POLICY}, labels={"acme": ("Press kit",)})
QUESTION = "Where can I buy the green tea in Lyon?"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def kit(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DeskKit]:
    address = desk_address(request, tmp_path, request.param)
    async with opened_desk(
        address, channels=[CARE], members=MEMBERS, rules=RULES, has_goals=True
    ) as kit:
        yield kit


async def labelled(kit: DeskKit, said: str, **fields: object) -> ItemId:
    item = await kit.comment(QUESTION, **fields)
    outcome = await kit.press("olga", await kit.card_of(item), c.SetLabels, said)
    assert outcome.is_done, outcome.says
    await kit.work()
    return item


async def test_the_card_says_what_a_person_said_and_keeps_it_when_it_is_sorted_again(
    kit: DeskKit,
) -> None:
    remote = RemoteId("c-edited")
    item = await labelled(kit, "Refund, billing, high urgency, press kit", remote_id=remote)
    for text in (QUESTION, "And where in Nice?"):
        await kit.take(kit.incoming(text, remote_id=remote))
        await kit.work()
        shown = words(await kit.card_of(item))
        assert text in shown
        assert "Refund, billing" in shown
        assert "High urgency, Press kit" in shown
        assert "Question" not in shown


async def test_the_drafter_and_the_reply_goal_follow(kit: DeskKit) -> None:
    item = await labelled(kit, "delivery")
    before = await kit.item(item)
    outcome = await kit.press("olga", await kit.card_of(item), c.SetLabels, "high urgency")
    assert outcome.is_done
    after = await kit.item(item)
    assert before.clock is not None
    assert after.clock is not None
    assert before.clock.due_at - after.clock.due_at == 3 * HOUR
    await kit.press("olga", await kit.card_of(item), c.SetLabels, "delivery, billing")
    await kit.press("olga", await kit.card_of(item), c.Redraft)
    await kit.work()
    assert kit.drafter.requests[-1].intents == ("billing", "delivery")


async def test_labels_that_there_are_none_of_are_refused_with_those_that_there_are(
    kit: DeskKit,
) -> None:
    card = await kit.card_of(await kit.comment(QUESTION))
    for said in ("refund, nonsense", " , "):
        outcome = await kit.press("olga", card, c.SetLabels, said)
        assert not outcome.is_done
        assert "order status, product" in outcome.says
        assert outcome.says.endswith("critical urgency, Press kit.")


async def test_the_history_says_who_labelled_it_and_search_finds_it(kit: DeskKit) -> None:
    await kit.index()
    item = await labelled(kit, "press kit, refund")
    other = await kit.comment(QUESTION)
    page = await kit.desk.view(HistoryQuery(await kit.token_of(item)), kit.who("olga"))
    assert "Olga labelled it: Refund, press kit" in [plain(one.spans) for one in page.lines]
    await kit.index()
    found = await kit.desk.view(SearchQuery("label:press"), kit.who("olga"))
    assert [one.number for one in found.cards] == [item]
    assert other != item
