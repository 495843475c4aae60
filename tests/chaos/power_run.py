"""One life of a real desk, recorded down to its writes, and what it acknowledged meanwhile."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from bot.cards.actions import ActionName
from integrations.sandbox.hooks import signed_headers
from integrations.sandbox.records import Change
from integrations.sandbox.rendering import comment_json
from integrations.sandbox.server import SandboxServer
from tests.chaos.power_trace import Kind, Record, build_recorder, read_log
from tests.e2e.console_client import Person, eventually, person_at
from tests.e2e.loop import drafted
from tests.e2e.process import HOOK_SECRET, TOKEN, DeskHome

COMMENTS = 24
_REPLY = re.compile(rb"POST /sandbox/api/comments/(c\d+)/replies HTTP/1\.1\r\n")


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """`at`: where in the log the desk was about to say so. `words` is empty for a hook."""

    at: int
    comment: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class Recording:
    records: Sequence[Record]
    acknowledged: Sequence[Acknowledged]
    sent: Mapping[str, int]
    """By comment, where in the log the body of our reply was about to leave."""
    network: Path


async def recorded(folder: Path) -> Recording:
    """A day at the desk: comments come, every second one is answered, and it stops in order."""
    home, log, network = DeskHome(folder / "desk"), folder / "power.log", folder / "network.sqlite"
    environment = {
        "LD_PRELOAD": str(build_recorder(folder)),
        "POWER_LOG": str(log),
        "POWER_DIR": str(home.database.parent.resolve()),
    }
    asked: list[tuple[int, int, Acknowledged]] = []
    async with SandboxServer(str(network), token=TOKEN) as sandbox:
        sandbox.network.honours_keys = False
        home.network = sandbox.url
        home.configure(poll_seconds=20, has_keys=False)
        async with home.open(environment=environment) as desk:
            day = _Day(home, sandbox, log, asked)
            link = await home.printed_link("alice", environment)
            async with person_at(home.url, link=link) as alice, aiohttp.ClientSession() as http:
                assert (await alice.order("go_live", account="acme")).is_done
                await day.live(alice, http)
            code, _seconds = await desk.interrupt()
            assert code == 0, desk.said
    records = read_log(log)
    acknowledged = [_placed(records, *one) for one in asked]
    return Recording(records, acknowledged, _sent(records), network)


@dataclass(frozen=True, slots=True)
class _Day:
    home: DeskHome
    sandbox: SandboxServer
    log: Path
    asked: list[tuple[int, int, Acknowledged]]

    async def live(self, alice: Person, http: aiohttp.ClientSession) -> None:
        network = self.sandbox.network
        post = await network.publish_post("Slow mornings")
        for number in range(COMMENTS):
            mark = f"K{number:04d}"
            before = await network.latest_change()
            said = await network.comment("maya", f"{mark} where is my order?", post_id=post.id)
            changes = await network.changes_since(before)
            await self._hook(http, next(one for one in changes if one.comment.id == said.id))
            if number % 2:
                await self._approve(alice, f"c{said.id}", mark)

        async def all_stand() -> bool:
            replies = await self.sandbox.visible_replies()
            return len(replies) == COMMENTS // 2

        await eventually(all_stand, "every reply on the network", 60.0)

    async def _hook(self, http: aiohttp.ClientSession, change: Change) -> None:
        network = self.sandbox.network
        told = {"kind": change.kind, "change": change.number}
        events = [{**told, "comment": comment_json(network, change.comment)}]
        name = f"d{change.number}"
        body = json.dumps({"delivery": name, "account": "acme", "events": events}).encode()
        headers = signed_headers(HOOK_SECRET, network.now(), name, body)
        before = self._here()
        async with http.post(self.home.hook, data=body, headers=headers) as answer:
            assert answer.status == 200, await answer.text()
        self.asked.append((before, self._here(), Acknowledged(0, f"c{change.comment.id}")))

    async def _approve(self, alice: Person, comment: str, mark: str) -> None:
        card = await drafted(alice, mark)
        words = f"We look for it, {mark}."
        before = self._here()
        pressed = await alice.press(card, ActionName.EDIT, words)
        assert pressed.is_done, pressed
        self.asked.append((before, self._here(), Acknowledged(0, comment, words)))

    def _here(self) -> int:
        return self.log.stat().st_size


def _placed(records: Sequence[Record], before: int, after: int, one: Acknowledged) -> Acknowledged:
    """The driver does one thing at a time: the first 200 between asking and hearing is ours."""
    said = [
        record.at
        for record in records
        if before <= record.at < after
        and record.kind is Kind.SENT
        and record.data.startswith(b"HTTP/1.1 200")
    ]
    return Acknowledged(said[0], one.comment, one.words)


def _sent(records: Sequence[Record]) -> dict[str, int]:
    """Head and body of a request may leave one after the other, by the same socket."""
    sent: dict[str, int] = {}
    begun: dict[str, str] = {}
    for record in records:
        if record.kind is not Kind.SENT:
            continue
        head = _REPLY.match(record.data)
        comment = head[1].decode() if head else begun.pop(record.path, None)
        if comment is None:
            continue
        if head and not record.data.partition(b"\r\n\r\n")[2]:
            begun[record.path] = comment
        else:
            sent.setdefault(comment, record.at)
    return sent
