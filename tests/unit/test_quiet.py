"""Only what needs a decision becomes a card; what needs none stands together on one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.cards.actions import ButtonData, to_command
from bot.cards.card import Action, Card, CardKind, plain
from bot.cards.pages import QueueFilter
from bot.config.chats import PeakSettings
from bot.model import commands as c
from bot.model.channel import Place
from bot.model.commands import Outcome
from bot.model.ids import ItemId, Moment, RemoteId
from bot.model.item import ItemKind, ItemState
from bot.model.network import RemoteAuthor
from bot.model.peak import PeakRule
from bot.model.vip import VipRule
from bot.services.deciding import DeskRules
from bot.services.settling_in import NamedChannel
from handlers.slack.render import render
from handlers.telegram.markup import Reading
from handlers.telegram.render import Drawing, drawn
from tests.fakes.chat import CHAT, Message
from tests.fakes.desk_kit import COMPLAINT, DeskKit, desk_address, opened_desk
from tests.fakes.slack_judges import judged_message

CARE = NamedChannel("care", CHAT, Place("C-care"))
HEARTS, THANKS, TAGS = "❤️❤️❤️", "Thank you so much!", "@ben @cem"
UTC = ZoneInfo("UTC")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return desk_address(request, tmp_path, request.param)


@pytest.fixture
async def kit(address: str) -> AsyncIterator[DeskKit]:
    async with opened_desk(address, channels=[CARE]) as found:
        yield found


async def hearts(kit: DeskKit, many: int, text: str = HEARTS) -> list[ItemId]:
    found = []
    for number in range(many):
        name = f"fan{number}"
        fan = RemoteAuthor(RemoteId(name), name, name.title())
        found.append(await kit.comment(text, author=fan))
    return found


def quiet(kit: DeskKit) -> list[Message]:
    return [one for one in kit.chat.messages if one.card.kind is CardKind.PEAK]


def items(kit: DeskKit) -> list[int]:
    return [one.card.number for one in kit.chat.messages if one.card.kind is CardKind.ITEM]


def title(message: Message) -> str:
    return plain(message.card.source)


def button(card: Card, label: str) -> Action:
    return next(one for one in card.actions if one.label.startswith(label))


async def press(kit: DeskKit, card: Card, label: str, by: str = "olga") -> Outcome:
    """As a front end: by the data of the button."""
    action = button(card, label)
    data = ButtonData(action.name, card.key, card.revision, action.argument).encode()
    outcome = await kit.order(by, to_command(ButtonData.decode(data), now=kit.clock.now()))
    await kit.work()
    return outcome


async def test_hearts_thanks_and_tags_are_one_card_and_a_question_has_its_own(
    kit: DeskKit,
) -> None:
    await hearts(kit, 3)
    await hearts(kit, 2, THANKS)
    await hearts(kit, 1, TAGS)
    asked = await kit.comment(COMPLAINT)
    await kit.pass_time(30)
    [card] = quiet(kit)
    assert title(card) == "No reply needed (6) · Fakebook · @acme"
    assert items(kit) == [asked]
    reasons = [plain(fact) for fact in card.card.facts]
    assert "Only emoji or signs (3)" in reasons
    assert "Only tags other people (1)" in reasons
    assert len(reasons) == 3
    assert "Fan0: @ben @cem" in plain(card.card.quote)


async def test_each_account_has_its_own(kit: DeskKit) -> None:
    await hearts(kit, 1)
    other = kit.incoming(HEARTS, remote_id=RemoteId("other"))
    kit.account, mine = kit.other, kit.account
    await kit.take(other)
    kit.account = mine
    await kit.pass_time(30)
    assert [title(one).split(" · ")[0] for one in quiet(kit)] == ["No reply needed (1)"] * 2


async def test_it_is_edited_at_most_every_twenty_seconds(kit: DeskKit) -> None:
    await hearts(kit, 1)
    before = len(kit.chat.calls)
    await hearts(kit, 30)
    await kit.pass_time(25)
    assert len(kit.chat.calls) - before <= 2
    assert title(quiet(kit)[0]).startswith("No reply needed (31)")


SPAM = "Buy followers at https://spam.example now, cheap followers!"


async def test_advertising_stands_on_a_card_of_its_own_and_is_hidden_all_at_once(
    kit: DeskKit,
) -> None:
    ads = await hearts(kit, 3, SPAM)
    await hearts(kit, 1)
    await kit.pass_time(30)
    card, others = quiet(kit)
    assert title(card) == "Advertising (3) · Fakebook · @acme"
    assert title(others).startswith("No reply needed (1)")
    assert items(kit) == []
    refused = await press(kit, card.card, "Hide and close all", by="olga")
    assert not refused.is_done
    assert (await press(kit, card.card, "Hide and close all", by="bob")).is_done
    await kit.pass_time(30)
    assert {(await kit.item(one)).state for one in ads} == {ItemState.CLOSED}
    assert all([(await kit.item(one)).is_hidden for one in ads])
    assert title(card).startswith("Advertising (0)")


@pytest.mark.parametrize("text", ["I will sue you. ❤️"])
async def test_what_wants_another_decision_is_not_among_them(kit: DeskKit, text: str) -> None:
    item = await kit.comment(text)
    await kit.pass_time(30)
    assert quiet(kit) == []
    assert items(kit) == [item]


async def test_close_all_closes_what_nobody_opened(kit: DeskKit) -> None:
    found = await hearts(kit, 4)
    opened = await kit.card_of(found[0])
    await kit.press("bob", opened, c.Reopen)
    await kit.pass_time(30)
    assert title(quiet(kit)[0]).startswith("No reply needed (3)")
    assert (await press(kit, quiet(kit)[0].card, "Close all 3")).is_done
    await kit.pass_time(30)
    states = [(await kit.item(item)).state for item in found]
    assert states == [ItemState.OPEN, *[ItemState.CLOSED] * 3]
    assert plain(quiet(kit)[0].card.state.spans) == "All of them are decided"


async def test_what_comes_after_that_begins_another(kit: DeskKit) -> None:
    await hearts(kit, 1)
    await press(kit, quiet(kit)[0].card, "Close all 1")
    await kit.pass_time(400)
    await kit.comment(HEARTS)
    await kit.pass_time(30)
    assert len(quiet(kit)) == 2


async def test_like_all_likes_them_on_the_network(kit: DeskKit) -> None:
    found = await hearts(kit, 3)
    await kit.pass_time(30)
    assert (await press(kit, quiet(kit)[0].card, "Like all 3")).is_done
    await kit.pass_time(30)
    assert [(await kit.item(item)).is_liked for item in found] == [True] * 3
    assert [(await kit.item(item)).state for item in found] == [ItemState.QUIET] * 3


async def test_pages_are_turned_for_everybody(kit: DeskKit) -> None:
    await hearts(kit, 14)
    await kit.pass_time(30)
    card = quiet(kit)[0].card
    assert plain(card.quote).count("Fan") == 6
    assert "Fan13: " in plain(card.quote)
    assert plain(card.state.spans) == "Page 1 of 3 is shown"
    await press(kit, card, "Page 2 of 3")
    card = quiet(kit)[0].card
    assert "Fan7: " in plain(card.quote)
    assert "Fan13: " not in plain(card.quote)
    await press(kit, card, "Page 3 of 3")
    assert plain(quiet(kit)[0].card.quote).count("Fan") == 2
    await press(kit, quiet(kit)[0].card, "Page 1 of 3")
    assert "Fan13: " in plain(quiet(kit)[0].card.quote)


async def test_one_that_is_pulled_out_has_a_card_of_its_own_and_a_draft(kit: DeskKit) -> None:
    found = await hearts(kit, 2)
    await kit.pass_time(30)
    assert (await press(kit, quiet(kit)[0].card, "Fan0: ")).is_done
    await kit.pass_time(30)
    assert items(kit) == [found[0]]
    item = await kit.item(found[0])
    assert item.state is ItemState.OPEN
    own = await kit.card_of(found[0])
    assert own.draft is not None
    assert own.draft.text == kit.drafter.words
    assert title(quiet(kit)[0]).startswith("No reply needed (1)")
    again = await kit.order("bob", c.PullOut(quiet(kit)[0].card.key, 1, found[0]))
    assert not again.is_done


async def test_one_that_is_reopened_elsewhere_lands_where_its_route_says(kit: DeskKit) -> None:
    [item] = await hearts(kit, 1)
    await kit.press("bob", await kit.card_of(item), c.Reopen)
    await kit.work()
    assert items(kit) == [item]


async def test_one_that_its_author_makes_a_question_gets_a_card(kit: DeskKit) -> None:
    [item] = await hearts(kit, 1)
    remote = (await kit.item(item)).remote_id
    fan = RemoteAuthor(RemoteId("fan0"), "fan0", "Fan0")
    await kit.take(kit.incoming(COMPLAINT, author=fan, remote_id=remote))
    await kit.pass_time(400)
    assert items(kit) == [item]
    assert title(quiet(kit)[0]).startswith("No reply needed (0)")


async def test_the_queue_of_quiet_ones_shows_it_and_the_open_queue_does_not(kit: DeskKit) -> None:
    await hearts(kit, 1)
    assert (await kit.queue(QueueFilter.OPEN)).cards == ()
    kinds = {card.kind for card in (await kit.queue(QueueFilter.QUIET)).cards}
    assert kinds == {CardKind.ITEM, CardKind.PEAK}


async def test_who_may_only_look_closes_nothing(kit: DeskKit) -> None:
    [item] = await hearts(kit, 1)
    assert not (await press(kit, quiet(kit)[0].card, "Close all", by="vic")).is_done
    assert (await kit.item(item)).state is ItemState.QUIET


async def test_whoever_wants_to_see_everything_does(address: str) -> None:
    rules = DeskRules(peaks=PeakSettings(show_everything=True).rule)
    async with opened_desk(address, rules=rules, channels=[CARE]) as kit:
        [item] = await hearts(kit, 1)
        assert items(kit) == [item]
        assert quiet(kit) == []


async def test_a_vips_thanks_has_a_card(address: str) -> None:
    rule = replace(PeakRule(), vips=VipRule(frozenset({"fan0"})))
    async with opened_desk(address, rules=DeskRules(peaks=rule), channels=[CARE]) as kit:
        [item] = await hearts(kit, 1, THANKS)
        assert items(kit) == [item]


async def test_in_a_flood_it_is_no_part_of_the_peak(kit: DeskKit) -> None:
    await hearts(kit, 40)
    await kit.pass_time(30)
    assert len(quiet(kit)) == 1
    assert title(quiet(kit)[0]).startswith("No reply needed (40)")


async def test_slack_and_telegram_draw_it_whole(kit: DeskKit) -> None:
    await hearts(kit, 14)
    await kit.pass_time(30)
    card = quiet(kit)[0].card
    message = render(card, UTC)
    assert judged_message({"text": message.text, "blocks": message.blocks}) == []
    assert "Pull one out" in str(message.blocks)
    main = drawn(card, Drawing(Reading(Moment(kit.clock.now()), UTC)))
    labels = [one.label for row in main.rows for one in row]
    assert labels == ["Close all 14", "Like all 14", "Page 2 of 3", "📤 Pull one out"]
    menu = drawn(card, Drawing(Reading(Moment(kit.clock.now()), UTC), menu="pull"))
    assert sum("Fan" in one.label for row in menu.rows for one in row) == 6


@pytest.mark.parametrize(
    ("text", "fields", "joins"),
    [
        ("@ben for our kitchen, told you", {}, True),
        ("@acme pick up the phone already", {}, False),
        ("@acme_tea_uk pick up the phone already", {}, False),
        ("@ben same here", {"kind": ItemKind.REPLY}, False),
    ],
)
async def test_only_who_tags_friends_below_a_post_speaks_to_them(
    kit: DeskKit, text: str, fields: dict[str, object], joins: bool
) -> None:
    item = await kit.comment(text, **fields)
    await kit.pass_time(30)
    assert ((await kit.item(item)).state is ItemState.QUIET) is joins
