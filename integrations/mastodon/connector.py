"""The socket of one Mastodon account: says what it can do and hands each task to its file."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Mapping, Sequence

from yarl import URL

from bot.errors import TargetGone
from bot.model.engagement import Reactions
from bot.model.ids import Monotonic, RemoteId
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
from bot.model.publication import OutgoingText, Prepared, Receipt, ReplyTarget, Staged
from bot.ports import Connector
from integrations.definition import Surroundings
from integrations.mastodon import legs, moderation, writing
from integrations.mastodon.entities import Account, Instance, Status, entity
from integrations.mastodon.finding import Finder
from integrations.mastodon.markup import full_name
from integrations.mastodon.media import Uploads
from integrations.mastodon.reading import Ourselves, moment_of
from integrations.mastodon.roots import READ, Roots
from integrations.mastodon.server import MastodonServer, at
from integrations.mastodon.settings import MastodonSettings
from integrations.mastodon.streaming import Streaming
from integrations.mastodon.threads import Threads

CAPABILITIES = Capabilities(
    network=writing.NAME,
    title="Mastodon",
    can=frozenset(
        {
            Capability.READ,
            Capability.REPLY,
            Capability.POST,
            Capability.LIKE,
            Capability.DELETE_OWN,
        }
    ),
    cannot=moderation.CANNOT,
    legs={legs.NOTIFICATIONS: 30, legs.THREADS: 120, legs.HASHTAGS: 60, legs.OWN: 60},
    # One server reads what it wrote at once. But a request whose client gave up may still be
    # carried out: web servers in front of Mastodon let it run on.
    read_back=ReadBack.SETTLES,
    settle_seconds=10.0,
    requests_per_minute=30,
)


def connect(settings: MastodonSettings, surroundings: Surroundings) -> Connector:
    """A connector that has not called anybody yet."""
    token = surroundings.secrets["access_token"]
    server = MastodonServer(
        surroundings.http, surroundings.clock, settings.base_url, token, settings.timeout_seconds
    )
    roots, lists = Roots(server), legs.Lists(server)
    return MastodonConnector(
        settings,
        server,
        Finder(server, surroundings.clock),
        Streaming(
            surroundings.http,
            roots,
            settings.base_url,
            token,
            always=settings.hashtags,
            allowed_hosts=surroundings.allow_private_hosts,
            timeout=settings.timeout_seconds,
        ),
        {
            legs.NOTIFICATIONS: legs.Inbox(lists, roots),
            legs.THREADS: Threads(server, roots),
            legs.HASHTAGS: legs.Hashtags(lists, roots, settings.hashtags),
            legs.OWN: legs.Own(lists, roots),
        },
    )


class MastodonConnector:
    """Implements Connector, Stages, Streams, Moderates and Measures."""

    def __init__(
        self,
        settings: MastodonSettings,
        server: MastodonServer,
        finder: Finder,
        streaming: Streaming,
        readers: Mapping[Leg, legs.ReadsLeg],
    ) -> None:
        self._settings = settings
        self._server = server
        self._finder = finder
        self._streaming = streaming
        self._readers = readers
        self._uploads = Uploads(server)
        self._instance = Instance()
        self._us: Ourselves | None = None

    @property
    def capabilities(self) -> Capabilities:
        return CAPABILITIES

    async def verify(self) -> Identity:
        """Whose token it is; also reads the server's limits, which `prepare` counts by."""
        answer = await self._server.read(
            "/api/v1/accounts/verify_credentials", scope="read:accounts"
        )
        account = entity(answer, Account)
        self._instance = await self._read_instance()
        domain = self._instance.domain or URL(self._settings.base_url).host or ""
        self._us = Ourselves(account.id, account.acct, domain)
        return Identity(
            remote_id=RemoteId(account.id),
            handle=full_name(account.acct, domain),
            display_name=account.display_name,
            url=account.url or "",
        )

    async def fetch(self, leg: Leg, since: Cursor | None, watch: Watch) -> Batch:
        return await self._readers[leg].read(since, watch, await self._who())

    async def stream(self, watch: Watch) -> AsyncGenerator[Batch, None]:
        us = await self._who()
        advertised = self._instance.configuration.urls.streaming
        async for batch in self._streaming.stream(watch, us, advertised):
            yield batch

    def prepare(self, text: OutgoingText) -> Prepared:
        return writing.prepare(text, self._instance.configuration, self._settings.visibility)

    async def stage(self, prepared: Prepared, media: Sequence[bytes]) -> Staged:
        return await self._uploads.stage(prepared, media)

    async def publish(
        self, prepared: Prepared, staged: Staged | None, deadline: Monotonic
    ) -> Receipt:
        return await writing.publish(self._server, prepared, staged, deadline)

    async def find(self, prepared: Prepared) -> Receipt | None:
        return await self._finder.find(prepared, await self._who())

    async def measure(self, posts: Sequence[RemoteId]) -> Mapping[RemoteId, Reactions]:
        """One request for each; Mastodon counts no views."""
        found: dict[RemoteId, Reactions] = {}
        for post in posts:
            with contextlib.suppress(TargetGone):
                status = entity(await self._server.read(at("statuses", post), scope=READ), Status)
                found[post] = Reactions(
                    moment_of(status),
                    status.favourites_count,
                    status.reblogs_count,
                    status.replies_count,
                )
        return found

    async def moderate(self, action: ModerationAction, target: ReplyTarget) -> None:
        await moderation.moderate(self._server, action, target)

    async def _read_instance(self) -> Instance:
        """Servers from before 2022 do not have it; Mastodon's own limits hold then."""
        try:
            return entity(await self._server.read("/api/v2/instance", scope="read"), Instance)
        except TargetGone:
            return Instance()

    async def _who(self) -> Ourselves:
        if self._us is None:
            await self.verify()
        assert self._us is not None
        return self._us
