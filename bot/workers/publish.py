"""The publisher: takes one publication as far as it can go now, and never guesses.

    queued     stage what must be staged, commit `sending`, make the one request, settle
    sending    somebody died here: it is `unknown` from now on
    unknown    look; found is published, proved absent is queued again, else look later
    needs_human   a person asked for another look

A look proves absence only after the attempt's deadline, by which its request can no longer
arrive, plus what the network needs to settle. A look before that may still find it.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from bot.errors import (
    AuthenticationFailed,
    CannotTell,
    ConnectorError,
    PermissionMissing,
    RateLimited,
    Rejected,
    TargetGone,
    Unavailable,
)
from bot.faults import FaultPoint, reach
from bot.logs import get_logger
from bot.model.due import DueRow
from bot.model.ids import MINUTE, SECOND, Moment, Monotonic, PostId, PublicationId
from bot.model.network import ReadBack
from bot.model.publication import Attempt, Publication, PublicationState, Receipt
from bot.ports import Clock, Connector, Limiter, Stages
from bot.services.lines import Lines
from bot.services.looking import Looked, Sight, looked
from bot.services.publishing import (
    Begin,
    Ending,
    Settle,
    Start,
    Suspect,
    backoff,
    begin,
    may_leave,
    not_staged,
    put_off,
    repeat,
    settle,
    staged,
    suspect,
)
from bot.store.store import Store
from bot.store.tx import Tx
from bot.workers.loop import LEASE

_P = PublicationState


@dataclass(frozen=True, slots=True)
class Timing:
    """How long an answer may take in all (seconds), and how long the row is kept (milliseconds)."""

    answer_within: float = 20.0
    lease: int = LEASE

    @property
    def begin_within(self) -> float:
        """Seconds; what begins this late still arrives before a look could prove its absence."""
        return min(5.0, self.answer_within / 2)


@dataclass(frozen=True, slots=True)
class Began:
    """When this process made its first and its last request for a publication."""

    first: Monotonic
    last: Monotonic


class PublishTask:
    def __init__(
        self, store: Store, clock: Clock, lines: Lines, limiter: Limiter, timing: Timing
    ) -> None:
        self._store = store
        self._clock = clock
        self._lines = lines
        self._limiter = limiter
        self._timing = timing
        self._began: dict[PublicationId, Began] = {}
        self._log = get_logger("publish")

    async def __call__(self, row: DueRow) -> None:
        publication_id = PublicationId(row.arg["publication"])
        publication = row.at_hand if isinstance(row.at_hand, Publication) else None
        if publication is None:
            publication = await self._store.read(lambda tx: tx.publications.get(publication_id))
        line = self._lines.of(publication.account_id)
        match publication.state:
            case _P.QUEUED if line is not None:
                await self._send(row, publication, line)
            case _P.SENDING:
                await self._store.write(suspect, Suspect(row, publication_id))
            case _P.UNKNOWN | _P.NEEDS_HUMAN if line is not None:
                await self._look(row, publication, line)
            case _P.QUEUED | _P.UNKNOWN | _P.NEEDS_HUMAN:
                await self._store.write(put_off, (row, 5 * MINUTE))
            case _:
                await self._store.write(put_off, (row, None))

    # Sending

    async def _send(self, row: DueRow, publication: Publication, line: Connector) -> None:
        wait = await self._limiter.reserve([f"account:{publication.account_id}"])
        if wait:
            await self._store.write(put_off, (row, wait))
            return
        try:
            publication, is_staged = await self._stage(publication, line)
        except (ConnectorError, TimeoutError) as error:
            ending = await self._ending(row, publication, error)
            if ending.ending is Ending.UNKNOWN:
                ending = replace(ending, wait=backoff(row.attempt, random.random()))
            await self._store.write(not_staged, ending)
            return
        await self._let_go(row, publication, line, begin, is_staged=is_staged)

    async def _let_go(
        self,
        row: DueRow,
        publication: Publication,
        line: Connector,
        start: Callable[[Tx, Sequence[Begin]], Sequence[Start]],
        *,
        is_staged: bool = True,
    ) -> None:
        """Commit `sending` with `start`, make the one request, and record how it ended."""
        proof_after = int(self._timing.answer_within * SECOND)
        # Read before the commit: a machine that sleeps after it must not wake up and send.
        began = self._clock.monotonic()
        key = publication.prepared.key
        command = Begin(row, publication.id, self._timing.lease, proof_after, key, is_staged)
        if await self._store.write(start, command) is not Start.GO:
            return
        reach(FaultPoint.PUBLISH_CLAIMED)
        earlier = self._began.get(publication.id)
        self._began[publication.id] = Began(earlier.first if earlier else began, began)
        ending = await self._request(row, publication, line, began)
        reach(FaultPoint.PUBLISH_CALLED)
        if start is repeat:
            ending = _of_a_repeat(ending)
        if ending.ending is not Ending.UNKNOWN:
            self._began.pop(publication.id, None)
        # Shielded: a stop in this moment must not lose what we know.
        await asyncio.shield(self._store.write(settle, ending))
        reach(FaultPoint.PUBLISH_SAVED)

    async def _stage(self, publication: Publication, line: Connector) -> tuple[Publication, bool]:
        """Uploads are invisible and repeatable; what came of them is stored on its own.

        Where nothing may leave nothing is uploaded either; then it is False.
        """
        is_ready = publication.variant_id is None or publication.staged is not None
        if is_ready or not isinstance(line, Stages):
            return publication, True
        pictures = await self._store.read(lambda tx: _pictures(tx, publication))
        if not pictures:
            return publication, True
        if not await self._store.read(lambda tx: may_leave(tx, publication)):
            return publication, False
        async with asyncio.timeout(self._timing.answer_within):
            done = await line.stage(publication.prepared, pictures)
        return await self._store.write(staged, (publication.id, done)), True

    async def _request(
        self, row: DueRow, publication: Publication, line: Connector, began: Monotonic
    ) -> Settle:
        """The one request that makes something visible, and what its end means."""
        deadline = Monotonic(began + self._timing.begin_within)
        try:
            async with asyncio.timeout(self._timing.answer_within):
                receipt = await line.publish(publication.prepared, publication.staged, deadline)
            return Settle(row, publication.id, Ending.PUBLISHED, receipt=receipt)
        except (ConnectorError, TimeoutError) as error:
            return await self._ending(row, publication, error)

    async def _ending(
        self, row: DueRow, publication: Publication, error: ConnectorError | TimeoutError
    ) -> Settle:
        """The class of the error says what became of the request."""
        match error:
            case Rejected() | PermissionMissing() | TargetGone():
                is_gone = isinstance(error, TargetGone)
                return Settle(row, publication.id, Ending.REFUSED, str(error), is_gone=is_gone)
            case RateLimited():
                return await self._rate_limited(row, publication, error)
            case Unavailable() | AuthenticationFailed():
                pauses = isinstance(error, AuthenticationFailed)
                wait = MINUTE if pauses else backoff(row.attempt, random.random())
                return Settle(
                    row, publication.id, Ending.NOT_SENT, str(error), wait=wait, pauses=pauses
                )
            case _:
                says = str(error) or "The network did not answer in time."
                return Settle(row, publication.id, Ending.UNKNOWN, says, wait=SECOND // 2)

    async def _rate_limited(
        self, row: DueRow, publication: Publication, error: RateLimited
    ) -> Settle:
        wait = await self._close(publication, error)
        return Settle(row, publication.id, Ending.NOT_SENT, str(error), wait=wait)

    async def _close(self, publication: Publication, error: RateLimited) -> int:
        """Nobody calls this account before the network's moment; milliseconds until then."""
        now = self._clock.now()
        until = Moment(error.until if error.until is not None else now + MINUTE)
        await self._limiter.close_until(f"account:{publication.account_id}", until)
        return max(SECOND, until - now)

    # Looking

    async def _look(self, row: DueRow, publication: Publication, line: Connector) -> None:
        attempts = await self._store.read(lambda tx: tx.publications.attempts(publication.id))
        open_for = self._still_open(publication.id, attempts)
        if line.capabilities.read_back is ReadBack.NONE:
            await self._repeat(row, publication, line, attempts, open_for)
            return
        try:
            async with asyncio.timeout(self._timing.answer_within):
                receipt = await line.find(publication.prepared)
        except CannotTell as error:
            await self._record(self._cannot_tell(row, publication, error), open_for)
            return
        except RateLimited as error:
            wait = await self._close(publication, error)
            outcome = Looked(row, publication.id, Sight.TOO_EARLY, str(error), wait=wait)
            await self._record(outcome, open_for)
            return
        except (ConnectorError, TimeoutError) as error:
            wait = backoff(publication.looks, random.random())
            says = f"{error} Looking again soon."
            outcome = Looked(row, publication.id, Sight.TOO_EARLY, says, wait=wait)
            await self._record(outcome, open_for)
            return
        settles = int(line.capabilities.settle_seconds * SECOND)
        await self._record(_seen(row, publication, receipt, open_for + settles), open_for)

    async def _repeat(
        self,
        row: DueRow,
        publication: Publication,
        line: Connector,
        attempts: Sequence[Attempt],
        open_for: int,
    ) -> None:
        """Nothing can be read back; where our key is still known, a repeat makes nothing new."""
        age = self._age_of_key(publication.id, attempts)
        is_known = age + self._timing.lease < line.capabilities.key_seconds * SECOND
        if publication.state is not _P.UNKNOWN or not is_known:
            says = "This network cannot be asked whether it is there."
            await self._record(Looked(row, publication.id, Sight.BLIND, says), open_for)
            return
        wait = open_for
        if wait <= 0:
            wait = await self._limiter.reserve([f"account:{publication.account_id}"])
        if wait > 0:
            await self._store.write(put_off, (row, wait + SECOND // 20))
            return
        await self._let_go(row, publication, line, repeat)

    def _age_of_key(self, publication_id: PublicationId, attempts: Sequence[Attempt]) -> int:
        """Milliseconds since the network may have seen it first, by the clock that says more.

        A wall clock that was set back says too little.
        """
        first = min((one.started_at for one in attempts), default=Moment(0))
        age = int(self._clock.now() - first)
        began = self._began.get(publication_id)
        if began is None:
            return age
        return max(age, int((self._clock.monotonic() - began.first) * SECOND))

    def _still_open(self, publication_id: PublicationId, attempts: Sequence[Attempt]) -> int:
        """Milliseconds in which the last request may still arrive; negative when it cannot.

        Of a request of our own the monotonic clock knows better than a wall clock that jumped.
        """
        deadline = max((one.deadline for one in attempts), default=Moment(0))
        left = int(deadline - self._clock.now())
        began = self._began.get(publication_id)
        if began is None:
            return left
        passed = self._clock.monotonic() - began.last
        return max(left, int((self._timing.answer_within - passed) * SECOND))

    def _cannot_tell(self, row: DueRow, publication: Publication, error: CannotTell) -> Looked:
        if error.look_again_at is None:
            return Looked(row, publication.id, Sight.BLIND, str(error))
        wait = max(SECOND, error.look_again_at - self._clock.now())
        return Looked(row, publication.id, Sight.TOO_EARLY, str(error), wait=wait)

    async def _record(self, outcome: Looked, open_for: int) -> None:
        """`open_for`: milliseconds in which the request could still arrive when the look began."""
        if open_for > 0 and outcome.sight in {Sight.BLIND, Sight.TOO_EARLY}:
            # Whoever is asked now sees nothing, sends it again, and then it stands there twice.
            wait = outcome.wait or open_for + SECOND // 20
            outcome = replace(outcome, sight=Sight.OPEN, wait=wait)
        reach(FaultPoint.PUBLISH_RECONCILE)
        self._log.info(
            "looked", publication=outcome.publication_id, sight=outcome.sight, says=outcome.says
        )
        await asyncio.shield(self._store.write(looked, outcome))


def _of_a_repeat(ending: Settle) -> Settle:
    """What became of this request says nothing of the one before it, which may have arrived."""
    match ending.ending:
        case Ending.NOT_SENT:
            return replace(ending, ending=Ending.UNKNOWN)
        case Ending.REFUSED:
            says = f"Its answer was lost, and when it was sent again: {ending.says}"
            return replace(ending, ending=Ending.DOUBTFUL, says=says)
        case _:
            return ending


def _seen(
    row: DueRow,
    publication: Publication,
    receipt: Receipt | None,
    to_proof: int,
) -> Looked:
    """`to_proof`: milliseconds that this look began too early to prove anything."""
    if receipt is not None:
        return Looked(row, publication.id, Sight.FOUND, receipt=receipt)
    if to_proof <= 0:
        return Looked(row, publication.id, Sight.ABSENT)
    soon = min(2 ** min(publication.looks, 6) * SECOND, to_proof + SECOND // 20)
    says = "Not seen yet; it may still arrive."
    return Looked(row, publication.id, Sight.TOO_EARLY, says, wait=soon)


def _pictures(tx: Tx, publication: Publication) -> list[bytes]:
    """The bytes of the post's pictures, in their order."""
    if publication.variant_id is None:
        return []
    post = tx.posts.get(PostId(tx.posts.of_variant(publication.variant_id)))
    found = [tx.media.get(picture.hash) for picture in post.media]
    return [picture[1] for picture in found if picture is not None]
