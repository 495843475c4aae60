"""The Connect page: accounts, channels and people, and who may see it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest

from bot.bootstrap.chat_offers import chat_offers
from bot.cards.connecting import ChatStanding, ConnectPage
from bot.cards.landing import Aspect, Choice, LandingPage, LandingQuery
from bot.cards.pages import ChannelRow, MemberRow
from bot.config import DeskSettings, Settings, SlackSettings
from bot.errors import StoreUnavailable
from bot.model import commands
from bot.model.account import AccountState
from bot.model.channel import Place, Route, Shows
from bot.model.commands import Outcome, OutcomeKind
from bot.model.item import ItemKind
from bot.model.joining import HookStanding
from bot.model.member import Role
from handlers.slack.manifest import manifest
from tests.fakes.console import browsing
from tests.fakes.desk import FakeChatJoins, FakeDesk, FakeGreets, FakeJoins

CARE = "/connect/landing?chat=slack&channel=C0CARE&topic="
WHY_NOT = "Your role here is agent; this takes an admin. Ask Alice."


def desk() -> FakeDesk:
    made = FakeDesk()
    page = made.page
    zoe = MemberRow("zoe", "Zoë <b>", "agent", is_named=False, chats=("console",))
    here = "Here lands: comments; acme."
    care = ChannelRow("#care", "Slack", "", ("slack", "C0CARE", ""), here)
    books = replace(page.accounts[1], next="Press Go live when replies should.", remote_id="1102")
    gone = replace(
        page.accounts[2], slug="old", state=AccountState.SUSPENDED, is_named=False, trouble=""
    )
    made.page = replace(
        page,
        accounts=(replace(page.accounts[0], held=("replies",)), books, gone),
        members=(*page.members, zoe),
        channels=(care,),
    )
    kinds = (Choice("comment", "comments"), Choice("review", "reviews"))
    made.landing = LandingPage((Aspect("kinds", "Kinds", kinds, ("comment",), "all"),), here)
    return made


@pytest.mark.parametrize("path", ["/connect", CARE])
async def test_a_page_is_whole_and_never_cached(path: str) -> None:
    async with browsing(desk()) as browser:
        answer = await browser.get(path)
        text = await answer.text()
    assert answer.status == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert text.startswith("<!doctype html>")
    assert text.count("<script") == 1
    assert "style=" not in text


async def test_an_account_says_how_it_stands_and_what_to_do_next() -> None:
    async with browsing(desk()) as browser:
        text = await browser.text("/connect")
    assert "Press Go live when replies should." in text
    assert "1102" in text
    assert "Disconnected" in text
    assert 'data-order="go_live" data-fields=\'{"account": "books"}\'' in text
    unpause = 'data-order="unpause" data-fields=\'{"account": "acme", "kinds": ["replies"]}\''
    assert unpause in text


async def test_a_channel_says_what_lands_there_and_leads_to_the_question() -> None:
    async with browsing(desk()) as browser:
        text = await browser.text("/connect")
        assert "Here lands: comments; acme." in text
        assert 'href="/connect/landing?chat=slack&amp;channel=C0CARE&amp;topic="' in text
        asked = await browser.text(CARE)
        assert LandingQuery("slack", "C0CARE", "") in [query for query, _ in browser.desk.queries]
    assert 'data-aspect="kinds" value="comment" checked' in asked
    assert 'data-aspect="kinds" value="review">' in asked
    assert 'name="title" maxlength="200" value="#care"' in asked


async def test_people_of_the_configuration_are_listed_and_only_the_others_can_be_changed() -> None:
    async with browsing(desk()) as browser:
        text = await browser.text("/connect")
    assert text.count("in the configuration</small>") == 3
    assert text.count('data-order="suspend_member"') == 1
    assert 'data-order="invite_member" data-fields=\'{"member": "zoe"}\'' in text
    assert "Zoë <b>" not in text


async def test_who_is_no_admin_is_told_who_can_and_sees_nothing_else() -> None:
    made = desk()
    made.connect = ConnectPage(WHY_NOT)
    async with browsing(made) as browser:
        answer = await browser.get("/connect")
        assert answer.status == 403
        text = await answer.text()
        assert WHY_NOT in text
        assert "C0CARE" not in text
        part = await browser.get("/fragments/connect")
        assert part.status == 403
        assert "C0CARE" not in await part.text()


async def test_only_an_admin_is_shown_the_way_to_it() -> None:
    async with browsing(desk()) as browser:
        assert 'href="/connect"' not in await browser.open("/")
        await browser.submit("/act-as", member="alice")
        assert 'href="/connect"' in await browser.text("/")


async def test_a_channel_that_cannot_be_chosen_for_says_why() -> None:
    made = desk()
    made.landing = LandingPage(refusal="The configuration names this channel, as care.")
    async with browsing(made) as browser:
        text = await browser.text(CARE)
    assert "The configuration names this channel, as care." in text
    assert "set_up_channel" not in text


@pytest.mark.parametrize("query", ["", "?chat=slack", "?channel=C1", "?chat=&channel="])
async def test_a_place_that_is_none_is_a_page_with_a_way_back(query: str) -> None:
    async with browsing(desk()) as browser:
        assert (await browser.get(f"/connect/landing{query}")).status == 404


async def test_each_form_is_one_order() -> None:
    place = {"chat": "slack", "channel": " C0NEW ", "topic": ""}
    chosen = {"kinds": ["comment"], "accounts": ["acme"], "shows": ["items"]}
    async with browsing(desk()) as browser:
        await browser.open("/connect")
        await browser.order("set_up_channel", **place, title="New", chosen=chosen)
        await browser.order("set_up_channel", **place)
        await browser.order("add_member", name="Zoë", role="approver")
        await browser.order("set_token_end", account="old", day="2027-01-15")
        await browser.order("set_token_end", account="old", day="")
        given = [order.command for order in browser.desk.orders]
    route = Route(accounts=("acme",), kinds=(ItemKind.COMMENT,))
    shown = frozenset({Shows.ITEMS})
    assert given == [
        commands.SetUpChannel("slack", "C0NEW", "", "New", route, shown),
        commands.SetUpChannel("slack", "C0NEW", "", "", Route()),
        commands.AddMember("Zoë", Role.APPROVER),
        commands.SetTokenEnd("old", date(2027, 1, 15)),
        commands.SetTokenEnd("old", None),
    ]


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("set_up_channel", {"chat": "slack", "channel": "C1", "chosen": {"kinds": ["nonsense"]}}),
        ("set_up_channel", {"chat": "slack", "channel": " "}),
        ("set_up_channel", {"chat": "slack", "channel": "C1", "route": {}}),
        ("add_member", {"name": "Zoë", "role": "owner"}),
        ("set_token_end", {"account": "old", "day": "15.1.2027"}),
        ("invite_member", {}),
    ],
)
async def test_what_means_nothing_reaches_no_desk(name: str, fields: dict[str, object]) -> None:
    async with browsing(desk()) as browser:
        await browser.open("/connect")
        answer = await browser.order(name, **fields)
        assert answer.status == 400
        assert (await answer.json())["says"]
        assert browser.desk.orders == []


async def test_a_sign_in_link_is_in_the_answer_to_the_press_alone() -> None:
    made = desk()
    made.answers = [Outcome(OutcomeKind.DONE, "It works once.", once="/sign-in?token=abc")]
    async with browsing(made) as browser:
        await browser.open("/connect")
        told = await (await browser.order("invite_member", member="zoe")).json()
    assert told["once"] == "/sign-in?token=abc"
    assert "abc" not in told["says"]


# --- connecting an account

WISH: dict[str, object] = {
    "network": "mastodon",
    "answers": {"base_url": "https://social.example", "access_token": "right-token"},
}


async def test_the_networks_that_can_be_connected_are_offered() -> None:
    async with browsing(desk()) as browser:
        text = await browser.text("/connect")
    assert 'href="/connect/new/mastodon"' in text
    assert 'href="/connect/new/rss"' in text
    assert "Make the key" not in text


async def test_a_form_asks_what_its_network_asks_and_hides_what_is_secret() -> None:
    async with browsing(desk()) as browser:
        text = await browser.text("/connect/new/mastodon")
    assert 'name="base_url" type="url"' in text
    assert 'name="access_token" type="password" autocomplete="new-password"' in text
    assert '<option value="review">' in text
    assert "Copy “Your access token”." in text


async def test_a_form_for_a_new_token_is_filled_with_everything_but_the_token() -> None:
    made = desk()
    page = made.page
    mine = replace(page.accounts[1], network_name="mastodon", is_named=False)
    made.page = replace(page, accounts=(mine,))
    settings = {"base_url": "https://social.example", "hashtags": ["acme", "tea"]}
    hook = HookStanding("books-2")
    made.connect = ConnectPage(settings=settings, hook=hook, hook_path="/hooks/mastodon/books-2")
    async with browsing(made) as browser:
        text = await browser.text("/connect/accounts/books")
        assert 'value="https://social.example"' in text
        assert 'value="acme, tea"' in text
        assert "/hooks/mastodon/books-2</pre>" in text
        assert "Webhooks: waiting for the first delivery." in text
        assert 'data-account="books"' in text
        field = text.partition('type="password"')[2].partition(">")[0]
        assert "value" not in field
        assert "New token" in await browser.text("/connect")
        assert "New token" not in await browser.text("/desk")


@pytest.mark.parametrize("path", ["/connect/new/nonsense", "/connect/accounts/acme"])
async def test_what_cannot_be_connected_here_has_no_form(path: str) -> None:
    async with browsing(desk()) as browser:
        assert (await browser.get(path)).status == 404


@pytest.mark.parametrize(
    "path", ["/connect/new/mastodon", "/connect/accounts/books", "/connect/chats/telegram", CARE]
)
async def test_a_form_is_for_admins(path: str) -> None:
    made = desk()
    made.connect = ConnectPage(WHY_NOT)
    async with browsing(made) as browser:
        answer = await browser.get(path)
        assert answer.status == 403
        assert WHY_NOT in await answer.text()


async def test_looking_shows_whose_it_is_and_connecting_names_the_one_shown() -> None:
    joins = FakeJoins()
    async with browsing(desk(), joins) as browser:
        await browser.open("/connect/new/mastodon")
        told = await (await browser.ask("/accounts/look", **WISH)).json()
        assert told["found"] == {
            "name": "Acme Tea · @acme@social.example",
            "remote_id": "110203",
            "can": ["read", "reply"],
            "cannot": ["Cannot hide: Mastodon has nothing of the kind."],
        }
        answer = await browser.ask("/accounts/join", **WISH, remote_id="110203")
        assert (await answer.json())["note"] == "acme-mastodon"
        assert joins.joined == ["110203"]
        assert [one.network for one in joins.wishes] == ["mastodon"]


async def test_a_wrong_answer_and_a_wrong_token_are_told_apart() -> None:
    empty = {**WISH, "answers": {"base_url": "", "access_token": "x"}}
    wrong = {**WISH, "answers": {"base_url": "https://a.example", "access_token": "wrong-secret"}}
    async with browsing(desk(), FakeJoins()) as browser:
        await browser.open("/connect/new/mastodon")
        told = await (await browser.ask("/accounts/look", **empty)).json()
        assert told["problems"] == {"base_url": "This is needed."}
        answer = await browser.ask("/accounts/look", **wrong)
        assert answer.status == 403
        text = await answer.text()
        assert "does not know this token" in text
        assert "wrong-secret" not in text


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/accounts/look", {"network": "mastodon"}),
        ("/accounts/look", {"network": "mastodon", "answers": {"a": 1}}),
        ("/accounts/look", {"network": "mastodon", "answers": {}, "more": 1}),
        ("/accounts/join", {"network": "mastodon", "answers": {}}),
        ("/accounts/disconnect", {}),
        ("/accounts/key", {"path": "/etc/passwd"}),
    ],
)
async def test_a_wish_that_means_nothing_is_not_asked(path: str, body: dict[str, object]) -> None:
    joins = FakeJoins()
    async with browsing(desk(), joins) as browser:
        await browser.open("/connect")
        answer = await browser.ask(path, **body)
        assert answer.status == 400
        assert joins.wishes == []


@pytest.mark.parametrize("path", ["look", "join", "disconnect", "key"])
async def test_what_did_not_come_from_an_open_page_is_refused(path: str) -> None:
    joins = FakeJoins()
    async with browsing(desk(), joins) as browser:
        await browser.open("/connect")
        browser.csrf = "0" * 64
        assert (await browser.ask(f"/accounts/{path}", **WISH)).status == 403
    async with browsing(desk(), joins, act_as=None) as browser:
        await browser.open("/sign-in?token=x")
        assert (await browser.ask(f"/accounts/{path}", **WISH)).status == 401
    assert joins.wishes == []


async def test_without_a_key_the_page_offers_to_make_it() -> None:
    joins = FakeJoins()
    joins.shown = replace(joins.shown, key_trouble="")
    async with browsing(desk(), joins) as browser:
        text = await browser.text("/connect/new/mastodon")
        assert 'data-join="key"' in text
        assert "data-connect disabled" in text
        assert 'data-join="key"' not in await browser.text("/connect/new/rss")
        await browser.open("/connect")
        await browser.ask("/accounts/key")
        assert 'data-join="key"' not in await browser.text("/connect")
        joins.shown = replace(joins.shown, key_trouble="Set REPLYDESK_KEY instead.")
        text = await browser.text("/connect")
        assert "Set REPLYDESK_KEY instead." in text
        assert 'data-join="key"' not in text


async def test_a_store_that_does_not_answer_is_said_and_the_press_may_be_repeated() -> None:
    joins = FakeJoins()
    joins.failing = StoreUnavailable("locked")
    async with browsing(desk(), joins) as browser:
        await browser.open("/connect")
        answer = await browser.ask("/accounts/look", **WISH)
        assert answer.status == 503
        assert (await answer.json())["kind"] == "unsaved"


# --- chats


async def test_a_test_card_is_sent_where_the_chat_is_connected() -> None:
    greets = FakeGreets()
    async with browsing(desk(), greets=greets) as browser:
        text = await browser.open("/connect")
        assert text.count('data-channel="test"') == 1
        assert 'data-channel="test"' in await browser.text(CARE)
        assert 'data-channel="test"' not in await browser.text(CARE.replace("slack", "telegram"))
        answer = await browser.ask("/channels/test", chat="slack", channel="C0CARE", topic="")
        assert (await answer.json())["says"] == "The test card stands in the channel."
        assert greets.sent == [("slack", Place("C0CARE"))]
        assert (await browser.ask("/channels/test", chat="slack", channel=" ")).status == 400
        browser.csrf = "0" * 64
        assert (await browser.ask("/channels/test", chat="slack", channel="C1")).status == 403
        assert len(greets.sent) == 1


async def test_a_chat_says_how_it_is_connected_and_shows_its_manifest() -> None:
    async with browsing(desk()) as browser:
        text = await browser.text("/connect")
    assert 'data-copy="manifest-slack"' in text
    assert "&#34;display_information&#34;: {}" in text
    assert "Write /newbot to @BotFather" in text
    assert "manifest-telegram" not in text


async def test_a_chat_of_the_configuration_is_changed_there_alone_and_has_no_form() -> None:
    async with browsing(desk()) as browser:
        text = await browser.text("/connect")
        assert "The configuration names this chat" in text
        assert 'href="/connect/chats/slack"' not in text
        assert 'href="/connect/chats/telegram"' in text
        assert (await browser.get("/connect/chats/slack")).status == 404
        assert (await browser.get("/connect/chats/nonsense")).status == 404
        form = await browser.text("/connect/chats/telegram")
    assert 'name="bot_token" type="password" autocomplete="new-password"' in form
    assert 'data-chat="telegram"' in form


async def test_a_chat_that_was_connected_here_says_who_it_is_and_what_is_wrong() -> None:
    made = desk()
    made.connect = ConnectPage(chats={"telegram": ChatStanding("@acme_desk_bot", True, "No key.")})
    async with browsing(made) as browser:
        text = await browser.text("/connect")
        assert "@acme_desk_bot" in text
        assert "No key." in text
        assert 'data-chat="disconnect" data-fields=\'{"chat": "telegram"}\'' in text
        assert 'data-channel="test"' in await browser.text(CARE.replace("slack", "telegram"))
        assert "New tokens for @acme_desk_bot" in await browser.text("/connect/chats/telegram")
        made.connect = ConnectPage(chats={"telegram": ChatStanding("@acme_desk_bot", False)})
        text = await browser.text("/connect")
        assert "Cards wait until it is connected again." in text
        assert 'data-chat="disconnect"' not in text
        assert 'data-channel="test"' not in await browser.text(CARE.replace("slack", "telegram"))


CHAT_WISH = {"chat": "telegram", "answers": {"bot_token": "1:right"}}


async def test_the_tokens_of_a_chat_go_to_the_desk_and_come_back_in_no_answer() -> None:
    chats = FakeChatJoins()
    async with browsing(desk(), chat_joins=chats) as browser:
        await browser.open("/connect/chats/telegram")
        wrong = {**CHAT_WISH, "answers": {"bot_token": "1:secret"}}
        answer = await browser.ask("/chats/look", **wrong)
        assert answer.status == 403
        text = await answer.text()
        assert "does not take this token" in text
        assert "1:secret" not in text
        told = await (await browser.ask("/chats/look", **CHAT_WISH)).json()
        assert told["found"]["remote_id"] == "777"
        assert (await browser.ask("/chats/join", **CHAT_WISH, remote_id="777")).status == 200
        assert (await browser.ask("/chats/disconnect", chat="telegram")).status == 200
        assert (chats.joined, chats.gone) == ([("telegram", "777")], ["telegram"])
        assert (await browser.ask("/chats/look", chat="telegram")).status == 400
        browser.csrf = "0" * 64
        asked = chats.asked
        for path in ("look", "join", "disconnect"):
            assert (await browser.ask(f"/chats/{path}", **CHAT_WISH)).status == 403
        assert chats.asked == asked


def test_the_manifest_is_the_one_that_the_command_prints() -> None:
    settings = Settings(desk=DeskSettings(public_url="https://desk.example"))
    slack = SlackSettings.model_validate({"mode": "http", "command": "/care"})
    for own, address in ((None, ""), (slack, "https://desk.example")):
        offer = chat_offers(settings.model_copy(update={"slack": own}))[0]
        assert json.loads(offer.manifest) == manifest("/care" if own else "/desk", address)
        assert offer.is_named is (own is not None)
