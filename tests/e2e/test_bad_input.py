"""What can be wrong around a desk: configuration, database, network, disk and clock.

Each is one clear sentence, nothing is lost, and when the trouble is over the work goes on.
"""

import asyncio
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from time import time
from uuid import uuid4

import aiohttp
import pytest

from bot.cards.actions import ActionName
from integrations.sandbox.hooks import signed_headers
from tests.e2e.console_client import Answer, Person, eventually
from tests.e2e.deliveries import delivery
from tests.e2e.loop import alice_at, answered, drafted, network_of, page_says, written
from tests.e2e.process import HOOK_SECRET, DeskHome, DeskProcess, running, said_by
from tests.services import LOOPBACK, free_port

LITERAL = "ghp_4f9d8c7b6a5e4d3c2b1a0f9e8d7c6b5a"
SHIFTED = (sys.executable, "-m", "tests.e2e.shifted_clock")
HOUR = 3600


@pytest.fixture
def home(tmp_path: Path) -> DeskHome:
    made = DeskHome(tmp_path / "desk", network=f"http://{LOOPBACK}:{free_port()}/sandbox/api")
    made.configure()
    return made


# Configuration


async def test_everything_wrong_with_the_file_is_said_at_once_and_no_secret_is_shown(
    home: DeskHome,
) -> None:
    text = home.configuration.read_text(encoding="utf-8")
    wrong = text.replace("undo_seconds", "undo_secnds")
    wrong = wrong.replace('token = { file = "token" }', f'token = "{LITERAL}"')
    wrong = wrong.replace('role = "agent"', 'role = "agnet"')
    home.configuration.write_text(wrong, encoding="utf-8")

    code, said = await said_by(home.folder, "run")

    assert code == 2
    assert "There are 3 problems in the configuration" in said
    assert "undo_secnds: there is no such key; did you mean undo_seconds?" in said
    assert "a secret may not stand in the file" in said
    assert "did you mean agent?" in said
    assert LITERAL not in said
    assert "Traceback" not in said
    assert not home.database.exists()


async def test_a_file_that_cannot_be_read_is_one_sentence(home: DeskHome) -> None:
    home.configuration.unlink()
    home.configuration.mkdir()
    code, said = await said_by(home.folder, "run")
    assert code == 2
    assert "replydesk.toml cannot be read: Is a directory." in said
    assert "Traceback" not in said


async def test_a_secret_that_is_not_there_is_one_sentence(home: DeskHome) -> None:
    (home.folder / "token").unlink()
    code, said = await said_by(home.folder, "run")
    assert code == 2
    assert "token" in said
    assert "Traceback" not in said, said


async def test_a_port_that_is_taken_is_one_sentence(home: DeskHome) -> None:
    with socket.create_server((LOOPBACK, home.port)):
        code, said = await said_by(home.folder, "run")
    assert code == 2
    assert f"Port {home.port} on {LOOPBACK} cannot be used" in said
    assert "Traceback" not in said


# Database


async def test_a_damaged_database_is_one_sentence_and_is_left_alone(home: DeskHome) -> None:
    home.database.parent.mkdir(parents=True)
    damaged = b"This is not a database. " * 1_000
    home.database.write_bytes(damaged)
    code, said = await said_by(home.folder, "run")
    assert code == 1
    assert "desk.db is damaged or is not a database. Stop replydesk, keep a copy" in said
    assert "Traceback" not in said
    assert home.database.read_bytes() == damaged


async def test_a_newer_database_is_one_sentence(home: DeskHome) -> None:
    home.database.parent.mkdir(parents=True)
    with sqlite3.connect(home.database) as newer:
        newer.execute("CREATE TABLE alembic_version (version_num VARCHAR(32))")
        newer.execute("INSERT INTO alembic_version VALUES ('9999')")
    newer.close()
    code, said = await said_by(home.folder, "run")
    assert code == 1
    assert "was written by a newer replydesk (schema 9999" in said
    assert "Upgrade replydesk, or restore a backup" in said
    assert "Traceback" not in said


async def test_nothing_is_acknowledged_while_the_database_is_locked(home: DeskHome) -> None:
    home.lay_database()
    async with (
        network_of(home, hooks=False) as sandbox,
        home.open(),
        alice_at(home) as alice,
        aiohttp.ClientSession() as http,
    ):
        await written(sandbox, "KLOCK1 where is my order?")
        button = (await drafted(alice, "KLOCK1")).button(ActionName.NO_REPLY)
        assert button is not None
        press, body = str(uuid4()), delivery("KLOCK2 where is my order?")

        with _held(home.database):
            hook, pressed = await asyncio.gather(
                _deliver(http, home, body), alice.press_data(button, press=press)
            )
            assert hook == (503, "This hook was not stored; send it again.")
            assert pressed == Answer(503, "This was not saved. Press again.")
            assert await alice.card_of("KLOCK1") is not None, "reading does not go on"

        assert (await alice.press_data(button, press=press)).is_done
        assert await _deliver(http, home, body) == (200, "ok")
        await drafted(alice, "KLOCK2")
        assert len([card for card in await alice.cards("all") if "KLOCK" in card.quote]) == 2


