"""The lines of one process to the networks, the chats and the drafter; a task is held on them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, TypeVar

from bot.cards.card import Card
from bot.cards.posting import Posting
from bot.errors import ConnectorError, Unavailable
from bot.model.channel import ChatAbilities, Place
from bot.model.commands import ModerationAction
from bot.model.draft import DraftOrigin, DraftProposal, DraftRequest
from bot.model.ids import MessageId, Moment, Monotonic, PostKey, RemoteId
from bot.model.network import Batch, Capabilities, Cursor, Identity, Leg, Watch
from bot.model.publication import OutgoingText, Prepared, Receipt, ReplyTarget, Staged
from tests.chaos.model.chat import TeamChat
from tests.chaos.model.public import PublicNetwork, capabilities
from tests.fakes.network import FakeNetwork

R = TypeVar("R")


class At(StrEnum):
    """Where a task can be held: around the first call that it makes."""

    BEFORE = "before"
    AFTER = "after"


class Passes(Protocol):
    """The process at this end of a line."""

    async def pass_by(self, at: At) -> None: ...

    async def judge_leaving(self, account: str, prepared: Prepared) -> None: ...


@dataclass(slots=True)
class Line:
    """A process's line to one network: Connector and Moderates."""

    process: Passes
    network: PublicNetwork
    prepares: FakeNetwork = field(init=False)

    def __post_init__(self) -> None:
        self.prepares = FakeNetwork(self.network.clock)

    @property
    def capabilities(self) -> Capabilities:
        return capabilities(self.network.kind)

    async def verify(self) -> Identity:
        return Identity(RemoteId(f"us-{self.network.slug}"), "@acme", "Acme")

    def prepare(self, text: OutgoingText) -> Prepared:
        return self.prepares.prepare(text)

    async def fetch(self, leg: Leg, since: Cursor | None, watch: Watch) -> Batch:
        await self.process.pass_by(At.BEFORE)
        page = self.network.page(since)
        await self.process.pass_by(At.AFTER)
        return page

    async def publish(
        self, prepared: Prepared, staged: Staged | None, deadline: Monotonic
    ) -> Receipt:
        await self.process.judge_leaving(self.network.slug, prepared)
        await self.process.pass_by(At.BEFORE)
        if self.network.clock.monotonic() > deadline:
            raise Unavailable("Too late to begin; nothing was sent.")
        answer = self.network.request(prepared)
        await self.process.pass_by(At.AFTER)
        return _heard(answer)

    async def find(self, prepared: Prepared) -> Receipt | None:
        await self.process.pass_by(At.BEFORE)
        answer = self.network.look(prepared)
        await self.process.pass_by(At.AFTER)
        return None if answer is None else _heard(answer)

    async def moderate(self, action: ModerationAction, target: ReplyTarget) -> None:
        await self.process.pass_by(At.BEFORE)
        if action in {ModerationAction.DELETE, ModerationAction.DELETE_OWN}:
            self.network.deletes(target.remote_id)
        await self.process.pass_by(At.AFTER)


@dataclass(slots=True)
class ChatLine:
    """A process's line to one chat: ChatFrontend."""

    process: Passes
    chat: TeamChat

    @property
    def abilities(self) -> ChatAbilities:
        return self.chat.abilities

    async def post(self, posting: Posting, deadline: Monotonic) -> MessageId:
        await self.process.pass_by(At.BEFORE)
        if self.chat.clock.monotonic() >= deadline:
            raise Unavailable("Too late to begin; nothing was sent.")
        answer = self.chat.post(posting)
        await self.process.pass_by(At.AFTER)
        return _heard(answer)

    async def redraw(self, place: Place, message: MessageId, card: Card) -> None:
        await self.process.pass_by(At.BEFORE)
        error = self.chat.redraw(message, card)
        await self.process.pass_by(At.AFTER)
        if error is not None:
            raise error

    async def find(self, key: PostKey, place: Place, since: Moment) -> MessageId | None:
        await self.process.pass_by(At.BEFORE)
        answer = self.chat.look(key, place)
        await self.process.pass_by(At.AFTER)
        return None if answer is None else _heard(answer)


def _heard(answer: R | ConnectorError) -> R:
    if isinstance(answer, ConnectorError):
        raise answer
    return answer


@dataclass(slots=True)
class Writer:
    """A drafter whose words show what they answer, and which try they are."""

    process: Passes
    says: str = "A writer."

    async def draft(self, request: DraftRequest) -> DraftProposal:
        await self.process.pass_by(At.BEFORE)
        again = " Once more." if request.previous else ""
        words = f"Sorry about: {request.text}{again}{request.instruction}"
        await self.process.pass_by(At.AFTER)
        return DraftProposal(words, DraftOrigin.TEMPLATE, "writer")
