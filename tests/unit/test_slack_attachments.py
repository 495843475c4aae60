"""Pictures attached to the form of a post in Slack come into the post, or it says why not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from bot.model.media import MAX_BYTES
from handlers.slack.names import NEW_POST
from tests.fakes.desk_kit import desk_address
from tests.fakes.slack_desk import SlackDesk, slack_desk
from tests.fakes.slack_people import Person
from tests.fakes.slack_server import Fault

PNG = b"\x89PNG\r\n\x1a\n"
GIF = b"GIF89a"


@pytest.fixture
async def desk(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SlackDesk]:
    async with slack_desk(desk_address(request, tmp_path), "http") as made:
        yield made


async def composing(desk: SlackDesk, who: str = "olga") -> Person:
    person = desk.person(who)
    await person.shortcut(NEW_POST)
    assert person.has_view
    return person


def form(files: list[dict[str, Any]], alt: str = "", text: str = "New tea.") -> dict[str, Any]:
    return {"where": ["acme"], "text": text, "files": files, "alt": alt}


async def media_of(desk: SlackDesk) -> list[tuple[str, str, int]]:
    posts = await desk.kit.read(lambda tx: tx.posts.get(1))  # type: ignore[arg-type]
    return [(one.alt_text, one.content_type, one.size) for one in posts.media]


async def test_attached_pictures_come_into_the_post_with_their_descriptions(
    desk: SlackDesk,
) -> None:
    olga = await composing(desk)
    files = [
        desk.slack.attached("pot.png", PNG + b"1"),
        desk.slack.attached("cup.gif", GIF + b"2", "image/gif"),
    ]
    await olga.submit(form(files, "A pot\n\n  A cup  \n"))
    assert not olga.has_view, olga.view.errors
    assert await media_of(desk) == [("A pot", "image/png", 9), ("A cup", "image/gif", 7)]


async def test_an_edited_post_keeps_its_pictures_and_gets_the_new_ones(desk: SlackDesk) -> None:
    olga = await composing(desk)
    await olga.submit(form([desk.slack.attached("pot.png", PNG + b"1")], "A pot"))
    await desk.work()
    await olga.press(desk.message, "Edit")
    await olga.submit({"files": [desk.slack.attached("cup.png", PNG + b"2")], "alt": "A cup"})
    assert not olga.has_view, olga.view.errors
    assert [alt for alt, _type, _size in await media_of(desk)] == ["A pot", "A cup"]


@pytest.mark.parametrize(
    ("name", "data", "mimetype", "alt", "says"),
    [
        ("pot.png", PNG, "image/png", "", "Describe every picture in a line of its own"),
        ("pot.png", PNG, "image/png", "One\nTwo", "Pictures: 1, lines: 2."),
        ("pot.png", b"<svg/>", "image/svg+xml", "A pot", "pot.png is not a PNG, JPEG, GIF or WebP"),
        ("pot.png", b"MZ not one", "image/png", "A pot", "That is not a PNG"),
        ("pot.png", PNG + b"0" * MAX_BYTES, "image/png", "A pot", "pot.png is larger than 8 MiB"),
    ],
)
async def test_what_cannot_be_taken_is_refused_under_its_field_and_nothing_is_composed(
    desk: SlackDesk, name: str, data: bytes, mimetype: str, alt: str, says: str
) -> None:
    olga = await composing(desk)
    await olga.submit(form([desk.slack.attached(name, data, mimetype)], alt))
    assert says in olga.view.errors["files"]
    assert await posts(desk) == 0


async def posts(desk: SlackDesk) -> int:
    await desk.work()
    return len(desk.slack.messages)


async def test_a_size_that_slack_tells_wrong_is_found_out_while_it_is_read(
    desk: SlackDesk,
) -> None:
    olga = await composing(desk)
    file = desk.slack.attached("pot.png", PNG + b"0" * MAX_BYTES) | {"size": 10}
    await olga.submit(form([file], "A pot"))
    assert "larger than 8 MiB" in olga.view.errors["files"]
    assert await posts(desk) == 0


async def test_a_picture_that_takes_long_keeps_the_form_open_until_it_is_there(
    desk: SlackDesk,
) -> None:
    olga, gate = await composing(desk), asyncio.Event()
    file = desk.slack.attached("pot.png", PNG + b"1")
    desk.slack.before_download = gate.wait
    await olga.submit(form([file], "A pot"))
    assert "still handing over" in olga.view.errors["files"]
    assert await posts(desk) == 0
    gate.set()
    await asyncio.sleep(0.2)
    asked = desk.slack.downloads
    await olga.submit(form([file], "A pot"))
    assert not olga.has_view, olga.view.errors
    assert desk.slack.downloads == asked == 1, "what came meanwhile is not fetched again"
    assert await posts(desk) == 1


@pytest.mark.parametrize("fault", [Fault.TOO_MANY, Fault.ERROR])
async def test_a_download_that_fails_is_said_and_works_the_next_time(
    desk: SlackDesk, fault: Fault
) -> None:
    olga = await composing(desk)
    file = desk.slack.attached("pot.png", PNG + b"1")
    desk.slack.fail("download", fault)
    await olga.submit(form([file], "A pot"))
    assert "did not give us the picture pot.png" in olga.view.errors["files"]
    await olga.submit(form([file], "A pot"))
    assert not olga.has_view, olga.view.errors
    assert await media_of(desk) == [("A pot", "image/png", 9)]


async def test_the_token_goes_to_slack_alone(desk: SlackDesk) -> None:
    heard: list[str] = []

    async def listen(request: web.Request) -> web.Response:
        heard.append(request.headers.get("Authorization", ""))
        return web.Response(body=PNG)

    app = web.Application()
    app.router.add_get("/{any}", listen)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "localhost", 0)
    await site.start()
    port = runner.addresses[0][1]
    olga = await composing(desk)
    file = desk.slack.attached("pot.png", PNG)
    file |= {"url_private": f"http://localhost:{port}/x", "url_private_download": ""}
    await olga.submit(form([file], "A pot"))
    assert "did not give us the picture" in olga.view.errors["files"]
    assert heard == []
    await runner.cleanup()


async def test_an_app_without_the_scope_opens_the_form_without_the_field(
    desk: SlackDesk,
) -> None:
    desk.slack.scopes.discard("files:read")
    olga = await composing(desk)
    assert "files" not in [block["block_id"] for block in olga.view.view["blocks"]]
    await olga.submit({"where": ["acme"], "text": "New tea."})
    assert await posts(desk) == 1


async def test_a_scope_that_was_taken_away_meanwhile_is_named(desk: SlackDesk) -> None:
    olga = await composing(desk)
    desk.slack.scopes.discard("files:read")
    await olga.submit(form([desk.slack.attached("pot.png", PNG)], "A pot"))
    assert "files:read" in olga.view.errors["files"]


async def test_whoever_may_not_compose_keeps_no_picture(desk: SlackDesk) -> None:
    vic = await composing(desk, "vic")
    await vic.submit(form([desk.slack.attached("pot.png", PNG)], "A pot"))
    assert "this takes an agent" in vic.view.errors["files"]
    assert await posts(desk) == 0
