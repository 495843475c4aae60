"""The team, and a few who are not of it: what each saw, what each pressed, what each was told.

People press on a card as they saw it, at once or much later, once or several times. Whoever
settles a doubt is honest: looks at the network first, and says what stands there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from sqlalchemy import text

from bot.cards.card import Card, CardKind, Untrusted
from bot.model import commands as c
from bot.model.commands import Command, ModerationAction, Order, Outcome, OutcomeKind
from bot.model.ids import HOUR, CardToken, CommandId, ItemId, Moment, PostId, RemoteId
from bot.model.member import ChatIdentity
from bot.store.tx import Tx
from tests.chaos.model.book import Broken, Grant
from tests.chaos.model.process import Process
from tests.chaos.model.world import World

RANK = {"mallory": -1, "vic": 0, "olga": 1, "bob": 2, "eve": 2, "alice": 3, "ada": 4}
"""Mallory is no member."""
PEOPLE = tuple(RANK)
APPROVERS = ("bob", "eve", "alice")
AGENT, APPROVER, MANAGER = 1, 2, 3
WORDS = ("Sorry! It is on its way.", "Please tell us your order number.", "Thank you.")


class Act(StrEnum):
    """What can be pressed on a card; not every card offers it."""

    APPROVE = "approve"
    EDIT = "edit"
    SAVE = "save"
    NO_REPLY = "no_reply"
    REOPEN = "reopen"
    STOP = "stop"
    RETRY = "retry"
    LOOK = "look"
    CONFIRM = "confirm"
    ABANDON = "abandon"
    TAKE = "take"
    SNOOZE = "snooze"
    REDRAFT = "redraft"
    SPAM = "spam"
    DELETE = "delete"
    DELETE_OWN = "delete_own"
    REQUEST = "request"
    CANCEL_POST = "cancel_post"


LEAST: Mapping[Act, int] = {
    Act.RETRY: APPROVER,
    Act.ABANDON: APPROVER,
    Act.CONFIRM: MANAGER,
    Act.SPAM: APPROVER,
    Act.DELETE: APPROVER,
    Act.DELETE_OWN: APPROVER,
    Act.REQUEST: MANAGER,
}
"""The least rank; an agent may do the rest."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A card as somebody saw it. `answers` and `words` are what it showed."""

    card: Card
    account: str
    target: RemoteId | None
    answers: str
    words: tuple[str, ...]

    @property
    def key(self) -> tuple[str, int]:
        return self.card.key, self.card.revision


@dataclass(frozen=True, slots=True)
class Pressed:
    order: Order
    told: Outcome
    at: Moment


