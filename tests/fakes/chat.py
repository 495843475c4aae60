"""A team chat in memory that does what a test scripts; its messages are the judge.

Implements ChatFrontend and ReachesPeople. A call takes the next `ChatStep` scripted for its name:
it may act or not, and raise. Without one it just works.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace

from bot.cards.card import Card, MemberName, plain
from bot.cards.posting import Posting
from bot.errors import CannotTell, TargetGone, Unavailable
from bot.model.audience import Audience
from bot.model.channel import ChatAbilities, ChatRate, Place
from bot.model.ids import MessageId, Moment, Monotonic, PostKey
from bot.model.network import ReadBack
from bot.ports import Clock

CHAT = "fakechat"


@dataclass(slots=True)
class Message:
    """`looks` are all the cards that it ever showed, oldest first."""

    id: MessageId
    place: Place
    key: PostKey
    looks: list[Card]
    is_repeat: bool
    calls: str = ""
    """Whom it mentions, by the chat's own id of them."""
    notice: str = ""

    @property
    def card(self) -> Card:
        return self.looks[-1]


@dataclass(frozen=True, slots=True)
class ChatStep:
    """How one call goes: `before` is called, then it `acts`, then raises `error`."""

    acts: bool = True
    error: Exception | None = None
    before: Callable[[], None] = lambda: None


@dataclass(slots=True)
class FakeChat:
    clock: Clock
    read_back: ReadBack = ReadBack.SETTLES
    settle_seconds: float = 3.0
    posts: ChatRate | None = None
    urgent: ChatRate | None = None
    messages: list[Message] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    steps: dict[str, deque[ChatStep]] = field(default_factory=dict)
    audiences: dict[str, Audience] = field(default_factory=dict)
    """By the channel; one without is open."""

    @property
    def abilities(self) -> ChatAbilities:
        return ChatAbilities(
            "Fakechat", self.read_back, self.settle_seconds, posts=self.posts, urgent=self.urgent
        )

    async def audience(self, place: Place, people: Collection[str]) -> Audience:
        step = self._step("audience")
        if step.error is not None:
            raise step.error
        told = self.audiences.get(place.channel, Audience(is_open=True))
        return replace(told, inside=told.inside & frozenset(people))

    def script(self, call: str, *steps: ChatStep) -> None:
        self.steps.setdefault(call, deque()).extend(steps)

    def in_channel(self, channel: str) -> list[Message]:
        return [one for one in self.messages if one.place.channel == channel]

    async def post(self, posting: Posting, deadline: Monotonic) -> MessageId:
        step = self._step("post")
        if self.clock.monotonic() >= deadline:
            raise Unavailable("past the deadline")
        message = MessageId(f"m{len(self.calls)}")
        if step.acts:
            named = [one for one in posting.notice if isinstance(one, MemberName)]
            called = "".join(one.user_in(CHAT) or "" for one in named)
            self.messages.append(
                Message(
                    message,
                    posting.place,
                    posting.key,
                    [posting.card],
                    posting.is_repeat,
                    called,
                    plain(posting.notice),
                )
            )
        if step.error is not None:
            raise step.error
        return message

    async def redraw(self, place: Place, message: MessageId, card: Card) -> None:
        step = self._step("redraw")
        found = [one for one in self.messages if one.id == message and one.place == place]
        if not found:
            raise TargetGone("It was deleted.")
        if step.acts:
            found[0].looks.append(card)
        if step.error is not None:
            raise step.error

    async def find(self, key: PostKey, place: Place, since: Moment) -> MessageId | None:
        step = self._step("find")
        if self.read_back is ReadBack.NONE:
            raise CannotTell("This chat cannot be read back.")
        if step.error is not None:
            raise step.error
        found = [one.id for one in self.messages if one.key == key]
        return found[0] if found and step.acts else None

    async def direct(self, user: str) -> str:
        step = self._step("direct")
        if step.error is not None:
            raise step.error
        return f"D-{user}"

    def _step(self, call: str) -> ChatStep:
        self.calls.append(call)
        waiting = self.steps.get(call)
        step = waiting.popleft() if waiting else ChatStep()
        step.before()
        return step
