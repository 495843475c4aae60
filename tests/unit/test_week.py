"""The week: planned posts that wait for the reader's yes, one after the other, in every chat."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.cards.card import Card
from bot.cards.week import WeekPage, WeekQuery
from bot.model import commands as c
from bot.model.commands import OutcomeKind
from bot.model.ids import DAY, HOUR, Moment, PostId
from tests.fakes import sample_cards
from tests.fakes.console import browsing
from tests.fakes.desk import FakeDesk
from tests.fakes.desk_kit import DeskKit, desk_address, opened_desk
from tests.fakes.slack_desk import slack_desk
from tests.fakes.telegram_people import until
from tests.fakes.telegram_team import Team, opened_team
from tests.fakes.telegram_world import Shown


@pytest.fixture
async def kit(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DeskKit]:
    async with opened_desk(desk_address(request, tmp_path)) as kit:
        yield kit


async def planned(kit: DeskKit, text: str, slot: int | None, member: str = "olga") -> Card:
    moment = None if slot is None else Moment(kit.clock.now() + slot)
    order = c.ComposePost((c.VariantText("acme", text),), moment)
    return await kit.card((await kit.order(member, order)).note)


async def look(kit: DeskKit, member: str = "alice", **query: int) -> WeekPage:
    near, step, total = (query.get(name, 0) for name in ("near", "step", "total"))
    return await kit.desk.view(WeekQuery(PostId(near), step, total), kit.who(member))


def text_of(page: WeekPage) -> str:
    return "" if page.card is None else str(page.card.quote)


async def test_the_week_is_gone_through_in_the_order_in_which_posts_leave(kit: DeskKit) -> None:
    for text, slot in (("Late", 5 * DAY), ("Soon", HOUR), ("Next month", 30 * DAY), ("Now", None)):
        await planned(kit, text, slot)
    await planned(kit, "Her own", HOUR, "alice")
    page = await look(kit)
    assert "Now" in text_of(page)
    assert page.says == "3 of 3 left"
    page = await look(kit, near=page.near, step=1, total=page.total)
    assert "Soon" in text_of(page)
    assert "Now" in text_of(await look(kit, near=page.near, step=-1))
    assert page.card is not None
    assert (await kit.press("alice", page.card, c.Approve)).is_done
    page = await look(kit, near=page.near, total=page.total)
    assert "Late" in text_of(page)
    assert page.says == "2 of 3 left"
    assert "Now" in text_of(await look(kit, near=page.near, step=1))


async def test_a_post_that_changed_meanwhile_is_shown_anew_and_not_approved(kit: DeskKit) -> None:
    await planned(kit, "Tea.", DAY)
    page = await look(kit)
    assert page.card is not None
    other = c.EditPost(
        page.card.key, page.card.revision, (c.VariantText("acme", "Coffee."),), page_slot(kit)
    )
    assert (await kit.order("olga", other)).is_done
    refused = await kit.press("alice", page.card, c.Approve)
    assert refused.kind is OutcomeKind.STALE
    again = await look(kit, near=page.near, total=page.total)
    assert "Coffee." in text_of(again)
    assert again.says == "1 of 1 left"


def page_slot(kit: DeskKit) -> Moment:
    return Moment(kit.clock.now() + DAY)


async def test_who_may_not_approve_is_told_who_can(kit: DeskKit) -> None:
    await planned(kit, "Tea.", DAY)
    page = await look(kit, "olga")
    assert page.card is None
    assert "Your role here is agent" in page.says
    assert (await look(kit, near=999_999)).card is not None
    assert (await kit.desk.view(WeekQuery(), kit.who("nobody"))).card is None


async def test_in_slack_the_week_is_one_modal(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    async with slack_desk(desk_address(request, tmp_path), "http") as desk:
        for text in ("Tea.", "Coffee.", "Milk."):
            await planned(desk.kit, text, DAY)
        alice = desk.person("alice")
        assert "3 of 3 left" in await alice.slash("week")
        assert "Tea." in shown(alice.view.view)
        await alice.press_in_view("Skip")
        assert "Coffee." in shown(alice.view.view)
        await alice.press_in_view("Previous")
        await alice.press_in_view("Approve & schedule")
        assert "Coffee." in shown(alice.view.view)
        assert "2 of 3 left" in shown(alice.view.view)
        await alice.press_in_view("Request changes")
        await alice.submit({"entry": "With sugar"})
        assert "Milk." in shown(alice.view.view)
        assert "Sent back with your words." in shown(alice.view.view)
        await alice.press_in_view("Approve & schedule")
        assert "No post of the coming week waits" in shown(alice.view.view)
        assert alice.troubles == []


def shown(view: object) -> str:
    return json.dumps(view, ensure_ascii=False)


async def test_in_telegram_the_week_is_one_message(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    async with opened_team(desk_address(request, tmp_path)) as team:
        for text in ("Tea.", "Coffee."):
            await planned(team.kit, text, DAY)
        asked = team.alice.write("/week")
        await until(team.server, lambda: any(one.answers == asked.id for one in by_bot(team)))
        [message] = [one for one in by_bot(team) if one.answers == asked.id]
        assert "2 of 2 left" in message.text
        assert "Tea." in message.text
        await team.alice.tap(message, "Skip ›")
        await until(team.server, lambda: "Coffee." in message.text)
        await team.alice.tap(message, "✅ Approve & schedule")
        await until(team.server, lambda: "1 of 2 left" in message.text)
        assert "Tea." in message.text


def by_bot(team: Team) -> list[Shown]:
    return list(team.server.world.by_bot())


async def test_in_the_console_the_week_is_a_page() -> None:
    async with browsing(FakeDesk([sample_cards.post_approval()])) as browser:
        page = await browser.text("/week?near=3&of=14&go=next")
        queries = [query for query, _ in browser.desk.queries if isinstance(query, WeekQuery)]
        fragment = await browser.text("/fragments/week?near=x&of=9999999999")
    assert queries == [WeekQuery(PostId(3), 1, 14)]
    assert "1 of 14 left" in page
    assert page.count("<article") == 1
    assert 'rel="next"' not in page
    assert "1 of 1 left" in fragment
