"""Presses and orders: what reaches the desk, and what the person is told."""

import base64
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from bot.cards.pages import DeskPage
from bot.errors import StoreUnavailable
from bot.model import commands
from bot.model.bulk import BulkVerb
from bot.model.commands import HoldKind, Outcome, OutcomeKind, PictureRef, VariantText
from bot.model.draft import Tone
from bot.model.ids import HOUR, CardToken, MediaHash, Moment
from bot.model.member import ChatIdentity
from bot.model.question import DueBy
from handlers.console.orders import moment_of
from tests.fakes.console import Browser, browsing
from tests.fakes.desk import FakeDesk
from tests.fakes.sample_cards import NOW, every_shape

TOKEN = CardToken("k7Qf2mZx9LpA")


async def last_command(browser: Browser) -> commands.Command:
    return browser.desk.orders[-1].command


async def test_a_press_is_one_order_by_the_person_with_the_id_of_the_press() -> None:
    press = str(uuid4())
    async with browsing() as browser:
        await browser.open()
        body = {"data": f"approve.{TOKEN}.3", "entry": "", "id": press}
        answer = await browser.post("/act", body)
        told = await answer.json()
        (order,) = browser.desk.orders
    assert answer.status == 200
    assert told == {
        "kind": "done",
        "says": "Approved. It leaves in 10 seconds; Stop holds it back.",
        "note": "",
    }
    assert order.id == press
    assert order.actor == ChatIdentity("console", "olga")
    assert order.command == commands.Approve(TOKEN, 3)


@pytest.mark.parametrize(
    ("data", "entry", "command"),
    [
        ("edit.{}.3", "New words", commands.ApproveEdited(TOKEN, 3, "New words")),
        ("save.{}.3", "New words", commands.SaveDraft(TOKEN, 3, "New words")),
        ("change.{}.3", "shorter", commands.Redraft(TOKEN, 3, instruction="shorter")),
        ("tone.{}.3.formal", "", commands.Redraft(TOKEN, 3, tone=Tone.FORMAL)),
        ("give.{}.3", "bob", commands.GiveTo(TOKEN, 3, "bob")),
        (
            "bulk.{}.3.give-0a1b2c3d",
            "bob",
            commands.BulkAct(TOKEN, 3, BulkVerb.GIVE, "0a1b2c3d", "bob"),
        ),
        (
            "question.{}.3",
            "bob\n4h\nSince when?\nAnd why?",
            commands.AskColleague(TOKEN, 3, "bob", DueBy.HOURS, "Since when?\nAnd why?"),
        ),
        (
            "question.{}.3",
            "#care\n4h\nSince when?",
            commands.AskColleague(TOKEN, 3, "#care", DueBy.HOURS, "Since when?"),
        ),
        (
            "label.{}.3",
            "+refund\n-delivery\n+Trade fair, press",
            commands.ChangeLabels(TOKEN, 3, ("refund", "Trade fair", "press"), ("delivery",)),
        ),
        ("snooze.{}.3.1h", "", commands.Snooze(TOKEN, 3, Moment(NOW + HOUR))),
    ],
)
async def test_what_was_asked_for_goes_with_the_press(
    data: str, entry: str, command: commands.Command
) -> None:
    async with browsing() as browser:
        await browser.open()
        answer = await browser.press(data.format(TOKEN), entry)
        assert answer.status == 200
        assert await last_command(browser) == command


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (OutcomeKind.DONE, 200),
        (OutcomeKind.REFUSED, 403),
        (OutcomeKind.STALE, 409),
        (OutcomeKind.MISSING, 404),
    ],
)
async def test_the_desks_own_sentence_is_the_answer(kind: OutcomeKind, status: int) -> None:
    async with browsing() as browser:
        await browser.open()
        browser.desk.answers = [Outcome(kind, "Bob published it at 14:02.", "n")]
        answer = await browser.press(f"approve.{TOKEN}.3")
        told = await answer.json()
    assert answer.status == status
    assert told == {"kind": kind.value, "says": "Bob published it at 14:02.", "note": "n"}


async def test_a_press_on_an_old_revision_is_stale() -> None:
    async with browsing() as browser:
        await browser.open()
        answer = await browser.press(f"approve.{TOKEN}.2")
        assert answer.status == 409
        assert (await answer.json())["kind"] == "stale"


