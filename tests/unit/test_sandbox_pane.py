"""The sandbox's page: live, framed by its own origin alone, and pressed by nobody else."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from integrations.sandbox import pane
from integrations.sandbox.crowd import VIRAL_COMMENTS
from integrations.sandbox.faults import Faults
from integrations.sandbox.personas import PERSONAS
from integrations.sandbox.server import SandboxServer
from integrations.sandbox.world import WorldOptions

OWN = {"X-Sandbox-Control": "1"}
ROOM = Path(pane.__file__).parent


@asynccontextmanager
async def opened() -> AsyncIterator[tuple[SandboxServer, aiohttp.ClientSession]]:
    options = WorldOptions(life_most=0, pace=0.0)
    async with (
        SandboxServer(options=options) as server,
        aiohttp.ClientSession(server.pane_url) as browser,
    ):
        yield server, browser


async def _state(browser: aiohttp.ClientSession, query: str = "") -> dict[str, object]:
    async with browser.get(f"state{query}") as response:
        state = await response.json()
    assert isinstance(state, dict)
    return state


async def _press(
    browser: aiohttp.ClientSession, name: str, headers: dict[str, str] = OWN, **body: object
) -> int:
    async with browser.post(f"control/{name}", json=body, headers=headers) as response:
        return response.status


async def test_the_page_may_be_framed_by_its_own_origin_alone_and_runs_no_inline_code() -> None:
    async with opened() as (_, browser), browser.get("") as response:
        page = await response.text()
        policy = response.headers["Content-Security-Policy"]
        assert response.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'self'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<style|style=|\son\w+=|<script(?![^>]*src=)", page)


async def test_everything_that_the_page_and_its_modules_name_is_there() -> None:
    async with opened() as (_, browser):
        page = (ROOM / "templates" / "pane.html").read_text(encoding="utf-8")
        named = set(re.findall(r'(?:src|href)="(static/[^"]+)"', page))
        for module in (ROOM / "static").glob("*.js"):
            imports = re.findall(r'from "\./([^"]+)"', module.read_text(encoding="utf-8"))
            named |= {f"static/{name}" for name in imports}
        assert len(named) >= 7
        for path in sorted(named):
            async with browser.get(path) as response:
                assert response.status == 200, path
                assert "Content-Security-Policy" in response.headers


async def test_the_page_without_its_slash_leads_to_the_page() -> None:
    async with opened() as (server, browser), browser.get("../sandbox") as response:
        assert str(response.url) == server.pane_url


async def test_at_least_six_personas_speak_four_languages() -> None:
    assert len(PERSONAS) >= 6
    assert {persona.language for persona in PERSONAS} == {"en", "fr", "ro", "ru"}


async def test_what_a_customer_writes_stands_on_the_network() -> None:
    async with opened() as (server, browser):
        assert await _press(browser, "comment", persona="hugo", target="p1", text="Bonjour") == 200
        newest = (await server.network.newest()).comments[-1]
        assert (newest.author.id, newest.text) == ("hugo", "Bonjour")
        target = f"c{newest.id}"
        assert await _press(browser, "comment", persona="tom", target=target, text="Hi") == 200
        assert (await server.network.newest()).comments[-1].parent_id == newest.id
        assert await _press(browser, "edit", target=target, text="Bonsoir") == 200
        assert (await server.network.existing_comment(newest.id)).text == "Bonsoir"
        assert await _press(browser, "delete", target=target) == 200
        assert (await server.network.existing_comment(newest.id)).is_deleted


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {**OWN, "Origin": "https://evil.example"},
        {**OWN, "Origin": "null"},
        {**OWN, "Sec-Fetch-Site": "cross-site"},
        {**OWN, "Sec-Fetch-Site": "same-site"},
        {**OWN, "Host": "evil.example"},
        {**OWN, "Content-Type": "text/plain"},
    ],
)
async def test_another_site_cannot_press_the_buttons(headers: dict[str, str]) -> None:
    async with opened() as (server, browser):
        data = json.dumps({"outage": True})
        given = {"Content-Type": "application/json", **headers}
        async with browser.post("control/faults", data=data, headers=given) as response:
            assert response.status == 403
        assert not server.faults.is_out


async def test_another_site_is_not_allowed_to_ask() -> None:
    async with opened() as (_, browser):
        asked = {
            "Origin": "https://evil.example",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "x-sandbox-control",
        }
        async with browser.options("control/faults", headers=asked) as response:
            assert "Access-Control-Allow-Origin" not in response.headers
            assert response.status == 405


async def test_its_own_page_presses_with_its_own_origin() -> None:
    async with opened() as (server, browser):
        origin = server.pane_url.removesuffix("/sandbox/")
        headers = {**OWN, "Origin": origin, "Sec-Fetch-Site": "same-origin"}
        assert await _press(browser, "faults", headers, outage=True, slow_ms=20) == 200
        assert server.faults.is_out
        assert server.faults.slow_ms == 20


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("comment", {"persona": "acme", "target": "p1", "text": "I am the brand"}),
        ("comment", {"persona": "tom", "target": "p1", "text": "  "}),
        ("comment", {"persona": "tom", "target": "p99", "text": "hi"}),
        ("comment", {"persona": "tom", "target": "c0", "text": "hi"}),
        ("comment", {"persona": "tom", "target": "c" + "9" * 40, "text": "hi"}),
        ("comment", {"persona": ["tom"], "target": "p1", "text": "hi"}),
        ("faults", {"weather": True}),
        ("faults", {"outage": "yes"}),
        ("explode", {}),
    ],
)
async def test_a_button_that_cannot_be_pressed_says_why(name: str, body: dict[str, object]) -> None:
    async with (
        opened() as (_, browser),
        browser.post(f"control/{name}", json=body, headers=OWN) as response,
    ):
        assert response.status == 422
        assert (await response.json())["says"].endswith(".")


async def test_the_brand_s_words_cannot_be_changed_by_a_customer() -> None:
    async with opened() as (server, browser):
        parent = await server.network.existing_comment(1)
        reply = await server.network.comment("acme", "Thank you!", parent=parent)
        assert await _press(browser, "delete", target=f"c{reply.id}") == 422
        assert not (await server.network.existing_comment(reply.id)).is_deleted


@pytest.mark.parametrize(("button", "number"), [("more", 1), ("burst", 50), ("flood", 10_000)])
async def test_a_crowd_comes_at_once(button: str, number: int) -> None:
    async with opened() as (server, browser):
        before = await server.network.latest_change()
        assert await _press(browser, button) == 200
        assert await server.network.latest_change() == before + number
        assert len(json.dumps(await _state(browser))) < 100_000, "a flood does not flood the page"


async def test_a_viral_complaint_is_forty_comments_and_then_over() -> None:
    async with opened() as (server, browser):
        before = await server.network.latest_change()
        assert await _press(browser, "viral") == 200
        with server.network.bell() as bell:
            while await server.network.latest_change() < before + VIRAL_COMMENTS:
                assert await bell.wait(10)
        complaints = await server.network.changed_since(before)
        assert len({comment.text for comment in complaints.comments}) > 20, "nobody copies"


async def test_the_feed_tells_a_new_reply_of_the_brand() -> None:
    async with opened() as (server, browser), browser.get("feed") as feed:
        assert feed.content_type == "text/event-stream"
        before = await _next_snapshot(feed)
        parent = await server.network.existing_comment(4)
        await server.network.comment("acme", "Enjoy it, Tom!", parent=parent)
        after = await _next_snapshot(feed)
    assert "Enjoy it, Tom!" not in before
    assert "Enjoy it, Tom!" in after


async def test_an_old_comment_is_shown_to_who_comes_by_its_permalink() -> None:
    async with opened() as (_, browser):
        await _press(browser, "burst")
        await _press(browser, "burst")
        plain = json.dumps(await _state(browser))
        focused = json.dumps(await _state(browser, "?focus=c4"))
    assert '"c4"' not in plain
    assert '"c4"' in focused


async def test_the_api_refuses_who_has_no_token() -> None:
    async with opened() as (server, browser):
        for headers in ({}, {"Authorization": "Bearer guess"}):
            async with browser.get(f"{server.url}/comments", headers=headers) as response:
                assert response.status == 401


async def _next_snapshot(feed: aiohttp.ClientResponse) -> str:
    async for line in feed.content:
        if line.startswith(b"data:"):
            return line.decode()
    raise AssertionError("the feed ended")


async def test_the_telephone_rings_for_its_desk_alone_and_tells_a_repeat() -> None:
    page = {"event": "page", "key": "k1", "summary": "Mold", "member": {"name": "Bob"}}
    options = WorldOptions(is_seeded=False, life_most=0)
    async with (
        SandboxServer(token="t1", options=options) as server,
        aiohttp.ClientSession(server.pane_url) as desk,
    ):
        for token, body, status in (
            ("wrong", page, 401),
            ("t1", ["no page"], 400),
            ("t1", page, 200),
            ("t1", page, 200),
            ("t1", {"event": "acknowledged", "key": "k1"}, 200),
        ):
            headers = {"Authorization": f"Bearer {token}"}
            async with desk.post("phone", json=body, headers=headers) as answer:
                assert answer.status == status
        rang = json.dumps((await _state(desk))["phone"])
    [call] = json.loads(rang)
    assert (call["name"], call["summary"], call["state"]) == ("Bob", "Mold", "Somebody is at it.")


def test_a_reply_is_lost_before_it_arrives_or_after_it_was_taken() -> None:
    faults = Faults()
    for name, shot in (("lose_next_reply", "lose_request"), ("lose_next_answer", "lose_answer")):
        faults.apply({name: True}, 0)
        assert faults.take(is_write=False) is None
        assert list(faults.pending) == [shot]
        faults.apply({name: False}, 0)
        assert not faults.pending
