"""The socket of one Bluesky account: says what it can do and hands each task to its file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.errors import AuthenticationFailed, Rejected, TargetGone
from bot.model.engagement import Reactions
from bot.model.ids import Monotonic, NetworkName, RemoteId
from bot.model.moderation import ModerationAction
from bot.model.network import (
    Batch,
    Capabilities,
    Capability,
    Cursor,
    Identity,
    Leg,
    ReadBack,
    Watch,
)
from bot.model.publication import (
    Mention,
    OutgoingText,
    Prepared,
    Receipt,
    ReplyTarget,
    Staged,
)
from bot.ports import Connector
from integrations.bluesky import legs, reading, writing
from integrations.bluesky.facets import handles_in
from integrations.bluesky.lexicon import HandleAnswer, WhoAnswer
from integrations.bluesky.moderation import Moderator
from integrations.bluesky.reading import Ourselves
from integrations.bluesky.records import Records
from integrations.bluesky.session import Sessions
from integrations.bluesky.settings import BlueskySettings
from integrations.bluesky.threads import Threads
from integrations.bluesky.xrpc import Xrpc
from integrations.definition import Surroundings
from integrations.wire import Wire

MENTIONS_AT_MOST = 10
CAPABILITIES = Capabilities(
    network=NetworkName("bluesky"),
    title="Bluesky",
    can=frozenset(
        {
            Capability.READ,
            Capability.REPLY,
            Capability.POST,
            Capability.LIKE,
            Capability.HIDE,
            Capability.DELETE_OWN,
        }
    ),
    cannot={
        Capability.SPAM: "Bluesky has no spam folder: hide the reply, or report it in the app.",
        Capability.DELETE: "Bluesky lets nobody delete what others wrote: hide it instead.",
    },
    legs={legs.NOTIFICATIONS: 20, legs.THREADS: 120, legs.KEYWORDS: 60, legs.OWN: 60},
    read_back=ReadBack.IMMEDIATE,
    requests_per_minute=300,
)

_NEEDED = {
    ModerationAction.SPAM: Capability.SPAM,
    ModerationAction.DELETE: Capability.DELETE,
}


def connect(settings: BlueskySettings, surroundings: Surroundings) -> Connector:
    """A connector that has not called anybody yet."""
    wire = Wire(
        surroundings.http,
        surroundings.clock,
        settings.service,
        title="Bluesky",
        timeout=settings.timeout_seconds,
    )
    sessions = Sessions(
        wire,
        surroundings.vault,
        surroundings.clock,
        settings,
        surroundings.secrets["app_password"],
        surroundings.allow_private_hosts,
    )
    xrpc = Xrpc(wire, sessions, surroundings.clock)
    records = Records(xrpc)
    return BlueskyConnector(
        xrpc,
        records,
        writing.Writer(xrpc, records, settings.app),
        Moderator(xrpc, records, surroundings.clock),
        {
            legs.NOTIFICATIONS: legs.Inbox(xrpc, records),
            legs.THREADS: Threads(xrpc, records),
            legs.KEYWORDS: legs.Search(xrpc, records),
            legs.OWN: legs.OwnPosts(xrpc),
        },
        settings.app,
    )


class BlueskyConnector:
    """Implements Connector, Stages, ResolvesMentions, Moderates and Measures."""

    def __init__(
        self,
        xrpc: Xrpc,
        records: Records,
        writer: writing.Writer,
        moderator: Moderator,
        readers: Mapping[Leg, legs.ReadsLeg],
        app: str,
    ) -> None:
        self._xrpc = xrpc
        self._records = records
        self._writer = writer
        self._moderator = moderator
        self._readers = readers
        self._app = app

    @property
    def capabilities(self) -> Capabilities:
        return CAPABILITIES

    async def verify(self) -> Identity:
        who = await self._xrpc.query("com.atproto.server.getSession", (), WhoAnswer)
        if not who.active:
            raise AuthenticationFailed(
                f"Bluesky says that @{who.handle} is {who.status or 'not active'}. "
                "Make the account active again in the app."
            )
        return Identity(
            remote_id=RemoteId(who.did),
            handle=who.handle,
            url=f"{self._app}/profile/{who.handle}",
        )

    async def fetch(self, leg: Leg, since: Cursor | None, watch: Watch) -> Batch:
        session = await self._xrpc.session()
        us = Ourselves(session.did, session.handle, self._app)
        return await self._readers[leg].read(since, watch, us)

    def prepare(self, text: OutgoingText) -> Prepared:
        return writing.prepare(text)

    async def stage(self, prepared: Prepared, media: Sequence[bytes]) -> Staged:
        return await self._writer.stage(prepared, media)

    async def publish(
        self, prepared: Prepared, staged: Staged | None, deadline: Monotonic
    ) -> Receipt:
        return await self._writer.publish(prepared, staged, deadline)

    async def find(self, prepared: Prepared) -> Receipt | None:
        return await self._writer.find(prepared)

    async def resolve(self, text: str) -> tuple[Mention, ...]:
        """The accounts behind the first ten `@handles` of a text."""
        found = []
        for handle in handles_in(text)[:MENTIONS_AT_MOST]:
            try:
                answer = await self._xrpc.query(
                    "com.atproto.identity.resolveHandle",
                    [("handle", handle.lower())],
                    HandleAnswer,
                )
            except (Rejected, TargetGone):
                continue  # nobody has this handle: it stays plain text
            found.append(Mention(handle, RemoteId(answer.did)))
        return tuple(found)

    async def measure(self, posts: Sequence[RemoteId]) -> Mapping[RemoteId, Reactions]:
        """One request for all; Bluesky tells no views. A quote shares a post."""
        views = await self._records.views(posts)
        return {RemoteId(uri): reading.reactions(view) for uri, view in views.items()}

    async def moderate(self, action: ModerationAction, target: ReplyTarget) -> None:
        cannot = CAPABILITIES.cannot.get(_NEEDED.get(action, Capability.READ), "")
        await self._moderator.moderate(action, target, cannot)
