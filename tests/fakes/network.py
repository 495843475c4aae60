"""A network in memory that does what a test scripts; its visible texts are the judge.

Implements Connector, Stages, ResolvesMentions, Moderates and ReceivesWebhooks. A call takes the
next `Step` scripted for its name: it may act or not, wait, and raise. Without one it just works.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bot.errors import Rejected, SignatureInvalid, Unavailable
from bot.model.commands import ModerationAction
from bot.model.draft import normalised
from bot.model.engagement import Reactions
from bot.model.hook import HookDelivery, HookReading, HookRequest
from bot.model.ids import Moment, Monotonic, NetworkName, RemoteId
from bot.model.network import (
    Batch,
    Capabilities,
    Capability,
    Cursor,
    Identity,
    Leg,
    Observation,
    ReadBack,
    Watch,
)
from bot.model.publication import (
    LengthReport,
    Mention,
    OutgoingText,
    Prepared,
    Receipt,
    ReplyTarget,
    Staged,
)
from bot.ports import Clock

LIMIT = 500
US = RemoteId("us")
WE = Identity(US, "@acme", "Acme")
NETWORK = NetworkName("fakebook")
CAPABILITIES = Capabilities(
    network=NETWORK,
    title="Fakebook",
    can=frozenset(Capability),
    cannot={},
    legs={Leg("comments"): 30},
    read_back=ReadBack.SETTLES,
    settle_seconds=5.0,
)


@dataclass(frozen=True, slots=True)
class Visible:
    """One text of ours that everybody can read."""

    remote_id: RemoteId
    target: RemoteId | None
    text: str
    key: str


@dataclass(frozen=True, slots=True)
class Step:
    """How one call goes: `acts`, then waits for `gate`, then raises `error`.

    `before` is called first; `answer` replaces what would be returned.
    """

    error: BaseException | None = None
    acts: bool = False
    gate: asyncio.Event | None = None
    reached: asyncio.Event | None = None
    """Set when the call waits at its gate."""
    before: Callable[[], object] | None = None
    answer: Any = None


def lost_answer(error: BaseException, *, acted: bool) -> Step:
    return Step(error=error, acts=acted)


@dataclass
class FakeNetwork:
    """`visible` is what the public sees; `calls` is (method, key or argument) in order."""

    clock: Clock
    capabilities: Capabilities = CAPABILITIES
    visible: list[Visible] = field(default_factory=list)
    calls: list[tuple[str, str]] = field(default_factory=list)
    pages: deque[Batch | BaseException] = field(default_factory=deque)
    people: dict[str, RemoteId] = field(default_factory=dict)
    hook: tuple[HookDelivery, ...] = ()
    identity: Identity = WE
    prepares: int = 0
    recall: Callable[[Cursor | None, Moment], Awaitable[Batch]] = field(
        init=False, repr=False, compare=False
    )
    """Only there once it `remembers`: few networks tell their past."""
    measure: Callable[[Sequence[RemoteId]], Awaitable[Mapping[RemoteId, Reactions]]] = field(
        init=False, repr=False, compare=False
    )
    """Only there once it `counts`."""
    reactions: dict[RemoteId, Reactions] = field(default_factory=dict)
    _steps: dict[str, deque[Step]] = field(default_factory=dict)

    # Scripting

    def next(self, method: str, *steps: Step) -> None:
        """The next calls of `method` go like this, in this order."""
        self._steps.setdefault(method, deque()).extend(steps)

    def can(self, **changes: Any) -> None:
        self.capabilities = replace(self.capabilities, **changes)

    def count(self, method: str) -> int:
        return sum(1 for name, _about in self.calls if name == method)

    def texts(self) -> list[str]:
        return [one.text for one in self.visible]

    async def _take(self, method: str, about: str) -> Step:
        self.calls.append((method, about))
        steps = self._steps.get(method)
        step = steps.popleft() if steps else Step(acts=True)
        if step.before is not None:
            step.before()
        return step

    # Connector

    async def verify(self) -> Identity:
        step = await self._take("verify", "")
        await _finish(step)
        return self.identity

    async def fetch(self, leg: Leg, since: Cursor | None, watch: Watch) -> Batch:
        step = await self._take("fetch", since or "")
        page = self.pages.popleft() if self.pages else Batch(())
        await _finish(step)
        if isinstance(page, BaseException):
            raise page
        return page

    def prepare(self, text: OutgoingText) -> Prepared:
        self.prepares += 1
        words = normalised(text.text)
        request = {
            "text": words,
            "target": text.target.remote_id if text.target else None,
            "mentions": [mention.remote_id for mention in text.mentions],
            "media": [picture.hash for picture in text.media],
            "at": text.at,
        }
        return Prepared(NETWORK, 1, request, text.seed.hex(), _length(words, text))

    async def publish(
        self, prepared: Prepared, staged: Staged | None, deadline: Monotonic
    ) -> Receipt:
        step = await self._take("publish", prepared.key)
        if self.clock.monotonic() > deadline:
            raise Unavailable("Too late to begin; nothing was sent.")
        if prepared.request["media"] and (staged is None or not staged.refs):
            raise Rejected("A picture was never uploaded.")
        receipt = self.show(prepared) if step.acts else None
        await _finish(step)
        return step.answer or receipt or self.show(prepared)

    def show(self, prepared: Prepared) -> Receipt:
        """Make it visible, as the network does when the request arrives; a known key is known."""
        for one in self.visible if self.capabilities.key_seconds else ():
            if one.key == prepared.key:
                return Receipt(one.remote_id, f"https://fakebook.example/{one.remote_id}")
        remote_id = RemoteId(f"ours-{len(self.visible) + 1}")
        request = prepared.request
        self.visible.append(Visible(remote_id, request["target"], request["text"], prepared.key))
        return Receipt(remote_id, f"https://fakebook.example/{remote_id}")

    async def find(self, prepared: Prepared) -> Receipt | None:
        step = await self._take("find", prepared.key)
        await _finish(step)
        if step.answer is not None:
            return None if step.answer == "absent" else step.answer
        for one in self.visible:
            if one.key == prepared.key:
                return Receipt(one.remote_id, f"https://fakebook.example/{one.remote_id}")
        return None

    # Further abilities

    async def stage(self, prepared: Prepared, media: Sequence[bytes]) -> Staged:
        step = await self._take("stage", prepared.key)
        await _finish(step)
        hashes = prepared.request["media"]
        return Staged({hash_: len(data) for hash_, data in zip(hashes, media, strict=True)})

    async def resolve(self, text: str) -> tuple[Mention, ...]:
        step = await self._take("resolve", text)
        await _finish(step)
        words = [word.strip("@.,!?") for word in text.split() if word.startswith("@")]
        return tuple(Mention(word, self.people[word]) for word in words if word in self.people)

    async def moderate(self, action: ModerationAction, target: ReplyTarget) -> None:
        step = await self._take("moderate", f"{action.value}:{target.remote_id}")
        await _finish(step)
        if action is ModerationAction.DELETE_OWN:
            self.visible = [one for one in self.visible if one.remote_id != target.remote_id]

    def read_hook(self, request: HookRequest) -> HookReading:
        if request.headers.get("x-signature") != "good":
            raise SignatureInvalid("The signature does not match.")
        return HookReading(self.hook, "ok")

    def remembers(self, *pages: Batch) -> None:
        """It tells its past from now on; the cursor of a page leads to the next one."""
        starts = {page.cursor: index for index, page in enumerate(pages, 1) if page.more}

        async def recall(at: Cursor | None, since: Moment) -> Batch:
            await _finish(await self._take("recall", at or ""))
            return pages[0 if at is None else starts[at]]

        self.recall = recall

    def counts(self, reactions: Mapping[RemoteId, Reactions]) -> None:
        """It tells what people did with posts from now on."""
        self.reactions = dict(reactions)

        async def measure(posts: Sequence[RemoteId]) -> Mapping[RemoteId, Reactions]:
            await _finish(await self._take("measure", ",".join(posts)))
            return {one: self.reactions[one] for one in posts if one in self.reactions}

        self.measure = measure

    def tells(self, *observations: Observation, account: RemoteId = US) -> None:
        """The next hook says this."""
        self.hook = (HookDelivery(account, observations),)


def _length(words: str, text: OutgoingText) -> LengthReport:
    problem = "" if words or text.media else "There is no text."
    return LengthReport(len(words), LIMIT, "characters", problem)


async def _finish(step: Step) -> None:
    if step.reached is not None:
        step.reached.set()
    if step.gate is not None:
        await step.gate.wait()
    if step.error is not None:
        raise step.error
