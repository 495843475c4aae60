"""Whether another installed distribution owns one of our top-level names.

replydesk is an application: its packages have short names and want an environment of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import metadata

from bot.bootstrap.build import DISTRIBUTION
from bot.cli.findings import Finding, fail, ok

PACKAGES = ("bot", "handlers", "integrations", "prompts")
ABOUT = "names"


def check_names(owners: Mapping[str, Iterable[str]] | None = None) -> list[Finding]:
    """`owners` maps a top-level name to the distributions that installed it."""
    installed = metadata.packages_distributions() if owners is None else owners
    found = []
    for package in PACKAGES:
        others = sorted({name for name in installed.get(package, ()) if name != DISTRIBUTION})
        if others:
            found.append(fail(ABOUT, _clash(package, others)))
    return found or [ok(ABOUT, "No other package here owns a name that replydesk needs.")]


def _clash(package: str, others: list[str]) -> str:
    names = " and ".join(others)
    verb = "owns" if len(others) == 1 else "own"
    return (
        f"{names} also {verb} the package `{package}`, and one of them will get the other's code. "
        "Install replydesk in an environment of its own, for example with `pipx install "
        f"{DISTRIBUTION}`, or uninstall {names} here."
    )
