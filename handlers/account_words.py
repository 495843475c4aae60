"""How accounts stand, in words; every front end that lists them says the same."""

from __future__ import annotations

from bot.cards.pages import AccountRow
from bot.model.account import AccountState
from bot.speech.speech import marked

STATE_WORDS = {
    AccountState.LIVE.value: marked("Live"),
    AccountState.WATCH_ONLY.value: marked("Watch only"),
    AccountState.PAUSED.value: marked("Needs a new token"),
    AccountState.SUSPENDED.value: marked("Not in the configuration"),
}
_DISCONNECTED = marked("Disconnected")
GO_LIVE = marked("Go live")
WATCH = marked("Watch only")
SURE = marked("Replies that were approved leave from now on, those that wait for it too.")
CHANGES = {AccountState.WATCH_ONLY: GO_LIVE, AccountState.LIVE: WATCH}
"""What an admin can make of an account that stands so; the others take more than a button."""


def state_word(account: AccountRow) -> str:
    """How an account stands, to be said."""
    if account.state is AccountState.SUSPENDED and not account.is_named:
        return _DISCONNECTED
    return STATE_WORDS[account.state.value]
