"""The socket of one WordPress site: comments in, replies and posts out."""

from __future__ import annotations

from collections.abc import Sequence

from bot.errors import PermissionMissing, Rejected
from bot.model.ids import Monotonic, NetworkName
from bot.model.moderation import ModerationAction
from bot.model.network import Batch, Capabilities, Capability, Cursor, Identity, Leg, Watch
from bot.model.publication import OutgoingText, Prepared, Receipt, ReplyTarget, Staged
from integrations.definition import Surroundings
from integrations.wordpress.legs import CHANGES, LEGS, read_changes, read_new
from integrations.wordpress.moderation import NO_LIKES, moderate_comment, trash
from integrations.wordpress.posts import (
    PostRequest,
    find_post,
    prepare_post,
    publish_post,
    upload,
)
from integrations.wordpress.reading import Me, me_in, number_of
from integrations.wordpress.settings import WordPressSettings
from integrations.wordpress.site import WordPressSite
from integrations.wordpress.writing import (
    ReplyRequest,
    find_reply,
    prepare_reply,
    publish_reply,
)

NAME = NetworkName("wordpress")
FORMAT = 1

CAPABILITIES = Capabilities(
    network=NAME,
    title="WordPress",
    can=frozenset(
        {
            Capability.READ,
            Capability.REPLY,
            Capability.POST,
            Capability.HIDE,
            Capability.SPAM,
            Capability.DELETE,
            Capability.DELETE_OWN,
        }
    ),
    cannot={Capability.LIKE: NO_LIKES},
    legs=LEGS,
    requests_per_minute=120,
)


class WordPressConnector:
    """Reads and writes as one WordPress user, whom it asks for once."""

    def __init__(self, site: WordPressSite) -> None:
        self._site = site
        self._me: Me | None = None

    @property
    def capabilities(self) -> Capabilities:
        return CAPABILITIES

    async def verify(self) -> Identity:
        """Raises PermissionMissing when the user may not moderate: it would not see all."""
        answer = await self._site.read(
            "/wp/v2/users/me",
            [("context", "edit"), ("_fields", "id,name,slug,link,capabilities")],
        )
        me = me_in(answer)
        if not me.capabilities.get("moderate_comments"):
            raise PermissionMissing(
                f"The WordPress user {me.name} may not moderate comments. Give it the Editor role.",
                scope="moderate_comments",
            )
        self._me = me
        return me.identity

    async def fetch(self, leg: Leg, since: Cursor | None, watch: Watch) -> Batch:
        me = await self._my_number()
        if leg == CHANGES:
            return await read_changes(self._site, me, since)
        return await read_new(self._site, me, since)

    def prepare(self, text: OutgoingText) -> Prepared:
        request, length = prepare_reply(text) if text.target else prepare_post(text)
        return Prepared(NAME, FORMAT, request, text.seed.hex(), length)

    async def publish(
        self, prepared: Prepared, staged: Staged | None, deadline: Monotonic
    ) -> Receipt:
        request = _request_of(prepared)
        if isinstance(request, PostRequest):
            return await publish_post(self._site, request, staged, deadline)
        me = await self._my_number()
        return await publish_reply(self._site, me, request, deadline)

    async def find(self, prepared: Prepared) -> Receipt | None:
        request = _request_of(prepared)
        if isinstance(request, PostRequest):
            return await find_post(self._site, request)
        return await find_reply(self._site, await self._my_number(), request)

    async def stage(self, prepared: Prepared, media: Sequence[bytes]) -> Staged:
        request = _request_of(prepared)
        if not isinstance(request, PostRequest):
            return Staged()
        return Staged(
            {
                picture.hash: await upload(self._site, picture, data)
                for picture, data in zip(request.pictures, media, strict=True)
            }
        )

    async def moderate(self, action: ModerationAction, target: ReplyTarget) -> None:
        post = number_of("post", target.remote_id)
        if post is not None and action is ModerationAction.DELETE_OWN:
            await trash(self._site, f"/wp/v2/posts/{post}")
            return
        comment = number_of("comment", target.remote_id)
        if comment is None:
            raise Rejected("Only comments can be moderated on WordPress.")
        await moderate_comment(self._site, action, comment)

    async def _my_number(self) -> int:
        if self._me is None:
            await self.verify()
        assert self._me is not None
        return self._me.id


def _request_of(prepared: Prepared) -> ReplyRequest | PostRequest:
    """Every format that was ever written; so far there is one."""
    if prepared.request["kind"] == "post":
        return PostRequest.model_validate(dict(prepared.request))
    return ReplyRequest.model_validate(dict(prepared.request))


def connect(settings: WordPressSettings, surroundings: Surroundings) -> WordPressConnector:
    return WordPressConnector(
        WordPressSite(
            surroundings.http,
            surroundings.clock,
            str(settings.url),
            user=settings.user,
            password=surroundings.secrets["application_password"],
            timeout=settings.timeout_seconds,
        )
    )