async def test_what_was_not_saved_is_said_so_that_it_is_pressed_again() -> None:
    async with browsing() as browser:
        await browser.open()
        browser.desk.answers = [StoreUnavailable("locked")]
        answer = await browser.press(f"approve.{TOKEN}.3")
        told = await answer.json()
    assert answer.status == 503
    assert told["says"] == "This was not saved. Press again."


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"[]",
        b'{"data": "approve.k7Qf2mZx9LpA.3"}',
        b'{"data": "approve.k7Qf2mZx9LpA.3", "id": "1"}',
        b'{"data": 7, "id": "7f1c3c0e-8f0e-4c79-9d0a-0d4b8a9c1e11"}',
        b'{"data": "x", "id": "7f1c3c0e-8f0e-4c79-9d0a-0d4b8a9c1e11", "extra": 1}',
        b'{"data": "x", "id": "7f1c3c0e-8f0e-4c79-9d0a-0d4b8a9c1e11"}',
        b'{"data": "burn.k7Qf2mZx9LpA.3", "id": "7f1c3c0e-8f0e-4c79-9d0a-0d4b8a9c1e11"}',
        b'{"data": "tone.k7Qf2mZx9LpA.3.x", "id": "7f1c3c0e-8f0e-4c79-9d0a-0d4b8a9c1e11"}',
        b'{"data": "edit_post.k7Qf2mZx9LpA.3", "id": "7f1c3c0e-8f0e-4c79-9d0a-0d4b8a9c1e11"}',
        b"\xff\xfe",
    ],
)
async def test_what_is_not_a_press_never_reaches_the_desk(body: bytes) -> None:
    async with browsing() as browser:
        await browser.open()
        answer = await browser.client.post(
            "/act", data=body, headers={"X-CSRF-Token": browser.csrf}
        )
        told = await answer.json()
        assert browser.desk.orders == []
    assert answer.status == 400
    assert told["kind"] == "refused"
    assert told["says"].endswith(".")


async def test_a_press_of_two_mebibytes_is_refused() -> None:
    async with browsing() as browser:
        await browser.open()
        answer = await browser.press(f"save.{TOKEN}.3", "x" * 2 * 1024 * 1024)
        assert answer.status == 413
        assert browser.desk.orders == []


ORDERS: list[tuple[str, dict[str, Any], commands.Command]] = [
    (
        "compose_post",
        {
            "variants": [{"account": "acme", "text": "Hello"}],
            "slot": "2026-11-30T18:00",
            "pictures": [{"hash": "ab" * 32, "alt_text": "A coat"}],
        },
        commands.ComposePost(
            (VariantText("acme", "Hello"),),
            Moment(NOW + 9 * HOUR),
            (PictureRef(MediaHash("ab" * 32), "A coat"),),
        ),
    ),
    (
        "compose_post",
        {"variants": [{"account": "acme", "text": "Now"}], "slot": None, "pictures": []},
        commands.ComposePost((VariantText("acme", "Now"),)),
    ),
    (
        "edit_post",
        {
            "token": TOKEN,
            "revision": 3,
            "variants": [{"account": "acme", "text": "Hello"}],
            "slot": None,
            "pictures": [],
        },
        commands.EditPost(TOKEN, 3, (VariantText("acme", "Hello"),)),
    ),
    (
        "pause",
        {"kinds": ["replies", "posts"], "account": None, "reason": "A crisis"},
        commands.Pause((HoldKind.REPLIES, HoldKind.POSTS), None, "A crisis", is_sure=False),
    ),
    (
        "unpause",
        {"kinds": ["posts"], "account": "acme"},
        commands.Unpause((HoldKind.POSTS,), "acme", is_sure=False),
    ),
    ("go_live", {"account": "acme"}, commands.GoLive("acme")),
    ("watch_only", {"account": "acme"}, commands.WatchOnly("acme")),
    ("shadow", {"account": "acme"}, commands.Shadow("acme")),
    ("begin_practice", {}, commands.BeginPractice()),
    ("test_pages", {}, commands.TestPages()),
    ("retry_work", {"due_id": 9}, commands.RetryWork(9)),
    ("discard_work", {"due_id": 9}, commands.DiscardWork(9)),
]


