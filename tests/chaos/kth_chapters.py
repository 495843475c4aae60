"""The tales that are told while a statement fails: on a network and in a chat in memory."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.errors import OutcomeUnknown, StoreError
from bot.model.channel import Place
from bot.model.hook import HookRequest
from bot.model.ids import CardToken, RemoteId
from bot.model.item import ItemKind
from bot.model.network import Batch, Cursor, IncomingItem, Leg, RemoteAuthor, Watch
from bot.services.settling_in import NamedChannel
from tests.chaos.kth_desk import PATIENCE, Around, KthDesk
from tests.chaos.kth_story import Chapter, Tale
from tests.chaos.kth_verdict import Look, look_of
from tests.fakes.chat import CHAT, ChatStep, FakeChat
from tests.fakes.desk_kit import DeskClock
from tests.fakes.network import CAPABILITIES, NETWORK, FakeNetwork, Step

FAN = RemoteAuthor(RemoteId("fan"), "fan", "A Fan")
PNG = b"\x89PNG\r\n\x1a\n" + zlib.compress(b"tea")
HOOK = HookRequest("POST", {"x-signature": "good"}, {}, b"{}")


@dataclass
class Listing(FakeNetwork):
    """Lists what was said from a cursor on, as often as it is asked, and ignores keys."""

    said: list[IncomingItem] = field(default_factory=list)

    async def fetch(self, leg: Leg, since: Cursor | None, watch: Watch) -> Batch:
        return Batch(tuple(self.said[int(since or 0) :]), Cursor(str(len(self.said))))


class InMemory:
    """Implements `Outside`."""

    may_park = False

    def __init__(self, clock: DeskClock) -> None:
        self.network = Listing(clock)
        # soon settled and often read, so that fewer statements pass while nothing happens
        legs = dict.fromkeys(CAPABILITIES.legs, 5)
        self.network.can(settle_seconds=1.0, legs=legs)
        self.chat = FakeChat(clock, settle_seconds=1.0)
        channel = NamedChannel("care", CHAT, Place("C-care"))
        self.around = Around(NETWORK, self.network, {CHAT: self.chat}, (channel,))

    async def comment(self, text: str) -> RemoteId:
        said = IncomingItem(
            remote_id=RemoteId(f"c{len(self.network.said) + 1}"),
            kind=ItemKind.COMMENT,
            author=FAN,
            text=text,
            published_at=self.network.clock.now(),
            permalink="https://fakebook.example/c",
            thread_remote_id=RemoteId("post-1"),
            thread_title="Our new tea",
        )
        self.network.said.append(said)
        return said.remote_id

    async def send_hook(self, desk: KthDesk) -> None:
        """The network tells what was said last, until it is taken."""
        said = self.network.said[-1]
        self.network.tells(said)
        for _ in range(PATIENCE):
            try:
                await desk.inlet.receive_hook(NETWORK, "main", HOOK)
            except StoreError:
                continue
            assert desk.item(said.remote_id) is not None, "the hook was answered, but not stored"
            return
        raise AssertionError("the hook is never taken")

    async def standing(self) -> Sequence[tuple[RemoteId | None, str]]:
        return [(one.target, one.text) for one in self.network.visible]

    def shown(self, token: CardToken) -> Sequence[Look]:
        return [look_of(one.card) for one in self.chat.messages if one.card.key == token]


async def one_by_hook_one_by_poll(tale: Tale[InMemory]) -> None:
    """A comment comes by hook and by poll and is answered; another, by poll alone, is not."""
    tale.arm()
    first = await tale.comment("My order never arrived, where is it?")
    await tale.outside.send_hook(tale.desk)
    second = await tale.comment("Where can I buy this?")
    await tale.drafted(first)
    await tale.approve(first, f"We are on it, tale {tale.number}.")
    await tale.drafted(second)
    await tale.close(second)
    await tale.rest()


async def the_answer_was_lost(tale: Tale[InMemory]) -> None:
    """The reply arrived and its answer did not; from then on a call may fail."""
    lost = OutcomeUnknown("The answer was lost.")
    tale.outside.network.next("publish", Step(error=lost, acts=True, before=tale.arm))
    await _one_is_approved(tale)


async def the_request_was_lost(tale: Tale[InMemory]) -> None:
    """The reply never arrived, which nobody can know; from then on a call may fail."""
    lost = OutcomeUnknown("The answer was lost.")
    tale.outside.network.next("publish", Step(error=lost, acts=False, before=tale.arm))
    await _one_is_approved(tale)


async def the_chats_answer_was_lost(tale: Tale[InMemory]) -> None:
    """The card stands in the chat, and the desk does not know; from then on a call may fail."""
    lost = OutcomeUnknown("The answer was lost.")
    tale.outside.chat.script("post", ChatStep(acts=True, error=lost, before=tale.arm))
    said = await tale.comment("Where can I buy this?")
    await tale.drafted(said)
    await tale.rest()


async def a_post_with_a_picture(tale: Tale[InMemory]) -> None:
    """Composed by one, approved by another, uploaded and sent."""
    tale.arm()
    await tale.post(f"Tea {tale.number} is ready.", PNG)
    await tale.rest()


async def _one_is_approved(tale: Tale[InMemory]) -> None:
    said = await tale.comment("My order never arrived, where is it?")
    await tale.drafted(said)
    await tale.approve(said)
    await tale.rest()


CHAPTERS: tuple[Chapter[InMemory], ...] = (
    one_by_hook_one_by_poll,
    the_answer_was_lost,
    the_request_was_lost,
    the_chats_answer_was_lost,
    a_post_with_a_picture,
)
