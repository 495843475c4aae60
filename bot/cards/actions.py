"""Button data: `<action>.<card token>.<revision>[.<argument>]`, at most 64 bytes.

It is parsed without the store and says nothing about the item; the desk resolves the token.
Sixty-four bytes is what a Telegram button can carry, the smallest of all front ends.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.model import commands
from bot.model.bulk import BulkVerb
from bot.model.draft import Tone
from bot.model.hold import HeldVerb
from bot.model.ids import HOUR, CardToken, Moment
from bot.model.incident import IncidentRole, Verdict
from bot.model.question import DueBy
from bot.model.triage import Risk

MAX_BYTES = 64
_SHAPE = re.compile(r"([a-z_]{2,16})\.([A-Za-z0-9]{12})\.(\d{1,9})(?:\.([A-Za-z0-9_-]{1,20}))?")


class ActionName(StrEnum):
    APPROVE = "approve"
    EDIT = "edit"
    SAVE = "save"
    CHANGE = "change"
    AGAIN = "again"
    REPLY = "reply"
    TOLD = "told"
    """Make the draft what somebody else was told."""
    KEEP = "keep"
    TONE = "tone"
    NO_REPLY = "no_reply"
    REOPEN = "reopen"
    TAKE = "take"
    GIVE = "give"
    QUESTION = "question"
    """Ask a colleague."""
    CONSULT = "consult"
    """Ask those whom a risk is for."""
    ANSWER = "answer"
    WITHDRAW = "withdraw"
    NOTE = "note"
    LABEL = "label"
    PROMISE = "promise"
    KEPT = "kept"
    TAKE_ONE = "take_one"
    """Of a hand-over; its argument is the item and who had it, `12-3`."""
    OPEN_ONE = "open_one"
    RAISE = "raise"
    """Escalate an item; `escalate` takes the next step of an incident."""
    SNOOZE = "snooze"
    MODERATE = "moderate"
    STOP = "stop"
    RETRY = "retry"
    LOOK = "look"
    CONFIRM = "confirm"
    ABANDON = "abandon"
    EDIT_POST = "edit_post"
    REQUEST = "request"
    CANCEL_POST = "cancel_post"
    BULK = "bulk"
    STOP_BULK = "stop_bulk"
    TURN = "turn"
    PULL = "pull"
    LEAVE = "leave"
    ACKNOWLEDGE = "acknowledge"
    SILENCE = "silence"
    ESCALATE = "escalate"
    RESOLVE = "resolve"
    JUDGE = "judge"
    COMMS = "comms"
    SCRIBE = "scribe"
    START_CRISIS = "start_crisis"
    DROP_CRISIS = "drop_crisis"
    GO_AHEAD = "go_ahead"
    NOT_NOW = "not_now"
    END_CRISIS = "end_crisis"
    HELD = "held"
    STATEMENT = "statement"
    REVISE = "revise"
    RETIRE = "retire"
    UPDATES = "updates"
    SEND_UPDATE = "send_update"


@dataclass(frozen=True, slots=True)
class ButtonData:
    action: ActionName
    token: CardToken
    revision: int
    argument: str = ""

    def encode(self) -> str:
        """The button's value; ValueError when it would not fit."""
        parts = [self.action.value, self.token, str(self.revision)]
        text = ".".join([*parts, self.argument] if self.argument else parts)
        if len(text.encode()) > MAX_BYTES or not _SHAPE.fullmatch(text):
            raise ValueError(f"button data does not fit: {text!r}")
        return text

    @classmethod
    def decode(cls, text: str) -> ButtonData:
        """ValueError when it is not button data of ours."""
        match = _SHAPE.fullmatch(text)
        if match is None or len(text.encode("utf-8", "replace")) > MAX_BYTES:
            raise ValueError("not a button of this desk")
        action, token, revision, argument = match.groups()
        return cls(ActionName(action), CardToken(token), int(revision), argument or "")


SNOOZES: Mapping[str, int] = {"1h": HOUR, "4h": 4 * HOUR, "1d": 24 * HOUR, "3d": 72 * HOUR}
"""What a snooze button's argument means, in milliseconds."""