@pytest.mark.parametrize(("name", "fields", "command"), ORDERS)
async def test_an_order_becomes_its_command(
    name: str, fields: dict[str, Any], command: commands.Command
) -> None:
    async with browsing() as browser:
        await browser.open()
        answer = await browser.order(name, **fields)
        assert answer.status == 200, await answer.text()
        assert await last_command(browser) == command


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("compose_post", {"variants": []}),
        ("compose_post", {"variants": [{"account": "acme", "text": "x"}], "slot": "tomorrow"}),
        (
            "compose_post",
            {"variants": [{"account": "acme", "text": "x"}], "slot": "2026-11-30T18:00Z"},
        ),
        (
            "compose_post",
            {
                "variants": [{"account": "acme", "text": "x"}],
                "pictures": [{"hash": "../x", "alt_text": ""}],
            },
        ),
        ("edit_post", {"variants": [{"account": "acme", "text": "x"}]}),
        ("pause", {"kinds": []}),
        ("pause", {"kinds": ["everything"]}),
        ("unpause", {"kinds": ["posts"], "reason": "x"}),
        ("go_live", {}),
        ("retry_work", {"due_id": "9"}),
        ("retry_work", {"due_id": 9.5}),
        ("add_picture", {"content_type": "image/svg+xml", "data": "aGk="}),
        ("add_picture", {"content_type": "image/png", "data": "not base64!"}),
    ],
)
async def test_an_order_that_cannot_be_read_never_reaches_the_desk(
    name: str, fields: dict[str, Any]
) -> None:
    async with browsing() as browser:
        await browser.open()
        answer = await browser.order(name, **fields)
        told = await answer.json()
        assert browser.desk.orders == []
    assert answer.status == 400
    assert told["says"]


async def test_an_order_that_does_not_exist_is_a_404() -> None:
    async with browsing() as browser:
        await browser.open()
        assert (await browser.order("erase_everything")).status == 404


async def test_a_picture_is_stored_as_the_bytes_it_is_and_can_be_seen() -> None:
    data = bytes(range(256)) * 4096
    async with browsing() as browser:
        await browser.open()
        answer = await browser.order(
            "add_picture", content_type="image/png", data=base64.b64encode(data).decode()
        )
        note = (await answer.json())["note"]
        assert await last_command(browser) == commands.AddPicture("image/png", data)
        assert await (await browser.get(f"/media/{note}")).read() == data


async def test_a_picture_of_more_than_eight_mebibytes_is_refused_with_what_to_do() -> None:
    data = base64.b64encode(b"x" * (8 * 1024 * 1024 + 1)).decode()
    async with browsing() as browser:
        await browser.open()
        answer = await browser.order("add_picture", content_type="image/png", data=data)
        assert answer.status in {400, 413}
        assert "smaller" in (await answer.json())["says"]
        assert browser.desk.orders == []


def test_a_slot_is_wall_time_in_the_brands_zone() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    summer = moment_of(_local("2026-07-01T12:00"), berlin)
    winter = moment_of(_local("2026-12-01T12:00"), berlin)
    assert summer == 1_782_900_000_000
    assert winter == 1_796_122_800_000
    assert moment_of(None, berlin) is None


def test_an_hour_that_clocks_skip_is_refused_and_one_that_comes_twice_is_its_first() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    with pytest.raises(ValueError, match="clocks go forward"):
        moment_of(_local("2027-03-28T02:30"), berlin)
    assert moment_of(_local("2026-10-25T02:30"), berlin) == 1_792_888_200_000


async def test_a_slot_in_a_skipped_hour_is_explained_to_the_person() -> None:
    desk = FakeDesk(every_shape())
    desk.page = _in_zone(desk, "Europe/Berlin")
    async with browsing(desk) as browser:
        await browser.open()
        answer = await browser.order(
            "compose_post",
            variants=[{"account": "acme", "text": "x"}],
            slot="2027-03-28T02:30",
        )
        assert answer.status == 400
        assert "does not exist on that day" in (await answer.json())["says"]


def _local(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _in_zone(desk: FakeDesk, zone: str) -> DeskPage:
    return replace(desk.page, zone=zone)
