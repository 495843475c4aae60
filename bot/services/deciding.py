"""Who may decide what: the role each command takes, and the private answers to everyone else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.cards.card import CardKind
from bot.model import commands as c
from bot.model.approval import DEFAULT_POLICIES, ApprovalPolicy, ApprovalSubject
from bot.model.commands import Command, Outcome, OutcomeKind
from bot.model.event import Subject
from bot.model.ids import SECOND, Moment
from bot.model.item import Item, ItemState
from bot.model.member import ChatIdentity, Member, Role
from bot.model.publication import Mention
from bot.services.lines import Lines
from bot.store.cards import CardRow
from bot.store.tx import Tx

REQUIRED: Mapping[type[Command], Role] = {
    c.Approve: Role.AGENT,
    c.ApproveEdited: Role.AGENT,
    c.SaveDraft: Role.AGENT,
    c.Redraft: Role.AGENT,
    c.NoReplyNeeded: Role.AGENT,
    c.Reopen: Role.AGENT,
    c.Take: Role.AGENT,
    c.GiveTo: Role.AGENT,
    c.Snooze: Role.AGENT,
    c.Moderate: Role.AGENT,
    c.Stop: Role.AGENT,
    c.RetryPublication: Role.APPROVER,
    c.LookAgain: Role.AGENT,
    c.ConfirmPublished: Role.MANAGER,
    c.AbandonPublication: Role.APPROVER,
    c.ComposePost: Role.AGENT,
    c.EditPost: Role.AGENT,
    c.RequestChanges: Role.MANAGER,
    c.CancelPost: Role.AGENT,
    c.Pause: Role.MANAGER,
    c.Unpause: Role.MANAGER,
    c.GoLive: Role.ADMIN,
    c.WatchOnly: Role.ADMIN,
    c.RetryWork: Role.APPROVER,
    c.DiscardWork: Role.APPROVER,
    c.AddPicture: Role.AGENT,
}
"""The least role; a few commands ask for more once they know what they are about."""

SUBJECT_OF: Mapping[CardKind, Subject] = {
    CardKind.ITEM: Subject.ITEM,
    CardKind.POST: Subject.POST,
    CardKind.ACCOUNT: Subject.ACCOUNT,
}

APPROVER_ACTS = frozenset(
    {
        c.ModerationAction.HIDE,
        c.ModerationAction.UNHIDE,
        c.ModerationAction.SPAM,
        c.ModerationAction.DELETE,
        c.ModerationAction.DELETE_OWN,
    }
)


@dataclass(frozen=True, slots=True)
class DeskRules:
    """What the team has set: how long a reply may still be stopped, and who must say yes."""

    undo_window: int = 10 * SECOND
    """Milliseconds between the approval of a reply and its leaving; 0 switches it off."""
    policies: Mapping[ApprovalSubject, ApprovalPolicy] = field(
        default_factory=lambda: dict(DEFAULT_POLICIES)
    )


@dataclass(frozen=True, slots=True)
class Deciding:
    """One person deciding one thing now: what every command's operation gets."""

    tx: Tx
    member: Member
    identity: ChatIdentity
    now: Moment
    lines: Lines
    rules: DeskRules
    mentions: tuple[Mention, ...] = ()
    """Of the command's new words, as the network knows the people they name."""

    def audit(
        self, action: str, card: CardRow, *, text: str | None = None, **facts: object
    ) -> None:
        """Write down who decided; `text` is kept apart and can be erased."""
        self.tx.audits.add(
            self.member.brand_id,
            action,
            SUBJECT_OF[card.kind],
            card.subject_id,
            self.now,
            member_id=self.member.id,
            chat=self.identity.chat,
            text=text,
            **facts,
        )


def done(says: str, note: str = "") -> Outcome:
    return Outcome(OutcomeKind.DONE, says, note)


def refused(says: str) -> Outcome:
    return Outcome(OutcomeKind.REFUSED, says)


_STANDS: Mapping[ItemState, str] = {
    ItemState.NEW: "This is still being sorted. Try again in a moment.",
    ItemState.OPEN: "This is open and waits for an answer.",
    ItemState.QUIET: "This needs no reply, it seems; nobody has decided yet.",
    ItemState.MUTED: "This is from before the desk was connected; nobody has decided yet.",
    ItemState.ANSWERING: "A reply to this is on its way. Look at its card.",
    ItemState.ANSWERED: "This is answered already. Reopen it to answer again.",
    ItemState.CLOSED: "This is closed. Reopen it first.",
    ItemState.GONE: "This was deleted on the network, so there is nothing to do here.",
}


def stands_otherwise(item: Item) -> Outcome:
    """A refusal: how the item stands, and what can be done then."""
    return refused(_STANDS[item.state])


def names(members: list[Member]) -> str:
    """`Bob`, `Bob or Alice`, `Bob, Eve or Alice`; for refusals that say who can."""
    shown = [member.name for member in members[:4]]
    if not shown:
        return "nobody yet: an admin must give somebody that role"
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} or {shown[-1]}"


def who_can(deciding: Deciding, role: Role, *, but: Member | None = None) -> str:
    team = deciding.tx.people.of_brand(deciding.member.brand_id)
    return names([m for m in team if m.role.includes(role) and m != but])


def lacks_role(deciding: Deciding, role: Role) -> Outcome | None:
    """A refusal that says who can, or None when the member may."""
    if deciding.member.role.includes(role):
        return None
    return refused(
        f"Your role here is {deciding.member.role.value}; this takes {a_role(role)}. "
        f"Ask {who_can(deciding, role)}."
    )


def a_role(role: Role) -> str:
    return f"an {role.value}" if role.value[0] in "ae" else f"a {role.value}"


def stranger(tx: Tx) -> Outcome:
    """For a clicker whom the desk does not know: a viewer, told whom to ask."""
    admins = [
        member
        for brand in tx.accounts.brands()
        for member in tx.people.of_brand(brand.id)
        if member.role is Role.ADMIN
    ]
    return refused(f"The desk does not know you yet. Ask {names(admins)} to add you to the team.")


def stale(deciding: Deciding, card: CardRow) -> Outcome:
    """Somebody was faster: who did what, and how long ago."""
    how = card.changed_how or "The desk changed this card"
    if card.changed_by is not None:
        how = f"{deciding.tx.people.get(card.changed_by).name} {how}"
    seconds = max(0, deciding.now - card.changed_at) // SECOND
    return Outcome(
        OutcomeKind.STALE,
        f"{how} {_ago(seconds)}. Nothing was changed; look at the card again.",
    )


def _ago(seconds: int) -> str:
    if seconds < 90:
        return f"{seconds} s ago"
    minutes = seconds // 60
    return f"{minutes} min ago" if minutes < 90 else f"{minutes // 60} h ago"
