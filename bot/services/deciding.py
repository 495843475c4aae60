"""Who may decide what: the role each command takes, and the private answers to everyone else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bot.cards.card import CardKind
from bot.cards.retold import retold
from bot.model import commands as c
from bot.model.approval import DEFAULT_POLICIES, ApprovalPolicy, ApprovalSubject, Policies
from bot.model.commands import Command, Outcome, OutcomeKind
from bot.model.duty import DutyPlans
from bot.model.event import Subject
from bot.model.goals import GoalPolicies
from bot.model.ids import DAY, HOUR, SECOND, Moment
from bot.model.item import Item, ItemState
from bot.model.member import ChatIdentity, Member, Role
from bot.model.oncall import OnCall
from bot.model.peak import PeakRule
from bot.model.publication import Mention
from bot.model.risk_route import RiskRoutes
from bot.model.signal import WatchRule
from bot.model.signature import Signing
from bot.services.language import undetermined
from bot.services.lines import Lines
from bot.services.policing import in_force
from bot.speech.speech import ENGLISH, Speech, marked, speech_in
from bot.store.cards import CardRow
from bot.store.tx import Tx

REQUIRED: Mapping[type[Command], Role] = {
    c.Approve: Role.AGENT,
    c.ApproveEdited: Role.AGENT,
    c.SaveDraft: Role.AGENT,
    c.StartEditing: Role.AGENT,
    c.StopEditing: Role.AGENT,
    c.Redraft: Role.AGENT,
    c.UseReply: Role.AGENT,
    c.UseTold: Role.AGENT,
    c.KeepReply: Role.MANAGER,
    c.NoReplyNeeded: Role.AGENT,
    c.Reopen: Role.AGENT,
    c.Take: Role.AGENT,
    c.GiveTo: Role.AGENT,
    c.Escalate: Role.AGENT,
    c.AskColleague: Role.AGENT,
    c.AskRoute: Role.AGENT,
    c.AnswerQuestion: Role.VIEWER,
    c.WithdrawQuestion: Role.AGENT,
    c.WriteNote: Role.VIEWER,
    c.ChangeLabels: Role.AGENT,
    c.ChangeNote: Role.VIEWER,
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
    c.BulkAct: Role.AGENT,
    c.StopBulk: Role.AGENT,
    c.TurnPage: Role.AGENT,
    c.PullOut: Role.AGENT,
    c.LeavePast: Role.AGENT,
    c.Acknowledge: Role.AGENT,
    c.Silence: Role.AGENT,
    c.EscalateNow: Role.AGENT,
    c.Resolve: Role.AGENT,
    c.Judge: Role.AGENT,
    c.Assign: Role.AGENT,
    c.StandIn: Role.AGENT,
    c.TestPages: Role.MANAGER,
    c.ExpectPeak: Role.MANAGER,
    c.ProposeCrisis: Role.MANAGER,
    c.StartCrisis: Role.MANAGER,
    c.DropCrisis: Role.MANAGER,
    c.EndCrisis: Role.MANAGER,
    c.DecideHeld: Role.MANAGER,
    c.WriteStatement: Role.AGENT,
    c.ReviseStatement: Role.AGENT,
    c.RetireStatement: Role.APPROVER,
    c.UseStatement: Role.AGENT,
    c.ScheduleUpdates: Role.MANAGER,
    c.SendUpdate: Role.APPROVER,
    c.Pause: Role.MANAGER,
    c.Unpause: Role.MANAGER,
    c.GoAhead: Role.MANAGER,
    c.NotNow: Role.MANAGER,
    c.GoLive: Role.ADMIN,
    c.WatchOnly: Role.ADMIN,
    c.Shadow: Role.ADMIN,
    c.SetTokenEnd: Role.ADMIN,
    c.RetryWork: Role.APPROVER,
    c.DiscardWork: Role.APPROVER,
    c.AddPicture: Role.AGENT,
    c.SetUpChannel: Role.ADMIN,
    c.TryAccount: Role.ADMIN,
    c.JoinAccount: Role.ADMIN,
    c.DisconnectAccount: Role.ADMIN,
    c.TryChat: Role.ADMIN,
    c.JoinChat: Role.ADMIN,
    c.DisconnectChat: Role.ADMIN,
    c.MakeKey: Role.ADMIN,
    c.WriteToMe: Role.APPROVER,
    c.GreetChannel: Role.ADMIN,
    c.AddMember: Role.ADMIN,
    c.ChangeRole: Role.ADMIN,
    c.SuspendMember: Role.ADMIN,
    c.InviteMember: Role.ADMIN,
    c.BeginPractice: Role.AGENT,
    c.GoAway: Role.AGENT,
    c.ComeBack: Role.AGENT,
    c.StartShift: Role.AGENT,
    c.EndShift: Role.AGENT,
    c.SetDigest: Role.VIEWER,
    c.SetQuiet: Role.VIEWER,
    c.HandOver: Role.AGENT,
    c.MakePromise: Role.AGENT,
    c.KeepPromise: Role.AGENT,
    c.TakeOne: Role.AGENT,
    c.OpenOne: Role.AGENT,
    c.WriteReply: Role.MANAGER,
    c.DropReply: Role.MANAGER,
    c.MakeLinkCode: Role.VIEWER,
    c.UseLinkCode: Role.VIEWER,
}
"""The least role; a few commands ask for more once they know what they are about."""

SUBJECT_OF: Mapping[CardKind, Subject] = {
    CardKind.ITEM: Subject.ITEM,
    CardKind.POST: Subject.POST,
    CardKind.ACCOUNT: Subject.ACCOUNT,
    CardKind.PEAK: Subject.PEAK,
    CardKind.INCIDENT: Subject.INCIDENT,
    CardKind.CRISIS: Subject.CRISIS,
    CardKind.HOLD: Subject.HOLD,
    CardKind.STATEMENT: Subject.STATEMENT,
    CardKind.UPDATE: Subject.UPDATE,
    CardKind.QUESTION: Subject.QUESTION,
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
    policies: Policies = field(default_factory=lambda: dict(DEFAULT_POLICIES))
    peaks: PeakRule = field(default_factory=PeakRule)
    oncall: OnCall = field(default_factory=OnCall)
    watch: WatchRule = field(default_factory=WatchRule)
    goals: GoalPolicies = field(default_factory=dict)
    """By when a reply is due, of each brand that says so."""
    duties: DutyPlans = field(default_factory=dict)
    """Who works when, and who gets what, of each brand that says so."""
    risk_routes: RiskRoutes = field(default_factory=dict)
    """Whom each risk is for, of each brand that says so."""
    remind_before: tuple[int, ...] = (DAY, 2 * HOUR)
    """Milliseconds before the time of a post at which its approvers are reminded."""
    stand_ins: Mapping[str, str] = field(default_factory=dict)
    """Who is asked in place of a member, by their slugs."""
    translates: bool = False
    """Whether there is a model that tells readers what they do not read."""
    language_of: Callable[[str], str] = undetermined
    """In which language a draft or a post is written (ISO 639-1), or `und`."""
    named_chats: frozenset[str] = frozenset()
    """Chats whose tokens are where the configuration says."""
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The labels of its own that a brand has, by its slug."""
    signing: Signing = field(default_factory=Signing)
    """Whose replies end with initials."""
    tell_audience: frozenset[str] = frozenset()
    """Chats that tell who reads each of their channels."""


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

    @property
    def speech(self) -> Speech:
        """What the member is answered in."""
        return speech_in(self.member.tongue.language)

    def policy(self, subject: ApprovalSubject) -> ApprovalPolicy:
        """As it is in force now: a crisis raises it."""
        return in_force(self.tx, self.member.brand_id, self.rules.policies)[subject]

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
    ItemState.NEW: marked("This is still being sorted. Try again in a moment."),
    ItemState.OPEN: marked("This is open and waits for an answer."),
    ItemState.QUIET: marked("This needs no reply, it seems; nobody has decided yet."),
    ItemState.MUTED: marked("This is from before the desk was connected; nobody has decided yet."),
    ItemState.ANSWERING: marked("A reply to this is on its way. Look at its card."),
    ItemState.ANSWERED: marked("This is answered already. Reopen it to answer again."),
    ItemState.CLOSED: marked("This is closed. Reopen it first."),
    ItemState.GONE: marked("This was deleted on the network, so there is nothing to do here."),
}


