"""Who may come in, who they are taken for, and which requests are ours."""

import re

import pytest

from bot.model.member import ChatIdentity
from handlers.console.app import build_console
from tests.fakes.clock import FakeClock
from tests.fakes.console import HOSTS, browsing
from tests.fakes.desk import FakeDesk, FakeSignsIn

PRESS = {"data": "approve.k7Qf2mZx9LpA.3", "id": "7f1c3c0e-8f0e-4c79-9d0a-0d4b8a9c1e11"}
PATHS = ["/", "/cards/k7Qf2mZx9LpA", "/compose", "/compose/k7Qf2mZx9LpA", "/desk", "/report"]


@pytest.mark.parametrize("path", PATHS)
async def test_a_stranger_is_led_to_the_sign_in_and_sees_nothing(path: str) -> None:
    async with browsing(act_as=None, sandbox=False) as browser:
        answer = await browser.get(path)
        assert (answer.status, answer.headers["Location"]) == (303, "/sign-in")
        assert browser.desk.queries == []


@pytest.mark.parametrize(
    "path",
    ["/fragments/queue", "/fragments/just-happened", "/events", f"/media/{'ab' * 32}"],
)
async def test_a_strangers_script_is_refused(path: str) -> None:
    async with browsing(act_as=None) as browser:
        assert (await browser.get(path)).status == 401
        assert browser.desk.queries == []


@pytest.mark.parametrize(("path", "body"), [("/act", PRESS), ("/orders/go_live", {"account": "a"})])
async def test_a_stranger_cannot_act_even_with_a_token(path: str, body: dict[str, str]) -> None:
    async with browsing(act_as=None, links={"one": "bob"}) as browser:
        await browser.open("/sign-in?token=one")
        answer = await browser.post(path, body)
        assert answer.status == 401
        assert browser.desk.orders == []


async def test_a_link_signs_in_once_by_a_press_and_not_by_looking() -> None:
    async with browsing(act_as=None, links={"one": "bob"}) as browser:
        await browser.open("/sign-in?token=one")
        await browser.open("/sign-in?token=one")
        answer = await browser.submit("/sign-in", token="one")
        assert (answer.status, answer.headers["Location"]) == (303, "/")
        assert "Bob" in await browser.open("/")
        again = await browser.submit("/sign-in", token="one")
        assert again.status == 403
        assert "used already" in await again.text()


async def test_the_session_is_a_cookie_that_scripts_and_other_sites_cannot_use() -> None:
    async with browsing(act_as=None, links={"one": "bob"}) as browser:
        await browser.open("/sign-in?token=one")
        answer = await browser.submit("/sign-in", token="one")
    cookie = next(c for c in answer.headers.getall("Set-Cookie") if "replydesk_session=" in c)
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Max-Age=43200" in cookie
    assert "Path=/" in cookie
    assert "Secure" not in cookie


async def test_behind_https_the_cookies_are_secure() -> None:
    async with browsing() as browser:
        answer = await browser.get("/", headers={"X-Forwarded-Proto": "https"})
    assert all("Secure" in cookie for cookie in answer.headers.getall("Set-Cookie"))


async def test_signing_out_ends_the_session_and_not_only_the_cookie() -> None:
    async with browsing(act_as=None, links={"one": "bob"}) as browser:
        await browser.open("/sign-in?token=one")
        await browser.submit("/sign-in", token="one")
        await browser.open("/")
        assert browser.signs_in.sessions
        answer = await browser.submit("/sign-out")
        assert (answer.status, answer.headers["Location"]) == (303, "/sign-in")
        assert browser.signs_in.sessions == {}
        assert (await browser.get("/")).status == 303


async def test_a_session_acts_as_its_member() -> None:
    async with browsing(act_as=None, links={"one": "bob"}) as browser:
        await browser.open("/sign-in?token=one")
        await browser.submit("/sign-in", token="one")
        await browser.open("/")
        assert (await browser.post("/act", PRESS)).status == 200
        assert browser.desk.orders[0].actor == ChatIdentity("console", "bob")


async def test_acting_as_somebody_does_not_exist_where_people_sign_in() -> None:
    async with browsing(act_as=None, sandbox=False, links={"one": "olga"}) as browser:
        await browser.open("/sign-in?token=one")
        await browser.submit("/sign-in", token="one")
        text = await browser.open("/")
        assert "Act as" not in text
        assert (await browser.submit("/act-as", member="alice")).status == 404
        browser.client.session.cookie_jar.update_cookies({"replydesk_act_as": "alice"})
        await browser.post("/act", PRESS)
        assert browser.desk.orders[0].actor.user == "olga"


async def test_in_the_demo_one_acts_as_whom_one_chose() -> None:
    async with browsing() as browser:
        await browser.open()
        answer = await browser.submit("/act-as", member="bob")
        assert (answer.status, answer.headers["Location"]) == (303, "/")
        text = await browser.open("/")
        assert re.search(r'value="bob" aria-pressed="true"', text)
        assert re.search(r'value="olga" aria-pressed="false"', text)
        await browser.post("/act", PRESS)
        assert browser.desk.orders[0].actor == ChatIdentity("console", "bob")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("{origin}/desk", "/desk"),
        ("{origin}/search?q=tea&page=2", "/search?q=tea&page=2"),
        ("{origin}//elsewhere.example/", "/"),
        ("https://elsewhere.example/desk", "/"),
        ("nonsense", "/"),
    ],
)
async def test_who_acts_as_another_stays_on_the_page(before: str, after: str) -> None:
    async with browsing() as browser:
        await browser.open()
        origin = str(browser.client.make_url("")).rstrip("/")
        form = {"csrf": browser.csrf, "member": "bob"}
        answer = await browser.client.post(
            "/act-as",
            data=form,
            headers={"Referer": before.format(origin=origin), "Origin": origin},
            allow_redirects=False,
        )
        assert answer.headers["Location"] == after


