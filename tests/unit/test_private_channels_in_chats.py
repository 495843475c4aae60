"""A private channel's items in Slack, Telegram and the console: who is not in it is told alone."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import CookieJar
from aiohttp.test_utils import TestClient, TestServer

from bot.coordination.feed import StoreFeed
from bot.coordination.wakeup import LocalWakeup
from bot.model.channel import Place
from bot.services.deciding import DeskRules
from bot.services.settling_in import NamedChannel
from handlers.console.app import build_console
from tests.fakes.console import HOSTS
from tests.fakes.desk import FakeChatJoins, FakeGreets, FakeJoins, FakeSignsIn
from tests.fakes.desk_kit import desk_address
from tests.fakes.slack_desk import CHANNEL, IDS, SlackDesk, slack_desk
from tests.fakes.telegram_people import until
from tests.fakes.telegram_team import GROUP, NUMBERS, Team, opened_team
from tests.fakes.telegram_world import Chat

THREAT = "I will sue you, my lawyer has your tea."
HIDDEN = "This stands in a private channel that you are not in. Ask Alice or Ada."
TELLS = DeskRules(tell_audience=frozenset({"slack"}))


@pytest.fixture
async def slack(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SlackDesk]:
    """The one channel is private, with Eve and two whom the desk does not know."""
    async with slack_desk(desk_address(request, tmp_path), "http", rules=TELLS) as desk:
        desk.slack.private[CHANNEL] = {"U0AAA", "U0BBB", IDS["eve"]}
        await desk.work()
        yield desk


@pytest.fixture
async def team(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Team]:
    care = NamedChannel("care", "telegram", Place(str(GROUP)), "Care", private=True)
    address = desk_address(request, tmp_path)
    async with opened_team(address, rules=TELLS, channels=(care,)) as opened:
        for name, status in (("eve", "member"), ("olga", "left")):
            user = {"id": NUMBERS[name], "is_bot": False, "first_name": name.title()}
            form = {"status": status, "user": user}
            opened.server.world.chat(GROUP).members[NUMBERS[name]] = form
        await opened.kit.work()
        yield opened


async def test_slack_shows_a_private_channels_items_to_its_people_alone(slack: SlackDesk) -> None:
    message = await slack.card(THREAT)
    await slack.kit.index()
    olga, eve, alice = (slack.person(name) for name in ("olga", "eve", "alice"))
    for person, sees in ((olga, False), (eve, True), (alice, True)):
        await person.open_home()
        for shown in (json.dumps(person.home), await person.slash("queue")):
            assert ("lawyer" in shown) is sees
    assert HIDDEN in await olga.slash("why 1")
    assert "lawyer" in await eve.slash("why 1")
    for label in ("Take it", "Edit", "History and why"):
        await olga.press(message, label)
        assert not olga.has_view
        assert HIDDEN in olga.heard[-1]
    assert (await slack.kit.item(await slack.kit.id_of("c1"))).assignee_id is None
    assert len(slack.slack.called("conversations.members")) == 2, "all pages were turned"


async def test_slack_tells_who_comes_and_who_leaves(slack: SlackDesk) -> None:
    await slack.card(THREAT)
    olga = slack.person("olga")
    assert "lawyer" not in await olga.slash("queue")
    await olga.invites(IDS["olga"], CHANNEL)
    assert "lawyer" in await olga.slash("queue")
    await olga.leaves(CHANNEL)
    assert "lawyer" not in await olga.slash("queue")


async def test_telegram_shows_a_groups_items_to_its_people_alone(team: Team) -> None:
    card = await team.comes(THREAT)
    said = await team.olga.tap(card, "No reply needed")
    assert said == {"text": HIDDEN, "show_alert": True}
    said = await team.olga.tap(card, "Team")
    assert said == {"text": HIDDEN, "show_alert": True}
    assert "lawyer" not in await asked(team, "olga", "/queue")
    assert HIDDEN in await asked(team, "olga", "/why 1")
    assert "lawyer" in await asked(team, "eve", "/queue")
    assert "lawyer" in await asked(team, "eve", "/why 1")
    assert (await team.kit.item(await team.kit.id_of("c1"))).state.value == "open"


async def asked(team: Team, name: str, words: str) -> str:
    """What a command in their own chat with the bot is answered."""
    number = NUMBERS[name]
    team.server.world.chats.setdefault(number, Chat(number, "private", name))
    before = len(team.server.world.by_bot(number))
    team.people[name].write(words, chat=number)
    shown = await until(team.server, lambda: team.server.world.by_bot(number)[before:])
    return str(shown[-1].text) + " ".join(shown[-1].labels)


async def test_what_is_asked_for_in_a_group_is_not_shown_to_others_there(team: Team) -> None:
    """A manager asks in a group that no cards land in: its people see what they may."""
    other = -100_777
    team.server.world.chats[other] = Chat(other, "supergroup", "Elsewhere")
    await team.comes(THREAT)
    for words in ("/queue", "/why 1"):
        team.alice.write(words, chat=other)
        shown = await until(team.server, lambda: team.server.world.by_bot(other))
        assert "lawyer" not in str([one.text + " ".join(one.labels) for one in shown])
        team.server.world.messages[:] = [
            one for one in team.server.world.messages if one.chat != other
        ]
    assert "lawyer" in await asked(team, "alice", "/queue")


async def test_telegram_tells_who_comes_and_who_leaves(team: Team) -> None:
    await team.comes(THREAT)
    team.olga.moves(GROUP, "left", "member")
    await until(team.server, lambda: not team.server.world.updates)
    assert "lawyer" in await asked(team, "olga", "/queue")
    team.olga.moves(GROUP, "member", "left")
    await until(team.server, lambda: not team.server.world.updates)
    assert "lawyer" not in await asked(team, "olga", "/queue")


@pytest.mark.parametrize(("member", "sees"), [("olga", False), ("eve", True), ("alice", True)])
async def test_the_console_shows_what_the_readers_chats_let_them_see(
    slack: SlackDesk, member: str, sees: bool
) -> None:
    """Whoever is known in Slack is the same person in the console."""
    await slack.card(THREAT)
    await slack.kit.index()
    kit, token = slack.kit, await slack.kit.token_of(await slack.kit.id_of("c1"))
    console = build_console(
        kit.desk, StoreFeed(kit.store, LocalWakeup()), FakeSignsIn(), FakeJoins(), FakeGreets(),
        FakeChatJoins(), act_as=(member,), sandbox=True, clock=kit.clock, allowed_hosts=HOSTS,
    )  # fmt: skip
    async with TestClient(TestServer(console), cookie_jar=CookieJar(unsafe=True)) as browser:
        for path in ("/", "/search?q=lawyer", f"/cards/{token}", f"/fragments/card/{token}"):
            shown = await (await browser.get(path)).text()
            assert ("my lawyer has" in shown) is sees, path
        answer = await browser.get(f"/cards/{token}")
        assert answer.status == (200 if sees else 404)
        assert (HIDDEN in await answer.text()) is not sees
