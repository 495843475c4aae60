"""What was set up from a chat, put into the configuration as it is printed, is the same desk."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.bootstrap.connecting import roster_of
from bot.cli.opening import known_networks
from bot.config import load
from bot.metrics import Metrics
from bot.model import commands as c
from bot.model.account import AccountState
from bot.model.channel import Channel, Route, Shows
from bot.model.ids import CommandId
from bot.model.item import ItemKind
from bot.model.member import ChatIdentity, Role
from bot.model.team_chat import ChatIntroduced
from bot.model.triage import Risk
from bot.services.deciding import DeskRules
from bot.services.desk import TheDesk
from bot.services.lines import Lines
from bot.services.settling_in import settle_in
from bot.store.store import Store, open_store
from bot.store.tx import Tx
from tests.fakes.clock import FakeClock
from tests.unit.cli_case import Desk

BOB = """[[brands.members]]
slug = "bob"
name = "Bob"
role = "approver"
"""
CONFIG = f"""
[[brands]]
slug = "acme"
name = "Acme"
[[brands.members]]
slug = "olga"
name = "Olga"
role = "agent"
{BOB}
[[brands.members]]
slug = "alice"
name = "Alice"
role = "admin"
[[brands.accounts]]
slug = "blog"
network = "rss"
url = "https://acme.example/feed"
"""
ROUTE = Route(("blog",), (ItemKind.COMMENT, ItemKind.REVIEW), ("en",), (Risk.LEGAL,))


@pytest.fixture
def desk(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Desk:
    monkeypatch.chdir(tmp_path)
    made = Desk(tmp_path, capsys, monkeypatch)
    made.write(CONFIG)
    made.settle()
    return made


def in_store(desk: Desk, act: object) -> object:
    async def run() -> object:
        store = await open_store(f"sqlite:///{desk.folder}/.replydesk/desk.db", FakeClock())
        try:
            return await act(store)  # type: ignore[operator]
        finally:
            await store.close()

    return asyncio.run(run())


async def set_up(store: Store) -> None:
    """Alice answers in Slack and Telegram; Zoe is added, Bob has linked Telegram."""
    await store.write(_people, None)
    the_desk = TheDesk(store, FakeClock(), Lines({}), DeskRules(), "", Metrics())
    title = 'Legal "quoted" \\ Ж'
    answers = (
        c.SetUpChannel("slack", "C0NEW", "", title, ROUTE, frozenset({Shows.ITEMS})),
        c.SetUpChannel("telegram", "-100900", "7", "Everything", Route()),
    )
    for number, command in enumerate(answers):
        order = c.Order(CommandId(str(number)), ChatIdentity("console", "alice"), command)
        assert (await the_desk.perform(order)).is_done


def _people(tx: Tx, commands: object) -> list[None]:
    brand = tx.accounts.brands()[0].id
    zoe = tx.people.save(brand, "zoe", "Zoé", Role.AGENT, from_file=False)
    tx.people.identify(zoe, ChatIdentity("slack", "U0ZOE"), from_file=False)
    bob = tx.people.by_slug(brand, "bob")
    assert bob is not None
    tx.people.identify(bob, ChatIdentity("telegram", "1002"), from_file=False)
    return [None]


async def channels(store: Store) -> list[Channel]:
    return await store.read(lambda tx: tx.channels.all_of_brand(tx.accounts.brands()[0].id))


def test_a_desk_to_which_nothing_was_added_has_nothing_to_export(desk: Desk) -> None:
    said = desk.run("init", "--from-store")
    assert (said.code, said.out.strip()) == (
        0,
        "Everything that the desk has stands in the configuration already.",
    )


def test_what_is_printed_is_taken_over_by_the_next_start(desk: Desk) -> None:
    in_store(desk, set_up)
    before = in_store(desk, channels)
    printed = desk.run("init", "--from-store").out
    assert "who linked it: telegram = 1002" in printed
    desk.write("[slack]\n[telegram]\n" + CONFIG.replace(BOB, f"{BOB}telegram = 1002\n") + printed)
    settings = load(desk.folder / "replydesk.toml", known_networks())
    zoe = settings.brands[0].members[-1]
    assert (zoe.slug, zoe.name, zoe.role, zoe.slack) == ("zoe", "Zoé", Role.AGENT, "U0ZOE")

    async def settled(store: Store) -> list[Channel]:
        await store.write(settle_in, roster_of(settings, AccountState.WATCH_ONLY))
        return await channels(store)

    after = in_store(desk, settled)
    assert isinstance(before, list)
    assert isinstance(after, list)
    assert [one.from_file for one in before] == [False, False]
    assert [one.from_file for one in after] == [True, True]
    for old, new in zip(before, after, strict=True):
        assert (old.id, old.slug, old.title, old.place) == (new.id, new.slug, new.title, new.place)
        assert (old.shows, old.routes) == (new.shows, new.routes)
    assert "stands in the configuration already" in desk.run("init", "--from-store").out


def test_nothing_is_written_and_nothing_is_asked(desk: Desk) -> None:
    in_store(desk, set_up)
    desk.run("init", "--from-store")
    assert (desk.folder / "replydesk.toml").read_text("utf-8") == CONFIG


def test_a_chat_is_printed_with_the_names_of_variables_and_the_file_then_names_it(
    desk: Desk,
) -> None:
    def connect(tx: Tx, commands: object) -> list[None]:
        us, brand = ChatIntroduced("T0:U0", "@desk · Acme"), tx.accounts.brands()[0].id
        sealed = {"bot_token": "sealed-bot", "app_token": "sealed-app"}
        tx.team_chats.save(brand, "slack", us, sealed, tx.now())
        return [None]

    in_store(desk, lambda store: store.write(connect, None))
    printed = desk.run("init", "--from-store").out
    assert "sealed-bot" not in printed
    desk.write(printed + CONFIG)
    settings = load(desk.folder / "replydesk.toml", known_networks())
    assert settings.named_chats == {"slack"}
    assert settings.slack is not None
    assert settings.slack.app_token.env == "SLACK_APP_TOKEN"
    desk.write('[slack]\ntokens = "console"\n' + CONFIG)
    settings = load(desk.folder / "replydesk.toml", known_networks())
    assert settings.chats == {"slack"}
    assert not settings.named_chats
    assert "stands in the configuration already" in desk.run("init", "--from-store").out
