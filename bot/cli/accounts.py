"""`replydesk accounts`: what the desk knows of each account."""

from __future__ import annotations

import argparse
import asyncio
from datetime import UTC, datetime

from bot.cli.opening import opened_store, settings_from
from bot.cli.terminal import say, table
from bot.config import Settings
from bot.model.account import Account, AccountState
from bot.model.ids import Moment
from bot.store.tx import Tx

HEAD = ("ACCOUNT", "NETWORK", "NAME", "STATE", "LAST HEARD", "TROUBLE")
STATES = {
    AccountState.LIVE: "live",
    AccountState.WATCH_ONLY: "watch only",
    AccountState.SHADOW: "shadow",
    AccountState.PAUSED: "paused",
    AccountState.SUSPENDED: "suspended",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """It has no options of its own."""


def run(arguments: argparse.Namespace) -> int:
    return asyncio.run(_run(settings_from(arguments)))


async def _run(settings: Settings) -> int:
    async with opened_store(settings) as store:
        rows = await store.read(_rows)
    if not rows:
        say("The desk knows no accounts yet. `replydesk run` reads them from the configuration.")
        return 0
    table(HEAD, rows)
    return 0


def _rows(tx: Tx) -> list[list[str]]:
    brands = {brand.id: brand.slug for brand in tx.accounts.brands()}
    return [_row(account, brands[account.brand_id]) for account in tx.accounts.all()]


def _row(account: Account, brand: str) -> list[str]:
    return [
        f"{brand}/{account.slug}",
        account.network,
        account.name or "(not verified yet)",
        STATES[account.state],
        _written(account.last_heard_at),
        account.trouble,
    ]


def _written(at: Moment | None) -> str:
    if at is None:
        return "never"
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