async def test_nothing_is_acknowledged_while_the_disk_is_full(home: DeskHome) -> None:
    with _small_disk(home.folder):
        home.configure()
        home.lay_database()
        async with (
            network_of(home, hooks=False) as sandbox,
            home.open() as desk,
            alice_at(home) as alice,
            aiohttp.ClientSession() as http,
        ):
            await written(sandbox, "KFULL1 where is my order?")
            button = (await drafted(alice, "KFULL1")).button(ActionName.NO_REPLY)
            assert button is not None
            press, body = str(uuid4()), delivery("KFULL2 where is it? " + "x" * 90_000)

            with _filled(home.folder):
                refused = (503, "This hook was not stored; send it again.")
                assert await _deliver(http, home, body) == refused
                # a small change may still fit into room that the file has already
                assert (await alice.press_data(button, press=press)).status in {200, 503}

            assert (await alice.press_data(button, press=press)).is_done
            assert await _deliver(http, home, body) == (200, "ok")
            await drafted(alice, "KFULL2")
            assert "There is no room left" in desk.said


# Networks


async def test_a_wrong_token_pauses_the_account_until_it_is_renewed_and_loses_nothing(
    home: DeskHome, tmp_path: Path
) -> None:
    home.configure(token="a-token-of-yesterday")
    home.lay_database()
    shift = tmp_path / "shift"
    async with network_of(home) as sandbox, _under_a_wrong_clock(home, shift) as desk:
        await written(sandbox, "KTOKEN where is my order?")
        async with alice_at(home) as alice:
            await page_says(alice, "does not accept the token any more")
            text = await alice.page("/fragments/desk")
            assert "Give this account a new one." in text
            assert "Needs a new token" in text
            assert "a-token-of-yesterday" not in desk.said

            home.configure()
            # the desk looks every minute, and nobody likes to wait in a test
            shift.write_text("61", encoding="ascii")
            await drafted(alice, "KTOKEN")
            text = await alice.page("/fragments/desk")
            assert "does not accept" not in text
            assert "Watch only" in text


async def test_a_network_that_is_down_at_the_start_is_said_and_comes_back(home: DeskHome) -> None:
    home.lay_database()
    async with home.open(), alice_at(home) as alice:
        await page_says(alice, "The sandbox network could not be reached")
        async with network_of(home) as sandbox:
            await written(sandbox, "KDOWN where is my order?")
            await drafted(alice, "KDOWN")
            await page_says(alice, "acme_tea")
            await eventually(lambda: _is_well(alice), "the trouble taken off the Desk page")


async def _is_well(person: Person) -> bool:
    return "could not be reached" not in await person.page("/fragments/desk")


# Clock


async def test_a_clock_that_jumps_stops_nothing(home: DeskHome, tmp_path: Path) -> None:
    home.lay_database()
    shift = tmp_path / "shift"
    async with (
        network_of(home, hooks=False) as sandbox,
        _under_a_wrong_clock(home, shift),
        alice_at(home) as alice,
    ):
        assert (await alice.order("go_live", account="acme")).is_done
        await answered(sandbox, alice, "KNOW")
        shift.write_text(str(3 * HOUR), encoding="ascii")
        await answered(sandbox, alice, "KAHEAD")
        shift.write_text("0", encoding="ascii")
        await answered(sandbox, alice, "KBACK")


@asynccontextmanager
async def _under_a_wrong_clock(home: DeskHome, shift: Path) -> AsyncIterator[DeskProcess]:
    """A desk whose wall clock is wrong by the seconds in the file; right at first."""
    shift.write_text("0", encoding="ascii")
    environment = {"REPLYDESK_TEST_CLOCK": str(shift)}
    async with running(home.folder, "run", program=SHIFTED, environment=environment) as desk:
        await desk.ready(home.url)
        yield desk


async def _deliver(http: aiohttp.ClientSession, home: DeskHome, body: bytes) -> tuple[int, str]:
    headers = signed_headers(HOOK_SECRET, int(time() * 1000), "d1", body)
    async with http.post(home.hook, data=body, headers=headers) as answer:
        return answer.status, await answer.text()


@contextmanager
def _held(database: Path) -> Iterator[None]:
    """Another program, a backup perhaps, writes to the file for a long time."""
    other = sqlite3.connect(database, isolation_level=None, timeout=10)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


@contextmanager
def _small_disk(folder: Path) -> Iterator[None]:
    """A disk of a few megabytes, mounted where the desk lives."""
    folder.mkdir(exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(command, check=False).returncode != 0:
        pytest.skip("this user may not mount a small disk")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def _filled(folder: Path) -> Iterator[None]:
    """Somebody's download takes all the room there is."""
    filler = folder / "download"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"0" * 4096)
        except OSError:
            pass
    try:
        yield
    finally:
        filler.unlink()
