"""The lines that are connected: account -> connector, and hook -> connector."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from bot.model.account import Account
from bot.model.ids import AccountId
from bot.ports import Connector, Measures


@dataclass(frozen=True, slots=True)
class Lines:
    """Built once by bootstrap; an account without a line is suspended or misconfigured."""

    connectors: Mapping[AccountId, Connector]
    hooks: Mapping[tuple[str, str], AccountId] = field(default_factory=dict)
    """(network, hook name) -> the account whose connector knows the hook's secret."""
    unheard: set[AccountId] = field(default_factory=set)
    """Those whose first webhook has not come, as far as this process knows."""
    are_whole: Callable[[], bool] = lambda: True
    """Whether every account has its hook by now; a start takes those of the file first."""
    connect_again: Callable[[AccountId], Awaitable[None]] | None = None
    """Puts a connector whose secrets were read anew in the place of an account's old one."""

    async def renew(self, account_id: AccountId) -> None:
        """A person may have renewed the token where it is kept: read it there again.

        ConfigurationError when it is not there any more.
        """
        if self.connect_again is not None and account_id in self.connectors:
            await self.connect_again(account_id)

    def of(self, account_id: AccountId) -> Connector | None:
        return self.connectors.get(account_id)

    def measures(self, account_id: AccountId) -> bool:
        """Whether its network tells what people do with posts."""
        return isinstance(self.connectors.get(account_id), Measures)

    def title(self, account: Account) -> str:
        """The network's name as people write it."""
        line = self.connectors.get(account.id)
        return account.network.title() if line is None else line.capabilities.title
