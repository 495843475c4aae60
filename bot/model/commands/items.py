"""What is done to an item from its card, and to many at once."""

from __future__ import annotations

from dataclasses import dataclass

from bot.model.bulk import BulkVerb
from bot.model.draft import Tone
from bot.model.ids import CardToken, Moment
from bot.model.moderation import ModerationAction
from bot.model.question import DueBy
from bot.model.triage import Risk


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
class UseReply(OnCard):
    """A saved reply becomes the next draft, with its slots filled."""

    reply: int


@dataclass(frozen=True, slots=True)
class UseTold(OnCard):
    """What another item was answered becomes the next draft."""

    item: int


@dataclass(frozen=True, slots=True)
class KeepReply(OnCard):
    """The draft that is shown becomes a saved reply of this name, in the comment's language."""

    name: str


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
class AskColleague(OnCard):
    """`to` is the slug of a member."""

    to: str
    due: DueBy
    text: str


@dataclass(frozen=True, slots=True)
class AskRoute(OnCard):
    """Ask those whom the team named for a risk that the item carries what may be said to it."""

    risk: Risk


@dataclass(frozen=True, slots=True)
class AnswerQuestion(OnCard):
    """A private note, and something that the drafter knows; never a reply."""

    text: str


@dataclass(frozen=True, slots=True)
class WithdrawQuestion(OnCard):
    pass


@dataclass(frozen=True, slots=True)
class WriteNote(OnCard):
    """What the team says about it to itself; never a reply.

    `origin` is channel and message, with a colon between them, of words written below the card.
    """

    text: str
    origin: str = ""


@dataclass(frozen=True, slots=True)
class ChangeNote(OnCard):
    """Whoever wrote a message below the card gave it other words; none takes the note back."""

    text: str
    origin: str


@dataclass(frozen=True, slots=True)
class ChangeLabels(OnCard):
    """What it is about, by a person; what is named neither way stays as it is.

    Words of triage or of the team's own, in English or the member's language, whatever their case.
    """

    put_on: tuple[str, ...]
    taken_off: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MakePromise(OnCard):
    """`text` says in one line what was promised, and by when."""

    text: str


@dataclass(frozen=True, slots=True)
class KeepPromise(OnCard):
    """It is done; from the card of its item, or from that of a hand-over."""

    promise: int


@dataclass(frozen=True, slots=True)
class TakeOne(OnCard):
    """Take over one line of a hand-over. `had_by` is who had it on the card: a member, or 0."""

    item: int
    had_by: int


@dataclass(frozen=True, slots=True)
class OpenOne(OnCard):
    """The card of one line of a hand-over comes to its channel."""

    item: int


@dataclass(frozen=True, slots=True)
class Escalate(OnCard):
    """Whoever is on call is to look at this now, else the managers."""

    reason: str = ""


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
class BulkAct(OnCard):
    """Do the same to all undecided items of a cluster of a peak.

    `text` is the answer, or the slug of the member to whom they are given.
    """

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
class LeavePast(OnCard):
    """What a new account brought from before stays silent."""


@dataclass(frozen=True, slots=True)
class StopBulk(OnCard):
    bulk: int
