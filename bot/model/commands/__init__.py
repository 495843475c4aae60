"""What a person may ask the desk to do, each with the fields it needs and the role it takes.

A command that comes from a card names the card's token and the revision the person saw; the
desk refuses it when the card has moved on, and says who moved it.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.model.commands.crisis import (
    DecideHeld,
    DropCrisis,
    EndCrisis,
    ProposeCrisis,
    RetireStatement,
    ReviseStatement,
    ScheduleUpdates,
    SendUpdate,
    StartCrisis,
    UseStatement,
    WriteStatement,
)
from bot.model.commands.items import (
    AbandonPublication,
    AnswerQuestion,
    Approve,
    ApproveEdited,
    AskColleague,
    AskRoute,
    BulkAct,
    ChangeLabels,
    ChangeNote,
    ConfirmPublished,
    Escalate,
    GiveTo,
    KeepPromise,
    KeepReply,
    LeavePast,
    LookAgain,
    MakePromise,
    Moderate,
    NoReplyNeeded,
    OnCard,
    OpenOne,
    PullOut,
    Redraft,
    Reopen,
    RetryPublication,
    SaveDraft,
    Snooze,
    StartEditing,
    Stop,
    StopBulk,
    StopEditing,
    Take,
    TakeOne,
    TurnPage,
    UseReply,
    UseTold,
    WithdrawQuestion,
    WriteNote,
)
from bot.model.commands.oncall import (
    Acknowledge,
    Assign,
    EscalateNow,
    ExpectPeak,
    Judge,
    Resolve,
    Silence,
    StandIn,
    TestPages,
)
from bot.model.commands.operating import (
    BeginPractice,
    DiscardWork,
    DropReply,
    GoAhead,
    GoLive,
    NotNow,
    Pause,
    RetryWork,
    SetTokenEnd,
    Shadow,
    Unpause,
    WatchOnly,
    WriteReply,
)
from bot.model.commands.pacing import SetDigest, SetQuiet
from bot.model.commands.posts import (
    AddPicture,
    CancelPost,
    ComposePost,
    EditPost,
    PictureRef,
    RequestChanges,
    VariantText,
)
from bot.model.commands.setting_up import (
    AddMember,
    ChangeRole,
    ComeBack,
    DisconnectAccount,
    DisconnectChat,
    EndShift,
    GoAway,
    GreetChannel,
    HandOver,
    InviteMember,
    JoinAccount,
    JoinChat,
    MakeKey,
    MakeLinkCode,
    SetUpChannel,
    StartShift,
    SuspendMember,
    TryAccount,
    TryChat,
    UseLinkCode,
    WriteToMe,
)
from bot.model.hold import HoldKind
from bot.model.ids import CommandId
from bot.model.member import ChatIdentity
from bot.model.moderation import ModerationAction
from bot.model.outcome import Outcome, OutcomeKind

__all__ = [
    "AbandonPublication",
    "Acknowledge",
    "AddMember",
    "AddPicture",
    "AnswerQuestion",
    "Approve",
    "ApproveEdited",
    "AskColleague",
    "AskRoute",
    "Assign",
    "BeginPractice",
    "BulkAct",
    "CancelPost",
    "ChangeLabels",
    "ChangeNote",
    "ChangeRole",
    "ComeBack",
    "Command",
    "ComposePost",
    "ConfirmPublished",
    "DecideHeld",
    "DiscardWork",
    "DisconnectAccount",
    "DisconnectChat",
    "DropCrisis",
    "DropReply",
    "EditPost",
    "EndCrisis",
    "EndShift",
    "Escalate",
    "EscalateNow",
    "ExpectPeak",
    "GiveTo",
    "GoAhead",
    "GoAway",
    "GoLive",
    "GreetChannel",
    "HandOver",
    "HoldKind",
    "InviteMember",
    "JoinAccount",
    "JoinChat",
    "Judge",
    "KeepPromise",
    "KeepReply",
    "LeavePast",
    "LookAgain",
    "MakeKey",
    "MakeLinkCode",
    "MakePromise",
    "Moderate",
    "ModerationAction",
    "NoReplyNeeded",
    "NotNow",
    "OnCard",
    "OpenOne",
    "Order",
    "Outcome",
    "OutcomeKind",
    "Pause",
    "PictureRef",
    "ProposeCrisis",
    "PullOut",
    "Redraft",
    "Reopen",
    "RequestChanges",
    "Resolve",
    "RetireStatement",
    "RetryPublication",
    "RetryWork",
    "ReviseStatement",
    "SaveDraft",
    "ScheduleUpdates",
    "SendUpdate",
    "SetDigest",
    "SetQuiet",
    "SetTokenEnd",
    "SetUpChannel",
    "Shadow",
    "Silence",
    "Snooze",
    "StandIn",
    "StartCrisis",
    "StartEditing",
    "StartShift",
    "Stop",
    "StopBulk",
    "StopEditing",
    "SuspendMember",
    "Take",
    "TakeOne",
    "TestPages",
    "TryAccount",
    "TryChat",
    "TurnPage",
    "Unpause",
    "UseLinkCode",
    "UseReply",
    "UseStatement",
    "UseTold",
    "VariantText",
    "WatchOnly",
    "WithdrawQuestion",
    "WriteNote",
    "WriteReply",
    "WriteStatement",
    "WriteToMe",
]

Command = (
    Approve
    | ApproveEdited
    | SaveDraft
    | StartEditing
    | StopEditing
    | Redraft
    | UseReply
    | UseTold
    | KeepReply
    | NoReplyNeeded
    | Reopen
    | Take
    | GiveTo
    | Escalate
    | AskColleague
    | AskRoute
    | AnswerQuestion
    | WithdrawQuestion
    | WriteNote
    | ChangeLabels
    | ChangeNote
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
    | LeavePast
    | Acknowledge
    | Silence
    | EscalateNow
    | Resolve
    | Judge
    | Assign
    | StandIn
    | TestPages
    | ExpectPeak
    | ProposeCrisis
    | GoAhead
    | NotNow
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
    | Shadow
    | SetTokenEnd
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
    | GoAway
    | ComeBack
    | StartShift
    | HandOver
    | MakePromise
    | KeepPromise
    | TakeOne
    | OpenOne
    | EndShift
    | SetDigest
    | SetQuiet
    | WriteReply
    | DropReply
    | MakeLinkCode
    | UseLinkCode
    | WriteToMe
)


@dataclass(frozen=True, slots=True)
class Order:
    """A command with who gave it and which press it was."""

    id: CommandId
    actor: ChatIdentity
    command: Command