async def test_a_tab_acts_as_the_one_it_shows_whatever_another_tab_chose() -> None:
    async with browsing() as browser:
        assert '<meta name="act-as" content="olga">' in await browser.open()
        await browser.submit("/act-as", member="bob")
        await browser.post("/act", PRESS, **{"X-Act-As": "olga"})
        await browser.post("/act", PRESS, **{"X-Act-As": "mallory"})
        assert [order.actor.user for order in browser.desk.orders] == ["olga", "olga"]


async def test_a_tab_cannot_choose_whom_it_acts_as_where_people_sign_in() -> None:
    async with browsing(act_as=None, links={"one": "olga"}) as browser:
        await browser.open("/sign-in?token=one")
        await browser.submit("/sign-in", token="one")
        assert "act-as" not in await browser.open("/desk")
        await browser.post("/act", PRESS, **{"X-Act-As": "alice"})
        assert browser.desk.orders[0].actor.user == "olga"


@pytest.mark.parametrize("name", ["mallory", "", "Bob"])
async def test_in_the_demo_nobody_else_can_be_acted_as(name: str) -> None:
    async with browsing() as browser:
        await browser.open()
        assert (await browser.submit("/act-as", member=name)).status == 404
        browser.client.session.cookie_jar.update_cookies({"replydesk_act_as": name})
        await browser.post("/act", PRESS)
        assert browser.desk.orders[0].actor.user == "olga"


async def test_the_demo_has_no_sign_in() -> None:
    async with browsing() as browser:
        assert (await browser.get("/sign-in")).status == 404


def test_a_demo_with_nobody_to_act_as_is_refused_at_start() -> None:
    desk = FakeDesk()
    with pytest.raises(ValueError, match="at least one member"):
        build_console(
            desk,
            desk.feed,
            FakeSignsIn(),
            act_as=(),
            sandbox=True,
            clock=FakeClock(),
            allowed_hosts=HOSTS,
        )


@pytest.mark.parametrize("token", ["", "0" * 64, "é"])
async def test_a_press_without_the_pages_own_token_is_refused(token: str) -> None:
    async with browsing() as browser:
        await browser.open()
        browser.csrf = token
        answer = await browser.post("/act", PRESS)
        assert answer.status == 403
        assert (await answer.json())["kind"] == "refused"
        assert browser.desk.orders == []


async def test_a_press_without_any_token_header_is_refused() -> None:
    async with browsing() as browser:
        await browser.open()
        assert (await browser.client.post("/act", json=PRESS)).status == 403
        assert browser.desk.orders == []


async def test_another_browsers_token_is_worth_nothing() -> None:
    async with browsing() as browser:
        await browser.open()
        stolen = browser.csrf
        browser.client.session.cookie_jar.clear()
        await browser.open()
        assert browser.csrf != stolen
        browser.csrf = stolen
        assert (await browser.post("/act", PRESS)).status == 403


async def test_a_token_dies_with_its_session() -> None:
    async with browsing(act_as=None, links={"one": "bob", "two": "alice"}) as browser:
        await browser.open("/sign-in?token=one")
        before = browser.csrf
        await browser.submit("/sign-in", token="one")
        browser.csrf = before
        assert (await browser.post("/act", PRESS)).status == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_a_press_from_another_site_is_refused(headers: dict[str, str]) -> None:
    async with browsing() as browser:
        await browser.open()
        assert (await browser.post("/act", PRESS, **headers)).status == 403
        assert browser.desk.orders == []


async def test_a_press_from_our_own_page_is_taken() -> None:
    async with browsing() as browser:
        await browser.open()
        own = str(browser.client.make_url("")).rstrip("/")
        headers = {"Origin": own, "Sec-Fetch-Site": "same-origin"}
        assert (await browser.post("/act", PRESS, **headers)).status == 200


@pytest.mark.parametrize("path", ["/sign-in", "/sign-out"])
async def test_a_forged_form_is_refused_with_a_page(path: str) -> None:
    async with browsing(act_as=None, links={"one": "bob"}) as browser:
        await browser.open("/sign-in?token=one")
        browser.csrf = "forged"
        answer = await browser.submit(path, token="one")
        assert answer.status == 403
        assert "Load the page again" in await answer.text()
        assert browser.signs_in.links == {"one": "bob"}


@pytest.mark.parametrize("path", ["/act", "/orders/go_live", "/act-as"])
async def test_nothing_changes_by_get(path: str) -> None:
    async with browsing() as browser:
        await browser.open()
        assert (await browser.get(path)).status in {404, 405}
        assert browser.desk.orders == []


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil:80"])
async def test_a_name_that_is_not_ours_is_refused_before_anything_is_read(host: str) -> None:
    async with browsing() as browser:
        answer = await browser.get("/", headers={"Host": host})
        assert answer.status == 421
        assert browser.desk.queries == []
        assert "Set-Cookie" not in answer.headers