EVERY: Mapping[str, int] = {"30m": HOUR // 2, "1h": HOUR, "2h": 2 * HOUR, "off": 0}
"""How often an update is due, in milliseconds, by what its button says."""

_Said = Callable[[CardToken, int, str], commands.Command]


def _asked(token: CardToken, revision: int, entry: str) -> commands.Command:
    """Whom, by when and what, a line for each of the first two."""
    to, due, text = entry.split("\n", 2)
    return commands.AskColleague(token, revision, to, DueBy(due), text)


def _labelled(token: CardToken, revision: int, entry: str) -> commands.Command:
    """One on each line or between commas: `-` takes a label off, `+` or nothing puts it on."""
    said = [one.strip() for one in re.split(r"[,\n]", entry)]
    put_on = tuple(one.removeprefix("+").strip() for one in said if not one.startswith("-"))
    taken_off = tuple(one.removeprefix("-").strip() for one in said if one.startswith("-"))
    return commands.ChangeLabels(
        token, revision, tuple(filter(None, put_on)), tuple(filter(None, taken_off))
    )


_SAID: Mapping[ActionName, _Said] = {
    ActionName.EDIT: commands.ApproveEdited,
    ActionName.SAVE: commands.SaveDraft,
    ActionName.CHANGE: commands.Redraft,
    ActionName.KEEP: commands.KeepReply,
    ActionName.CONFIRM: commands.ConfirmPublished,
    ActionName.RAISE: commands.Escalate,
    ActionName.QUESTION: _asked,
    ActionName.ANSWER: commands.AnswerQuestion,
    ActionName.NOTE: commands.WriteNote,
    ActionName.LABEL: _labelled,
    ActionName.PROMISE: commands.MakePromise,
    ActionName.REQUEST: commands.RequestChanges,
    ActionName.REVISE: commands.ReviseStatement,
    ActionName.SEND_UPDATE: commands.SendUpdate,
    ActionName.GIVE: commands.GiveTo,
    ActionName.COMMS: lambda token, revision, slug: commands.Assign(
        token, revision, IncidentRole.COMMS, slug
    ),
    ActionName.SCRIBE: lambda token, revision, slug: commands.Assign(
        token, revision, IncidentRole.SCRIBE, slug
    ),
}
"""Commands whose last field is what the person was asked for."""

_Simple = Callable[[CardToken, int], commands.Command]
_SIMPLE: Mapping[ActionName, _Simple] = {
    ActionName.APPROVE: commands.Approve,
    ActionName.AGAIN: commands.Redraft,
    ActionName.NO_REPLY: commands.NoReplyNeeded,
    ActionName.REOPEN: commands.Reopen,
    ActionName.LEAVE: commands.LeavePast,
    ActionName.TAKE: commands.Take,
    ActionName.STOP: commands.Stop,
    ActionName.RETRY: commands.RetryPublication,
    ActionName.LOOK: commands.LookAgain,
    ActionName.ABANDON: commands.AbandonPublication,
    ActionName.CANCEL_POST: commands.CancelPost,
    ActionName.ACKNOWLEDGE: commands.Acknowledge,
    ActionName.ESCALATE: commands.EscalateNow,
    ActionName.RESOLVE: commands.Resolve,
    ActionName.START_CRISIS: commands.StartCrisis,
    ActionName.DROP_CRISIS: commands.DropCrisis,
    ActionName.GO_AHEAD: commands.GoAhead,
    ActionName.NOT_NOW: commands.NotNow,
    ActionName.RETIRE: commands.RetireStatement,
    ActionName.WITHDRAW: commands.WithdrawQuestion,
}


_Numbered = Callable[[CardToken, int, int], commands.Command]
_NUMBERED: Mapping[ActionName, _Numbered] = {
    ActionName.STOP_BULK: commands.StopBulk,
    ActionName.TURN: commands.TurnPage,
    ActionName.PULL: commands.PullOut,
    ActionName.OPEN_ONE: commands.OpenOne,
    ActionName.KEPT: commands.KeepPromise,
    ActionName.STATEMENT: commands.UseStatement,
    ActionName.REPLY: commands.UseReply,
    ActionName.TOLD: commands.UseTold,
}
"""Commands whose last field is the number that the button carries."""


def _taken_over(token: CardToken, revision: int, argument: str) -> commands.Command:
    item, _, had_by = argument.partition("-")
    return commands.TakeOne(token, revision, int(item), int(had_by))


_CHOSEN: Mapping[ActionName, _Said] = {
    ActionName.JUDGE: lambda token, revision, verdict: commands.Judge(
        token, revision, Verdict(verdict)
    ),
    ActionName.END_CRISIS: lambda token, _revision, _argument: commands.EndCrisis(token),
    ActionName.CONSULT: lambda token, revision, risk: commands.AskRoute(
        token, revision, Risk(risk)
    ),
    ActionName.TAKE_ONE: _taken_over,
    ActionName.UPDATES: lambda _token, _revision, every: commands.ScheduleUpdates(EVERY[every]),
}
"""Commands that the button's argument completes."""


def to_command(data: ButtonData, *, now: Moment, entry: str = "") -> commands.Command:
    """The typed command that a press means; `entry` is what the front end asked the person for.

    Raises ValueError for an argument or entry that means nothing.
    """
    token, revision = data.token, data.revision
    simple = _SIMPLE.get(data.action)
    if simple is not None:
        return simple(token, revision)
    said = _SAID.get(data.action)
    if said is not None:
        return said(token, revision, entry)
    numbered = _NUMBERED.get(data.action)
    if numbered is not None:
        return numbered(token, revision, int(data.argument))
    chosen = _CHOSEN.get(data.action)
    if chosen is not None:
        return chosen(token, revision, data.argument)
    match data.action:
        case ActionName.TONE:
            return commands.Redraft(token, revision, tone=Tone(data.argument))
        case ActionName.SNOOZE:
            return commands.Snooze(token, revision, _ahead(now, data.argument))
        case ActionName.SILENCE:
            return commands.Silence(token, revision, _ahead(now, data.argument))
        case ActionName.MODERATE:
            action = commands.ModerationAction(data.argument)
            return commands.Moderate(token, revision, action)
        case ActionName.HELD:
            verb, _, post = data.argument.partition("-")
            return commands.DecideHeld(token, revision, int(post), HeldVerb(verb), entry)
        case ActionName.BULK:
            verb, _, cluster = data.argument.partition("-")
            return commands.BulkAct(token, revision, BulkVerb(verb), cluster, entry)
        case _:
            raise ValueError(f"{data.action} is not pressed on a card")


def _ahead(now: Moment, argument: str) -> Moment:
    if argument not in SNOOZES:
        raise ValueError(f"no such time: {argument}")
    return Moment(now + SNOOZES[argument])
