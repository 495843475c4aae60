"""Every fault point lies where its name says, and is armed only where nobody can be hurt."""

from __future__ import annotations

import ast
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer

from bot import faults
from bot.cards.card import Card
from bot.errors import OutcomeUnknown
from bot.faults import AtPassage, FaultPoint, arm, disarm, reach
from bot.model import commands as c
from bot.model.channel import Place
from bot.model.due import Lane, NewDue
from bot.model.ids import ItemId
from bot.model.network import Batch, Cursor
from bot.services.settling_in import NamedChannel
from bot.services.showing import look_of
from handlers.http import Readiness, build_app
from tests.fakes.chat import CHAT
from tests.fakes.desk_kit import DeskKit, desk_address, opened_desk
from tests.fakes.network import Step
from tests.fakes.oncall_kit import POISONED, on_call
from tests.unit.cli_case import CONFIG, Desk

P = FaultPoint
ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _nothing_stays_armed() -> Iterator[None]:
    yield
    disarm()


@pytest.fixture
async def kit(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DeskKit]:
    async with opened_desk(desk_address(request, tmp_path)) as kit:
        yield kit


@pytest.fixture
async def in_chat(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DeskKit]:
    channels = (NamedChannel("care", CHAT, Place("C-care")),)
    async with opened_desk(desk_address(request, tmp_path), channels=channels) as kit:
        yield kit


# --- every name has its one place in the code


