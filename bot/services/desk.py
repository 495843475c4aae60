"""The desk: every command of every front end comes through here, and nothing else decides.

`perform` is one operation: the press is looked up, the person, the card and its revision are
checked, the role is checked, the command is carried out, and the answer is remembered under the
press's id; then it commits. The same press again gets the same answer and changes nothing.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from enum import StrEnum
from typing import Any, TypeVar, cast

from bot.cards.kinds import TURN_BY_THEMSELVES, CardKind
from bot.cards.retold import retold
from bot.errors import ConnectorError
from bot.faults import FaultPoint, reach
from bot.metrics import Metrics
from bot.model import commands as c
from bot.model.commands import Command, OnCard, Order, Outcome, OutcomeKind
from bot.model.ids import CommandId, ItemId
from bot.model.member import ChatIdentity, Member
from bot.model.publication import Mention
from bot.model.text import storable
from bot.ports import Clock, ResolvesMentions
from bot.services import (
    absence,
    approvals,
    bulk,
    chat_joining,
    crises,
    duties,
    editing,
    first_day,
    greeting,
    handing_over,
    handling,
    held_posts,
    hold_changes,
    holding,
    incidents,
    inquiring,
    joining,
    labelling,
    landing,
    linking,
    member_pace,
    noting,
    operating,
    practice,
    promising,
    publication_orders,
    quiet,
    raising,
    refusals,
    risk_routes,
    rota,
    said_before,
    saved_replies,
    scheduling,
    stakeholder_updates,
    team,
)
from bot.services.deciding import (
    Deciding,
    DeskRules,
    refused,
    stale,
    stranger,
)
from bot.services.direct import write_to_me
from bot.services.leading import objection_to
from bot.services.lines import Lines
from bot.services.reading import Reading
from bot.services.sight import sees, sight_of, why_hidden
from bot.speech.speech import ENGLISH, speech_in
from bot.store.cards import CardRow, Press
from bot.store.store import Store
from bot.store.tx import Tx

ANSWER_WITHIN = 2.0
"""Seconds for a commit; a press that takes longer is not acknowledged."""

RESOLVE_WITHIN = 1.5
"""Seconds for looking up the people a text mentions; without an answer they stay plain text."""

OnCardAct = Callable[[Deciding, CardRow, Any], Outcome]
_ON_ITEM: Mapping[type[Command], OnCardAct] = {
    c.Approve: lambda d, card, _: approvals.approve(d, card),
    c.ApproveEdited: lambda d, card, command: approvals.approve(d, card, command.text),
    c.SaveDraft: lambda d, card, command: approvals.save_draft(d, card, command.text),
    c.NoReplyNeeded: lambda d, card, _: handling.no_reply_needed(d, card),
    c.Reopen: lambda d, card, _: handling.reopen(d, card),
    c.Take: lambda d, card, _: handling.take(d, card),
    c.GiveTo: lambda d, card, command: handling.give_to(d, card, command.member),
    c.AskColleague: inquiring.ask,
    c.AskRoute: risk_routes.consult,
    c.WriteNote: noting.write,
    c.ChangeLabels: labelling.change,
    c.ChangeNote: noting.change,
    c.MakePromise: lambda d, card, command: promising.make(d, card, command.text),
    c.KeepPromise: promising.keep,
    c.Escalate: lambda d, card, command: raising.escalate(d, card, command.reason),
    c.Snooze: handling.snooze,
    c.Redraft: handling.redraft,
    c.Moderate: lambda d, card, command: handling.moderate(d, card, command.action),
    c.UseStatement: holding.use,
    c.UseReply: lambda d, card, command: saved_replies.use(d, card, command.reply),
    c.UseTold: lambda d, card, command: said_before.use(d, card, command.item),
    c.KeepReply: lambda d, card, command: saved_replies.keep(d, card, command.name),
}
_ON_POST: Mapping[type[Command], OnCardAct] = {
    c.Approve: lambda d, card, _: scheduling.approve(d, card),
    c.EditPost: scheduling.edit,
    c.RequestChanges: lambda d, card, command: scheduling.request_changes(d, card, command.reason),
    c.CancelPost: lambda d, card, _: scheduling.cancel(d, card),
}
_ON_ANY: Mapping[type[Command], OnCardAct] = {
    c.Stop: lambda d, card, _: publication_orders.stop(d, card),
    c.RetryPublication: lambda d, card, _: publication_orders.retry(d, card),
    c.LookAgain: lambda d, card, _: publication_orders.look_again(d, card),
    c.ConfirmPublished: lambda d, card, command: publication_orders.confirm(
        d, card, command.permalink
    ),
    c.AbandonPublication: lambda d, card, _: publication_orders.abandon(d, card),
    c.StartEditing: lambda d, card, _: editing.start(d, card),
    c.StopEditing: lambda d, card, _: editing.stop(d, card),
}
_ON_PEAK: Mapping[type[Command], OnCardAct] = {
    c.BulkAct: bulk.begin,
    c.StopBulk: bulk.stop,
    c.TurnPage: quiet.turn_page,
    c.PullOut: quiet.pull_out,
    c.LeavePast: lambda d, card, _: first_day.not_now(d, card),
    c.TakeOne: handing_over.take_one,
    c.OpenOne: handing_over.open_one,
    c.KeepPromise: promising.keep,
}
_ON_INCIDENT: Mapping[type[Command], OnCardAct] = {
    c.Acknowledge: lambda d, card, _: incidents.acknowledge(d, card),
    c.Take: lambda d, card, _: incidents.take(d, card),
    c.GiveTo: lambda d, card, command: incidents.give_to(d, card, command.member),
    c.Silence: lambda d, card, command: incidents.silence(d, card, command.until),
    c.EscalateNow: lambda d, card, _: incidents.escalate_now(d, card),
    c.Resolve: lambda d, card, _: incidents.resolve(d, card),
    c.Judge: lambda d, card, command: incidents.judge(d, card, command.verdict),
    c.Assign: incidents.assign,
}
_ON_CRISIS: Mapping[type[Command], OnCardAct] = {
    c.StartCrisis: lambda d, card, _: crises.start(d, card),
    c.DropCrisis: lambda d, card, _: crises.drop(d, card),
    c.Take: lambda d, card, _: crises.take(d, card),
    c.GiveTo: lambda d, card, command: crises.give_to(d, card, command.member),
    c.DecideHeld: held_posts.decide,
    c.SendUpdate: lambda d, card, command: stakeholder_updates.send(d, card, command.text),
}
_ON_HOLD: Mapping[type[Command], OnCardAct] = {
    c.GoAhead: lambda d, card, _: hold_changes.go_ahead(d, card),
    c.NotNow: lambda d, card, _: hold_changes.not_now(d, card),
    c.DecideHeld: held_posts.decide,
}
_ON_STATEMENT: Mapping[type[Command], OnCardAct] = {
    c.Approve: lambda d, card, _: holding.approve(d, card),
    c.ReviseStatement: lambda d, card, command: holding.revise(d, card, command.text),
    c.RetireStatement: lambda d, card, _: holding.retire(d, card),
}
_ON_UPDATE: Mapping[type[Command], OnCardAct] = {
    c.SendUpdate: lambda d, card, command: stakeholder_updates.send(d, card, command.text),
}
_ON_QUESTION: Mapping[type[Command], OnCardAct] = {
    c.AnswerQuestion: lambda d, card, command: inquiring.answer(d, card, command.text),
    c.WithdrawQuestion: lambda d, card, _: inquiring.withdraw(d, card),
}
_OWN: Mapping[CardKind, Mapping[type[Command], OnCardAct]] = {
    CardKind.ITEM: _ON_ITEM,
    CardKind.POST: _ON_POST,
    CardKind.PEAK: _ON_PEAK,
    CardKind.INCIDENT: _ON_INCIDENT,
    CardKind.CRISIS: _ON_CRISIS,
    CardKind.HOLD: _ON_HOLD,
    CardKind.STATEMENT: _ON_STATEMENT,
    CardKind.UPDATE: _ON_UPDATE,
    CardKind.QUESTION: _ON_QUESTION,
}
_ALONE: Mapping[type[Command], Callable[[Deciding, Any], Outcome]] = {
    c.ComposePost: scheduling.compose,
    c.Pause: operating.pause,
    c.Unpause: operating.unpause,
    c.GoLive: lambda d, command: operating.go_live(d, command.account),
    c.WatchOnly: lambda d, command: operating.watch_only(d, command.account),
    c.Shadow: lambda d, command: operating.shadow(d, command.account),
    c.RetryWork: lambda d, command: operating.retry_work(d, command.due_id),
    c.DiscardWork: lambda d, command: operating.discard_work(d, command.due_id),
    c.AddPicture: operating.add_picture,
    c.SetUpChannel: landing.set_up,
    c.SetTokenEnd: joining.set_token_end,
    c.TryAccount: joining.may_try,
    c.JoinAccount: joining.join,
    c.DisconnectAccount: lambda d, command: joining.disconnect(d, command.account),
    c.TryChat: lambda d, command: chat_joining.may_try(d, command.chat),
    c.JoinChat: chat_joining.join,
    c.DisconnectChat: lambda d, command: chat_joining.disconnect(d, command.chat),
    c.MakeKey: lambda d, _: joining.key_made(d),
    c.WriteToMe: write_to_me,
    c.GreetChannel: greeting.may_greet,
    c.AddMember: team.add,
    c.ChangeRole: team.change_role,
    c.SuspendMember: lambda d, command: team.suspend(d, command.member),
    c.InviteMember: lambda d, command: team.invite(d, command.member),
    c.BeginPractice: practice.begin,
    c.GoAway: lambda d, command: absence.go_away(d, command.until),
    c.ComeBack: lambda d, _: absence.come_back(d),
    c.StartShift: lambda d, _: duties.start(d),
    c.EndShift: lambda d, _: duties.end(d),
    c.SetDigest: member_pace.set_digest,
    c.SetQuiet: member_pace.set_quiet,
    c.HandOver: handing_over.ask_for,
    c.WriteReply: saved_replies.write,
    c.DropReply: lambda d, command: saved_replies.drop(d, command.reply),
    c.StandIn: rota.stand_in,
    c.TestPages: lambda d, _: rota.test_pages(d),
    c.ExpectPeak: rota.expect_peak,
    c.ProposeCrisis: crises.propose,
    c.EndCrisis: crises.end,
    c.WriteStatement: holding.write,
    c.ScheduleUpdates: stakeholder_updates.schedule,
    c.MakeLinkCode: lambda d, _: linking.make_code(d),
}


@dataclass(frozen=True, slots=True)
class Weighed:
    """An order with what had to be asked of a network before it can be decided."""

    order: Order
    mentions: tuple[Mention, ...] = ()


class TheDesk(Reading):
    """Implements the `Desk` port: orders here, views in `Reading`."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        lines: Lines,
        rules: DeskRules,
        drafter: str,
        metrics: Metrics,
        troubles: Callable[[], tuple[str, ...]] = lambda: (),
    ) -> None:
        super().__init__(store, clock, lines, rules, drafter, troubles)
        self._metrics = metrics

    async def perform(self, order: Order) -> Outcome:
        _reach(FaultPoint.APPROVE_RECEIVED, order)
        order = replace(order, command=storable_words(order.command))
        weighed = Weighed(order, await self._mentions(order.command))
        outcome = await self._store.write(self.carry_out, weighed, timeout=ANSWER_WITHIN)
        _reach(FaultPoint.APPROVE_COMMITTED, order)
        if isinstance(order.command, _CRISIS):
            reach(FaultPoint.CRISIS_COMMITTED)
        self._metrics.command_given(type(order.command).__name__, outcome.kind.value)
        return outcome

    async def who(self, identity: ChatIdentity) -> Member | None:
        return await self._store.read(lambda tx: tx.people.who(identity))

    async def _mentions(self, command: Command) -> tuple[Mention, ...]:
        """The people that new words name; a network that does not answer leaves them plain."""
        if not isinstance(command, c.ApproveEdited | c.SaveDraft) or "@" not in command.text:
            return ()
        line = await self._store.read(lambda tx: self._line_of(tx, command))
        if not isinstance(line, ResolvesMentions):
            return ()
        try:
            async with asyncio.timeout(RESOLVE_WITHIN):
                return await line.resolve(command.text)
        except (ConnectorError, TimeoutError):
            return ()

    def _line_of(self, tx: Tx, command: OnCard) -> object:
        card = tx.cards.by_token(command.token)
        if card is None or card.kind is not CardKind.ITEM:
            return None
        return self._lines.of(tx.items.get(ItemId(card.subject_id)).account_id)

    def carry_out(self, tx: Tx, weighed: Sequence[Weighed]) -> list[Outcome]:
        """The operation behind every press."""
        return [self._carry_out_one(tx, one) for one in weighed]

    def _carry_out_one(self, tx: Tx, weighed: Weighed) -> Outcome:
        order, card = weighed.order, None
        if isinstance(order.command, OnCard):
            # Two people at once on one card: the second one sees what the first one did.
            card = tx.cards.lock(order.command.token)
        press = Press(press_id(order), order.actor, fingerprint(order), tx.now())
        before = None if tx.cards.claim_press(press) else tx.cards.answered(press)
        if before is not None:
            return before
        outcome = self._decide(tx, weighed, card)
        if not outcome.is_done:
            refusals.write_down(tx, order, outcome)
        tx.cards.remember(press, outcome)
        return outcome

    def _decide(self, tx: Tx, weighed: Weighed, card: CardRow | None) -> Outcome:
        order = weighed.order
        member = tx.people.who(order.actor)
        if isinstance(order.command, c.UseLinkCode):
            outcome = linking.use_code(tx, order.actor, order.command.code)
            speech = ENGLISH if member is None else speech_in(member.tongue.language)
            return replace(outcome, says=retold(speech, outcome.says))
        if member is None:
            return stranger(tx)
        deciding = Deciding(
            tx, member, order.actor, tx.now(), self._lines, self._rules, weighed.mentions
        )
        outcome = _decided(deciding, card, order.command)
        if outcome.is_done and isinstance(order.command, _CRISIS):
            reach(FaultPoint.CRISIS_DECIDED)
        return replace(outcome, says=retold(deciding.speech, outcome.says))


