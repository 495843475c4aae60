"""What a person may ask the desk to do, each with the fields it needs and the role it takes.

A command that comes from a card names the card's token and the revision the person saw; the
desk refuses it when the card has moved on, and says who moved it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.model.bulk import BulkVerb
from bot.model.channel import Route, Shows
from bot.model.crisis import HeldVerb, Level
from bot.model.draft import Tone
from bot.model.hold import HoldKind as HoldKind  # noqa: PLC0414
from bot.model.ids import CardToken, CommandId, MediaHash, Moment, NetworkName
from bot.model.incident import Verdict
from bot.model.joining import Introduced
from bot.model.member import ChatIdentity, Role
from bot.model.moderation import ModerationAction as ModerationAction  # noqa: PLC0414
from bot.model.outcome import Outcome as Outcome  # noqa: PLC0414
from bot.model.outcome import OutcomeKind as OutcomeKind  # noqa: PLC0414
from bot.model.team_chat import ChatIntroduced


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
class StartEditing(OnCard):
    """An editor was opened: the others see it for a while. It locks nobody out."""


@dataclass(frozen=True, slots=True)
class StopEditing(OnCard):
    """It was closed without saying anything."""


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


@dataclass(frozen=True, slots=True)
class BulkAct(OnCard):
    """Do the same to all undecided items of a cluster of a peak; `text` is for answering."""

    verb: BulkVerb
    cluster: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class TurnPage(OnCard):
    """Show another page of what needs no reply."""

    page: int


@dataclass(frozen=True, slots=True)
class PullOut(OnCard):
    """Give one of what needs no reply a card of its own."""

    item: int


@dataclass(frozen=True, slots=True)
class StopBulk(OnCard):
    bulk: int


@dataclass(frozen=True, slots=True)
class Acknowledge(OnCard):
    """I am at it: nobody further is paged for this incident."""


@dataclass(frozen=True, slots=True)
class Silence(OnCard):
    """Nobody is paged for this incident before then."""

    until: Moment


@dataclass(frozen=True, slots=True)
class EscalateNow(OnCard):
    """The next step is taken at once, although somebody may be at it."""


@dataclass(frozen=True, slots=True)
class Resolve(OnCard):
    """It is over."""


@dataclass(frozen=True, slots=True)
class Judge(OnCard):
    """Whether it was right to be woken, once it is over."""

    verdict: Verdict


@dataclass(frozen=True, slots=True)
class StandIn:
    """A member is on call from now on until then; `rotation` may be empty where there is one."""

    member: str
    """Slug of the member."""
    until: Moment
    rotation: str = ""


@dataclass(frozen=True, slots=True)
class TestPages:
    """A test page by each route to everybody whom a policy may page."""

    __test__ = False  # no test of pytest's


@dataclass(frozen=True, slots=True)
class ExpectPeak:
    """More than usual is to come until then: a giveaway, a spot on television."""

    until: Moment
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ProposeCrisis:
    """Show what crisis mode would hold, in a channel of a chat, and ask once."""

    reason: str = ""
    level: Level | None = None
    """What approvals are to ask for; None is the strictest that the team can satisfy."""
    chat: str = ""
    channel: str = ""
    topic: str = ""


@dataclass(frozen=True, slots=True)
class StartCrisis(OnCard):
    pass


@dataclass(frozen=True, slots=True)
class DropCrisis(OnCard):
    """Not now."""


@dataclass(frozen=True, slots=True)
class EndCrisis:
    """The one that is on; a `token` says whose card was pressed."""

    token: CardToken | None = None


@dataclass(frozen=True, slots=True)
class DecideHeld(OnCard):
    """What becomes of a post that a crisis held, once it is over."""

    post: int
    verb: HeldVerb


@dataclass(frozen=True, slots=True)
class WriteStatement:
    """The next version of a holding statement, for somebody else to approve."""

    name: str
    language: str
    """ISO 639-1."""
    text: str
    days: int = 30
    """After which it expires."""
    chat: str = ""
    channel: str = ""
    topic: str = ""


@dataclass(frozen=True, slots=True)
class ReviseStatement(OnCard):
    text: str


@dataclass(frozen=True, slots=True)
class RetireStatement(OnCard):
    pass


@dataclass(frozen=True, slots=True)
class UseStatement(OnCard):
    """A holding statement becomes the item's next draft."""

    statement: int


