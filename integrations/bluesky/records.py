"""Asking after single posts: whether they stand, how they look, how their threads begin."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence

from pydantic import ValidationError

from bot.errors import Rejected, TargetGone, UnexpectedResponse
from integrations.bluesky.lexicon import PostPage, Raw, RecordAnswer, Viewer
from integrations.bluesky.reading import NO_BEGINNING, Beginning, beginning
from integrations.bluesky.syntax import AtUri, is_nsid
from integrations.bluesky.xrpc import Xrpc

AT_ONCE = 25
"""More uris in one `getPosts` are refused."""
REMEMBERED = 500


class Records:
    """Remembers the beginnings of threads, so that a poll does not ask for them every time."""

    def __init__(self, xrpc: Xrpc) -> None:
        self._xrpc = xrpc
        self._roots: OrderedDict[str, Beginning] = OrderedDict()

    async def beginnings(self, roots: Sequence[str]) -> Mapping[str, Beginning]:
        """What threads' roots say and show; a root that is not shown has nothing."""
        unknown = [uri for uri in roots if uri not in self._roots]
        views = await self.views(unknown)
        for uri in unknown:
            self._roots[uri] = beginning(views.get(uri, {}))
        told = {uri: self._roots.get(uri, NO_BEGINNING) for uri in roots}
        while len(self._roots) > REMEMBERED:
            self._roots.popitem(last=False)
        return told

    async def views(self, uris: Sequence[str]) -> Mapping[str, Raw]:
        """The posts that the network shows us, by uri; deleted and blocked ones are left out."""
        askable = [uri for uri in dict.fromkeys(uris) if _is_record(uri)]
        found: dict[str, Raw] = {}
        for start in range(0, len(askable), AT_ONCE):
            params = [("uris", uri) for uri in askable[start : start + AT_ONCE]]
            page = await self._xrpc.query("app.bsky.feed.getPosts", params, PostPage)
            found |= {str(post.get("uri")): post for post in page.posts}
        return found

    async def viewer(self, uri: str) -> Viewer | None:
        """What the network knows of us and this post; None when it does not show us the post."""
        view = (await self.views([uri])).get(uri)
        if view is None:
            return None
        try:
            return Viewer.model_validate(view.get("viewer") or {})
        except ValidationError as error:
            raise UnexpectedResponse(
                "Bluesky showed the post in a way that its lexicons do not describe."
            ) from error

    async def stands(self, uri: str) -> bool:
        """Whether the record exists, seen or not; False only when the network says that not."""
        try:
            await self.record(AtUri.parse(uri))
        except TargetGone:
            return False
        except (Rejected, ValueError):
            # not a record, or the whole repository is away: its author may be back tomorrow
            return True
        return True

    async def record(self, uri: AtUri) -> RecordAnswer:
        """TargetGone when there is none."""
        params = [("repo", uri.repo), ("collection", uri.collection), ("rkey", uri.key)]
        return await self._xrpc.query("com.atproto.repo.getRecord", params, RecordAnswer)


def _is_record(uri: str) -> bool:
    try:
        return is_nsid(AtUri.parse(uri).collection)
    except ValueError:
        return False
