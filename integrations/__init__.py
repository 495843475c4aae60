"""Lines out: one public module, one network; what is registered here can be configured."""

from __future__ import annotations

from collections.abc import Mapping

NETWORKS: Mapping[str, str] = {
    "sandbox": "integrations.sandbox",
    "bluesky": "integrations.bluesky",
    "mastodon": "integrations.mastodon",
    "wordpress": "integrations.wordpress",
    "rss": "integrations.rss",
}
"""Network name -> the module whose `NETWORK` describes it; imported only when configured."""