def _decided(deciding: Deciding, card: CardRow | None, command: Command) -> Outcome:
    objection = objection_to(deciding, type(command))
    if objection is not None:
        return objection
    if not isinstance(command, OnCard):
        return _ALONE[type(command)](deciding, command)
    return _on_card(deciding, card, command)


def _reach(point: FaultPoint, order: Order) -> None:
    """Of all presses the delicate ones are those that let something leave."""
    if isinstance(order.command, c.Approve | c.ApproveEdited):
        reach(point)


def _on_card(deciding: Deciding, card: CardRow | None, command: OnCard) -> Outcome:
    if card is None or card.brand_id != deciding.member.brand_id:
        return Outcome(OutcomeKind.MISSING, "There is no such card any more. Look at the queue.")
    if not sees(deciding.tx, sight_of(deciding.tx, deciding.member), card):
        return refused(why_hidden(deciding.tx, deciding.member))
    if _may_be_late(card, command) and card.revision != command.revision:
        return stale(deciding, card)
    own = _OWN.get(card.kind, {})
    act = own.get(type(command)) or _ON_ANY.get(type(command))  # type: ignore[arg-type]
    if act is None:
        return refused("That button does not belong to this card. Load the page again.")
    return act(deciding, card, command)


def _may_be_late(card: CardRow, command: OnCard) -> bool:
    """A note decides nothing, and labels add up: both are as good on the card's next revision."""
    return card.kind not in TURN_BY_THEMSELVES and not isinstance(command, _NEVER_LATE)