def stands_otherwise(item: Item) -> Outcome:
    """A refusal: how the item stands, and what can be done then."""
    return refused(_STANDS[item.state])


def names(members: list[Member], speech: Speech) -> str:
    """`Bob`, `Bob or Alice`, `Bob, Eve or Alice`; for refusals that say who can."""
    shown = [member.name for member in members[:4]]
    if not shown:
        return speech.say("nobody yet: an admin must give somebody that role")
    if len(shown) == 1:
        return shown[0]
    return speech.say("{names} or {last}", names=", ".join(shown[:-1]), last=shown[-1])


def who_can(deciding: Deciding, role: Role, *, but: Member | None = None) -> str:
    team = deciding.tx.people.of_brand(deciding.member.brand_id)
    return names([m for m in team if m.role.includes(role) and m != but], deciding.speech)


_TAKES = {
    Role.VIEWER: marked("Your role here is {role}; this takes a viewer. Ask {names}."),
    Role.AGENT: marked("Your role here is {role}; this takes an agent. Ask {names}."),
    Role.APPROVER: marked("Your role here is {role}; this takes an approver. Ask {names}."),
    Role.MANAGER: marked("Your role here is {role}; this takes a manager. Ask {names}."),
    Role.ADMIN: marked("Your role here is {role}; this takes an admin. Ask {names}."),
}
ROLES = (
    marked("viewer"),
    marked("agent"),
    marked("approver"),
    marked("manager"),
    marked("admin"),
)


