"""The line of a practice account: it has no other end, so nothing that is written to it leaves.

It keeps nothing either. What was approved "stands" as soon as it is told so, and a look finds
nothing, which proves that it may be told again: after a kill in the worst moment a practice goes
on like a real reply whose absence was proved.
"""

from __future__ import annotations

from bot.errors import Rejected
from bot.model.account import PRACTICE
from bot.model.draft import normalised
from bot.model.ids import Monotonic, RemoteId
from bot.model.moderation import ModerationAction
from bot.model.network import Batch, Capabilities, Capability, Cursor, Identity, Leg, Watch
from bot.model.publication import (
    LengthReport,
    OutgoingText,
    Prepared,
    Receipt,
    ReplyTarget,
    Staged,
)

LIMIT = 500
"""Characters, as on the sandbox network."""
FORMAT = 1
_NO_POSTS = "Practice is for replies. Posts are for accounts of networks."


class PracticeLine:
    """Implements `Connector` and `Moderates` without a single request."""

    capabilities = Capabilities(
        network=PRACTICE,
        title="Practice",
        can=frozenset(Capability) - {Capability.POST},
        cannot={Capability.POST: _NO_POSTS},
        legs={},
        requests_per_minute=600,
    )

    async def verify(self) -> Identity:
        return Identity(RemoteId("practice"), "Practice")

    async def fetch(self, leg: Leg, since: Cursor | None, watch: Watch) -> Batch:
        """There is nothing to read: the desk itself delivers what is practised on."""
        return Batch(())

    def prepare(self, text: OutgoingText) -> Prepared:
        words = normalised(text.text)
        problem = "" if words else "There is no text. Write something."
        return Prepared(
            connector=PRACTICE,
            format=FORMAT,
            request={"text": words, "is_reply": text.target is not None},
            key=text.seed.hex(),
            length=LengthReport(len(words), LIMIT, "characters", problem),
        )

    async def publish(
        self, prepared: Prepared, staged: Staged | None, deadline: Monotonic
    ) -> Receipt:
        """Told so, and that is all."""
        if not prepared.request["is_reply"]:
            raise Rejected(_NO_POSTS)
        return Receipt(RemoteId(prepared.key), "")

    async def find(self, prepared: Prepared) -> Receipt | None:
        return None

    async def moderate(self, action: ModerationAction, target: ReplyTarget) -> None:
        """Done, as far as anybody here can see."""
