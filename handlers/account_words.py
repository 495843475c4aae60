"""How accounts stand, in words; every front end that lists them says the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bot.cards.pages import AccountRow
from bot.model.account import AccountState
from bot.model.commands import GoLive, Shadow, WatchOnly
from bot.speech.speech import Speech, marked

STATE_WORDS = {
    AccountState.LIVE.value: marked("Live"),
    AccountState.WATCH_ONLY.value: marked("Watch only"),
    AccountState.SHADOW.value: marked("Shadow"),
    AccountState.PAUSED.value: marked("Needs a new token"),
    AccountState.SUSPENDED.value: marked("Not in the configuration"),
}
_ALL_LEAVE = marked("Nothing is paused. What is approved goes out.")
_NOT_PAUSED = marked("Nothing is paused.")
_SAID_OF = {
    AccountState.LIVE: marked("What is approved goes out from {accounts}."),
    AccountState.SHADOW: marked(
        "In shadow, what is approved is recorded and nothing leaves: {accounts}."
    ),
    AccountState.WATCH_ONLY: marked("Watch-only, nothing can be approved: {accounts}."),
    AccountState.PAUSED: marked("Waiting for a new token, nothing leaves: {accounts}."),
}
_DISCONNECTED = marked("Disconnected")
_SURE = marked("Replies that were approved leave from now on, those that wait for it too.")
_SURE_AFTER_SHADOW = marked(
    "Replies that are approved from now on leave. What was recorded in shadow never does."
)


@dataclass(frozen=True, slots=True)
class Change:
    """What an admin can make of an account, with a button."""

    name: str
    label: str
    command: Callable[[str], GoLive | WatchOnly | Shadow]
    is_going_live: bool = False


_LIVE = Change("live", marked("Go live"), GoLive, is_going_live=True)
_WATCH = Change("watch", marked("Watch only"), WatchOnly)
_SHADOW = Change("shadow", marked("Shadow"), Shadow)
CHANGES = (_LIVE, _WATCH, _SHADOW)
_OFFERED = {
    AccountState.WATCH_ONLY: (_LIVE, _SHADOW),
    AccountState.SHADOW: (_LIVE, _WATCH),
    AccountState.LIVE: (_WATCH, _SHADOW),
}


def changes_of(account: AccountRow) -> tuple[Change, ...]:
    """None where it takes more than a button."""
    return _OFFERED.get(account.state, ())


def sure_of(account: AccountRow) -> str:
    """What going live does, to be said; empty where it is live, or cannot be made so."""
    if account.state is AccountState.SHADOW:
        return _SURE_AFTER_SHADOW
    return _SURE if account.state is AccountState.WATCH_ONLY else ""


def leaving_lines(accounts: Sequence[AccountRow], speech: Speech) -> Iterator[str]:
    """Whether what is approved goes out, where nothing is paused; a sentence each, to be shown."""
    live = [one for one in accounts if one.state is AccountState.LIVE]
    if live and len(live) == len(accounts):
        yield speech.say(_ALL_LEAVE)
        return
    yield speech.say(_NOT_PAUSED)
    for state, says in _SAID_OF.items():
        names = [one.name or one.slug for one in accounts if one.state is state]
        if names:
            yield speech.say(says, accounts=", ".join(names))


def choice_of(label: str, account: AccountRow, speech: Speech) -> str:
    """For whoever chooses where a post goes: with how it stands, where nothing leaves from it."""
    if account.state not in {AccountState.WATCH_ONLY, AccountState.SHADOW}:
        return label
    return f"{label} · {speech.say(STATE_WORDS[account.state.value])}"


def state_word(account: AccountRow) -> str:
    """How an account stands, to be said."""
    if account.state is AccountState.SUSPENDED and not account.is_named:
        return _DISCONNECTED
    return STATE_WORDS[account.state.value]
