"""Where the real servers of this test run are: named by the environment, else started here.

`REPLYDESK_PEERS_JSON` names the file that `python scripts/peers/run.py up ... --json FILE` wrote.
Without it an installed peer is started for the session. `docs/howto/run-against-real-servers.md`.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import pytest

ADDRESSES_VARIABLE = "REPLYDESK_PEERS_JSON"
REQUIRE_VARIABLE = "REPLYDESK_REQUIRE_SERVICES"
LAUNCHER = Path(__file__).resolve().parents[2] / "scripts/peers/run.py"
SECONDS_TO_START = 240.0
SECONDS_TO_END = 30.0
LOOK_EVERY_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class BlueskyAccount:
    handle: str
    did: str
    password: str
    app_password: str | None


@dataclass(frozen=True, slots=True)
class BlueskyPeer:
    """A reply notifies nobody when the AppView had not yet indexed the post it replies to.

    A test that writes a post and a reply to it waits in between until the AppView shows the post.
    """

    pds: str
    appview: str
    brand: BlueskyAccount
    fan: BlueskyAccount


@dataclass(frozen=True, slots=True)
class WordPressPeer:
    url: str
    user: str
    application_password: str
    post_id: int


@dataclass(frozen=True, slots=True)
class ModelPeer:
    """`base_url` ends in /v1, as the openai library wants it."""

    base_url: str
    api_key: str


@dataclass(frozen=True, slots=True)
class SlackPeer:
    """A workspace's Web API; `api_url` ends in /api, as `slack.api_url` does."""

    api_url: str
    bot_token: str
    signing_secret: str


@dataclass(frozen=True, slots=True)
class HtmlJudgePeer:
    """`command` takes options and files; it ends with 1 when it complains."""

    command: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MastodonPeer:
    url: str
    brand_token: str
    fan_token: str


class PeerServers:
    """Finds or starts the peers of one test session, each once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._started: list[subprocess.Popen[bytes]] = []

    def bluesky(self) -> BlueskyPeer:
        address = self._address("bluesky")
        return BlueskyPeer(
            pds=address["pds"],
            appview=address["appview"],
            brand=_bluesky_account(address["brand"]),
            fan=_bluesky_account(address["fan"]),
        )

    def wordpress(self) -> WordPressPeer:
        address = self._address("wordpress")
        return WordPressPeer(
            url=address["url"],
            user=address["brand"]["user"],
            application_password=address["brand"]["application_password"],
            post_id=address["post_id"],
        )

    def model(self, name: str) -> ModelPeer:
        address = self._address(name)
        return ModelPeer(base_url=address["base_url"], api_key=address["api_key"])

    def html_judge(self) -> HtmlJudgePeer:
        return HtmlJudgePeer(tuple(self._address("html-judge")["command"]))

    def slack(self) -> SlackPeer:
        address = self._address("slack")
        return SlackPeer(address["api_url"], address["bot_token"], address["signing_secret"])

    def close(self) -> None:
        """End what was started here, last started first."""
        for process in reversed(self._started):
            process.terminate()
        for process in reversed(self._started):
            process.wait(SECONDS_TO_END)

    def _address(self, name: str) -> Mapping[str, Any]:
        named = os.environ.get(ADDRESSES_VARIABLE)
        if named:
            addresses: Mapping[str, Mapping[str, Any]] = json.loads(
                Path(named).read_text(encoding="utf-8")
            )
            if name not in addresses:
                unavailable(f"{ADDRESSES_VARIABLE} names a file without {name}")
            return addresses[name]
        if not _is_installed(name):
            unavailable(f"{name} is not installed: python scripts/peers/run.py install {name}")
        return self._start(name)

    def _start(self, name: str) -> Mapping[str, Any]:
        answer = self._folder / f"{name}.json"
        log = self._folder / f"{name}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [*_die_with_us(), sys.executable, LAUNCHER, "up", name, "--json", answer],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self._started.append(process)
        deadline = time.monotonic() + SECONDS_TO_START
        while not answer.is_file():
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"{name} did not start:\n{log.read_text(errors='replace')}")
            time.sleep(LOOK_EVERY_SECONDS)
        address: Mapping[str, Any] = json.loads(answer.read_text(encoding="utf-8"))[name]
        return address


def mastodon() -> MastodonPeer:
    """Skipping is always allowed: there is no server of this kind to install from a registry."""
    values = [
        os.environ.get(f"REPLYDESK_PEER_MASTODON_{word}")
        for word in ("URL", "BRAND_TOKEN", "FAN_TOKEN")
    ]
    match values:
        case [str(url), str(brand_token), str(fan_token)] if url:
            return MastodonPeer(url, brand_token, fan_token)
        case _:
            pytest.skip(
                "no Mastodon-compatible server is named: set REPLYDESK_PEER_MASTODON_URL, "
                "REPLYDESK_PEER_MASTODON_BRAND_TOKEN and REPLYDESK_PEER_MASTODON_FAN_TOKEN"
            )


def chromium() -> Path:
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        unavailable("Chromium is not installed: python scripts/peers/run.py install chromium")
    return Path(found)


def unavailable(reason: str) -> NoReturn:
    """Skip with the reason; fail where a skip would hide that nothing was proved."""
    if os.environ.get(REQUIRE_VARIABLE) == "1":
        pytest.fail(f"{reason} ({REQUIRE_VARIABLE}=1 forbids to skip)", pytrace=False)
    pytest.skip(reason)


def _bluesky_account(values: Mapping[str, str]) -> BlueskyAccount:
    return BlueskyAccount(
        handle=values["handle"],
        did=values["did"],
        password=values["password"],
        app_password=values.get("app_password"),
    )


def _is_installed(name: str) -> bool:
    if not sys.platform.startswith("linux"):
        return False
    asked = subprocess.run(
        [sys.executable, LAUNCHER, "installed", name], capture_output=True, check=False, timeout=30
    )
    return asked.returncode == 0


def _die_with_us() -> list[str]:
    """A test run that is killed leaves no servers behind."""
    return ["setpriv", "--pdeathsig", "TERM", "--"] if shutil.which("setpriv") else []
