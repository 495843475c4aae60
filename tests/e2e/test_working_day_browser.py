"""The habits of a working day in the console, clicked in a real browser over a real desk."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from bot.cards.card import CardKind
from bot.model import commands as c
from bot.model.business_hours import BusinessHours
from bot.model.channel import Place
from bot.model.goals import GoalPolicy, ReplyGoal
from bot.model.ids import DAY, HOUR, SECOND, Moment, RemoteId
from bot.model.item import ItemState
from bot.model.network import RemoteAuthor
from bot.model.peak import PeakRule
from bot.services.deciding import DeskRules
from bot.services.settling_in import NamedChannel
from tests.databases import migrated_sqlite
from tests.e2e.console_day import ConsoleDay, day_on
from tests.fakes.chat import CHAT
from tests.fakes.desk_kit import opened_desk

CARE = NamedChannel("care", CHAT, Place("C-care"))
POLICY = GoalPolicy((ReplyGoal(4 * HOUR, HOUR),), BusinessHours("UTC"))
RULES = DeskRules(goals={"acme": POLICY}, peaks=PeakRule(0, 0))

# One browser for the module, so one event loop for it too.
pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(loop_scope="module")
async def day(chromium: Browser, tmp_path: Path) -> AsyncIterator[ConsoleDay]:
    async with (
        opened_desk(
            migrated_sqlite(tmp_path / "desk.db"), rules=RULES, channels=[CARE], has_goals=True
        ) as kit,
        day_on(kit, chromium) as opened,
    ):
        kit.drafter.words = "Yes, and we ship it to you within two days."
        yield opened


def fan(name: str) -> RemoteAuthor:
    return RemoteAuthor(RemoteId(name.lower()), name.lower(), name)


async def test_hearts_wait_together_and_are_closed_in_one_press(day: ConsoleDay) -> None:
    asked = await day.kit.comment("Is the green tea back in stock?", author=fan("Ann"))
    loved = [await day.kit.comment("❤️❤️", author=fan(f"Fan{n}")) for n in range(3)]
    await day.kit.pass_time(30)
    await day.go("/?filter=quiet")
    rolling = await day.card(1, CardKind.PEAK)
    await expect(rolling).to_contain_text("No reply needed (3)")
    await expect(await day.card(asked)).to_have_count(0)
    await rolling.get_by_role("button", name="Close all").click()
    await day.page.get_by_role("dialog").get_by_role("button", name="Close").first.click()
    await day.says("Clos")
    await day.kit.pass_time(30)
    for item in loved:
        assert (await day.kit.item(item)).state is ItemState.CLOSED
    assert (await day.kit.item(asked)).state is ItemState.OPEN


async def test_the_one_with_the_least_time_left_stands_first_and_is_given_to_a_colleague(
    day: ConsoleDay,
) -> None:
    first = await day.kit.comment("Is the green tea back in stock?", author=fan("Ann"))
    await day.kit.pass_time(HOUR / SECOND)
    await day.kit.comment("Do you ship to Lyon?", author=fan("Jo"))
    await day.go()
    card = await day.card(first)
    await expect(day.page.locator("article.card").first).to_contain_text("Ann")
    await expect(card).to_contain_text("Reply due 13:00")
    await day.act_as("Olga")
    await card.get_by_text("Team", exact=True).click()
    await card.get_by_role("button", name="Give to…").click()
    await day.page.get_by_role("dialog").get_by_role("button", name="Bob").click()
    await day.says("Bob")
    await day.act_as("Bob")
    await day.go("/?filter=mine")
    await expect(await day.card(first)).to_be_visible()
    await day.picture("day-console-mine", day.page.locator(".queue"))


async def test_when_the_customer_writes_again_it_is_back_with_whoever_answered(
    day: ConsoleDay,
) -> None:
    first = await day.kit.comment("Is the green tea back in stock?", author=fan("Ann"))
    await day.go()
    await day.act_as("Bob")
    card = await day.card(first)
    await card.get_by_role("button", name="Publish").click()
    await day.says("Publish")
    await day.kit.pass_time(60)
    await expect(card.locator(".card-state")).to_contain_text("Published")
    again = await day.kit.comment("And in Lyon too?", author=fan("Ann"))
    await day.go("/?filter=mine")
    card = await day.card(again)
    await expect(card).to_contain_text("Is the green tea back in stock?")
    await expect(card).to_contain_text("Yes, and we ship it to you within two days.")
    await expect(card).to_contain_text("And in Lyon too?")
    await day.picture("day-console-again", card)


async def test_a_colleague_who_knows_is_asked_and_the_answer_is_a_source(day: ConsoleDay) -> None:
    item = await day.kit.comment("Is the green tea organic?", author=fan("Ann"))
    await day.go()
    await day.act_as("Olga")
    card = await day.card(item)
    await card.get_by_text("Team", exact=True).click()
    await card.get_by_role("button", name="Ask…").click()
    form = day.page.get_by_role("dialog")
    await form.get_by_label("Whom").select_option(label="Bob")
    await form.get_by_label("Your question").fill("Is it organic since May?")
    await form.get_by_role("button", name="Send").click()
    await day.act_as("Bob")
    question = await day.card(1, CardKind.QUESTION)
    await day.go("/?filter=mine")
    await expect(question).to_contain_text("Is it organic since May?")
    await day.picture("day-console-question", question)
    await question.get_by_role("button", name="Answer").click()
    await day.page.get_by_role("dialog").get_by_role("textbox").fill("Yes, since the May harvest.")
    await day.page.keyboard.press("Enter")
    await day.kit.work()
    await day.go()
    await expect(card).to_contain_text("Yes, since the May harvest.")
    assert "since the May harvest" in str(day.kit.drafter.requests[-1])


async def test_what_is_said_often_is_kept_once_and_chosen_on_a_card(day: ConsoleDay) -> None:
    item = await day.kit.comment("Do you ship to Lyon?", author=fan("Ann"))
    await day.go("/desk")
    await day.act_as("Alice")
    form = day.page.locator('form[data-order="write_reply"]')
    await form.get_by_label("Name").fill("Shipping")
    await form.get_by_label("Text").fill("Hello {author}, we ship everywhere in France.")
    await form.get_by_role("button", name="Keep").click()
    await day.says("Shipping")
    await day.go()
    card = await day.card(item)
    await card.get_by_text("Saved replies", exact=True).click()
    await card.get_by_role("button", name="Shipping").click()
    await expect(card.locator(".draft-text").last).to_have_text(
        "Hello Ann, we ship everywhere in France."
    )


async def test_a_snooze_comes_back_by_itself(day: ConsoleDay) -> None:
    item = await day.kit.comment("Do you ship to Lyon?", author=fan("Ann"))
    await day.go()
    card = await day.card(item)
    await card.get_by_text("Snooze", exact=True).click()
    await card.get_by_role("button", name="1 hour").click()
    await expect(card).to_contain_text("Snoozed by Olga")
    await day.kit.pass_time(HOUR / SECOND + 60)
    await expect(card.locator(".card-state")).not_to_contain_text("Snoozed")
    await expect(card.get_by_role("button", name="Publish")).to_be_visible()


async def test_what_a_shift_leaves_is_handed_over_on_one_card(day: ConsoleDay) -> None:
    item = await day.kit.comment("Do you ship to Lyon?", author=fan("Ann"))
    await day.go("/desk")
    await day.page.get_by_role("button", name="Start my shift").click()
    await expect(day.page.get_by_role("button", name="End my shift")).to_be_visible()
    await day.go()
    card = await day.card(item)
    await card.get_by_text("Team", exact=True).click()
    await card.get_by_role("button", name="Take it").click()
    await expect(card).to_contain_text("With Olga")
    await day.go("/desk")
    left = day.page.locator('section[aria-labelledby="handover-title"]')
    await expect(left.get_by_role("link")).to_contain_text("Ann")
    await left.get_by_role("button", name="Hand over now").click()
    await expect(day.page.locator("#toasts .toast")).to_have_count(1)
    await day.kit.work()
    await day.page.get_by_role("button", name="End my shift").click()
    await expect(day.page.get_by_role("button", name="Start my shift")).to_be_visible()
    await day.kit.work()
    await day.act_as("Bob")
    [handed_over] = [one.card for one in day.kit.chat.messages if one.card.kind is CardKind.PEAK]
    await day.go(f"/cards/{handed_over.key}")
    handed = day.page.locator("article.card")
    await expect(handed).to_contain_text("Ann")


async def test_the_week_is_approved_in_one_place_and_changes_are_shown(day: ConsoleDay) -> None:
    for text, slot in (("Spring tea is here", DAY), ("Open on Sunday", 2 * DAY)):
        moment = Moment(day.kit.clock.now() + slot)
        await day.kit.order("olga", c.ComposePost((c.VariantText("acme", text),), moment))
    await day.go("/week")
    await day.act_as("Alice")
    left = day.page.locator("#left")
    await expect(left).to_have_text("2 of 2 left")
    card = day.page.locator("article.card")
    await expect(card).to_contain_text("Spring tea is here")
    await day.picture("day-console-week", day.page.locator(".page"))
    await card.get_by_role("button", name="Request changes").click()
    await day.page.keyboard.press("Enter")
    await day.says("Say what should change, in one line.")
    await card.get_by_role("button", name="Request changes").click()
    await day.page.get_by_role("dialog").get_by_role("textbox").fill("Say which tea.")
    await day.page.keyboard.press("Enter")
    await expect(left).to_have_text("1 of 2 left")
    await expect(card).to_contain_text("Open on Sunday")
    await card.get_by_role("button", name="Approve").click()
    await expect(card).to_have_count(0)
    await day.act_as("Olga")
    await day.go("/?filter=posts")
    sent_back = day.page.locator("article.card", has_text="Say which tea.")
    await sent_back.get_by_role("link", name="Edit").click()
    await day.page.get_by_label("What it says").fill("Green spring tea is here")
    await day.page.get_by_role("button", name="Save and ask again").click()
    await day.page.wait_for_url("**/cards/*")
    await day.go("/week")
    await day.act_as("Alice")
    await expect(card).to_contain_text("Green spring tea is here")
    await expect(card.locator("del")).to_have_text("Spring")
    await expect(card.locator("ins")).to_have_text("Green spring")
    await day.picture("day-console-difference", card)


async def test_words_find_an_item_again(day: ConsoleDay) -> None:
    await day.kit.comment("Do you ship to Lyon?", author=fan("Ann"))
    await day.kit.index()
    await day.go()
    await day.page.get_by_label("Search comments, drafts and replies").fill("lyon ship")
    await day.page.keyboard.press("Enter")
    await day.page.wait_for_url("**/search**")
    await expect(day.page.locator("main")).to_contain_text("Do you ship to Lyon?")


async def test_a_pause_asks_once_on_a_card_and_late_posts_are_asked_about(day: ConsoleDay) -> None:
    moment = Moment(day.kit.clock.now() + HOUR)
    order = c.ComposePost((c.VariantText("acme", "Autumn tea is here"),), moment)
    post = await day.kit.card((await day.kit.order("olga", order)).note)
    await day.kit.press("alice", post, c.Approve)
    await day.go("/desk")
    await day.act_as("Alice")
    await day.page.get_by_role("button", name="Pause…", exact=True).click()
    await day.page.get_by_role("dialog").get_by_role("button", name="Pause…").click()
    card = day.page.locator("article.card")
    await expect(card).to_contain_text("Autumn tea is here")
    await day.picture("day-console-pause", card)
    await card.get_by_role("button", name="Pause now").click()
    await day.says("Paused")
    await day.kit.pass_time(2 * HOUR / SECOND)
    assert day.kit.network.visible == []
    await day.go("/desk")
    await day.page.get_by_role("button", name="Unpause").first.click()
    await day.page.get_by_role("dialog").get_by_role("button", name="Unpause…").click()
    await card.get_by_role("button", name="Unpause now").click()
    await expect(card).to_contain_text("Autumn tea is here")
    assert day.kit.network.visible == []
    await card.get_by_role("button", name="Publish now").first.click()
    await day.kit.pass_time(60)
    assert day.kit.network.texts() == ["Autumn tea is here"]


async def test_labels_are_ticked_and_a_note_is_written_for_the_team(day: ConsoleDay) -> None:
    item = await day.kit.comment("Do you ship to Lyon?", author=fan("Ann"))
    await day.go(f"/cards/{await day.kit.token_of(item)}")
    card = await day.card(item)
    await card.get_by_text("Team", exact=True).click()
    await card.get_by_role("button", name="Label").click()
    form = day.page.get_by_role("dialog")
    await form.get_by_label("New labels of the team").fill("Spring sale")
    await form.get_by_role("button", name="Save").click()
    await expect(card).to_contain_text("Spring sale")
    await day.page.get_by_label("New note").fill("She called this morning.")
    await day.page.get_by_role("button", name="Keep note").click()
    await expect(card).to_contain_text("She called this morning.")
    await day.go("/")
    await expect(card).to_contain_text("Spring sale")


async def test_in_shadow_what_is_approved_is_recorded_and_nothing_leaves(day: ConsoleDay) -> None:
    await day.kit.order("ada", c.Shadow("acme"))
    item = await day.kit.comment("Do you ship to Lyon?", author=fan("Ann"))
    await day.go()
    await day.act_as("Bob")
    card = await day.card(item)
    await expect(card).to_contain_text("Shadow: nothing leaves")
    await card.get_by_role("button", name="Approve").click()
    await day.kit.pass_time(60)
    await expect(card.locator(".card-state")).to_contain_text("ecorded")
    assert day.kit.network.visible == []
    await day.kit.order("ada", c.WatchOnly("acme"))
    other = await day.kit.comment("And to Nice?", author=fan("Jo"))
    await day.go()
    card = await day.card(other)
    await expect(card).to_contain_text("And to Nice?")
    await expect(card.get_by_role("button", name="Publish")).to_have_count(0)
