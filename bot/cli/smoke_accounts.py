"""One account in the live checklist: read, and where a person says so, one marked reply."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from bot.errors import ConnectorError, Rejected
from bot.model.ids import Monotonic, RemoteId
from bot.model.moderation import ModerationAction
from bot.model.network import Capability, IncomingItem, ReadBack, Unsupported, Watch
from bot.model.publication import OutgoingText, Prepared, Receipt, ReplyTarget
from bot.model.smoke import SmokeFinding, SmokeSkipped, SmokeStep, failed, not_checked, passed
from bot.model.text import excerpt
from bot.ports import Clock, Connector, Moderates, Witness

OFFERED = 10
"""Comments that a person may choose from."""
MARK = "replydesk smoke test {code}: please ignore this, it is deleted at once."
LOOK_SECONDS = 30.0
PAUSE = 0.5

Act = Callable[[Witness], Awaitable[SmokeFinding]]


class AccountRehearsal:
    """Implements `bot.ports.Rehearses`. `under` names the comment that may be answered, or none."""

    def __init__(self, connector: Connector, clock: Clock, under: str) -> None:
        self._connector = connector
        self._clock = clock
        self._under = under
        self._items: dict[RemoteId, IncomingItem] = {}
        self._target: ReplyTarget | None = None
        self._prepared: Prepared | None = None
        self._receipts: list[Receipt] = []
        self._sent_at = clock.monotonic()
        taken = self._table()
        self._steps = [step for step, _act in taken]
        self._acts = {step.name: act for step, act in taken}

    def steps(self) -> Sequence[SmokeStep]:
        return self._steps

    async def take(self, step: SmokeStep, witness: Witness) -> SmokeFinding:
        return await self._acts[step.name](witness)

    def _table(self) -> Sequence[tuple[SmokeStep, Act]]:
        one = "answers one comment in public, marked as a test, and deletes the answer"
        more = "sends the same once more, which may stand there twice until it is deleted"
        return (
            (SmokeStep("verify", "The network knows the token", "the token"), self._verify),
            (SmokeStep("read", "Comments are read", "nothing is missed"), self._read),
            (SmokeStep("reply", "A marked reply stands", "what was approved", one), self._reply),
            (
                SmokeStep("find", "The reply is found", "a lost answer makes no second reply"),
                self._find,
            ),
            (SmokeStep("repeat", "A repeat makes no second", "its key", more), self._repeat),
            (SmokeStep("tidy", "It is deleted again", "no trace", is_tidying=True), self._tidy),
        )

    async def _verify(self, _witness: Witness) -> SmokeFinding:
        identity = await self._connector.verify()
        can = self._connector.capabilities
        able = [one.value.replace("_", " ") for one in Capability if one in can.can]
        cannot = "".join(
            f" Cannot {one.value.replace('_', ' ')}: {why}" for one, why in can.cannot.items()
        )
        return passed(
            f"{can.title}: this is {identity.handle or identity.display_name}; it can "
            f"{', '.join(able)}.{cannot}"
        )

    async def _read(self, _witness: Witness) -> SmokeFinding:
        """Every leg once, as a first fetch would."""
        legs, strange = self._connector.capabilities.legs, 0
        for leg in legs:
            batch = await self._connector.fetch(leg, None, Watch())
            strange += sum(isinstance(one, Unsupported) for one in batch.observations)
            # several legs may tell of one comment
            self._items |= {
                one.remote_id: one for one in batch.observations if isinstance(one, IncomingItem)
            }
        told = f"{len(self._items)} comments on {', '.join(legs)}"
        if strange:
            return failed(f"{told}, and {strange} that cannot be read. Please report this.")
        return passed(f"Read {told}.")

    async def _reply(self, witness: Witness) -> SmokeFinding:
        can = self._connector.capabilities
        for ability in (Capability.REPLY, Capability.DELETE_OWN):
            why = can.why_not(ability)
            if why is not None:
                raise SmokeSkipped(f"No test reply is written: {why}")
        item = await self._chosen(witness)
        thread = item.thread_remote_id or item.remote_id
        author = item.author
        self._target = ReplyTarget(
            item.remote_id, thread, author.remote_id, author.handle, item.hints
        )
        words = MARK.format(code=secrets.token_hex(3))
        self._prepared = self._connector.prepare(
            OutgoingText(
                words, self._clock.now(), secrets.token_bytes(16), "en", self._target, (), ()
            )
        )
        if not self._prepared.length.fits:
            return failed(f"The reply does not fit: {self._prepared.length.problem or 'too long'}.")
        receipt = await self._publish(self._prepared)
        self._receipts.append(receipt)
        return passed(f"It stands there, {receipt.visibility.value}: {receipt.permalink}")

    async def _publish(self, prepared: Prepared) -> Receipt:
        self._sent_at = self._clock.monotonic()
        return await self._connector.publish(prepared, None, Monotonic(self._sent_at + 10.0))

    async def _chosen(self, witness: Witness) -> IncomingItem:
        named = self._under
        if not named and witness.is_there and self._items:
            for number, item in enumerate(self._newest(), 1):
                witness.told(f"{number}. {item.author.handle}: {excerpt(item.text, 60)}")
            answer = await witness.names(
                "  Which may get a marked test reply? Its number, name or address; empty for none"
            )
            chosen = answer.isdecimal() and 0 < int(answer) <= len(self._newest())
            named = self._newest()[int(answer) - 1].remote_id if chosen else answer
        if not named:
            raise SmokeSkipped(
                "No comment was named. Name one of your own: --reply ACCOUNT=ADDRESS."
            )
        for item in self._items.values():
            if named in {item.remote_id, item.permalink}:
                return item
        raise SmokeSkipped(f"{named} is not among the comments that were read. Name one of them.")

    def _newest(self) -> Sequence[IncomingItem]:
        theirs = [item for item in self._items.values() if not item.by_us]
        return sorted(theirs, key=lambda item: item.published_at, reverse=True)[:OFFERED]

    async def _find(self, _witness: Witness) -> SmokeFinding:
        """How long the network's own lists lag, beside what the connector says of it."""
        prepared, can = self._sent(), self._connector.capabilities
        if can.read_back is ReadBack.NONE:
            return not_checked(f"{can.title} cannot be read back; a person looks after a lost one.")
        settles = can.settle_seconds if can.read_back is ReadBack.SETTLES else 0.0
        found, looked = await self._connector.find(prepared), 1
        while found is None and self._since_sent() < settles + LOOK_SECONDS:
            await asyncio.sleep(PAUSE)
            found, looked = await self._connector.find(prepared), looked + 1
        lag = self._since_sent()
        if found is None:
            return failed("It is not found. A lost answer would be sent twice: please report this.")
        if found.remote_id != self._receipts[0].remote_id:
            return failed("Another reply of ours was taken for it. Please report this.")
        if looked > 1 and lag > settles:
            return failed(
                f"It was found only after {lag:.1f} s; the desk takes {settles:g} s for proof that "
                "nothing arrived. Please report this."
            )
        return passed(f"Found after {lag:.1f} s; the desk waits {settles:g} s for a proof.")

    async def _repeat(self, _witness: Witness) -> SmokeFinding:
        prepared = self._sent()
        has_key = self._connector.capabilities.key_seconds > 0
        try:
            again = await self._publish(prepared)
        except Rejected as error:
            return passed(f"The network refused the same once more: {error.reason}")
        except ConnectorError as error:
            return not_checked(f"The repeat did not end clearly: {error} Look at the thread.")
        if again.remote_id == self._receipts[0].remote_id:
            return passed("The key was honoured: the same request made nothing new.")
        self._receipts.append(again)
        if has_key:
            return failed("The key was not honoured: it stands there twice. Please report this.")
        return passed("The same once more made a second, as the desk expects: it never does that.")

    async def _tidy(self, _witness: Witness) -> SmokeFinding:
        if not self._receipts:
            return passed("There is nothing to delete.")
        assert self._target is not None
        if not isinstance(self._connector, Moderates):
            return failed(f"Delete it by hand: {self._receipts[0].permalink}")
        for receipt in self._receipts:
            aim = replace(self._target, remote_id=RemoteId(receipt.remote_id))
            await self._connector.moderate(ModerationAction.DELETE_OWN, aim)
        return passed("The network says that what was written is deleted again.")

    def _since_sent(self) -> float:
        return self._clock.monotonic() - self._sent_at

    def _sent(self) -> Prepared:
        if self._prepared is None or not self._receipts:
            raise SmokeSkipped("No test reply was written.")
        return self._prepared
