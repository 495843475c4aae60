"""One webhook, served as `replydesk demo` or `replydesk run` serve the first of theirs.

    python -m tests.e2e.first_hook demo|run     in the folder of the desk

Run in a process of its own. It goes as far as those commands go until webhooks are taken, answers
one, and prints a JSON object: the status of the answer, and every module imported by then.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import hmac
import json
import sys
import time
from importlib import import_module
from pathlib import Path

from bot.bootstrap.address import listen
from bot.bootstrap.intake import open_intake
from bot.bootstrap.web import WebDoor, served
from bot.cli.commands import command_named
from bot.config import Settings
from bot.model.ids import RemoteId
from bot.model.network import Identity
from bot.services.settling_in import Verified, identify

HOOK_SECRET = "hook-secret-of-this-test"
COMMENT = {
    "id": "c90000",
    "post": {"id": "p1", "title": "Slow mornings"},
    "parent": None,
    "author": {"id": "maya", "name": "Maya Chen", "handle": "maya.brews", "role": "customer"},
    "text": "Where is my order?",
    "published_at": int(time.time() * 1000),
    "deleted": False,
    "url": "http://127.0.0.1:1/#c90000",
}


async def main(command: str) -> None:
    # what the command line itself imports is a part of the start
    command_named(command)
    settings = _demo() if command == "demo" else _configured()
    listening = listen("127.0.0.1", 0)
    async with open_intake(settings) as intake, served(WebDoor(intake).app, listening):
        (((network, hook), account),) = intake.connecting.lines.hooks.items()
        # as after an earlier start: who the token is of is known
        await intake.store.write(identify, Verified(account, Identity(RemoteId("acme"), "acme")))
        status = await _deliver(listening.getsockname()[1], f"/hooks/{network}/{hook}")
        told = {"status": status, "modules": sorted(sys.modules)}
    sys.stdout.write(json.dumps(told))


def _demo() -> Settings:
    folder = Path(".replydesk") / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "sandbox-token").write_text("token", encoding="ascii")
    (folder / "sandbox-hook-secret").write_text(HOOK_SECRET, encoding="ascii")
    settings: Settings = import_module("bot.bootstrap.demo").demo_settings(folder, 1)
    return settings


def _configured() -> Settings:
    settings: Settings = import_module("bot.cli.opening").settings_from(argparse.Namespace())
    return settings


async def _deliver(port: int, path: str) -> int:
    """Signed as the sandbox network signs, without importing it."""
    events = [{"kind": "comment.created", "change": 1, "comment": COMMENT}]
    body = json.dumps({"delivery": "d1", "account": "acme", "events": events}).encode()
    stamp = str(int(time.time()))
    signed = hmac.new(HOOK_SECRET.encode(), f"{stamp}.".encode() + body, hashlib.sha256)
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
        f"Content-Length: {len(body)}\r\nX-Sandbox-Timestamp: {stamp}\r\n"
        f"X-Sandbox-Signature: sha256={signed.hexdigest()}\r\n\r\n"
    )
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(head.encode() + body)
    answer = await reader.read()
    writer.close()
    return int(answer.split()[1])


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