def named_in_calls() -> Iterator[str]:
    """The points that code of ours passes."""
    for room in ("bot", "handlers", "integrations"):
        for path in sorted((ROOT / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call) and ast.unparse(node.func) in {"reach", "_reach"}:
                    place = ast.unparse(node.args[0])
                    if place.startswith("FaultPoint."):
                        yield place.removeprefix("FaultPoint.")


TWO_PLACES = {P.DRAFT_CALLED, P.DRAFT_SAVED}
"""A template is written in the transaction of triage, a model's words by a task of their own."""


def test_every_point_is_reached_from_its_own_places_and_no_other() -> None:
    places = {p.name: 2 if p in TWO_PLACES else 1 for p in P}
    assert Counter(named_in_calls()) == Counter(places)


def test_every_point_has_its_line_of_meaning() -> None:
    assert list(faults.MEANINGS) == list(P)
    assert all(says.endswith(".") for says in faults.MEANINGS.values())


# --- each place lies where its name says


@dataclass(frozen=True, slots=True)
class World:
    """What is committed, what the public sees, and what was answered, at one moment."""

    items: int
    cursor: str | None
    drafts: int
    approvals: int
    publication: str | None
    visible: int
    is_answered: bool


@dataclass(slots=True)
class Journey:
    """A way through the desk, with what was answered on it."""

    kit: DeskKit
    is_answered: bool = False

    def world(self) -> World:
        return World(
            items=int(committed(self.kit, "SELECT count(*) FROM item") or 0),
            cursor=committed(self.kit, "SELECT cursor FROM leg_cursor WHERE leg = 'comments'"),
            drafts=int(committed(self.kit, "SELECT count(*) FROM draft") or 0),
            approvals=int(committed(self.kit, "SELECT count(*) FROM approval") or 0),
            publication=committed(self.kit, "SELECT state FROM publication"),
            visible=len(self.kit.network.visible),
            is_answered=self.is_answered,
        )


def committed(kit: DeskKit, question: str) -> str | None:
    """The first value that another connection sees now, as text."""
    with closing(sqlite3.connect(kit.address.removeprefix("sqlite:///"))) as db:
        row = db.execute(question).fetchone()
    return None if row is None or row[0] is None else str(row[0])


async def hook(journey: Journey) -> None:
    kit = journey.kit
    kit.network.tells(kit.incoming())

    async def ready() -> Readiness:
        return Readiness(is_ready=True)

    async def metrics() -> bytes:
        return b""

    app = build_app(kit.inlet, ready=ready, metrics=metrics, allowed_hosts={"127.0.0.1"})
    async with TestClient(TestServer(app)) as network:
        signed = {"x-signature": "good"}
        async with network.post("/hooks/fakebook/main", data=b"{}", headers=signed) as answer:
            assert answer.status == 200
            journey.is_answered = True


async def poll(journey: Journey) -> None:
    kit = journey.kit
    arg = {"account": kit.account, "leg": "comments"}
    await kit.add_due(NewDue("poll", "poll:1", Lane.POLLS, kit.clock.now(), arg, every=30_000))
    kit.network.pages.append(Batch((kit.incoming(),), Cursor("next")))
    await kit.work(Lane.POLLS)


async def draft(journey: Journey) -> None:
    await journey.kit.comment()


async def approve(journey: Journey) -> None:
    card = await _ready_card(journey.kit)
    assert (await journey.kit.press("bob", card, c.Approve)).is_done
    journey.is_answered = True


async def publish(journey: Journey) -> None:
    await approve(journey)
    await journey.kit.pass_time(20)


async def lose(journey: Journey) -> None:
    journey.kit.network.next("publish", Step(error=OutcomeUnknown("Lost."), acts=True))
    await publish(journey)


async def _ready_card(kit: DeskKit) -> Card:
    item = ItemId(await kit.comment())
    return await kit.card_of(item)


EMPTY = World(0, None, 0, 0, None, 0, False)
DRAFTED = World(1, None, 1, 0, None, 0, False)
SENDING = World(1, None, 1, 1, "sending", 0, True)
PLACES: Mapping[FaultPoint, tuple[Callable[[Journey], Awaitable[None]], World]] = {
    P.HOOK_RECEIVED: (hook, EMPTY),
    P.HOOK_VERIFIED: (hook, EMPTY),
    P.HOOK_COMMITTED: (hook, World(1, None, 0, 0, None, 0, False)),
    P.POLL_PAGE: (poll, EMPTY),
    P.POLL_CURSOR: (poll, EMPTY),
    P.DRAFT_CALLED: (draft, World(1, None, 0, 0, None, 0, False)),
    P.DRAFT_SAVED: (draft, DRAFTED),
    P.APPROVE_RECEIVED: (approve, DRAFTED),
    P.APPROVE_COMMITTED: (approve, World(1, None, 1, 1, "queued", 0, False)),
    P.PUBLISH_CLAIMED: (publish, SENDING),
    P.PUBLISH_CALLED: (publish, World(1, None, 1, 1, "sending", 1, True)),
    P.PUBLISH_SAVED: (publish, World(1, None, 1, 1, "published", 1, True)),
    P.PUBLISH_RECONCILE: (lose, World(1, None, 1, 1, "unknown", 1, True)),
}


@pytest.mark.parametrize("point", PLACES)
async def test_at_its_point_just_that_has_happened(kit: DeskKit, point: FaultPoint) -> None:
    way, expected = PLACES[point]
    journey, seen = Journey(kit), list[World]()
    arm(point, AtPassage(1, lambda: seen.append(journey.world())))
    await way(journey)
    assert seen == [expected]


POSTED_LOOKS = {
    P.CARD_CLAIMED: ("posting", 0, False),
    P.CARD_POSTED: ("posting", 1, False),
    P.CARD_SAVED: ("shown", 1, True),
    P.UPDATE_CALLED: ("shown", 2, False),
    P.UPDATE_SAVED: ("shown", 2, True),
}
"""How the card's reference stands, how many looks the chat saw, and whether the last is stored."""


@pytest.mark.parametrize("point", POSTED_LOOKS)
async def test_at_its_point_a_card_in_a_chat_stands_just_so(
    in_chat: DeskKit, point: FaultPoint
) -> None:
    kit, seen = in_chat, list[tuple[str | None, int, bool]]()

    def look() -> None:
        looks = [one for message in kit.chat.messages for one in message.looks]
        stored = committed(kit, "SELECT lower(hex(look)) FROM card_ref")
        is_last = bool(looks) and stored == look_of(looks[-1])
        seen.append((committed(kit, "SELECT state FROM card_ref"), len(looks), is_last))

    arm(point, AtPassage(1, look))
    await kit.take(kit.incoming())
    # before there is a draft, so that drawing it is a redraw
    await kit.work(Lane.CARDS, Lane.TRIAGE)
    await kit.work()
    await kit.work(*Lane)
    assert seen == [POSTED_LOOKS[point]]


PAGED = {
    P.ESCALATE_FIRED: ("firing", "wanted", 0),
    P.PAGE_CLAIMED: ("firing", "sending", 0),
    P.PAGE_CALLED: ("firing", "sending", 1),
    P.PAGE_SAVED: ("firing", "delivered", 1),
}
"""How the incident and its page stand, and how many messages the person got."""


@pytest.mark.parametrize("point", PAGED)
async def test_at_its_point_a_page_stands_just_so(
    request: pytest.FixtureRequest, tmp_path: Path, point: FaultPoint
) -> None:
    async with on_call(desk_address(request, tmp_path)) as desk:
        seen = list[tuple[str | None, str | None, int]]()

        def look() -> None:
            stored = (
                committed(desk.kit, "SELECT state FROM incident"),
                committed(desk.kit, "SELECT state FROM page"),
            )
            seen.append((*stored, len(desk.direct("bob"))))

        arm(point, AtPassage(1, look))
        await desk.kit.comment(POISONED)
        assert seen == [PAGED[point]]


CRISIS = {P.CRISIS_DECIDED: "proposed", P.CRISIS_COMMITTED: "on"}
"""What anybody else sees of it at the point."""


@pytest.mark.parametrize("point", CRISIS)
async def test_at_its_point_a_crisis_stands_just_so(kit: DeskKit, point: FaultPoint) -> None:
    seen = list[str | None]()
    arm(point, AtPassage(1, lambda: seen.append(committed(kit, "SELECT state FROM crisis"))))
    card = await kit.card((await kit.order("alice", c.ProposeCrisis())).note)
    refused = await kit.press("olga", card, c.StartCrisis)
    assert (refused.is_done, seen) == (False, [] if point is P.CRISIS_DECIDED else ["proposed"])
    arm(point, AtPassage(1, lambda: seen.append(committed(kit, "SELECT state FROM crisis"))))
    assert (await kit.press("alice", card, c.StartCrisis)).is_done
    assert seen[-1] == CRISIS[point]


async def test_the_cursor_is_moved_inside_the_transaction_that_stores_the_page(
    kit: DeskKit,
) -> None:
    rolled_back: list[int] = []

    def break_off() -> None:
        rolled_back.append(1)
        raise RuntimeError("The transaction ends here.")

    arm(P.POLL_CURSOR, break_off)
    journey = Journey(kit)
    await poll(journey)
    assert rolled_back
    assert journey.world() == EMPTY


def test_every_point_that_is_built_has_its_place_tested() -> None:
    at_start = {P.BOOT_RECONCILE}  # tests/e2e/test_fault_points.py
    assert set(P) == set(PLACES) | set(POSTED_LOOKS) | set(PAGED) | set(CRISIS) | at_start


# --- passing


def test_only_the_named_passage_acts() -> None:
    done: list[int] = []
    arm(P.HOOK_RECEIVED, AtPassage(3, lambda: done.append(1)))
    counts = []
    for _ in range(5):
        reach(P.HOOK_RECEIVED)
        reach(P.HOOK_VERIFIED)
        counts.append(len(done))
    assert counts == [0, 0, 1, 1, 1]


def test_the_process_is_ended_without_a_farewell() -> None:
    program = (
        "import atexit\n"
        "from bot.faults import *\n"
        "from bot.faults import AtPassage, kill_this_process\n"
        "atexit.register(print, 'farewell')\n"
        "arm(FaultPoint.HOOK_RECEIVED, AtPassage(2, kill_this_process))\n"
        "for _ in range(3): reach(FaultPoint.HOOK_RECEIVED); print('passed', flush=True)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stdout) == (-9, "passed\n"), ended


# --- arming


ACCOUNT = """
[[brands.accounts]]
slug = "{slug}"
network = "{network}"
"""
SANDBOX = ACCOUNT.format(slug="box", network="sandbox") + (
    'base_url = "http://sandbox.example/api"\ntoken = { file = "token" }\n'
)
LOCAL = ACCOUNT.format(slug="local", network="mastodon") + (
    'base_url = "http://127.0.0.1:9/"\naccess_token = { file = "token" }\n'
)
REAL = ACCOUNT.format(slug="real", network="mastodon") + (
    'base_url = "https://mastodon.social"\naccess_token = { file = "token" }\n'
)
HALF = ACCOUNT.format(slug="half", network="bluesky") + (
    'handle = "acme.example"\nservice = "http://127.0.0.1:9"\napp_password = { file = "token" }\n'
)
"""Its web app, a default, stands somewhere else."""
RELAY = '[relay]\nurl = "{url}"\nsecret = {{ file = "secret" }}\n'


@pytest.mark.parametrize(
    ("accounts", "strangers"),
    [
        (REAL, "real"),
        (SANDBOX + LOCAL + REAL, "real"),
        (HALF, "half"),
        (HALF + REAL, "half, real"),
        (SANDBOX + RELAY.format(url="https://tools.example.com"), "relay"),
    ],
)
def test_chaos_is_refused_beside_a_real_account_or_chat(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, accounts: str, strangers: str
) -> None:
    monkeypatch.setenv("REPLYDESK_CHAOS", "1")
    desk.write(CONFIG + accounts)
    said = desk.run("run")
    assert said.code == 2
    assert f"{strangers} may be real" in said.err
    assert "Traceback" not in said.err
    assert not (desk.folder / ".replydesk").exists()


@pytest.mark.parametrize(
    ("wanted", "complaint"),
    [
        ("hook.sent:1", "names 'hook.sent', and there is no such fault point"),
        ("hook.received", "which passage"),
        ("hook.received:0", "which passage"),
        ("hook.received:often", "which passage"),
    ],
)
def test_a_point_that_cannot_be_armed_is_refused(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, wanted: str, complaint: str
) -> None:
    monkeypatch.setenv("REPLYDESK_CHAOS", "1")
    monkeypatch.setenv("REPLYDESK_KILL_AT", wanted)
    desk.write(CONFIG + SANDBOX + LOCAL + RELAY.format(url="http://localhost:9/cards"))
    said = desk.run("run")
    assert said.code == 2
    assert complaint in said.err


def test_the_command_lists_every_point_with_its_meaning(desk: Desk) -> None:
    said = desk.run("faultpoints")
    assert said.code == 0
    for point, meaning in faults.MEANINGS.items():
        assert any(line.split()[0] == point and meaning in line for line in said.out.splitlines())
