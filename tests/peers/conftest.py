"""Fixtures that hand out real servers; every test in this folder carries the `peer` mark."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.peers import servers


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Before pytest applies `-m`: it runs for all collected tests, so it looks where each lies."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.peer)


@pytest.fixture(scope="session")
def peer_servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[servers.PeerServers]:
    found = servers.PeerServers(tmp_path_factory.mktemp("peers"))
    yield found
    found.close()


@pytest.fixture(scope="session")
def bluesky_peer(peer_servers: servers.PeerServers) -> servers.BlueskyPeer:
    return peer_servers.bluesky()


@pytest.fixture(scope="session")
def wordpress_peer(peer_servers: servers.PeerServers) -> servers.WordPressPeer:
    return peer_servers.wordpress()


@pytest.fixture(scope="session")
def slack_peer(peer_servers: servers.PeerServers) -> servers.SlackPeer:
    return peer_servers.slack()


@pytest.fixture(scope="session")
def html_judge(peer_servers: servers.PeerServers) -> servers.HtmlJudgePeer:
    return peer_servers.html_judge()


@pytest.fixture(scope="session")
def aimock_peer(peer_servers: servers.PeerServers) -> servers.ModelPeer:
    return peer_servers.model("aimock")


@pytest.fixture(scope="session")
def mockllm_peer(peer_servers: servers.PeerServers) -> servers.ModelPeer:
    return peer_servers.model("mockllm")


@pytest.fixture(scope="session")
def mastodon_peer() -> servers.MastodonPeer:
    return servers.mastodon()


@pytest.fixture(scope="session")
def chromium_path() -> Path:
    return servers.chromium()
