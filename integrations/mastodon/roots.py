"""Where threads begin: a status names only what it answers, not the root of its thread."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import replace

from bot.errors import TargetGone
from bot.model.network import IncomingItem, Observation, Unsupported
from integrations.mastodon.entities import Context, Status, entity
from integrations.mastodon.reading import Ourselves, Root, item, root_of, status_in
from integrations.mastodon.server import MastodonServer, at

REMEMBERED = 2_000
READ = "read:statuses"


class Roots:
    """Remembers roots by every status of their threads, so that one look serves many answers."""

    def __init__(self, server: MastodonServer) -> None:
        self._server = server
        self._known: OrderedDict[str, Root] = OrderedDict()

    async def placed(
        self, statuses: Iterable[Status | Unsupported], us: Ourselves
    ) -> list[Observation]:
        """Statuses as items in their threads, in the same order."""
        return [
            one if isinstance(one, Unsupported) else await self.place(one, us) for one in statuses
        ]

    async def place(self, status: Status, us: Ourselves) -> IncomingItem:
        return item(status, us, await self._of(status, us))

    async def beginning(self, remote_id: str, us: Ourselves) -> Root:
        """What a status itself says, as the root of its own thread. TargetGone when it is gone."""
        if remote_id not in self._known:
            answer = await self._server.read(at("statuses", remote_id), scope=READ)
            status = entity(answer, Status)
            self._keep(remote_id, replace(root_of(status, us), id=remote_id))
        return self._known[remote_id]

    async def _of(self, status: Status, us: Ourselves) -> Root | None:
        parent = status.in_reply_to_id
        if parent is None:
            return None
        if parent not in self._known:
            await self._look_up(status, parent, us)
        root = self._known[parent]
        self._keep(status.id, root)
        return root

    async def _look_up(self, status: Status, parent: str, us: Ourselves) -> None:
        try:
            answer = await self._server.read(at("statuses", status.id, "/context"), scope=READ)
        except TargetGone:
            # deleted since it was listed: its removal is told elsewhere
            self._keep(parent, Root(parent, status.in_reply_to_account_id or ""))
            return
        above = [status_in(raw) for raw in entity(answer, Context).ancestors]
        root = Root(parent, status.in_reply_to_account_id or "")
        if above and isinstance(above[0], Status):
            root = root_of(above[0], us)
        for one in above:
            if isinstance(one, Status):
                self._keep(one.id, root)
        self._keep(parent, root)

    def _keep(self, remote_id: str, root: Root) -> None:
        self._known[remote_id] = root
        self._known.move_to_end(remote_id)
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
