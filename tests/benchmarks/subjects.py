"""Whose start is measured: the demo, a desk with everything configured, and the floor."""

from __future__ import annotations

import base64
import sqlite3
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bot.model.ids import Moment
from integrations.sandbox.server import SandboxServer
from tests.contract.connectors.bluesky import fake as bluesky
from tests.contract.connectors.mastodon import fake as mastodon
from tests.contract.connectors.rss import fake as rss
from tests.contract.connectors.wordpress import fake as wordpress
from tests.e2e.process import HOOK_SECRET, REPLYDESK, TOKEN
from tests.fakes import slack_server as slack
from tests.fakes import telegram_server as telegram
from tests.fakes.clock import START
from tests.fakes.openai_server import KEY, running_openai
from tests.fakes.telegram_world import GROUP
from tests.services import LOOPBACK, free_port

ENVELOPE_KEY = base64.urlsafe_b64encode(bytes(32)).decode()


@dataclass(frozen=True, slots=True)
class Subject:
    """A program that accepts hooks at `hook`, started in `folder`."""

    name: str
    folder: Path
    words: tuple[str, ...]
    hook: str
    program: Sequence[str] = REPLYDESK
    environment: Mapping[str, str] = field(default_factory=dict)
    pages: tuple[str, ...] = ()
    """Shown once before anything is measured: what is loaded for the first page is part of it."""
    database: Path | None = None
    """Where what was accepted must be found; None where nothing is kept."""

    def stored(self, remote_ids: Sequence[str]) -> set[str]:
        """Which of these the database holds."""
        if self.database is None:
            return set(remote_ids)
        marks = ",".join("?" * len(remote_ids))
        connection = sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)
        try:
            found = connection.execute(
                f"SELECT remote_id FROM item WHERE remote_id IN ({marks})", remote_ids
            )
            return {remote_id for (remote_id,) in found}
        finally:
            connection.close()


@asynccontextmanager
async def floor(folder: Path) -> AsyncIterator[Subject]:
    port = free_port()
    yield Subject(
        "floor",
        folder,
        (str(port),),
        f"http://{LOOPBACK}:{port}/hooks/sandbox/floor",
        program=(sys.executable, "-m", "tests.benchmarks.hook_floor"),
    )


@asynccontextmanager
async def demo(folder: Path) -> AsyncIterator[Subject]:
    port = free_port()
    data = folder / ".replydesk" / "demo"
    data.mkdir(parents=True)
    # the demo takes a secret that is there already for its own
    (data / "sandbox-hook-secret").write_text(HOOK_SECRET, encoding="ascii")
    yield Subject(
        "demo",
        folder,
        ("demo", "--no-browser"),
        f"http://{LOOPBACK}:{port}/hooks/sandbox/demo",
        environment={"PORT": str(port)},
        pages=("/", "/sandbox/"),
        database=data / "desk.db",
    )


@asynccontextmanager
async def everything(folder: Path) -> AsyncIterator[Subject]:
    """`replydesk run` on SQLite with every network, Slack by its socket, Telegram by polling, a
    model, and a key that seals sessions.

    The networks, the chats and the model are played by this process, quietly.
    """
    port = free_port()
    async with AsyncExitStack() as stack:
        sandbox = await stack.enter_async_context(SandboxServer(token=TOKEN))
        toot = await stack.enter_async_context(mastodon.fake_mastodon(Moment(START)))
        sky = await stack.enter_async_context(bluesky.running_bluesky())
        blog = await stack.enter_async_context(wordpress.fake_wordpress(Moment(START)))
        feed = await stack.enter_async_context(rss.fake_feed())
        model = await stack.enter_async_context(running_openai())
        team = await stack.enter_async_context(slack.SlackServer().serving())
        group = await stack.enter_async_context(telegram.TelegramServer().serving())
        _secrets(folder)
        (folder / "replydesk.toml").write_text(
            CONFIGURATION.format(
                port=port, sandbox=sandbox.url, mastodon=toot.url, bluesky=sky.url,
                handle=bluesky.HANDLE, wordpress=blog.url, user=wordpress.USER, rss=feed.url,
                model=model.url, slack=team.api_url, telegram=group.url, group=GROUP,
            ),
            encoding="utf-8",
        )  # fmt: skip
        yield Subject(
            "everything",
            folder,
            ("run",),
            f"http://{LOOPBACK}:{port}/hooks/sandbox/acme",
            environment={"OPENAI_API_KEY": KEY, "REPLYDESK_KEY": ENVELOPE_KEY},
            pages=("/sign-in",),
            database=folder / ".replydesk" / "desk.db",
        )


def _secrets(folder: Path) -> None:
    kept = {
        "token": TOKEN,
        "hook-secret": HOOK_SECRET,
        "mastodon-token": mastodon.TOKEN,
        "bluesky-password": bluesky.APP_PASSWORD,
        "wordpress-password": wordpress.PASSWORD,
        "slack-bot-token": slack.BOT_TOKEN,
        "slack-app-token": slack.APP_TOKEN,
        "telegram-token": telegram.TOKEN,
    }
    for name, secret in kept.items():
        (folder / name).write_text(secret, encoding="ascii")


SUBJECTS = {"floor": floor, "demo": demo, "everything": everything}

CONFIGURATION = """\
[desk]
port = {port}
allow_private_hosts = ["127.0.0.1"]

[drafts]
drafter = "openai"
base_url = "{model}"

[slack]
bot_token = {{ file = "slack-bot-token" }}
app_token = {{ file = "slack-app-token" }}
api_url = "{slack}"

[telegram]
bot_token = {{ file = "telegram-token" }}
base_url = "{telegram}"

[[brands]]
slug = "acme"
name = "Acme Tea"
languages = ["en", "fr", "ro", "ru"]
keywords = ["acme"]

[[brands.members]]
slug = "alice"
name = "Alice"
role = "admin"

[[brands.members]]
slug = "bob"
name = "Bob"
role = "approver"

[[brands.accounts]]
slug = "sandbox"
network = "sandbox"
hook = "acme"
base_url = "{sandbox}"
token = {{ file = "token" }}
hook_secret = {{ file = "hook-secret" }}

[[brands.accounts]]
slug = "mastodon"
network = "mastodon"
base_url = "{mastodon}"
access_token = {{ file = "mastodon-token" }}
hashtags = ["#acme"]

[[brands.accounts]]
slug = "bluesky"
network = "bluesky"
handle = "{handle}"
app_password = {{ file = "bluesky-password" }}
service = "{bluesky}"
pds = "{bluesky}"

[[brands.accounts]]
slug = "wordpress"
network = "wordpress"
url = "{wordpress}"
user = "{user}"
application_password = {{ file = "wordpress-password" }}

[[brands.accounts]]
slug = "rss"
network = "rss"
url = "{rss}"

[[brands.channels]]
slug = "care"
chat = "slack"
channel = "C0CARE"

[[brands.channels]]
slug = "group"
chat = "telegram"
channel = "{group}"
"""
