"""Go live is one button in Slack and in Telegram, for an admin; others see how accounts stand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.model import commands as c
from bot.model.account import AccountState
from tests.fakes.desk_kit import DeskKit, desk_address
from tests.fakes.slack_desk import SlackDesk, slack_desk
from tests.fakes.slack_server import Message
from tests.fakes.telegram_people import until
from tests.fakes.telegram_team import opened_team


async def state_of(kit: DeskKit) -> AccountState:
    account = await kit.read(lambda tx: tx.accounts.get(kit.account))
    return account.state


async def listed(desk: SlackDesk, who: str) -> Message:
    """What `/desk accounts` shows to them alone, as something that can be pressed."""
    answer = json.loads(await desk.person(who).slash("accounts"))
    return Message("1.1", "C0CARE", answer, [answer])


async def test_an_admin_lets_an_account_go_live_from_slack(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    async with slack_desk(desk_address(request, tmp_path), "http") as desk:
        await desk.kit.order("ada", c.WatchOnly("acme"))
        ada, bob = desk.person("ada"), desk.person("bob")
        shown = await listed(desk, "ada")
        assert "Watch only" in json.dumps(shown.blocks)
        assert "Go live" not in json.dumps((await listed(desk, "bob")).blocks)
        await bob.press(shown, "Go live")
        assert "Ask Ada" in bob.heard[-1]
        assert await state_of(desk.kit) is AccountState.WATCH_ONLY
        await ada.press(shown, "Go live")
        assert ada.heard[-1] == "acme is live: approved replies leave."
        assert await state_of(desk.kit) is AccountState.LIVE
        await ada.press(await listed(desk, "ada"), "Shadow")
        assert await state_of(desk.kit) is AccountState.SHADOW
        shown = await listed(desk, "ada")
        assert "What was recorded in shadow never does." in json.dumps(shown.blocks)
        await ada.press(shown, "Watch only")
        assert await state_of(desk.kit) is AccountState.WATCH_ONLY
        assert "does not know you" in await desk.person("stranger").slash("accounts")


async def test_an_admin_lets_an_account_go_live_from_telegram(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    async with opened_team(desk_address(request, tmp_path)) as team:
        await team.kit.order("ada", c.WatchOnly("acme"))
        team.bob.write("/accounts")
        await until(team.server, team.server.world.by_bot)
        assert "Watch only" in team.last().text
        assert team.last().labels == []
        team.ada.write("/accounts")
        await until(team.server, lambda: team.last().labels)
        shown = team.last()
        told = await team.bob.tap(shown, "Go live")
        assert "Ask Ada" in told["text"]
        assert await state_of(team.kit) is AccountState.WATCH_ONLY
        told = await team.ada.tap(shown, "Go live")
        assert told["text"] == "acme is live: approved replies leave."
        await until(team.server, lambda: not any("Go live" in one for one in shown.labels))
        assert await state_of(team.kit) is AccountState.LIVE
        told = await team.ada.tap(shown, "Shadow: @acme")
        assert told["text"].startswith("acme is in shadow")
        await until(team.server, lambda: any("Go live" in one for one in shown.labels))
        assert "What was recorded in shadow never does." in shown.text
        assert await state_of(team.kit) is AccountState.SHADOW
