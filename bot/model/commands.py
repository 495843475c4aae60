"""What a person may ask the desk to do, each with the fields it needs and the role it takes.

A command that comes from a card names the card's token and the revision the person saw; the
desk refuses it when the card has moved on, and says who moved it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from bot.model.draft import Tone
from bot.model.ids import CardToken, CommandId, MediaHash, Moment
from bot.model.member import ChatIdentity


@dataclass(frozen=True, slots=True)
class OnCard:
    token: CardToken
    revision: int


@dataclass(frozen=True, slots=True)
class Approve(OnCard):
    """Yes to the version shown: publishes when the policy is satisfied, else counts."""


@dataclass(frozen=True, slots=True)
class ApproveEdited(OnCard):
    """Save `text` as the next version and say yes to it, in one step."""

    text: str


@dataclass(frozen=True, slots=True)
class SaveDraft(OnCard):
    text: str


@dataclass(frozen=True, slots=True)
class Redraft(OnCard):
    """Ask the drafter for another version; all fields empty means just another one."""

    instruction: str = ""
    tone: Tone | None = None


@dataclass(frozen=True, slots=True)
class NoReplyNeeded(OnCard):
    pass


@dataclass(frozen=True, slots=True)
class Reopen(OnCard):
    pass


@dataclass(frozen=True, slots=True)
class Take(OnCard):
    pass


@dataclass(frozen=True, slots=True)
class GiveTo(OnCard):
    member: str
    """Slug of the member."""


@dataclass(frozen=True, slots=True)
class Snooze(OnCard):
    until: Moment


class ModerationAction(StrEnum):
    LIKE = "like"
    UNLIKE = "unlike"
    HIDE = "hide"
    UNHIDE = "unhide"
    SPAM = "spam"
    DELETE = "delete"
    DELETE_OWN = "delete_own"


@dataclass(frozen=True, slots=True)
class Moderate(OnCard):
    action: ModerationAction


@dataclass(frozen=True, slots=True)
class Stop(OnCard):
    """Within the undo window: what was approved does not leave."""


@dataclass(frozen=True, slots=True)
class RetryPublication(OnCard):
    """A failed one again; for one that needs a human: it is not there, send it again."""


@dataclass(frozen=True, slots=True)
class LookAgain(OnCard):
    pass


@dataclass(frozen=True, slots=True)
class ConfirmPublished(OnCard):
    """A person saw it on the network."""

    permalink: str = ""


@dataclass(frozen=True, slots=True)
class AbandonPublication(OnCard):
    """A failed or unproved one is given up; the item opens again."""


@dataclass(frozen=True, slots=True)
class VariantText:
    account: str
    """Slug of the account."""
    text: str


@dataclass(frozen=True, slots=True)
class PictureRef:
    hash: MediaHash
    alt_text: str


@dataclass(frozen=True, slots=True)
class ComposePost:
    """A new post that waits for approval; `slot` None publishes at once when approved."""

    variants: tuple[VariantText, ...]
    slot: Moment | None = None
    pictures: tuple[PictureRef, ...] = ()


@dataclass(frozen=True, slots=True)
class EditPost(OnCard):
    """Replaces texts, pictures and slot; an approval of the old words is void."""

    variants: tuple[VariantText, ...]
    slot: Moment | None = None
    pictures: tuple[PictureRef, ...] = ()


@dataclass(frozen=True, slots=True)
class RequestChanges(OnCard):
    reason: str


@dataclass(frozen=True, slots=True)
class CancelPost(OnCard):
    pass


class HoldKind(StrEnum):
    REPLIES = "replies"
    POSTS = "posts"


@dataclass(frozen=True, slots=True)
class Pause:
    kinds: tuple[HoldKind, ...]
    account: str | None = None
    """Slug of one account, or None for the whole brand."""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Unpause:
    kinds: tuple[HoldKind, ...]
    account: str | None = None


@dataclass(frozen=True, slots=True)
class GoLive:
    account: str


@dataclass(frozen=True, slots=True)
class WatchOnly:
    account: str


@dataclass(frozen=True, slots=True)
class RetryWork:
    due_id: int


@dataclass(frozen=True, slots=True)
class DiscardWork:
    due_id: int


@dataclass(frozen=True, slots=True)
class AddPicture:
    """Stores a picture of ours; the outcome's `note` is its hash."""

    content_type: str
    data: bytes = field(repr=False)


Command = (
    Approve
    | ApproveEdited
    | SaveDraft
    | Redraft
    | NoReplyNeeded
    | Reopen
    | Take
    | GiveTo
    | Snooze
    | Moderate
    | Stop
    | RetryPublication
    | LookAgain
    | ConfirmPublished
    | AbandonPublication
    | ComposePost
    | EditPost
    | RequestChanges
    | CancelPost
    | Pause
    | Unpause
    | GoLive
    | WatchOnly
    | RetryWork
    | DiscardWork
    | AddPicture
)


@dataclass(frozen=True, slots=True)
class Order:
    """A command with who gave it and which press it was."""

    id: CommandId
    actor: ChatIdentity
    command: Command


class OutcomeKind(StrEnum):
    DONE = "done"
    REFUSED = "refused"
    """The person may not, or the words do not pass; nothing changed."""
    STALE = "stale"
    """Somebody was faster; nothing changed."""
    MISSING = "missing"
    """There is no such card."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the person is told, privately, at once. `says` is a whole sentence."""

    kind: OutcomeKind
    says: str
    note: str = ""
    """A machine's answer where there is one: a new card's token, a picture's hash."""

    @property
    def is_done(self) -> bool:
        return self.kind is OutcomeKind.DONE