@dataclass(slots=True)
class Team:
    world: World
    needed: int
    undo: int
    """Milliseconds."""
    tokens: list[CardToken] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    pressed: list[Pressed] = field(default_factory=list)
    last: dict[str, tuple[int, str]] = field(default_factory=dict)
    """By card: the revision that a person's decision made, and whose decision it was."""
    _numbers: int = 0

    # Looking

    async def look(self, process: Process, token: CardToken) -> Seen:
        """The card as it stands now."""
        card = await process.card(token)
        account, target, answers = await process.read(lambda tx: _subject(tx, process, card))
        quoted = tuple(span.text for span in card.quote if isinstance(span, Untrusted))
        if card.kind is CardKind.POST:
            seen = Seen(card, account, None, "", quoted)
        else:
            words = (card.draft.text,) if card.draft is not None else ()
            seen = Seen(card, account, target, quoted[0], words)
            if seen.answers != answers:
                raise Broken(f"the card shows {seen.answers!r} and the comment reads {answers!r}")
        self.seen.append(seen)
        return seen

    # Pressing

    async def press(self, process: Process, who: str, seen: Seen, act: Act, words: str) -> Outcome:
        """Press a button of a card as it was seen, and judge what is said."""
        command = self._command(seen.card, act, words)
        outcome = await self.order(process, who, command, seen)
        if outcome.is_done:
            await self._note(process, who, seen, act, words, outcome)
        return outcome

    async def order(
        self, process: Process, who: str, command: Command, seen: Seen | None = None
    ) -> Outcome:
        self._numbers += 1
        order = Order(CommandId(f"p{self._numbers}"), ChatIdentity("console", who), command)
        before = await process.read(_everything_decided)
        revision = 0 if seen is None else await self._revision(process, seen.card.key)
        outcome = await process.desk.perform(order)
        after = await process.read(_everything_decided)
        earlier = self._earlier(order)
        if earlier is not None:
            if outcome != earlier.told or after != before:
                raise Broken(f"{order} was pressed before, and now is told {outcome}")
            return replace(outcome, kind=OutcomeKind.REFUSED)
        if not outcome.is_done and after != before:
            raise Broken(f"{order} was told {outcome}, and something changed")
        if seen is not None and revision != seen.card.revision:
            self._judge_late(order, seen, revision, outcome)
        if RANK[who] < AGENT and outcome.is_done:
            raise Broken(f"{who} may not {command}, and was told {outcome}")
        self.pressed.append(Pressed(order, outcome, self.world.clock.now()))
        if outcome.is_done and seen is not None:
            self.last[seen.card.key] = (await self._revision(process, seen.card.key), who)
        return outcome

    def _earlier(self, order: Order) -> Pressed | None:
        """The same person's same press of the same thing, which was done."""
        if not isinstance(order.command, c.OnCard):
            return None
        for one in self.pressed:
            same = (one.order.actor, one.order.command) == (order.actor, order.command)
            if same and one.told.is_done:
                return one
        return None

    def _judge_late(self, order: Order, seen: Seen, revision: int, outcome: Outcome) -> None:
        """Whoever comes too late changes nothing, and is told who was faster."""
        if outcome.is_done:
            raise Broken(f"{order} on revision {seen.card.revision} was done at {revision}")
        last, winner = self.last.get(seen.card.key, (0, ""))
        is_told = winner.title() in outcome.says
        if outcome.kind is OutcomeKind.STALE and last == revision and not is_told:
            raise Broken(f"{winner} was faster, and {order.actor} is told {outcome.says!r}")

    async def replay(self, process: Process, pressed: Pressed) -> None:
        """The chat delivers the same press once more."""
        before = await process.read(_everything_decided)
        outcome = await process.desk.perform(pressed.order)
        after = await process.read(_everything_decided)
        if outcome != pressed.told or after != before:
            raise Broken(f"{pressed} came again, and was told {outcome}")

    async def _revision(self, process: Process, token: str) -> int:
        card = await process.read(lambda tx: tx.cards.by_token(CardToken(token)))
        assert card is not None
        return card.revision

    # What a decision means

    async def _note(
        self, process: Process, who: str, seen: Seen, act: Act, words: str, told: Outcome
    ) -> None:
        if RANK[who] < LEAST.get(act, AGENT):
            raise Broken(f"{who} may not {act}, and was told {told}")
        book, token = self.world.book, seen.card.key
        match act:
            case Act.APPROVE | Act.EDIT:
                self._approved(who, seen, (words,) if act is Act.EDIT else seen.words, told)
            case Act.STOP | Act.ABANDON | Act.CANCEL_POST:
                book.end(token, f"{act} by {who}")
            case Act.SAVE:
                book.excuse(token, "another version was saved")
            case Act.NO_REPLY | Act.SPAM | Act.DELETE:
                book.excuse(token, f"{act} by {who}")
                if act is not Act.NO_REPLY:
                    book.doomed.add(token)
            case Act.RETRY:
                for grant in book.of(token):
                    grant.expires = None
                    grant.not_before = self.world.clock.now()
            case _:
                pass

    def _approved(self, who: str, seen: Seen, words: tuple[str, ...], told: Outcome) -> None:
        """A yes to a reply."""
        if seen.card.kind is CardKind.POST:
            return
        book = self.world.book
        leaves = Moment(self.world.clock.now() + self.undo)
        grant = Grant(seen.card.key, seen.account, seen.target, seen.answers, words[0], leaves)
        if RANK[who] < APPROVER:
            if not told.says.startswith("Asked for approval."):
                raise Broken(f"{who} cannot approve, and was told {told}")
            return
        book.yes(grant, who)
        if told.says.startswith("Publishing"):
            book.goes_out(grant, self.needed)
            network = self.world.networks[seen.account]
            if seen.target is not None and not network.reads(seen.target, seen.answers):
                grant.excused = "the network has not told yet what changed there"

    def _command(self, card: Card, act: Act, words: str) -> Command:
        token, revision = CardToken(card.key), card.revision
        simple = _SIMPLE.get(act)
        if simple is not None:
            return simple(token, revision)
        match act:
            case Act.EDIT:
                return c.ApproveEdited(token, revision, words)
            case Act.SAVE:
                return c.SaveDraft(token, revision, words)
            case Act.SNOOZE:
                return c.Snooze(token, revision, Moment(self.world.clock.now() + HOUR))
            case Act.REDRAFT:
                return c.Redraft(token, revision, f" {words}")
            case Act.REQUEST:
                return c.RequestChanges(token, revision, words)
            case _:
                return c.Moderate(token, revision, ModerationAction(act.value))

    # An honest look at the network

    def stands(self, seen: Seen) -> bool:
        """Whether a text of ours that the desk is not sure of stands there."""
        keys = {key for grant in self.world.book.of(seen.card.key) for key in grant.keys}
        network = self.world.networks[seen.account]
        return any(said.key in keys and not said.is_gone for said in network.said.values())


_SIMPLE: Mapping[Act, Callable[[CardToken, int], Command]] = {
    Act.APPROVE: c.Approve,
    Act.NO_REPLY: c.NoReplyNeeded,
    Act.REOPEN: c.Reopen,
    Act.STOP: c.Stop,
    Act.RETRY: c.RetryPublication,
    Act.LOOK: c.LookAgain,
    Act.CONFIRM: c.ConfirmPublished,
    Act.ABANDON: c.AbandonPublication,
    Act.TAKE: c.Take,
    Act.CANCEL_POST: c.CancelPost,
}


def _subject(tx: Tx, process: Process, card: Card) -> tuple[str, RemoteId | None, str]:
    if card.kind is CardKind.POST:
        post = tx.posts.get(PostId(card.number))
        return process.accounts[post.variants[0].account_id], None, ""
    item = tx.items.get(ItemId(card.number))
    return process.accounts[item.account_id], item.remote_id, item.text


def _everything_decided(tx: Tx) -> tuple[object, ...]:
    """Changes with everything that a press could change; that it was refused is no change."""
    return tuple(tx.connection.execute(_DECIDED).one())


_DECIDED = text(
    "SELECT (SELECT max(id) FROM event), "
    "(SELECT max(id) FROM audit WHERE action NOT IN ('refused', 'refusals_go_on')), "
    "(SELECT count(*) FROM approval WHERE NOT is_void), (SELECT count(*) FROM draft), "
    "(SELECT sum(revision) FROM card), (SELECT max(number) FROM seen_move), "
    "(SELECT count(*) FROM publication), (SELECT count(*) FROM hold), "
    "(SELECT max(id) FROM due), (SELECT sum(claim) FROM due)"
)
