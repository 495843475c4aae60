"""The live checklist on servers that others wrote: what it posts is read, found and gone again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import aiohttp

from tests.contract.connectors.bluesky.real_network import person
from tests.e2e.process import said_by
from tests.peers.desk_on_a_peer import Comment, Street, unique
from tests.peers.servers import BlueskyPeer, SlackPeer, WordPressPeer
from tests.peers.slack_workspace import Workspace
from tests.peers.test_desk_on_bluesky import Sky
from tests.peers.test_desk_on_wordpress import Blog

BRAND = """
[[brands]]
slug = "acme"
name = "Acme Tea"

[[brands.members]]
slug = "ada"
name = "Ada"
role = "admin"
"""
WRITTEN = ("verify", "read", "reply", "find", "tidy")


async def smoked(
    folder: Path, configuration: str, *words: str, environment: Mapping[str, str] | None = None
) -> dict[str, str]:
    """The verdict of each step."""
    (folder / "replydesk.toml").write_text(BRAND + configuration, "utf-8")
    _code, said = await said_by(folder, "smoke", "--yes", *words, environment=environment)
    reports = sorted((folder / ".replydesk" / "smoke").glob("*.json"))
    assert reports, said
    steps = json.loads(reports[-1].read_text("utf-8"))["steps"]
    return {row["step"]: row["verdict"] for row in steps if row["verdict"] != "fail"}


async def goes_through(street: Street, folder: Path, comment: Comment, named: str) -> None:
    folder.mkdir()
    (folder / "password").write_text(street.password, "utf-8")
    account = f'[[brands.accounts]]\nslug = "ours"\n{street.account(street.address)}'
    verdicts = await smoked(folder, account, "--only", "ours", "--reply", f"ours={named}")
    assert {step: verdicts.get(step) for step in WRITTEN} == dict.fromkeys(WRITTEN, "pass")
    assert await street.replies(comment) == []


async def test_a_blog(wordpress_peer: WordPressPeer, tmp_path: Path) -> None:
    async with aiohttp.ClientSession() as http:
        blog = Blog(wordpress_peer, http)
        comment = await blog.comment(unique("Is the kettle back?"))
        async with http.get(f"{wordpress_peer.url}/?p={wordpress_peer.post_id}") as page:
            address = f"{page.url}#comment-{comment.place}"
        await goes_through(blog, tmp_path / "desk", comment, address)


async def test_a_bluesky_network(bluesky_peer: BlueskyPeer, tmp_path: Path) -> None:
    async with (
        person(bluesky_peer, bluesky_peer.fan) as fan,
        person(bluesky_peer, bluesky_peer.brand) as owner,
    ):
        sky = Sky(bluesky_peer, owner, fan, await owner.post(unique("Our autumn menu")))
        comment = await sky.comment(unique("Is there soup?"))
        await goes_through(sky, tmp_path / "desk", comment, comment.place)


async def test_a_workspace(slack_peer: SlackPeer, tmp_path: Path) -> None:
    async with aiohttp.ClientSession() as http:
        channel = await Workspace(slack_peer, http).channel("general")
    slack = f"""
[[brands.channels]]
slug = "care"
chat = "slack"
channel = "{channel}"

[slack]
mode = "http"
api_url = "{slack_peer.api_url}"
"""
    secrets = {
        "SLACK_BOT_TOKEN": slack_peer.bot_token,
        "SLACK_SIGNING_SECRET": slack_peer.signing_secret,
    }
    verdicts = await smoked(tmp_path, slack, "--only", "slack", environment=secrets)
    for step in ("token", "channel", "post", "find", "redraw", "thread", "tidy"):
        assert verdicts.get(step) == "pass", (step, verdicts)
    # what emulate does not have is said, and is no pass
    assert verdicts["blocks"] == verdicts["scopes"] == "not checked"