@dataclass(frozen=True, slots=True)
class ScheduleUpdates:
    """How often an update for stakeholders is due, in milliseconds; 0 is never.

    A place is where updates go from now on.
    """

    every: int
    chat: str = ""
    channel: str = ""
    topic: str = ""


@dataclass(frozen=True, slots=True)
class SendUpdate(OnCard):
    text: str


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


@dataclass(frozen=True, slots=True)
class SetUpChannel:
    """What is to land in a channel of a chat, by the chat's own id; `topic` '' is all of it."""

    chat: str
    channel: str
    topic: str
    title: str
    route: Route
    shows: frozenset[Shows] = frozenset(Shows)


@dataclass(frozen=True, slots=True)
class TryAccount:
    """Ask a network whose token somebody has; the outcome's `note` is the account's slug."""

    network: NetworkName
    account: str = ""
    """Slug of the account that is to get a new token; empty for a new account."""


@dataclass(frozen=True, slots=True)
class JoinAccount:
    """Connect an account that its network has introduced, or give it a new token."""

    slug: str
    introduced: Introduced
    sealed: tuple[tuple[str, str], ...] = field(repr=False)
    """(setting, sealed secret)."""


@dataclass(frozen=True, slots=True)
class DisconnectAccount:
    account: str


@dataclass(frozen=True, slots=True)
class TryChat:
    """Ask a chat whose tokens somebody has."""

    chat: str


@dataclass(frozen=True, slots=True)
class JoinChat:
    """Connect a chat that has said whose tokens it was given, or give it new ones."""

    chat: str
    introduced: ChatIntroduced
    sealed: tuple[tuple[str, str], ...] = field(repr=False)
    """(setting, sealed token)."""


@dataclass(frozen=True, slots=True)
class DisconnectChat:
    chat: str


@dataclass(frozen=True, slots=True)
class GreetChannel:
    """Send a test card to a place of a chat."""

    chat: str
    channel: str
    topic: str = ""


@dataclass(frozen=True, slots=True)
class MakeKey:
    """Make the key that stored secrets are sealed with."""


@dataclass(frozen=True, slots=True)
class AddMember:
    """A person of the chat that it comes from, by the chat's own id of them.

    Without a `user` they are known in the console alone, until they link a chat.
    """

    name: str
    role: Role
    user: str = ""


@dataclass(frozen=True, slots=True)
class ChangeRole:
    member: str
    """Slug of the member."""
    role: Role


@dataclass(frozen=True, slots=True)
class SuspendMember:
    member: str
    """Slug of the member."""


@dataclass(frozen=True, slots=True)
class InviteMember:
    """A link into the console for somebody whom an admin added; in the outcome's `once`."""

    member: str
    """Slug of the member."""


@dataclass(frozen=True, slots=True)
class BeginPractice:
    """One marked comment that is nobody's: in a channel of a chat, or in the console alone.

    The outcome's `note` is the token of its card.
    """

    chat: str = ""
    channel: str = ""
    topic: str = ""


@dataclass(frozen=True, slots=True)
class MakeLinkCode:
    """Asks for a code with which its maker says who they are in another chat."""


@dataclass(frozen=True, slots=True)
class UseLinkCode:
    """Whoever gives it is its maker from now on, here too; anybody may try."""

    code: str = field(repr=False)


Command = (
    Approve
    | ApproveEdited
    | SaveDraft
    | StartEditing
    | StopEditing
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
    | BulkAct
    | StopBulk
    | TurnPage
    | PullOut
    | Acknowledge
    | Silence
    | EscalateNow
    | Resolve
    | Judge
    | StandIn
    | TestPages
    | ExpectPeak
    | ProposeCrisis
    | StartCrisis
    | DropCrisis
    | EndCrisis
    | DecideHeld
    | WriteStatement
    | ReviseStatement
    | RetireStatement
    | UseStatement
    | ScheduleUpdates
    | SendUpdate
    | Pause
    | Unpause
    | GoLive
    | WatchOnly
    | RetryWork
    | DiscardWork
    | AddPicture
    | SetUpChannel
    | TryAccount
    | JoinAccount
    | DisconnectAccount
    | TryChat
    | JoinChat
    | DisconnectChat
    | MakeKey
    | GreetChannel
    | AddMember
    | ChangeRole
    | SuspendMember
    | InviteMember
    | BeginPractice
    | MakeLinkCode
    | UseLinkCode
)


@dataclass(frozen=True, slots=True)
class Order:
    """A command with who gave it and which press it was."""

    id: CommandId
    actor: ChatIdentity
    command: Command
