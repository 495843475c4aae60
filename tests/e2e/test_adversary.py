"""Attacks on a real desk with two brands: forged, replayed, from the wrong person, or nonsense."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import uuid4

import aiohttp
import pytest
import pytest_asyncio

from bot.cards.actions import ActionName
from integrations.sandbox.server import SandboxServer
from tests.e2e.console_client import Person, SeenCard, eventually, person_at
from tests.e2e.loop import drafted, written
from tests.e2e.process import TOKEN, DeskHome, DeskProcess, said_by
from tests.patience import PATIENCE
from tests.services import LOOPBACK

# One desk for the module, so one event loop for it too.
pytestmark = pytest.mark.asyncio(loop_scope="module")

RIVAL = """
[[brands]]
slug = "rival"
name = "Rival Coffee"

[[brands.members]]
slug = "eve"
name = "Eve"
role = "admin"

[[brands.members]]
slug = "mallory"
name = "Mallory"
role = "admin"

[[brands.accounts]]
slug = "news"
network = "rss"
url = "http://127.0.0.1:1/feed.xml"
"""
SECRETS = (TOKEN, "hook-secret-of-this-test")


@dataclass
class Scene:
    home: DeskHome
    process: DeskProcess
    sandbox: SandboxServer
    alice: Person
    eve: Person

    async def card(self, mark: str) -> SeenCard:
        """Of a comment that a customer writes now, drafted."""
        await written(self.sandbox, f"{mark} where is my order?")
        return await drafted(self.alice, mark)

    async def told(self, request: bytes) -> bytes:
        """What is answered to these very bytes."""
        reader, writer = await asyncio.open_connection(LOOPBACK, self.home.port)
        writer.write(request)
        await writer.drain()
        async with asyncio.timeout(PATIENCE):
            answer = await reader.read(65536)
        writer.close()
        return answer


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    home = DeskHome(tmp_path_factory.mktemp("adversary") / "desk")
    async with SandboxServer(token=TOKEN) as sandbox:
        home.network = sandbox.url
        home.configure(more=RIVAL)
        home.lay_database()
        async with home.open() as process:
            links = [await home.sign_in_link(name) for name in ("alice", "eve")]
            async with (
                person_at(home.url, link=links[0]) as alice,
                person_at(home.url, link=links[1]) as eve,
            ):
                yield Scene(home, process, sandbox, alice, eve)


async def test_a_card_of_another_brand_is_not_there(scene: Scene) -> None:
    card = await scene.card("mark-brands")
    http = scene.eve._http
    for path in ("/cards/", "/compose/", "/fragments/card/", "/fragments/item/"):
        async with http.get(f"{scene.home.url}{path}{card.token}") as answer:
            assert (answer.status, "mark-brands" in await answer.text()) == (404, False), path
    assert await scene.eve.cards("all") == []
    for data in card.buttons:
        pressed = await scene.eve.press_data(data, "taken over")
        assert pressed.status in {400, 404}, data
    assert "Acme" not in await scene.eve.page("/desk")
    assert "mark-brands" not in await scene.eve.page("/fragments/just-happened")
    refused = await scene.eve.order("go_live", account="acme")
    assert not refused.is_done
    again = await scene.alice.card_of("mark-brands", "all")
    assert again is not None
    assert again.buttons == card.buttons


async def test_a_stale_or_made_up_button_does_nothing(scene: Scene) -> None:
    card = await scene.card("mark-stale")
    old = card.button(ActionName.TAKE)
    assert old is not None
    press = str(uuid4())
    assert (await scene.alice.press_data(old, press=press)).is_done
    assert (await scene.alice.press_data(old, press=press)).is_done
    assert (await scene.alice.press_data(card.buttons[0], "words")).status in {403, 409}
    made_up = ["", ".", "approve", f"approve.{card.token}", f"approve.{card.token}.-1",
               f"approve.{card.token}.99999999999999999999", "approve.' OR 1=1 --.1",
               f"approve.{'a' * 12}.1", f"\x00.{card.token}.1", f"{old}.{'x' * 40}"]  # fmt: skip
    for data in made_up:
        assert (await scene.alice.press_data(data)).status in {400, 404, 409}, data


async def test_a_link_signs_one_browser_in_and_only_once(scene: Scene) -> None:
    link = await scene.home.sign_in_link("bob")
    async with person_at(scene.home.url, link=link) as bob:
        assert "Bob" in await bob.page("/")
        async with person_at(scene.home.url) as thief:
            with pytest.raises(AssertionError, match="/sign-in: 403"):
                await thief.sign_in(link)


async def test_a_session_that_was_planted_before_the_sign_in_is_worth_nothing(
    scene: Scene,
) -> None:
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar) as http:
        jar.update_cookies({"replydesk_session": "planted", "replydesk_act_as": "alice"})
        person = Person(scene.home.url, http)
        await person.sign_in(await scene.home.sign_in_link("bob"))
        assert {cookie.key: cookie.value for cookie in jar}["replydesk_session"] != "planted"
    for cookies in ({"replydesk_session": "planted"}, {"replydesk_act_as": "alice"}):
        headers = {"X-Act-As": "alice"}
        async with (
            aiohttp.ClientSession(cookies=cookies, headers=headers) as http,
            http.get(f"{scene.home.url}/fragments/queue") as answer,
        ):
            assert answer.status == 401


async def test_nonsense_is_answered_in_a_line_and_leaves_no_stack_in_the_log(
    scene: Scene,
) -> None:
    ours = b" HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    hook = b"POST /hooks/sandbox/acme" + ours
    nonsense = [
        hook + b"X-Sandbox-Signature: \xff\r\nX-Sandbox-Timestamp: \xff\r\n"
        b"Content-Length: 0\r\n\r\n",
        hook + b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
        hook + b"Transfer-Encoding: chunked\r\n\r\nZZ\r\n",
        b"POST /hooks/%2e%2e/%00" + ours + b"Content-Length: 0\r\n\r\n",
        b"GET /" + ours + b"Cookie: replydesk_session=\xff; replydesk_visit=\xff\r\n\r\n",
        b"POST /act" + ours + b"Origin: http://[\r\nContent-Length: 0\r\n\r\n",
        b"POST /sign-in" + ours + b"Content-Type: application/x-www-form-urlencoded; charset=x\r\n"
        b"Content-Length: 3\r\n\r\na=\xff",
        b"GET /\xff\xfe" + ours + b"\r\n",
        b"GET /static/..%2f..%2fapp.py" + ours + b"\r\n",
        b"GET /media/..%2f..%2fdesk.db" + ours + b"\r\n",
        b"GET / HTTP/1.1\r\nHost: [\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    ]  # fmt: skip
    for request in nonsense:
        answer = await scene.told(request)
        assert re.match(rb"HTTP/1\.[01] (?:303|4\d\d) ", answer), (request, answer[:200])
    assert "Traceback" not in scene.process.said
    assert await scene.alice.page("/readyz")


async def test_who_was_forgotten_is_not_brought_back_by_a_poll(scene: Scene) -> None:
    await scene.card("mark-before")
    code, said = await said_by(scene.home.folder, "forget", "maya.brews", "--yes")
    assert code == 0, said
    await written(scene.sandbox, "mark-after")

    async def polled() -> bool:
        with sqlite3.connect(scene.home.database) as database:
            rows = database.execute(
                "SELECT count(*) FROM item JOIN author ON author.id = item.author_id"
                " WHERE is_forgotten AND item.state = 'muted'"
            ).fetchone()
        return bool(rows[0])

    await eventually(polled, "the next poll")
    with sqlite3.connect(scene.home.database) as database:
        kept = "\n".join(database.iterdump())
    assert [word for word in ("mark-before", "mark-after", "maya.brews") if word in kept] == []
    code, said = await said_by(scene.home.folder, "export", "audit", "--verify")
    assert code == 0, said


async def test_no_page_and_no_line_holds_a_secret(scene: Scene) -> None:
    pages = [await scene.alice.page(path) for path in ("/", "/desk", "/readyz", "/metrics")]
    shown = "\n".join([*pages, scene.process.said])
    assert [secret for secret in SECRETS if secret in shown] == []
