"""How accounts stand: whose they are, what they can and cannot do, and what to do next."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from bot.cards.pages import AccountRow
from bot.cards.retold import retold
from bot.model.account import Account, AccountState
from bot.model.hold import HoldKind
from bot.model.ids import BrandId, Moment
from bot.model.network import Capabilities, Capability, ReadBack
from bot.model.publication import LengthReport, OutgoingText
from bot.services.lines import Lines
from bot.speech.speech import Speech, marked
from bot.store.tx import Tx

_NAMES = {
    Capability.READ: (marked("read"), marked("Cannot read: {why}")),
    Capability.REPLY: (marked("reply"), marked("Cannot reply: {why}")),
    Capability.POST: (marked("post"), marked("Cannot post: {why}")),
    Capability.LIKE: (marked("like"), marked("Cannot like: {why}")),
    Capability.HIDE: (marked("hide"), marked("Cannot hide: {why}")),
    Capability.SPAM: (marked("mark as spam"), marked("Cannot mark as spam: {why}")),
    Capability.DELETE: (
        marked("delete what others wrote"),
        marked("Cannot delete what others wrote: {why}"),
    ),
    Capability.DELETE_OWN: (marked("delete our own"), marked("Cannot delete our own: {why}")),
}
_NEVER_HEARD = marked("Nothing to do: the first look at the network is on its way.")
_NEXT_IN_FILE = {
    AccountState.PAUSED: marked(
        "Renew the token where the configuration says that it is kept; the desk looks there again "
        "every minute."
    ),
    AccountState.SUSPENDED: marked(
        "Put it back into the configuration to watch it again; what it brought is kept."
    ),
}
_NEXT_HERE = {
    AccountState.PAUSED: marked("Give it a new token; what waits to leave is kept."),
    AccountState.SUSPENDED: marked("Connect it again to go on; what it brought is kept."),
}
_HELD = marked("Approved words wait here. Unpause to let them leave.")
_NEXT = {
    AccountState.WATCH_ONLY: marked(
        "Cards and drafts come, nothing leaves. Press Go live when replies should."
    ),
    AccountState.SHADOW: marked(
        "What is approved is recorded, and nothing leaves. Answer on the network itself; "
        "`replydesk shadow` compares both."
    ),
    AccountState.LIVE: marked("Nothing to do: approved replies leave."),
}
_TROUBLED = marked("The desk goes on trying. What keeps failing is told above.")


def rows(tx: Tx, brand_id: BrandId, lines: Lines, speech: Speech) -> Iterator[AccountRow]:
    """Of all accounts of a brand, in the order in which they came."""
    holds = tx.accounts.holds(brand_id)
    hooks = tx.joined.hooks(brand_id)
    for account in tx.accounts.of_brand(brand_id):
        held = {one.kind for one in holds if one.account_id in {None, account.id}}
        own = {one.kind for one in holds if one.account_id == account.id}
        row = _row(account, held, own, lines, speech)
        yield replace(row, hook=hooks.get(account.id))


def _row(
    account: Account,
    held: Collection[HoldKind],
    own: Collection[HoldKind],
    lines: Lines,
    speech: Speech,
) -> AccountRow:
    line = lines.of(account.id)
    capabilities = None if line is None else line.capabilities
    length = LengthReport(0, 0, "characters")
    if line is not None and capabilities is not None and Capability.POST in capabilities.can:
        length = line.prepare(OutgoingText("", Moment(0), b"\0" * 16)).length
    return AccountRow(
        slug=account.slug,
        name=account.name or account.slug,
        network=lines.title(account),
        state=account.state,
        trouble=retold(speech, account.trouble),
        last_heard_at=account.last_heard_at,
        can=() if capabilities is None else tuple(abilities(capabilities, speech)),
        cannot=tuple(_reasons(account, lines, speech)),
        can_post=capabilities is not None and Capability.POST in capabilities.can,
        text_limit=length.limit,
        text_unit=length.unit,
        network_name=account.network,
        remote_id=account.remote_id or "",
        is_named=account.from_file,
        next=speech.say(_next(account, held)),
        held=tuple(sorted(own)),
        token_ends_at=account.token_ends_at,
    )


def abilities(capabilities: Capabilities, speech: Speech) -> Iterator[str]:
    """What a line can do, a word or two each."""
    for capability in Capability:
        if capability in capabilities.can:
            yield speech.say(_NAMES[capability][0])


def inabilities(capabilities: Capabilities, speech: Speech) -> Iterator[str]:
    """What it cannot do, a sentence with its reason each; how a lost answer is cleared up too."""
    for capability in Capability:
        reason = capabilities.why_not(capability)
        if reason is not None:
            yield speech.say(_NAMES[capability][1], why=reason)
    if Capability.REPLY in capabilities.can and capabilities.read_back is ReadBack.NONE:
        yield speech.say(
            "No read-back: where an answer of the network is lost, a person looks whether it went "
            "out."
        )


def _reasons(account: Account, lines: Lines, speech: Speech) -> Iterator[str]:
    line = lines.of(account.id)
    if line is not None:
        yield from inabilities(line.capabilities, speech)
    elif account.from_file:
        yield speech.say("This account is not connected: it is no longer in the configuration.")
    else:
        yield speech.say("This account is not connected.")


def _next(account: Account, held: Collection[HoldKind]) -> str:
    """One sentence for whoever asks what to do with it."""
    here = _NEXT_IN_FILE if account.from_file else _NEXT_HERE
    if account.state in here:
        return here[account.state]
    if account.trouble:
        return _TROUBLED
    if account.last_heard_at is None:
        return _NEVER_HEARD
    if account.state is AccountState.LIVE and held:
        return _HELD
    return _NEXT[account.state]
