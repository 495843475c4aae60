"""The sandbox network's connector: one brand account, spoken to over HTTP like any other."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from bot.errors import CannotTell, SignatureInvalid, TargetGone, UnexpectedResponse
from bot.model.engagement import Reactions
from bot.model.hook import HookReading, HookRequest
from bot.model.ids import Moment, Monotonic, NetworkName, RemoteId
from bot.model.moderation import ModerationAction
from bot.model.network import (
    Batch,
    Capabilities,
    Capability,
    Cursor,
    Identity,
    IncomingItem,
    Leg,
    Observation,
    ReadBack,
    Watch,
)
from bot.model.publication import OutgoingText, Prepared, Receipt, ReplyTarget, Staged
from bot.ports import Clock
from integrations.definition import Surroundings
from integrations.sandbox import hook_reading, writing
from integrations.sandbox.errors import raise_for
from integrations.sandbox.reading import (
    ForeignComment,
    ForeignPost,
    ForeignReactions,
    Listing,
    PostListing,
    parse,
    read_identity,
    read_listing,
)
from integrations.sandbox.settings import SandboxSettings
from integrations.wire import Answer, Params, Wire

TITLE = "Sandbox"
COMMENTS = Leg("comments")
KEY_SECONDS = 86_400.0
"""The network never forgets a key; a desk that was stopped for a day asks all the same."""
_FIRST = "200"
_PAGE = "100"
_MOST_PAGES = 20
_POSTS = {
    ModerationAction.LIKE: "like",
    ModerationAction.UNLIKE: "unlike",
    ModerationAction.HIDE: "hide",
    ModerationAction.UNHIDE: "unhide",
    ModerationAction.SPAM: "spam",
}


class SandboxConnector:
    """Reads by webhook and by poll; the poll is the truth."""

    def __init__(
        self, settings: SandboxSettings, wire: Wire, clock: Clock, token: str, hook_secret: str
    ) -> None:
        self._settings = settings
        self._wire = wire
        self._clock = clock
        self._token = token
        self._hook_secret = hook_secret
        self.capabilities = _capabilities(settings)

    async def verify(self) -> Identity:
        return read_identity(await self._get("/me"))

    async def fetch(self, leg: Leg, since: Cursor | None, watch: Watch) -> Batch:
        """The cursor is `{"since": N}`: the number of the last change that was seen."""
        params = [("newest", _FIRST)]
        if since is not None:
            params = [("since", str(json.loads(since)["since"])), ("limit", _PAGE)]
        listing = parse(Listing, await self._get("/comments", params))
        observations = read_listing(listing)
        if since is None and watch.since is not None:
            observations = tuple(one for one in observations if not _is_before(one, watch.since))
        return Batch(
            observations=observations,
            cursor=Cursor(json.dumps({"since": listing.next_since})),
            more=listing.has_more,
        )

    async def recall(self, at: Cursor | None, since: Moment) -> Batch:
        """The cursor is the name of the last comment that was read; they are listed by age."""
        after = at or "c0"
        listing = parse(
            Listing, await self._get("/comments", [("after_id", after), ("limit", _FIRST)])
        )
        observations = read_listing(listing)
        last = listing.comments[-1].get("id", after) if listing.comments else after
        return Batch(
            observations=tuple(one for one in observations if not _is_before(one, since)),
            cursor=Cursor(str(last)),
            # a whole page of our own words is left out of the listing, and says not where it ends
            more=listing.has_more and last != after,
        )

    async def measure(self, posts: Sequence[RemoteId]) -> Mapping[RemoteId, Reactions]:
        """One request for each; what is not a post of this network is not shown."""
        found: dict[RemoteId, Reactions] = {}
        for post in posts:
            with contextlib.suppress(TargetGone):
                seen = parse(ForeignReactions, await self._get(f"/posts/{post}/reactions"))
                found[post] = Reactions(
                    Moment(seen.published_at), seen.likes, seen.shares, seen.comments, seen.views
                )
        return found

    def read_hook(self, request: HookRequest) -> HookReading:
        if not self._hook_secret:
            raise SignatureInvalid(
                "A sandbox webhook came, but this account has no hook_secret; it was refused. "
                "Set hook_secret to believe webhooks."
            )
        return hook_reading.read_hook(request, self._hook_secret, self._clock.now())

    def prepare(self, text: OutgoingText) -> Prepared:
        return writing.prepare(text)

    async def stage(self, prepared: Prepared, media: Sequence[bytes]) -> Staged:
        refs: dict[str, Any] = {}
        for wanted, data in zip(prepared.request["media"], media, strict=True):
            answer = await self._wire.call(
                "POST",
                "/media",
                headers=self._headers(),
                raw=data,
                content_type=wanted["type"],
            )
            raise_for(answer, now=self._clock.now())
            body = answer.json()
            if not isinstance(body, dict) or not isinstance(body.get("id"), str):
                raise UnexpectedResponse(
                    "The sandbox network took a picture without naming it.",
                    payload=answer.excerpt(),
                )
            refs[wanted["hash"]] = {"id": body["id"]}
        return Staged(refs)

    async def publish(
        self, prepared: Prepared, staged: Staged | None, deadline: Monotonic
    ) -> Receipt:
        headers = self._headers()
        if self._settings.has_idempotency_keys:
            headers["Idempotency-Key"] = prepared.key
        answer = await self._wire.call(
            "POST",
            writing.write_path(prepared.request),
            headers=headers,
            json_body=writing.write_body(prepared.request, staged),
            writes=True,
            deadline=deadline,
        )
        raise_for(answer, now=self._clock.now(), writes=True)
        is_reply = prepared.request["reply_to"] is not None
        if is_reply:
            return writing.receipt_of(parse(ForeignComment, answer))
        return writing.receipt_of(parse(ForeignPost, answer))

    async def find(self, prepared: Prepared) -> Receipt | None:
        target = prepared.request["reply_to"]
        if target is None:
            return writing.match(prepared, await self._own_posts(prepared.request["at"]))
        try:
            return writing.match(prepared, await self._own_replies(target))
        except TargetGone as error:
            raise CannotTell(
                "What this answers is gone from the sandbox network, and its replies cannot be "
                "listed any more. Look at the thread and decide."
            ) from error

    async def moderate(self, action: ModerationAction, target: ReplyTarget) -> None:
        path = f"/comments/{target.remote_id}"
        if action in _POSTS:
            await self._act("POST", f"{path}/{_POSTS[action]}")
            return
        if str(target.remote_id).startswith("p"):
            path = f"/posts/{target.remote_id}"
        await self._act("DELETE", path)

    async def _act(self, method: str, path: str) -> None:
        answer = await self._wire.call(method, path, headers=self._headers())
        raise_for(answer, now=self._clock.now())

    async def _own_replies(self, target: str) -> list[ForeignComment]:
        found: list[ForeignComment] = []
        after = "c0"
        for _ in range(_MOST_PAGES):
            answer = await self._get(
                f"/comments/{target}/replies", [("author", "me"), ("after_id", after)]
            )
            listing = parse(Listing, answer)
            found += [_comment(raw, answer) for raw in listing.comments]
            if not listing.has_more:
                return found
            after = found[-1].id
        raise _too_many()

    async def _own_posts(self, at: int) -> list[ForeignPost]:
        """Down to the first that is clearly older than the moment `at`."""
        found: list[ForeignPost] = []
        params: list[tuple[str, str]] = []
        for _ in range(_MOST_PAGES):
            page = parse(PostListing, await self._get("/posts", params))
            found += page.posts
            if not page.has_more or page.posts[-1].published_at < at - 60_000:
                return found
            params = [("before_id", page.posts[-1].id)]
        raise _too_many()

    async def _get(self, path: str, params: Params = ()) -> Answer:
        answer = await self._wire.call("GET", path, params=params, headers=self._headers())
        raise_for(answer, now=self._clock.now())
        return answer

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"}


def _read_back(settings: SandboxSettings) -> ReadBack:
    if not settings.can_be_read_back:
        return ReadBack.NONE
    return ReadBack.SETTLES if settings.settle_seconds else ReadBack.IMMEDIATE


def _is_before(seen: Observation, moment: Moment) -> bool:
    return isinstance(seen, IncomingItem) and seen.published_at < moment


def _comment(raw: dict[str, Any], answer: Answer) -> ForeignComment:
    """Looking for our reply among comments that cannot be read would prove a false absence."""
    try:
        return ForeignComment.model_validate(raw)
    except ValueError as error:
        raise UnexpectedResponse(
            "The sandbox network's comments look different from what it documents.",
            payload=answer.excerpt(),
        ) from error


def _too_many() -> CannotTell:
    return CannotTell(
        "There is too much of ours on the sandbox network to read it all. "
        "Look at the thread and decide."
    )


def connect(settings: SandboxSettings, surroundings: Surroundings) -> SandboxConnector:
    """Builds the connector without touching the network."""
    wire = Wire(
        surroundings.http,
        surroundings.clock,
        settings.base_url,
        title="The sandbox network",
        timeout=settings.timeout_seconds,
    )
    secrets = surroundings.secrets
    return SandboxConnector(
        settings, wire, surroundings.clock, secrets["token"], secrets.get("hook_secret", "")
    )


def _capabilities(settings: SandboxSettings) -> Capabilities:
    return Capabilities(
        network=NetworkName("sandbox"),
        title=TITLE,
        can=frozenset(Capability),
        cannot={},
        legs={COMMENTS: settings.poll_seconds},
        read_back=_read_back(settings),
        settle_seconds=settings.settle_seconds,
        key_seconds=KEY_SECONDS if settings.has_idempotency_keys else 0.0,
        requests_per_minute=600,
        is_played=True,
    )