_NEVER_LATE = (c.WriteNote, c.ChangeNote, c.ChangeLabels)
_CRISIS = (c.StartCrisis, c.EndCrisis)
_MEANT_EACH_TIME = (
    c.StartEditing, c.StopEditing, c.Acknowledge, c.Silence, c.EscalateNow, c.Resolve, c.Judge,
    c.Assign, c.ChangeNote, c.ChangeLabels,
)  # fmt: skip
T = TypeVar("T")


def storable_words(value: T) -> T:
    """The same with every text in it fit to be stored; what a person pastes may be anything."""
    if isinstance(value, str) and not isinstance(value, StrEnum):
        return cast(T, storable(value))
    if isinstance(value, tuple):
        return cast(T, tuple(storable_words(one) for one in value))
    if is_dataclass(value) and not isinstance(value, type):
        clean = {one.name: storable_words(getattr(value, one.name)) for one in fields(value)}
        return replace(value, **clean)
    return value


def press_id(order: Order) -> CommandId:
    """Hex, of the person too: who learns another's press learns nothing of its answer."""
    words = f"{order.actor.chat}\n{order.actor.user}\n{order.id}"
    return CommandId(hashlib.sha256(words.encode("utf-8", "replace")).hexdigest())


def fingerprint(order: Order) -> str:
    """Person, card, revision and command as hex: equal for a second press of the same thing.

    A command that names no card is its own: composing twice is meant twice, and so are editing
    and whatever is done to an incident, which may fire again under an old button.
    """
    if not isinstance(order.command, OnCard) or isinstance(order.command, _MEANT_EACH_TIME):
        return hashlib.sha256(order.id.encode()).hexdigest()
    words = f"{order.actor.chat}\n{order.actor.user}\n{order.command!r}"
    return hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()
