"""Labels by hand: what a person says stands over triage, wherever triage is read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.cards.actions import ActionName, ButtonData, to_command
from bot.cards.card import plain
from bot.cards.label_choices import LabelKind, LabelsQuery
from bot.cards.pages import HistoryQuery, QueueFilter, QueueQuery, SearchQuery
from bot.model import commands as c
from bot.model.business_hours import BusinessHours
from bot.model.channel import Place, Route
from bot.model.goals import GoalPolicy, ReplyGoal
from bot.model.ids import HOUR, ItemId, RemoteId
from bot.model.label import ByHand
from bot.model.triage import Intent, Urgency
from bot.services.deciding import DeskRules
from bot.services.settling_in import NamedChannel
from tests.fakes.chat import CHAT
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
    await relabel(kit, item, said)
    return item


async def relabel(kit: DeskKit, item: ItemId, said: str, who: str = "olga") -> str:
    """As a press says it: `+refund, -question`."""
    card = await kit.card_of(item)
    data = ButtonData(ActionName.LABEL, card.key, card.revision)
    outcome = await kit.order(who, to_command(data, now=kit.clock.now(), entry=said))
    assert outcome.is_done, outcome.says
    await kit.work()
    return outcome.says


async def test_the_card_says_what_a_person_said_and_keeps_it_when_it_is_sorted_again(
    kit: DeskKit,
) -> None:
    remote = RemoteId("c-edited")
    said = "Refund, billing, high urgency, press kit, -question"
    item = await labelled(kit, said, remote_id=remote)
    for text in (QUESTION, "And where in Nice?"):
        await kit.take(kit.incoming(text, remote_id=remote))
        await kit.work()
        shown = words(await kit.card_of(item))
        assert text in shown
        assert "Refund, billing" in shown
        assert "High urgency, Press kit" in shown
        assert "Question" not in shown


async def test_the_drafter_and_the_reply_goal_follow(kit: DeskKit) -> None:
    item = await labelled(kit, "delivery, -question")
    before = await kit.item(item)
    await relabel(kit, item, "high urgency")
    after = await kit.item(item)
    assert before.clock is not None
    assert after.clock is not None
    assert before.clock.due_at - after.clock.due_at == 3 * HOUR
    await relabel(kit, item, "billing")
    await kit.press("olga", await kit.card_of(item), c.Redraft)
    await kit.work()
    assert kit.drafter.requests[-1].intents == ("billing", "delivery")


async def test_two_people_at_once_lose_nothing_of_each_other(kit: DeskKit) -> None:
    """Both saw the same revision, and each said only what they changed."""
    item = await labelled(kit, "wholesale")
    seen = await kit.card_of(item)
    ours = kit.press("olga", seen, c.ChangeLabels, ("refund", "press kit"), ("question",))
    theirs = kit.press("bob", seen, c.ChangeLabels, ("billing",), ("wholesale",))
    assert [one.is_done for one in await asyncio.gather(ours, theirs)] == [True, True]
    by_hand = (await kit.item(item)).by_hand
    assert by_hand == ByHand((Intent.REFUND, Intent.BILLING), None, ("Press kit",))


async def test_what_is_taken_off_is_gone_and_a_comment_about_nothing_is_about_something_else(
    kit: DeskKit,
) -> None:
    item = await labelled(kit, "press kit, critical urgency")
    await relabel(kit, item, "-question, -press kit, -critical urgency")
    shown = words(await kit.card_of(item))
    assert "Press kit" not in shown
    assert "Question" not in shown
    assert (await kit.item(item)).by_hand == ByHand((Intent.OTHER,), Urgency.NORMAL)
    await relabel(kit, item, "praise")
    assert (await kit.item(item)).by_hand == ByHand((Intent.PRAISE,), Urgency.NORMAL)


async def test_a_new_label_is_offered_from_then_on_as_it_was_first_written(kit: DeskKit) -> None:
    item = await labelled(kit, "Wholesale  Nice")
    other = await labelled(kit, "-nonsense, wholesale NICE")
    assert (await kit.item(other)).by_hand == ByHand(own=("Wholesale Nice",))
    assert "Nothing is changed" in await relabel(kit, item, "wholesale nice")
    page = await kit.desk.view(LabelsQuery(await kit.token_of(item)), kit.who("olga"))
    assert [(one.value, one.is_on) for one in page.of(LabelKind.OWN)] == [
        ("Wholesale Nice", True), ("Press kit", False)
    ]  # fmt: skip
    topics = {one.value: one.is_on for one in page.of(LabelKind.TOPIC)}
    assert (topics["question"], topics["refund"]) == (True, False)
    assert {one.value for one in page.of(LabelKind.URGENCY) if one.is_on} == {"normal urgency"}


async def test_what_is_no_label_is_refused(kit: DeskKit) -> None:
    card = await kit.card_of(await kit.comment(QUESTION))
    for said in ("x" * 41, "!?", "one, two", "pri\u200bce \u202etag"):
        outcome = await kit.press("olga", card, c.ChangeLabels, (said,))
        assert not outcome.is_done
        assert "at most 40 characters" in outcome.says
    many = tuple(f"label {number}" for number in range(21))
    outcome = await kit.press("olga", card, c.ChangeLabels, many)
    assert outcome.says == "A comment takes at most 20 labels of the team."


PRESS = NamedChannel("press", CHAT, Place("P"), routes=(Route(labels=("press kit", "Refund")),))


async def test_a_label_by_hand_brings_the_card_to_the_channel_whose_route_takes_it(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    address = desk_address(request, tmp_path)
    rest = replace(CARE, routes=(Route(languages=("en",)),))
    async with opened_desk(
        address, channels=[rest, PRESS], members=MEMBERS, rules=RULES, has_goals=True
    ) as kit:
        item = await labelled(kit, "praise")
        assert [one.place.channel for one in kit.chat.messages] == ["C-care"]
        assert "Its card comes to press too." in await relabel(kit, item, "Press kit")
        assert [one.place.channel for one in kit.chat.messages] == ["C-care", "P"]
        await relabel(kit, item, "refund, -press kit")
        closed = await kit.comment(QUESTION)
        await kit.press("olga", await kit.card_of(closed), c.NoReplyNeeded)
        await relabel(kit, closed, "press kit")
        assert [one.place.channel for one in kit.chat.messages] == ["C-care", "P", "C-care"]
        await kit.comment("I want my money back, please refund me.")
        assert [one.place.channel for one in kit.chat.messages][3:] == ["C-care", "P"]


async def test_the_history_says_who_put_what_on_and_who_took_it_off(kit: DeskKit) -> None:
    item = await labelled(kit, "press kit, refund")
    await relabel(kit, item, "billing, -refund", "bob")
    await relabel(kit, item, "-billing", "bob")
    page = await kit.desk.view(HistoryQuery(await kit.token_of(item)), kit.who("olga"))
    told = [plain(one.spans) for one in page.lines]
    assert "Olga labelled it: Refund, Press kit" in told
    assert "Bob labelled it: Billing; took off: Refund" in told
    assert "Bob took labels off: Billing" in told


async def found(kit: DeskKit, said: str, who: str = "olga") -> list[int]:
    page = await kit.desk.view(SearchQuery(said), kit.who(who))
    assert page.total == len(page.cards)
    return [one.number for one in page.cards]


async def test_search_finds_what_is_called_so_by_triage_or_by_hand(kit: DeskKit) -> None:
    await kit.index()
    item = await labelled(kit, "Press kit, high urgency, -question")
    other = await kit.comment(QUESTION)
    words_alone = await kit.comment("Your label says press kit and question mark, why?")
    await kit.index()
    assert await found(kit, "label:press") == [item]
    assert await found(kit, 'label:"press kit"') == [item]
    assert await found(kit, "LABEL:“Press Kit” lyon") == [item]
    assert await found(kit, 'label:"high urgency"') == [item]
    assert await found(kit, "label:question") == [words_alone, other]
    assert await found(kit, "label:question lyon") == [other]
    assert await found(kit, "label:presskitten") == []
    await relabel(kit, item, "question, -press kit")
    await kit.index()
    assert await found(kit, "label:press") == []
    assert await found(kit, "label:question") == [words_alone, other, item]


async def waiting(kit: DeskKit, label: str, wanted: QueueFilter = QueueFilter.OPEN) -> list[int]:
    page = await kit.desk.view(QueueQuery(wanted, label=label), kit.who("olga"))
    assert page.total == len(page.cards)
    return [one.number for one in page.cards]


async def test_the_queue_is_narrowed_to_what_is_called_so(kit: DeskKit) -> None:
    plain_question = await kit.comment(QUESTION)
    item = await labelled(kit, "press kit, refund, high urgency, -question")
    mine = await labelled(kit, "Press Kit")
    await kit.press("olga", await kit.card_of(mine), c.Take)
    done = await labelled(kit, "press kit")
    await kit.press("olga", await kit.card_of(done), c.NoReplyNeeded)
    # what is due first comes first
    assert await waiting(kit, "press kit") == [item, mine]
    assert await waiting(kit, "refund") == [item]
    assert await waiting(kit, "High Urgency") == [item]
    assert await waiting(kit, "question") == [mine, plain_question]
    assert await waiting(kit, "press kit", QueueFilter.MINE) == [mine]
    assert await waiting(kit, "nothing") == []
    assert await waiting(kit, "thanks") == []
    await relabel(kit, item, "-press kit")
    assert await waiting(kit, "press kit") == [mine]


async def test_nobody_finds_by_a_label_what_they_may_not_see(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    address = desk_address(request, tmp_path)
    hidden = replace(CARE, private=True)
    async with opened_desk(address, channels=[hidden], members=MEMBERS, rules=RULES) as kit:
        item = await kit.comment(QUESTION)
        for who, expected in (("ada", [item]), ("vic", [])):
            page = await kit.desk.view(QueueQuery(label="question"), kit.who(who))
            assert [one.number for one in page.cards] == expected
            assert page.total == len(expected)
