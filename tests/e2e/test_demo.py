"""`replydesk demo` as a stranger starts it: a folder, one command, nothing else."""

import json
import socket
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import aiohttp
import pytest

from bot.bootstrap.build import version
from bot.cards.actions import ActionName
from bot.detection.surge import COLD_BUCKETS
from tests.e2e.console_client import Person, SeenCard, eventually, person_at
from tests.e2e.process import DeskProcess, report, running, said_by
from tests.patience import PATIENCE
from tests.services import LOOPBACK, free_port

CARD_SECONDS = PATIENCE
"""The promise is 10 on an idle machine; tests run on busy ones."""
STOP_SECONDS = 20.0
"""The promise is 3, on a machine that has time."""

# A browser that loads the page before it returns, as many do, and then stays open.
BROWSER = """\
import sys, time, urllib.request
page = urllib.request.urlopen(sys.argv[1], timeout=20).read().decode()
with open(sys.argv[2], "w", encoding="utf-8") as file:
    file.write(sys.argv[1] + " " + str("replydesk" in page))
time.sleep(120)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "fresh"
    made.mkdir()
    return made


async def test_a_stranger_gets_a_card_stops_with_ctrl_c_and_finds_it_again(folder: Path) -> None:
    port = free_port()
    url = f"http://{LOOPBACK}:{port}"

    async with running(folder, "demo", "--no-browser", environment={"PORT": str(port)}) as demo:
        await demo.ready(url)
        async with person_at(url, act_as="bob") as bob:
            first = await eventually(lambda: _first_card(bob), "a card", CARD_SECONDS)
            report(f"first card after {demo.age:.1f} s")
            assert demo.age < CARD_SECONDS
            assert f"replydesk demo: {url}/" in demo.said
            closed = await bob.press(first, ActionName.NO_REPLY)
            assert closed.is_done, closed
            before = {card.token for card in await bob.cards("all")}
        code, said = await said_by(folder, "demo", "--no-browser")
        assert (code, "replydesk is already running on" in said) == (1, True), said
        async with _open_page(url):
            code, seconds = await demo.interrupt()
        report(f"stopped after {seconds:.2f} s")
        assert (code, seconds < STOP_SECONDS) == (0, True), demo.said
        assert "Traceback" not in demo.said

    async with running(folder, "demo", "--no-browser", "--port", str(port)) as again:
        await again.ready(url)
        async with person_at(url, act_as="olga") as olga:
            assert before <= {card.token for card in await olga.cards("all")}
            assert first.token in {card.token for card in await olga.cards("done")}
        await _gains_a_chat_and_no_account(url)

    assert [path.name for path in folder.iterdir()] == [".replydesk"]


async def _gains_a_chat_and_no_account(url: str) -> None:
    """As far as that goes without a chat outside."""
    async with person_at(url, act_as="alice") as alice:
        assert "/connect/new/" not in await alice.page("/connect")
        form = await alice.page("/connect/chats/slack")
        assert 'name="app_token" type="password"' in form
        assert "Make the key" in form
        assert (await alice.ask("/accounts/key"))["kind"] == "done"
        assert "Make the key" not in await alice.page("/connect/chats/slack")
        swapped = {"bot_token": "xapp-1", "app_token": "xoxb-1"}
        told = await alice.ask("/chats/look", chat="slack", answers=swapped)
        assert told["problems"].keys() == swapped.keys()
        wish = {"base_url": "https://social.example", "access_token": "t"}
        told = await alice.ask("/accounts/look", network="mastodon", answers=wish)
        assert told["says"] == "In the demo no account is connected."


async def test_the_browser_of_the_environment_is_opened_and_does_not_hold_the_desk_up(
    folder: Path, tmp_path: Path
) -> None:
    script, opened = tmp_path / "browser.py", tmp_path / "opened"
    script.write_text(BROWSER, encoding="utf-8")
    browser = f"{sys.executable} {script} %s {opened}"

    async with running(folder, "demo", environment={"BROWSER": browser}) as demo:
        url = await _printed_address(demo)

        async def shown() -> str | None:
            return opened.read_text(encoding="utf-8") if opened.exists() else None

        assert await eventually(shown, "the browser has loaded the page") == f"{url}/ True"
        code, seconds = await demo.interrupt()
        assert (code, seconds < STOP_SECONDS) == (0, True), demo.said


async def test_the_demo_cannot_be_reached_from_elsewhere(folder: Path) -> None:
    code, said = await said_by(folder, "demo", "--host", "0.0.0.0")
    assert code == 2
    assert "unrecognized arguments: --host" in said

    asked = {"HOST": "0.0.0.0", "REPLYDESK_HOST": "0.0.0.0"}
    async with running(folder, "demo", "--no-browser", environment=asked) as demo:
        url = await _printed_address(demo)
        await demo.ready(url)
        port = int(url.rpartition(":")[2])
        with pytest.raises(OSError, match=r"refused|timed out|unreachable|assign"):
            socket.create_connection(("127.0.0.2", port), timeout=2).close()
        async with aiohttp.ClientSession() as http:
            answer = await http.get(f"{url}/", headers={"Host": "desk.example.com"})
            assert answer.status == 421
            answer = await http.get(f"{url}/metrics")
            assert f'replydesk_build_info{{version="{version()}"}} 1.0' in await answer.text()


async def test_a_folder_that_cannot_be_written_is_one_sentence(folder: Path) -> None:
    (folder / ".replydesk").write_text("somebody's file", encoding="ascii")
    code, said = await said_by(folder, "demo", "--no-browser")
    assert code == 2
    assert "The folder .replydesk/demo cannot be made" in said
    assert "Traceback" not in said


async def test_a_start_that_was_cut_short_does_not_stand_in_the_way(folder: Path) -> None:
    """A kill between making the file of a secret and writing it leaves it empty."""
    data = folder / ".replydesk" / "demo"
    data.mkdir(parents=True)
    (data / "sandbox-token").touch()
    async with running(folder, "demo", "--no-browser") as demo:
        url = await _printed_address(demo)
        async with person_at(url, act_as="bob") as bob:
            await eventually(lambda: _first_card(bob), "a card", CARD_SECONDS)


async def test_a_viral_complaint_rings_the_telephone_on_the_sandbox_s_page(folder: Path) -> None:
    async with running(folder, "demo", "--no-browser") as demo:
        url = await _printed_address(demo)
        await demo.ready(url)
        await eventually(lambda: _knows_what_is_usual(folder), "what is usual", 2 * PATIENCE)
        async with aiohttp.ClientSession() as http, person_at(url, act_as="bob") as bob:
            own = {"X-Sandbox-Control": "1"}
            pressed = await http.post(f"{url}/sandbox/control/viral", json={}, headers=own)
            assert pressed.status == 200

            async def rings() -> str | None:
                state = await (await http.get(f"{url}/sandbox/state")).json()
                return next((one["name"] for one in state["phone"]), None)

            assert await eventually(rings, "a page") == "Bob"
            cards = [one for one in await bob.cards() if one.button(ActionName.ACKNOWLEDGE)]
            assert "MOLD" in cards[0].quote
            assert (await bob.press(cards[0], ActionName.ACKNOWLEDGE)).is_done


async def _knows_what_is_usual(folder: Path) -> bool:
    with closing(sqlite3.connect(folder / ".replydesk" / "demo" / "desk.db")) as db:
        states = [json.loads(one) for (one,) in db.execute("SELECT state FROM watch")]
    return any(one["detector"]["closed"] > COLD_BUCKETS for one in states)


async def _first_card(person: Person) -> SeenCard | None:
    for card in await person.cards():
        # with a draft: before it comes the card is still changing
        if card.button(ActionName.APPROVE):
            return card
    return None


@asynccontextmanager
async def _open_page(url: str) -> AsyncIterator[None]:
    """A browser tab, which listens to what changes on the desk and on the network's pane."""
    async with (
        aiohttp.ClientSession() as http,
        http.get(f"{url}/events") as desk,
        http.get(f"{url}/sandbox/feed") as pane,
    ):
        assert (desk.status, pane.status) == (200, 200)
        yield


async def _printed_address(demo: DeskProcess) -> str:
    await demo.until_it_says("Press Ctrl-C to stop.")
    return demo.said.partition("replydesk demo: ")[2].split()[0].rstrip("/")
