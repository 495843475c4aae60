"""The console in a real browser, over the scripted desk: what a person sees, types and hears."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from bot.cards.actions import ActionName
from bot.cards.card import Action, Ask, Group, Untrusted
from bot.cards.landing import Aspect, Choice, LandingPage
from bot.cards.pages import MemberRow
from bot.model import commands
from bot.model.channel import Route
from bot.model.commands import HoldKind, Outcome, OutcomeKind, VariantText
from bot.model.ids import CardToken
from bot.model.item import ItemKind
from bot.model.member import Role
from bot.model.question import DueBy
from bot.speech.speech import LANGUAGES, speech_in
from tests.fakes import sample_cards
from tests.fakes.console_tab import NAMELESS, PHONE, WIDE, looking, watch
from tests.fakes.desk import PERMALINK, PNG, FakeChatJoins, FakeDesk, FakeGreets, FakeJoins

# One browser for the module, so one event loop for it too.
pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

WAITING = "#card-k7Qf2mZx9LpA"
TOKEN = CardToken("k7Qf2mZx9LpA")
JOINING = "/connect/new/mastodon"
LANDING = "/connect/landing?chat=slack&channel=C0CARE"
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
CUT_OFF = """() => [...document.querySelectorAll('.bar > *, main h1, main button, main .button')]
    .filter((it) => it.getBoundingClientRect().right > innerWidth + 1)
    .map((it) => it.outerHTML.slice(0, 120))"""
# A menu takes its side a moment after it opened: the browser tells of an opening afterwards.
WITHIN = """(list) => { const box = document.querySelector(list).getBoundingClientRect();
    return box.width > 0 && box.left >= 0 && box.right <= innerWidth; }"""


async def test_an_approved_reply_is_watched_until_its_link_is_on_the_card(
    chromium: Browser,
) -> None:
    async with looking(chromium) as screen:
        card = screen.page.locator(WAITING)
        await card.get_by_role("button", name="Approve & publish").click()
        await expect(screen.page.locator("#toasts")).to_contain_text("Approved.")
        await expect(card.locator(".card-state")).to_contain_text("Leaves in a moment")
        await expect(card.get_by_role("button", name="Stop")).to_be_visible()
        await screen.desk.let_go(TOKEN)
        await expect(card.locator(".card-state")).to_contain_text("Published by Bob")
        link = card.get_by_role("link", name="Our reply")
        await expect(link).to_have_attribute("href", PERMALINK)
        assert await screen.commands() == [commands.Approve(TOKEN, 3)]


async def test_an_edited_draft_is_approved_in_one_step(chromium: Browser) -> None:
    async with looking(chromium) as screen:
        card = screen.page.locator(WAITING)
        await card.get_by_role("button", name="Edit").click()
        area = card.get_by_label("Your reply")
        await expect(area).to_be_focused()
        await expect(area).to_have_value(sample_cards.DRAFT.text)
        await area.fill("Sorry, Ann! 👩‍👩‍👧")
        await expect(card.locator(".counter")).to_have_text("13 of 300 characters")
        await card.get_by_role("button", name="Approve & publish").click()
        await expect(card.locator(".editor")).to_have_count(0)
        assert await screen.commands() == [commands.ApproveEdited(TOKEN, 3, "Sorry, Ann! 👩‍👩‍👧")]


async def test_a_redraw_does_not_take_words_focus_or_cursor_from_who_writes(
    chromium: Browser,
) -> None:
    async with looking(chromium) as screen:
        card = screen.page.locator(WAITING)
        await card.get_by_role("button", name="Edit").click()
        area = card.get_by_label("Your reply")
        await area.fill("Half a sen")
        changed = replace(
            sample_cards.waiting(), revision=4, quote=(Untrusted("I found it, thanks"),)
        )
        await screen.desk.change(changed)
        await screen.desk.put(replace(sample_cards.published(), key=CardToken("anothercard1")))
        await expect(card.locator(".card-quote")).to_have_text("I found it, thanks")
        await expect(card.locator(".editor-note")).to_contain_text("changed while you were writing")
        await expect(area).to_be_focused()
        await screen.page.keyboard.type("tence")
        await expect(area).to_have_value("Half a sentence")
        await card.get_by_role("button", name="Save").click()
        await expect(card.locator(".editor")).to_have_count(0)
        assert await screen.commands() == [commands.SaveDraft(TOKEN, 4, "Half a sentence")]


async def test_words_survive_closing_the_editor_and_loading_the_page_again(
    chromium: Browser,
) -> None:
    async with looking(chromium) as screen:
        card = screen.page.locator(WAITING)
        await card.get_by_role("button", name="Edit").click()
        await card.get_by_label("Your reply").fill("Not lost")
        await screen.page.keyboard.press("Escape")
        await expect(card.locator(".editor")).to_have_count(0)
        await screen.page.reload()
        await card.get_by_role("button", name="Edit").click()
        await expect(card.get_by_label("Your reply")).to_have_value("Not lost")


async def test_the_slower_of_two_tabs_is_told_who_was_faster(chromium: Browser) -> None:
    async with looking(chromium) as screen:
        second = await screen.page.context.new_page()
        watch(second, screen.troubles)
        await second.goto(screen.url)
        await second.get_by_role("button", name="Bob approver").click()
        await expect(second.locator("#live")).to_have_attribute("data-live", "on")
        await second.route("**/fragments/**", lambda route: route.abort())
        await screen.page.locator(WAITING).get_by_role("button", name="Approve & publish").click()
        await expect(screen.page.locator("#toasts")).to_contain_text("Approved.")
        await second.locator(WAITING).get_by_role("button", name="Approve & publish").click()
        await expect(second.locator("#toasts")).to_contain_text("Bob was faster")
        assert [order.actor.user for order in screen.desk.orders] == ["olga", "bob"]


async def test_a_press_whose_answer_was_lost_keeps_its_id_when_pressed_again(
    chromium: Browser,
) -> None:
    async with looking(chromium) as screen:
        button = screen.page.locator(WAITING).get_by_role("button", name="Another draft")
        sent: list[str] = []
        screen.page.on(
            "request",
            lambda request: (
                sent.append(request.post_data_json["id"])
                if request.url.endswith("/act") and request.post_data_json
                else None
            ),
        )
        await screen.page.route("**/act", lambda route: route.abort())
        await button.click()
        await expect(screen.page.locator("#toasts")).to_contain_text("Press again.")
        await screen.page.unroute("**/act")
        await button.click()
        await expect(screen.page.locator("#toasts")).to_contain_text("Done.")
        await button.click()
        await expect(screen.page.locator("#toasts .toast")).to_have_count(3)
        assert sent[0] == sent[1]
        assert sent[2] != sent[1]


async def test_hostile_words_stay_words(chromium: Browser) -> None:
    bad = '<img src=x onerror="alert(1)"><script>alert(2)</script>\u202e</article>'
    card = replace(
        sample_cards.waiting(), quote=(Untrusted(bad),), source=(Untrusted(bad),), fallback=bad
    )
    async with looking(chromium, FakeDesk([card])) as screen:
        quote = screen.page.locator(f"{WAITING} .card-quote")
        await expect(quote).to_contain_text('<img src=x onerror="alert(1)">')
        await screen.desk.put(replace(card, key=CardToken("anothercard1"), number=9))
        await expect(screen.page.locator("#card-anothercard1")).to_be_visible()
        await expect(screen.page.locator("#announcer")).to_contain_text("<img src=x")
        assert await screen.page.locator("main img").count() == 0


async def test_a_new_card_arrives_by_itself_and_is_announced(chromium: Browser) -> None:
    async with looking(chromium, FakeDesk()) as screen:
        await expect(screen.page.locator("#empty")).to_contain_text("All answered")
        await screen.desk.put(sample_cards.waiting())
        await expect(screen.page.locator(WAITING)).to_be_visible()
        await expect(screen.page.locator("#announcer")).to_contain_text("Ann Kowalski")
        await expect(screen.page.locator("#filter-open .count")).to_have_text("1")
        await expect(screen.page.locator('[data-step="write"]')).to_have_attribute("data-done", "")


async def test_what_hurts_is_asked_first_and_no_means_no(chromium: Browser) -> None:
    async with looking(chromium) as screen:
        card = screen.page.locator(WAITING)
        for answer, sent in (("Keep it as it is", 0), ("Hide on Sandbox", 1)):
            await card.get_by_text("Moderate").click()
            await card.get_by_role("button", name="Hide on Sandbox").click()
            dialog = screen.page.get_by_role("dialog")
            await expect(dialog).to_contain_text("Hide this comment?")
            await dialog.get_by_role("button", name=answer).click()
            await expect(dialog).to_have_count(0)
            if sent:
                await expect(screen.page.locator("#toasts")).to_contain_text("Done.")
            assert len(screen.desk.orders) == sent


async def test_one_line_and_a_colleague_are_asked_for(chromium: Browser) -> None:
    async with looking(chromium) as screen:
        card = screen.page.locator(WAITING)
        await card.get_by_role("button", name="Change…").click()
        assert await screen.page.evaluate(NAMELESS) == []
        await screen.page.get_by_role("dialog").get_by_role("textbox").fill("shorter, in French")
        await screen.page.keyboard.press("Enter")
        await expect(screen.page.locator("#toasts .toast")).to_have_count(1)
        await card.get_by_text("Team", exact=True).click()
        await card.get_by_role("button", name="Give to…").click()
        await screen.page.get_by_role("dialog").get_by_role("button", name="Bob").click()
        await expect(screen.page.locator("#toasts .toast")).to_have_count(2)
        assert await screen.commands() == [
            commands.Redraft(TOKEN, 3, instruction="shorter, in French"),
            commands.GiveTo(TOKEN, 3, "bob"),
        ]


async def test_a_colleague_is_asked_in_one_form_and_no_half_question_is_sent(
    chromium: Browser,
) -> None:
    card = sample_cards.waiting()
    ask = Action(ActionName.QUESTION, "Ask…", group=Group.TEAM, ask=Ask.QUESTION, first=("bob",))
    desk = FakeDesk([replace(card, actions=(*card.actions, ask))])
    async with looking(chromium, desk) as screen:
        await screen.page.locator(WAITING).get_by_text("Team", exact=True).click()
        await screen.page.get_by_role("button", name="Ask…").click()
        form = screen.page.get_by_role("dialog")
        assert await screen.page.evaluate(NAMELESS) == []
        await form.get_by_role("button", name="Send").click()
        await expect(form).to_be_visible()
        await expect(form.get_by_label("Whom")).to_have_value("bob")
        await form.get_by_label("Answer by").select_option(label="End of the business day")
        await form.get_by_label("Your question").fill("Since when?\nAnd why?")
        await form.get_by_role("button", name="Send").click()
        await expect(screen.page.locator("#toasts .toast")).to_have_count(1)
        assert await screen.commands() == [
            commands.AskColleague(TOKEN, 3, "bob", DueBy.TODAY, "Since when?\nAnd why?")
        ]


async def test_labels_are_ticked_and_only_what_changed_is_sent(chromium: Browser) -> None:
    card = sample_cards.waiting()
    label = Action(ActionName.LABEL, "Label…", group=Group.TEAM, ask=Ask.LABELS)
    desk = FakeDesk([replace(card, actions=(*card.actions, label))])
    async with looking(chromium, desk) as screen:
        await screen.page.locator(WAITING).get_by_text("Team", exact=True).click()
        await screen.page.get_by_role("button", name="Label…").click()
        form = screen.page.get_by_role("dialog")
        await expect(form.get_by_label("refund")).to_be_checked()
        assert await screen.page.evaluate(NAMELESS) == []
        await form.get_by_label("refund").uncheck()
        await form.get_by_label("Press kit").check()
        await form.get_by_label("New labels of the team").fill("Trade fair, visit")
        await form.get_by_role("button", name="Save").click()
        await expect(screen.page.locator("#toasts .toast")).to_have_count(1)
        put_on = ("Press kit", "Trade fair", "visit")
        assert await screen.commands() == [commands.ChangeLabels(TOKEN, 3, put_on, ("refund",))]


async def test_a_note_is_written_on_the_items_page_and_half_a_one_survives_a_redraw(
    chromium: Browser,
) -> None:
    async with looking(chromium) as screen:
        await screen.page.goto(f"{screen.url}/cards/{TOKEN}")
        notes = screen.page.locator("#notes")
        await expect(notes.locator("li")).to_have_text(re.compile("Olga.*They <rang> back", re.S))
        assert await screen.page.evaluate(NAMELESS) == []
        field = notes.get_by_label("New note")
        await field.fill("They are on holiday.\nUntil Monday.")
        card = screen.desk.cards[TOKEN]
        await screen.desk.put(replace(card, revision=4))
        await expect(screen.page.locator(f"#item {WAITING}")).to_have_attribute(
            "data-revision", "4"
        )
        await expect(field).to_have_value("They are on holiday.\nUntil Monday.")
        await notes.get_by_role("button", name="Keep note").click()
        await expect(screen.page.locator("#toasts .toast")).to_have_count(1)
        await expect(field).to_have_value("")
        assert await screen.commands() == [
            commands.WriteNote(TOKEN, 4, "They are on holiday.\nUntil Monday.")
        ]


async def test_the_keyboard_walks_edits_and_approves(chromium: Browser) -> None:
    async with looking(chromium) as screen:
        keys = screen.page.keyboard
        await keys.press("j")
        await expect(screen.page.locator(WAITING)).to_be_focused()
        await keys.press("j")
        await expect(screen.page.locator("#card-postapproval")).to_be_focused()
        await keys.press("k")
        await keys.press("e")
        area = screen.page.locator(WAITING).get_by_label("Your reply")
        await expect(area).to_be_focused()
        await keys.type(" jake")
        await expect(area).to_have_value(sample_cards.DRAFT.text + " jake")
        await keys.press("Escape")
        await expect(screen.page.locator(WAITING)).to_be_focused()
        await keys.press("?")
        await expect(screen.page.get_by_role("dialog")).to_contain_text("Keyboard")
        await keys.press("Escape")
        await keys.press("a")
        await expect(screen.page.locator("#toasts")).to_contain_text("Approved.")
        assert await screen.commands() == [commands.Approve(TOKEN, 3)]


async def test_the_drawer_follows_what_happens(chromium: Browser) -> None:
    async with looking(chromium) as screen:
        await screen.page.get_by_role("button", name="What just happened").click()
        drawer = screen.page.locator("#happened")
        await expect(drawer).to_contain_text("Ann Kowalski wrote a comment.")
        screen.desk.detail = "news of this second"
        await screen.desk.feed.tell()
        await expect(drawer).to_contain_text("news of this second")
        await screen.page.keyboard.press("Escape")
        await expect(drawer).to_be_hidden()


async def test_acting_as_a_colleague_shows_in_every_later_press(chromium: Browser) -> None:
    async with looking(chromium) as screen:
        await screen.page.get_by_role("button", name="Bob approver").click()
        bob = screen.page.get_by_role("button", name="Bob approver")
        await expect(bob).to_have_attribute("aria-pressed", "true")
        await screen.page.locator(WAITING).get_by_role("button", name="Approve & publish").click()
        await expect(screen.page.locator("#toasts")).to_contain_text("Approved.")
        assert screen.desk.orders[0].actor.user == "bob"


async def test_a_post_is_composed_with_own_words_and_a_described_picture(
    chromium: Browser, tmp_path: Path
) -> None:
    picture = tmp_path / "coat.png"
    picture.write_bytes(PNG)
    async with looking(chromium) as screen:
        page = screen.page
        await page.goto(f"{screen.url}/compose")
        await page.get_by_label("What it says").fill("Sale until Sunday")
        await page.locator('[data-account="acme"] [name=account]').check()
        books = page.locator('[data-account="books"]')
        await books.locator("[name=account]").check()
        await books.get_by_label("Own words here").check()
        await books.get_by_label("Words for Acme Books").fill("Readers, sale until Sunday")
        await expect(page.locator("#previews")).to_contain_text("Readers, sale until Sunday")
        await expect(books.locator(".counter")).to_have_text("26 of 500 characters")
        await page.locator("#picture").set_input_files(picture)
        await page.get_by_role("button", name="Ask for approval").click()
        await expect(page.get_by_role("alert")).to_contain_text("what it shows")
        await page.locator("#pictures").get_by_role("textbox").fill("A green coat")
        await page.locator("[name=slot]").fill("2026-12-01T18:00")
        await page.get_by_role("button", name="Ask for approval").click()
        await page.wait_for_url("**/?filter=posts")
        composed = (await screen.commands())[-1]
    assert isinstance(composed, commands.ComposePost)
    assert composed.variants == (
        VariantText("acme", "Sale until Sunday"),
        VariantText("books", "Readers, sale until Sunday"),
    )
    assert [picture.alt_text for picture in composed.pictures] == ["A green coat"]
    assert composed.slot == 1_796_148_000_000


async def test_a_pause_names_what_it_holds_before_the_yes(chromium: Browser) -> None:
    async with looking(chromium) as screen:
        page = screen.page
        await page.goto(f"{screen.url}/desk")
        await page.get_by_role("button", name="Pause…", exact=True).click()
        dialog = page.get_by_role("dialog")
        await expect(dialog).to_contain_text("No replies and no planned posts will leave from")
        await dialog.get_by_label("Planned posts").uncheck()
        await dialog.get_by_label("Where").select_option(label="Acme on Sandbox")
        words = dialog.locator("#pause-words")
        await expect(words).to_contain_text("No replies will leave from: Acme on Sandbox.")
        await dialog.get_by_label("Why").fill("A mix-up")
        await dialog.get_by_role("button", name="Pause").click()
        await expect(page.locator("#toasts")).to_contain_text("Done.")
        asked = commands.Pause((HoldKind.REPLIES,), "acme", "A mix-up", is_sure=False)
        assert await screen.commands() == [asked]


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
async def test_every_page_names_its_controls_and_fits_its_width(
    chromium: Browser, viewport: dict[str, int]
) -> None:
    repeated = """() => { const ids = [...document.querySelectorAll('[id]')].map((it) => it.id);
        return ids.filter((id, at) => ids.indexOf(id) !== at); }"""
    async with looking(chromium, viewport=viewport) as screen:
        for path in (
            "/?filter=all",
            "/cards/k7Qf2mZx9LpA",
            "/compose",
            "/desk",
            "/connect",
            LANDING,
        ):
            await screen.page.goto(screen.url + path)
            assert await screen.page.evaluate(NAMELESS) == []
            assert await screen.page.evaluate(OVERFLOW) == 0
            assert await screen.page.evaluate(repeated) == []
            assert await screen.page.locator("h1").count() == 1


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_frame_of_an_admin_fits_in_every_language(
    chromium: Browser, language: str
) -> None:
    desk = FakeDesk()
    desk.page = replace(desk.page, speech=speech_in(language))
    async with looking(chromium, desk) as screen:
        page = screen.page
        await page.locator('[name=member][value="alice"]').click()
        for path in ("/", "/connect", JOINING, LANDING):
            await page.goto(screen.url + path)
            for width in (390, 800, 1024, 1280, 1440):
                await page.set_viewport_size({"width": width, "height": 860})
                assert await page.evaluate(OVERFLOW) == 0, (path, width)
                assert await page.evaluate(CUT_OFF) == [], (path, width)


async def test_a_phone_shows_one_pane_and_switches_without_loading_the_network_again(
    chromium: Browser,
) -> None:
    async with looking(chromium, viewport=PHONE) as screen:
        page = screen.page
        await expect(page.locator(".pane-sandbox")).to_be_hidden()
        frames: list[str] = []
        page.on("framenavigated", lambda frame: frames.append(frame.url))
        await page.get_by_role("link", name="Sandbox", exact=True).click()
        await expect(page.locator(".pane-sandbox")).to_be_visible()
        await expect(page.locator(".pane-team")).to_be_hidden()
        await page.get_by_role("link", name="Team channel").click()
        await expect(page.locator(WAITING)).to_be_visible()
        assert not [url for url in frames if "/sandbox/" in url]


async def test_menus_stay_within_the_screen_of_a_phone(chromium: Browser) -> None:
    async with looking(chromium, viewport=PHONE) as screen:
        for name in ("Tone", "Snooze", "Moderate", "Team"):
            await screen.page.locator(WAITING).get_by_text(name, exact=True).click()
            await screen.page.wait_for_function(WITHIN, arg=f"{WAITING} details[open] .menu-list")


async def test_an_account_is_paused_from_the_page_where_it_is_connected(chromium: Browser) -> None:
    async with looking(chromium) as screen:
        page = screen.page
        await page.goto(f"{screen.url}/connect")
        await page.get_by_role("button", name="Pause here…").click()
        dialog = page.get_by_role("dialog")
        await expect(dialog).to_contain_text("will leave from: Acme on Sandbox.")
        await dialog.get_by_role("button", name="Pause").click()
        await expect(page.locator("#toasts")).to_contain_text("Done.")
        both = (HoldKind.REPLIES, HoldKind.POSTS)
        assert await screen.commands() == [commands.Pause(both, "acme", "", is_sure=False)]


async def test_what_lands_in_a_channel_is_ticked_and_saved(chromium: Browser) -> None:
    desk = FakeDesk()
    kinds = (Choice("comment", "comments"), Choice("review", "reviews"))
    desk.landing = LandingPage((Aspect("kinds", "Kinds", kinds, ("comment",), "all"),))
    async with looking(chromium, desk) as screen:
        page = screen.page
        await page.goto(screen.url + LANDING)
        await page.get_by_label("comments").uncheck()
        await page.get_by_label("reviews").check()
        await page.get_by_label("What people call it").fill("Reviews")
        await page.get_by_role("button", name="Save").click()
        await page.wait_for_url("**/connect")
        route = Route(kinds=(ItemKind.REVIEW,))
        assert await screen.commands() == [
            commands.SetUpChannel("slack", "C0CARE", "", "Reviews", route)
        ]


async def test_a_new_member_is_added_and_their_link_is_shown_whole_and_once(
    chromium: Browser,
) -> None:
    desk = FakeDesk()
    zoe = MemberRow("zoe", "Zoë", "agent", is_named=False)
    desk.page = replace(desk.page, members=(*desk.page.members, zoe))
    async with looking(chromium, desk) as screen:
        page = screen.page
        await page.goto(f"{screen.url}/connect")
        await page.get_by_label("Name").fill("Zoë")
        await page.get_by_label("Role").select_option("approver")
        await page.get_by_role("button", name="Add", exact=True).click()
        await expect(page.locator("#toasts")).to_contain_text("Done.")
        await expect(page.get_by_label("Name")).to_have_value("")
        desk.answers = [Outcome(OutcomeKind.DONE, "It works once.", once="/sign-in?token=abc")]
        await page.get_by_label("Change Zoë").click()
        await page.get_by_role("button", name="Sign-in link").click()
        shown = page.get_by_label("Shown once")
        await expect(shown).to_have_value(f"{screen.url}/sign-in?token=abc")
        assert await page.evaluate(NAMELESS) == []
        await page.get_by_role("button", name="Close", exact=True).click()
        await expect(page.locator("#dialog-once-value")).to_have_value("")
        assert await screen.commands() == [
            commands.AddMember("Zoë", Role.APPROVER),
            commands.InviteMember("zoe"),
        ]


async def test_an_account_is_looked_at_then_connected_and_no_token_stays_in_the_page(
    chromium: Browser,
) -> None:
    joins = FakeJoins()
    joins.shown = replace(joins.shown, key_trouble="")
    async with looking(chromium, joins=joins) as screen:
        page = screen.page
        await page.goto(screen.url + JOINING)
        look = page.get_by_role("button", name="Look whose it is")
        await look.click()
        server = page.get_by_label("Server")
        await expect(server).to_be_focused()
        await expect(page.locator("#answer-base_url-wrong")).to_have_text("This is needed.")
        await server.fill("https://social.example")
        await page.get_by_label("Access token").fill("wrong-token")
        await look.click()
        await expect(page.locator("#joining-problem")).to_have_text(
            "Mastodon does not know this token."
        )
        await expect(page.locator("#answer-base_url-wrong")).to_be_hidden()
        await page.get_by_label("Access token").fill("right-token")
        await look.click()
        found = page.locator("#found")
        await expect(found).to_contain_text("Acme Tea · @acme@social.example")
        await expect(found).to_contain_text("Cannot hide: Mastodon has nothing of the kind.")
        connect = page.get_by_role("button", name="Connect it")
        await expect(connect).to_be_disabled()
        await page.get_by_role("button", name="Make the key").click()
        await expect(connect).to_be_enabled()
        await expect(page.get_by_label("Access token")).to_have_value("right-token")
        await connect.click()
        await page.wait_for_url("**/connect#account-acme-mastodon")
        await expect(page.locator("#toasts")).to_contain_text("It is connected.")
        await page.reload()
        await expect(page.locator("#toasts .toast")).to_have_count(0)
        assert joins.joined == ["110203"]
        await page.go_back()
        await expect(page.get_by_label("Access token")).to_have_value("")


async def test_the_token_of_a_chat_is_looked_at_then_connected_and_stays_nowhere(
    chromium: Browser,
) -> None:
    chats = FakeChatJoins()
    async with looking(chromium, chat_joins=chats) as screen:
        page = screen.page
        await page.goto(f"{screen.url}/connect")
        await page.locator("#chat-telegram summary").click()
        await page.get_by_role("link", name="Paste its tokens").click()
        token = page.get_by_label("Token", exact=False)
        await token.fill("1:wrong")
        await page.get_by_role("button", name="Look whose it is").click()
        wrong = page.locator("#answer-bot_token-wrong")
        await expect(wrong).to_have_text("Telegram does not take this token.")
        await token.fill("1:right")
        await page.get_by_role("button", name="Look whose it is").click()
        await expect(page.locator("#found")).to_contain_text("@acme_desk_bot")
        await expect(page.locator("#found")).to_contain_text("It cannot be added to a group.")
        await page.get_by_role("button", name="Connect it").click()
        await page.wait_for_url("**/connect#chat-telegram")
        await expect(page.locator("#toasts")).to_contain_text("@acme_desk_bot is connected.")
        assert chats.joined == [("telegram", "777")]
        await page.go_back()
        await expect(page.get_by_label("Token", exact=False)).to_have_value("")


async def test_other_words_are_another_wish_and_must_be_looked_at_again(chromium: Browser) -> None:
    async with looking(chromium) as screen:
        page = screen.page
        await page.goto(screen.url + JOINING)
        await page.get_by_label("Server").fill("https://social.example")
        await page.get_by_label("Access token").fill("right-token")
        await page.get_by_role("button", name="Look whose it is").click()
        await expect(page.get_by_role("button", name="Connect it")).to_be_visible()
        await page.get_by_label("Server").fill("https://other.example")
        await expect(page.get_by_role("button", name="Connect it")).to_be_hidden()


async def test_a_new_account_is_seen_to_be_heard_without_loading_the_page(
    chromium: Browser,
) -> None:
    desk = FakeDesk()
    heard = desk.page
    unheard = replace(heard.accounts[1], last_heard_at=None)
    desk.page = replace(heard, accounts=(unheard,))
    async with looking(chromium, desk) as screen:
        await screen.page.goto(f"{screen.url}/connect")
        account = screen.page.locator("#account-books")
        await expect(account).to_contain_text("Not heard from yet")
        desk.page = replace(heard, accounts=heard.accounts[1:2])
        await expect(account).to_contain_text("Last heard")


async def test_what_a_person_closed_stays_closed_when_the_page_is_redrawn(
    chromium: Browser,
) -> None:
    greets = FakeGreets()
    greets.offers = tuple(replace(one, is_named=False) for one in greets.offers)
    async with looking(chromium, greets=greets) as screen:
        page = screen.page
        await page.goto(f"{screen.url}/connect")
        slack, telegram = page.locator("#chat-slack"), page.locator("#chat-telegram")
        await expect(slack.get_by_role("button", name="Copy the manifest")).to_be_visible()
        await slack.locator("summary").click()
        await telegram.locator("summary").click()
        accounts = tuple(replace(one, next="Redrawn.") for one in screen.desk.page.accounts)
        screen.desk.page = replace(screen.desk.page, accounts=accounts)
        await screen.desk.feed.tell()
        await expect(page.locator("#account-acme")).to_contain_text("Redrawn.")
        assert await slack.evaluate("(it) => it.open") is False
        assert await telegram.evaluate("(it) => it.open") is True
