"""How an account stands is said in one line that tells what to do next."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.cards.connecting import ConnectQuery
from bot.cards.pages import AccountRow, DeskQuery
from bot.model import commands as c
from bot.model.account import AccountState
from bot.model.ids import Moment, RemoteId
from bot.model.member import ChatIdentity
from tests.fakes.desk_kit import DeskKit, desk_address, opened_desk

WHO = ChatIdentity("console", "ada")


@pytest.fixture
async def kit(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DeskKit]:
    async with opened_desk(desk_address(request, tmp_path)) as made:
        yield made


async def row(kit: DeskKit) -> AccountRow:
    page = await kit.desk.view(DeskQuery(), WHO)
    return next(one for one in page.accounts if one.slug == "acme")


async def stand(kit: DeskKit, state: AccountState, trouble: str = "") -> str:
    await kit.do(lambda tx: tx.accounts.set_state(kit.account, state, trouble))
    return (await row(kit)).next


async def test_each_state_says_what_to_do_next(kit: DeskKit) -> None:
    await kit.do(lambda tx: tx.accounts.heard(kit.account, Moment(tx.now())))
    said = {state: await stand(kit, state) for state in AccountState}
    assert "Press Go live" in said[AccountState.WATCH_ONLY]
    assert said[AccountState.LIVE] == "Nothing to do: approved replies leave."
    assert "Renew the token where the configuration says" in said[AccountState.PAUSED]
    assert "Put it back into the configuration" in said[AccountState.SUSPENDED]
    assert "goes on trying" in await stand(kit, AccountState.LIVE, "The network answers 503.")


async def test_a_pause_of_the_account_or_of_everything_is_what_it_waits_for(kit: DeskKit) -> None:
    await kit.do(lambda tx: tx.accounts.heard(kit.account, Moment(tx.now())))
    await kit.order("ada", c.Pause((c.HoldKind.REPLIES,), "acme"))
    held = await row(kit)
    assert held.next.startswith("Approved words wait here.")
    assert held.held == ("replies",)
    await kit.order("ada", c.Unpause((c.HoldKind.REPLIES,), "acme"))
    await kit.order("ada", c.Pause((c.HoldKind.POSTS,)))
    held = await row(kit)
    assert held.next.startswith("Approved words wait here.")
    assert held.held == ()


async def test_it_says_whose_it_is(kit: DeskKit) -> None:
    await kit.do(lambda tx: tx.accounts.identify(kit.account, RemoteId("did:acme"), "@acme"))
    found = await row(kit)
    assert (found.name, found.remote_id, found.is_named) == ("@acme", "did:acme", True)


async def test_who_is_no_admin_is_told_who_can(kit: DeskKit) -> None:
    page = await kit.desk.view(ConnectQuery(), ChatIdentity("console", "bob"))
    assert page.refusal == "Your role here is approver; this takes an admin. Ask Ada."
    assert (await kit.desk.view(ConnectQuery(), WHO)).refusal == ""
    stranger = await kit.desk.view(ConnectQuery(), ChatIdentity("console", "nobody"))
    assert stranger.refusal