def lacks_role(deciding: Deciding, role: Role) -> Outcome | None:
    """A refusal that says who can, or None when the member may."""
    says = why_not(deciding.tx, deciding.member, role)
    return refused(says) if says else None


def why_not(tx: Tx, member: Member, role: Role) -> str:
    """Which role it takes and who has it; empty for a member who may."""
    if member.role.includes(role):
        return ""
    speech = speech_in(member.tongue.language)
    able = [one for one in tx.people.of_brand(member.brand_id) if one.role.includes(role)]
    mine = speech.say(member.role.value)
    return speech.say(_TAKES[role], role=mine, names=names(able, speech))


def taker_of(deciding: Deciding, slug: str) -> Member | Outcome:
    """The member who is to be given work, or why they cannot be."""
    say = deciding.speech.say
    taker = deciding.tx.people.by_slug(deciding.member.brand_id, slug)
    if taker is None or not taker.is_active:
        says = say("There is no member called {name} on this desk.", name=repr(slug[:40]))
        return refused(says)
    if not taker.role.includes(Role.AGENT):
        return refused(say("{name} may only look, so cannot be given work.", name=taker.name))
    return taker


def stranger(tx: Tx) -> Outcome:
    """For a clicker whom the desk does not know: a viewer, told whom to ask."""
    admins = [
        member
        for brand in tx.accounts.brands()
        for member in tx.people.of_brand(brand.id)
        if member.role is Role.ADMIN
    ]
    says = "The desk does not know you yet. Ask {names} to add you to the team."
    return refused(ENGLISH.say(says, names=names(admins, ENGLISH)))


def stale(deciding: Deciding, card: CardRow) -> Outcome:
    """Somebody was faster: who did what, and how long ago."""
    speech = deciding.speech
    did = retold(speech, card.changed_how or "The desk changed this card")
    seconds = max(0, deciding.now - card.changed_at) // SECOND
    if card.changed_by is None:
        says = speech.say(
            "{did} {ago}. Nothing was changed; look at the card again.",
            did=did,
            ago=ago(seconds, speech),
        )
    else:
        says = speech.say(
            "{who} {did} {ago}. Nothing was changed; look at the card again.",
            who=deciding.tx.people.get(card.changed_by).name,
            did=did,
            ago=ago(seconds, speech),
        )
    return Outcome(OutcomeKind.STALE, says)


def ago(seconds: int, speech: Speech) -> str:
    """`12 s ago`, `4 min ago`, `3 h ago`."""
    if seconds < 90:
        return speech.say("{count} s ago", count=seconds)
    minutes = seconds // 60
    if minutes < 90:
        return speech.say("{count} min ago", count=minutes)
    return speech.say("{count} h ago", count=minutes // 60)
