"""Those who write: what the day says they do, done on the sandbox network at its time."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from bot.model.ids import RemoteId
from integrations.sandbox.records import ChangeKind, Role, User
from integrations.sandbox.server import SandboxServer
from tests.day.generator import Said, Writer
from tests.day.house import House


class Does(Protocol):
    async def __call__(self) -> object: ...


@dataclass(slots=True)
class Town:
    """`truth` knows of each comment what its writer meant, by account and the network's name."""

    house: House
    midnight: int
    truth: dict[tuple[str, RemoteId], Said] = field(default_factory=dict)
    later: dict[tuple[str, RemoteId], Said] = field(default_factory=dict)
    """What was asked by people who will write again once they are answered."""
    followed: int = 0
    _plan: list[tuple[int, int, Does]] = field(default_factory=list)
    _planned: int = 0

    def plan(self, said: Sequence[Said]) -> None:
        for one in said:
            self._at(one.at, partial(self._says, one))

    def next_at(self) -> int | None:
        """Seconds of the day."""
        return self._plan[0][0] if self._plan else None

    async def act(self) -> None:
        """Whatever is due by now."""
        await self._hear()
        while self._plan and self._plan[0][0] <= self._second():
            await heapq.heappop(self._plan)[2]()

    def _second(self) -> int:
        return (self.house.kit.clock.now() - self.midnight) // 1_000

    def _at(self, second: int, does: Does) -> None:
        self._planned += 1
        heapq.heappush(self._plan, (second, self._planned, does))

    async def _says(self, said: Said) -> None:
        network = self.house.networks[said.account].network
        await network.meet(_user(said.writer))
        comment = await network.comment(said.writer.id, said.text, post_id=said.post)
        name = RemoteId(f"c{comment.id}")
        self.truth[said.account, name] = said
        if said.edited_at:
            self._at(said.edited_at, partial(network.edit, comment.id, said.edited_text))
        if said.deleted_at:
            self._at(said.deleted_at, partial(network.mark, comment.id, ChangeKind.DELETED))
        if said.then is not None:
            self.later[said.account, name] = said

    async def _hear(self) -> None:
        """Who was answered writes again after a while."""
        for account, server in self.house.networks.items():
            waiting = {name for slug, name in self.later if slug == account}
            for name in waiting & (await server.visible_replies()).keys() if waiting else ():
                said = self.later.pop((account, RemoteId(name)))
                assert said.then is not None
                second = self._second() + said.then.after
                self._at(second, partial(self._writes_again, server, said, name))

    async def _writes_again(self, server: SandboxServer, said: Said, name: str) -> None:
        then = said.then
        assert then is not None
        asked = int(name[1:])
        ours = [one for one in await server.network.brand_replies() if one.parent_id == asked]
        comment = await server.network.comment(said.writer.id, then.text, parent=ours[-1])
        self.followed += 1
        again = Said(
            said.number, self._second(), said.account, said.language, then.shape, said.writer,
            then.text, said.post,
        )  # fmt: skip
        self.truth[said.account, RemoteId(f"c{comment.id}")] = again


def _user(writer: Writer) -> User:
    handle = writer.id.lower()
    return User(writer.id, writer.name, handle, Role.CUSTOMER, writer.language, writer.followers, 3)
