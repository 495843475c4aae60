"""The lines that are connected: account -> connector, and hook -> connector."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.model.account import Account
from bot.model.ids import AccountId
from bot.ports import Connector


@dataclass(frozen=True, slots=True)
class Lines:
    """Built once by bootstrap; an account without a line is suspended or misconfigured."""

    connectors: Mapping[AccountId, Connector]
    hooks: Mapping[tuple[str, str], AccountId] = field(default_factory=dict)
    """(network, hook name) -> the account whose connector knows the hook's secret."""

    def of(self, account_id: AccountId) -> Connector | None:
        return self.connectors.get(account_id)

    def title(self, account: Account) -> str:
        """The network's name as people write it."""
        line = self.connectors.get(account.id)
        return account.network.title() if line is None else line.capabilities.title
