"""A flood never floods the channel, and nothing of it is lost."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.cards.card import Card, CardKind, plain
from bot.cards.pages import QueueFilter
from bot.config.chats import PeakSettings
from bot.model import commands as c
from bot.model.channel import Place, Route
from bot.model.ids import RemoteId
from bot.model.network import RemoteAuthor
from bot.model.peak import PeakRule
from bot.model.triage import Risk
from bot.services.deciding import DeskRules
from bot.services.settling_in import NamedChannel
from tests.fakes.chat import CHAT, Message
from tests.fakes.desk_kit import COMPLAINT, DeskKit, desk_address, opened_desk

CARE = NamedChannel("care", CHAT, Place("C-care"))
SUE = "I will sue you, my lawyer writes tomorrow."
QUESTION = "Where can I buy the green tea in Lyon?"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def kit(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DeskKit]:
    address = desk_address(request, tmp_path, request.param)
    async with opened_desk(address, channels=[CARE]) as found:
        yield found


async def flood(kit: DeskKit, many: int, text: str = COMPLAINT, *, posts: int = 50) -> None:
    """So many comments at once, spread over so many posts."""
    await kit.take(
        *(
            kit.incoming(f"{text} ({number})", thread_remote_id=RemoteId(f"p{number % posts}"))
            for number in range(many)
        )
    )
    await kit.work()


def peaks(kit: DeskKit) -> list[Message]:
    return [one for one in kit.chat.messages if one.card.kind is CardKind.PEAK]


def items(kit: DeskKit) -> list[Message]:
    return [one for one in kit.chat.messages if one.card.kind is CardKind.ITEM]


def words(card: Card) -> str:
    spans = (card.source, card.context, card.quote, *card.facts, card.state.spans)
    return "\n".join(plain(one) for one in spans)


async def test_above_the_rate_cards_become_one_that_counts(kit: DeskKit) -> None:
    await flood(kit, 40)
    assert len(items(kit)) == 10
    await kit.pass_time(21)
    [peak] = peaks(kit)
    assert "30 new" in words(peak.card)
    assert "30 undecided" in words(peak.card)
    assert COMPLAINT in words(peak.card)


async def test_every_item_of_a_peak_stands_in_the_queue(kit: DeskKit) -> None:
    await flood(kit, 40)
    page = await kit.queue(QueueFilter.OPEN)
    assert page.counts[QueueFilter.OPEN] == 41
    assert CardKind.PEAK in {card.kind for card in page.cards}


async def test_what_is_legal_gets_its_own_card_in_the_middle_of_a_peak(kit: DeskKit) -> None:
    await flood(kit, 30)
    await flood(kit, 1, SUE)
    assert any("sue" in plain(one.card.quote) for one in items(kit))


@pytest.mark.parametrize(
    ("handle", "followers", "has_card"),
    [
        ("The.Daily.Leaf", 3, True),
        ("somebody", 50_000, True),
        ("somebody", 49_999, False),
        ("the.daily.leaf.fan", None, False),
    ],
)
async def test_a_vip_gets_a_card_in_the_middle_of_a_peak_and_it_does_not_wait(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    handle: str,
    followers: int | None,
    has_card: bool,
) -> None:
    settings = PeakSettings(vips=("@the.daily.leaf",), vip_followers=50_000)
    rules, address = DeskRules(peaks=settings.rule), desk_address(request, tmp_path)
    async with opened_desk(address, rules=rules, channels=[CARE]) as kit:
        await flood(kit, 30)
        author = RemoteAuthor(RemoteId("vip"), handle, "A name", followers=followers)
        await kit.take(kit.incoming(QUESTION, author=author))
        await kit.work()
        cards = [one.card for one in items(kit) if QUESTION in words(one.card)]
        assert [card.is_urgent for card in cards] == ([True] if has_card else [])
        assert all("VIP" in words(card) for card in cards)


async def test_a_flood_under_one_post_leaves_the_other_posts_alone(kit: DeskKit) -> None:
    await flood(kit, 9, posts=1)
    assert len(items(kit)) == 6
    elsewhere = kit.incoming(QUESTION, thread_remote_id=RemoteId("elsewhere"))
    await kit.take(elsewhere)
    await kit.work()
    assert len(items(kit)) == 7
    await kit.pass_time(21)
    [peak] = peaks(kit)
    assert "3 new" in words(peak.card)


async def test_the_card_of_a_peak_is_redrawn_at_most_every_20_seconds(kit: DeskKit) -> None:
    await flood(kit, 20)
    for _ in range(10):
        await flood(kit, 20)
        await kit.pass_time(6)
    [peak] = peaks(kit)
    assert 2 <= len(peak.looks) <= 5


async def test_a_peak_ends_by_itself_and_the_next_item_gets_a_card(kit: DeskKit) -> None:
    await flood(kit, 30)
    await kit.pass_time(6 * 60)
    [peak] = peaks(kit)
    assert "Over: 20 in all" in words(peak.card)
    before = len(items(kit))
    await kit.comment(QUESTION)
    assert len(items(kit)) == before + 1
    assert await kit.next_due() is None


async def test_collapsed_items_get_no_draft_until_somebody_asks(kit: DeskKit) -> None:
    await flood(kit, 20)
    assert len(kit.drafter.requests) == 10
    page = await kit.queue(QueueFilter.OPEN)
    undrafted = [card for card in page.cards if card.draft is not None and not card.draft.text]
    assert len(undrafted) == 10
    outcome = await kit.press("olga", undrafted[0], c.Redraft)
    assert outcome.is_done, outcome
    await kit.work()
    card = await kit.card(undrafted[0].key)
    assert card.draft is not None
    assert card.draft.text


async def test_an_item_that_has_a_card_does_not_join_a_peak_when_it_is_edited(
    kit: DeskKit,
) -> None:
    first = kit.incoming(QUESTION)
    await kit.take(first)
    await kit.work()
    await flood(kit, 30)
    changed = kit.incoming("Where is it sold in Paris?", remote_id=first.remote_id)
    await kit.take(changed)
    await kit.work()
    item = await kit.id_of(first.remote_id)
    cards = [one for one in items(kit) if one.card.number == item]
    assert [plain(one.card.quote) for one in cards] == ["Where is it sold in Paris?"]


async def test_each_channel_has_its_own_peak(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    legal = NamedChannel("legal", CHAT, Place("C-legal"), routes=(Route(risks=(Risk.LEGAL,)),))
    address = desk_address(request, tmp_path)
    async with opened_desk(address, channels=[CARE, legal]) as kit:
        await flood(kit, 30)
        assert {one.place.channel for one in peaks(kit)} == {"C-care"}
        await flood(kit, 1, SUE)
        assert len(kit.chat.in_channel("C-legal")) == 1


async def test_a_peak_can_be_switched_off(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    rules = DeskRules(peaks=PeakRule(0, 0))
    address = desk_address(request, tmp_path)
    async with opened_desk(address, rules=rules, channels=[CARE]) as kit:
        await flood(kit, 30)
        assert len(items(kit)) == 30
        assert peaks(kit) == []
