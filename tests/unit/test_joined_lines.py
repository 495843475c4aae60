"""Each process has lines for the accounts that were connected, as the store has them now."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest

from bot.bootstrap.around import Around
from bot.bootstrap.joined_lines import JoinedLines
from bot.bootstrap.sealing import Sealing
from bot.bootstrap.wiring import tried_line
from bot.config import DeskSettings, Settings
from bot.errors import AnswersRefused, ConfigurationError, Unavailable
from bot.model.account import Account
from bot.model.ids import AccountId, NetworkName
from bot.model.joining import secret_key
from bot.ports import Connector
from bot.store.store import Store
from bot.store.tx import Tx
from tests.fakes.clock import FakeClock
from tests.unit.small_desk import small_desk

TOKEN = "a-token"
SERVER = {"base_url": "https://social.example"}


@dataclass
class House:
    """One process: its store, its key and its lines."""

    store: Store
    around: Around
    lines: JoinedLines
    connectors: dict[AccountId, Connector] = field(default_factory=dict)
    hooks: dict[tuple[str, str], AccountId] = field(default_factory=dict)
    unheard: set[AccountId] = field(default_factory=set)

    async def connect(self, slug: str = "acme-mastodon", network: str = "mastodon") -> Account:
        def save(tx: Tx, commands: list[None]) -> list[Account]:
            brand = tx.accounts.brands()[0].id
            context = secret_key(brand, slug, "access_token")
            sealed = {"access_token": self.around.sealing.vault().seal(TOKEN, context)}
            saved = tx.joined.save(brand, slug, network, SERVER, sealed, tx.now())
            return [saved] * len(commands)

        return await self.store.write(save, None)  # type: ignore[arg-type]

    async def account(self, found: Account) -> Account:
        return await self.store.read(lambda tx: tx.accounts.get(found.id))

    async def do(self, act: object) -> None:
        def run(tx: Tx, commands: list[None]) -> list[None]:
            act(tx)  # type: ignore[operator]
            return commands

        await self.store.write(run, None)  # type: ignore[arg-type]

    async def another(self) -> House:
        """A process that begins now, with the key that there is now."""
        settings = self.around.settings
        return _house(self.store, _around(settings, self.store))


def _house(store: Store, around: Around) -> House:
    connectors: dict[AccountId, Connector] = {}
    hooks: dict[tuple[str, str], AccountId] = {}
    unheard: set[AccountId] = set()
    lines = JoinedLines(around, connectors, hooks, unheard)
    return House(store, around, lines, connectors, hooks, unheard)


def _around(settings: Settings, store: Store) -> Around:
    # lines of the configuration alone use the shared session
    http: aiohttp.ClientSession = None  # type: ignore[assignment]
    return Around(settings, http, FakeClock(), store, Sealing(settings.desk))


@pytest.fixture
async def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    monkeypatch.delenv("REPLYDESK_KEY", raising=False)
    async with small_desk(f"sqlite:///{tmp_path}/desk.db") as store:
        settings = Settings(desk=DeskSettings(data_dir=tmp_path / "data"))
        around = _around(settings, store)
        around.sealing.make()
        made = _house(store, around)
        yield made
        await made.lines.close()


async def test_a_connected_account_has_a_line_and_keeps_it_while_nothing_changes(
    house: House,
) -> None:
    account = await house.connect()
    await house.lines.plug_in()
    first = house.connectors[account.id]
    await house.do(lambda tx: tx.accounts.heard(account.id, tx.now()))
    await house.lines.plug_in()
    assert house.connectors[account.id] is first


async def test_a_new_token_makes_a_new_line_and_a_disconnected_account_has_none(
    house: House,
) -> None:
    account = await house.connect()
    await house.lines.plug_in()
    first = house.connectors[account.id]
    await house.connect()
    await house.lines.plug_in()
    assert house.connectors[account.id] is not first
    await house.do(lambda tx: tx.joined.disconnect(account))
    await house.lines.plug_in()
    assert house.connectors == {}


async def test_another_process_opens_what_was_sealed_here(house: House) -> None:
    account = await house.connect()
    other = await house.another()
    await other.lines.plug_in()
    assert account.id in other.connectors
    await other.lines.close()


async def hooked(house: House, slug: str = "acme-sandbox") -> Account:
    """An account of a network that sends webhooks, connected."""

    def save(tx: Tx, commands: list[None]) -> list[Account]:
        brand = tx.accounts.brands()[0].id
        vault = house.around.sealing.vault()
        sealed = {"token": vault.seal(TOKEN, secret_key(brand, slug, "token"))}
        hook = {"hook_secret": vault.seal(TOKEN, secret_key(brand, slug, "hook_secret"))}
        own = {"base_url": "https://sandbox.example/api"}
        return [tx.joined.save(brand, slug, "sandbox", own, sealed, tx.now(), hook)]

    return await house.store.write(save, None)  # type: ignore[arg-type]


async def test_a_hook_is_taken_in_every_process_until_its_account_is_disconnected(
    house: House,
) -> None:
    account = await hooked(house)
    other = await house.another()
    for process in (house, other):
        await process.lines.plug_in()
        assert process.hooks == {("sandbox", f"acme-sandbox-{account.id}"): account.id}
        assert process.unheard == {account.id}
    await house.do(lambda tx: tx.joined.hooked(account.id, tx.now()))
    await other.lines.plug_in()
    assert other.unheard == set()
    await house.do(lambda tx: tx.joined.disconnect(account))
    for process in (house, other):
        await process.lines.plug_in()
        assert process.hooks == {}
    await other.lines.close()


async def test_a_secret_that_proved_webhooks_outlives_a_new_token_and_another_does_not(
    house: House,
) -> None:
    async def kept() -> str:
        wanted = await house.store.read(lambda tx: tx.joined.all())
        return wanted[account.id].sealed["hook_secret"]

    account = await hooked(house)
    first = await kept()
    await hooked(house)
    second = await kept()
    assert second != first
    await house.do(lambda tx: tx.joined.hooked(account.id, tx.now()))
    await hooked(house)
    assert await kept() == second


async def test_a_token_that_cannot_be_opened_stops_its_account_alone_and_is_said(
    house: House,
) -> None:
    account = await house.connect()
    key = house.around.settings.desk.data_dir / "key"
    key.unlink()
    other = await house.another()
    await other.lines.plug_in()
    assert other.connectors == {}
    assert "no key to seal" in (await house.account(account)).trouble
    other.around.sealing.make()
    fine = await other.connect("acme-other")
    await other.lines.plug_in()
    assert list(other.connectors) == [fine.id]
    assert "another key" in (await house.account(account)).trouble
    await other.lines.close()


async def test_a_network_that_this_version_does_not_know_stops_nobody_else(house: House) -> None:
    strange = await house.connect("acme-strange", "carrier-pigeon")
    fine = await house.connect()
    await house.lines.plug_in()
    assert list(house.connectors) == [fine.id]
    assert "does not know the network" in (await house.account(strange)).trouble


async def test_a_desk_that_kills_itself_touches_nothing_real(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPLYDESK_CHAOS", "1")
    account = await house.connect()
    await house.lines.plug_in()
    assert house.connectors == {}
    assert "REPLYDESK_CHAOS" in (await house.account(account)).trouble


async def test_a_line_leads_to_no_private_address(house: House) -> None:
    def save(tx: Tx, commands: list[None]) -> list[Account]:
        brand = tx.accounts.brands()[0].id
        context = secret_key(brand, "inside", "access_token")
        sealed = {"access_token": house.around.sealing.vault().seal(TOKEN, context)}
        own = {"base_url": "http://127.0.0.1:9"}
        return [tx.joined.save(brand, "inside", "mastodon", own, sealed, tx.now())]

    account = await house.store.write(save, None)  # type: ignore[arg-type]
    await house.lines.plug_in()
    with pytest.raises(Unavailable) as refused:
        await house.connectors[account.id].verify()
    assert "not a public address" in _whole(refused.value)


def _whole(error: BaseException | None) -> str:
    said = []
    while error is not None:
        said.append(str(error))
        error = error.__cause__ or error.__context__
    return " ".join(said)


def test_a_key_is_never_made_over_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REPLYDESK_KEY", raising=False)
    sealing = Sealing(DeskSettings(data_dir=tmp_path))
    assert sealing.trouble == ""
    sealing.make()
    key = (tmp_path / "key").read_text()
    assert Sealing(DeskSettings(data_dir=tmp_path)).trouble is None
    with suppress(ConfigurationError):
        sealing.make()
    assert (tmp_path / "key").read_text() == key


def test_a_platform_without_a_disk_is_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REPLYDESK_KEY", raising=False)
    monkeypatch.setenv("DYNO", "web.1")
    sealing = Sealing(DeskSettings(data_dir=tmp_path))
    assert "REPLYDESK_KEY" in str(sealing.trouble)
    with pytest.raises(ConfigurationError, match="REPLYDESK_KEY"):
        sealing.make()
    assert not (tmp_path / "key").exists()


@pytest.mark.parametrize("network", ["carrier-pigeon", "", "integrations.rss"])
async def test_a_network_that_there_is_not_is_refused_before_anything_is_asked(
    tmp_path: Path, network: str
) -> None:
    settings = Settings(desk=DeskSettings(data_dir=tmp_path))
    with pytest.raises(AnswersRefused, match="does not know that network"):
        async with tried_line(settings, FakeClock(), NetworkName(network), {}):
            pass


async def test_nothing_outside_is_asked_by_a_desk_that_kills_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPLYDESK_CHAOS", "1")
    settings = Settings(desk=DeskSettings(data_dir=tmp_path))
    answers = {"url": "https://example.com/feed"}
    with pytest.raises(AnswersRefused, match="kills itself on purpose"):
        async with tried_line(settings, FakeClock(), NetworkName("rss"), answers):
            pass
