"""Which replydesk this is."""

from __future__ import annotations

from importlib import metadata

DISTRIBUTION = "replydesk"


def version() -> str:
    """As it was installed; a checkout that was not installed has none."""
    try:
        return metadata.version(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        return "(not installed)"
