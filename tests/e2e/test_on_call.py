"""The real process pages: within seconds of the hook, in every language, and across its death."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path

import pytest

from bot.cards.actions import ActionName
from bot.faults import FaultPoint
from tests.e2e.console_client import Person, SeenCard, eventually
from tests.e2e.loop import alice_at, network_of, written
from tests.e2e.process import DeskHome, report
from tests.fakes.paging_servers import ROUTING_KEY, PagingServer
from tests.services import LOOPBACK, free_port

WITHIN = 10.0
"""Seconds from the comment until the pager is asked."""
ALLEGATIONS = {
    "en": "KEN my little son was poisoned by this tea, we are in hospital with him",
    "fr": "KFR mon fils a été intoxiqué par votre thé, nous sommes à l'hôpital avec lui",
    "ro": "KRO fiul meu s-a intoxicat de la ceaiul vostru, suntem la spital cu el",
    "ru": "KRU мой сын отравился вашим чаем, мы с ним в больнице",
}
ONCALL = """
[oncall]
[[oncall.routes]]
slug = "duty"
kind = "pagerduty"
url = "{url}"
secret = {{ file = "routing-key" }}
[[oncall.policies]]
slug = "default"
repeat = 0
[[oncall.policies.steps]]
who = ["bob"]
routes = ["duty"]
"""


def on_call(folder: Path, pager: PagingServer) -> DeskHome:
    home = DeskHome(folder, network=f"http://{LOOPBACK}:{free_port()}/sandbox/api")
    home.configure(more=ONCALL.format(url=pager.url))
    home.lay_database()
    (folder / "routing-key").write_text(ROUTING_KEY, "ascii")
    text = home.configuration.read_text("utf-8")
    spoken = f"languages = {list(ALLEGATIONS)}".replace("'", '"')
    home.configuration.write_text(text.replace('languages = ["en"]', spoken), "utf-8")
    return home


async def incident_of(person: Person) -> SeenCard | None:
    """The card of one that fires."""
    cards = [one for one in await person.cards() if one.button(ActionName.ACKNOWLEDGE)]
    return cards[0] if cards else None


async def is_notified(pager: PagingServer, times: int) -> bool:
    return len(pager.notified) == times


async def is_over_there(pager: PagingServer, times: int) -> bool:
    return [one["status"] for one in pager.alerts.values()].count("resolve") == times


async def test_an_allegation_of_harm_pages_within_ten_seconds_in_each_language(
    tmp_path: Path,
) -> None:
    async with PagingServer().serving() as pager:
        home = on_call(tmp_path / "desk", pager)
        async with network_of(home) as sandbox, home.open(), alice_at(home) as alice:
            for number, (language, words) in enumerate(ALLEGATIONS.items(), 1):
                begun = time.monotonic()
                await written(sandbox, words)
                paged = partial(is_notified, pager, number)
                await eventually(paged, f"a page for {language}", WITHIN)
                report(f"{language}: paged after {time.monotonic() - begun:.2f} s")
                card = await eventually(partial(incident_of, alice), "the card", WITHIN)
                assert words[:20] in card.quote
                assert (await alice.press(card, ActionName.ACKNOWLEDGE)).is_done
                assert (await alice.press(card, ActionName.RESOLVE)).is_done
                over = partial(is_over_there, pager, number)
                await eventually(over, "that the pager knows that it is over", WITHIN)


POINTS = (
    FaultPoint.ESCALATE_FIRED,
    FaultPoint.PAGE_CLAIMED,
    FaultPoint.PAGE_CALLED,
    FaultPoint.PAGE_SAVED,
)


async def test_a_desk_that_dies_at_each_point_in_turn_wakes_once_all_the_same(
    tmp_path: Path,
) -> None:
    async with PagingServer().serving() as pager:
        home = on_call(tmp_path / "desk", pager)
        async with network_of(home) as sandbox:
            for life, point in enumerate(POINTS):
                death = {"REPLYDESK_CHAOS": "1", "REPLYDESK_KILL_AT": f"{point}:1"}
                async with home.running(environment=death) as desk:
                    if not life:
                        await desk.ready(home.url)
                        await written(sandbox, ALLEGATIONS["en"])
                    assert await desk.ended() == -9, point
            async with home.open(), alice_at(home) as alice:
                await eventually(partial(is_notified, pager, 1), "the page", WITHIN)
                card = await eventually(partial(incident_of, alice), "the card", WITHIN)
                assert (await alice.press(card, ActionName.RESOLVE)).is_done
                over = partial(is_over_there, pager, 1)
                await eventually(over, "that the pager knows that it is over", WITHIN)
        assert len(pager.notified) == 1


@pytest.mark.parametrize("point", POINTS)
async def test_a_desk_that_dies_while_it_pages_wakes_once_all_the_same(
    tmp_path: Path, point: FaultPoint
) -> None:
    async with PagingServer().serving() as pager:
        home = on_call(tmp_path / "desk", pager)
        death = {"REPLYDESK_CHAOS": "1", "REPLYDESK_KILL_AT": f"{point}:1"}
        async with network_of(home) as sandbox:
            async with home.running(environment=death) as desk:
                await desk.ready(home.url)
                await written(sandbox, ALLEGATIONS["en"])
                assert await desk.ended() == -9
            async with home.open():
                await eventually(partial(is_notified, pager, 1), "the page", WITHIN)
                async with alice_at(home) as alice:
                    card = await eventually(partial(incident_of, alice), "the card", WITHIN)
                    assert card.state.startswith("On call: Bob")
        assert len(pager.notified) == 1
