"""The part of `replydesk check` about risks: does each of their routes name somebody known?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.cli.findings import Finding, fail, ok
from bot.cli.opening import read_if_there
from bot.config import BrandSettings, Settings
from bot.store.tx import Tx


@dataclass(frozen=True, slots=True)
class _Known:
    """Slugs that the store has besides those of the configuration."""

    members: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()


async def check_risks(settings: Settings) -> list[Finding]:
    """Counts who and what was added from a chat too, where there is a store already."""
    if not settings.risk_routes:
        return []
    stored = await read_if_there(settings, _stored) or {}
    return [
        finding
        for brand in settings.brands
        for finding in _of_brand(brand, stored.get(brand.slug, _Known()))
    ]


def _of_brand(brand: BrandSettings, stored: _Known) -> Iterator[Finding]:
    members = {one.slug for one in brand.members} | stored.members
    channels = {one.slug for one in brand.channels} | stored.channels
    for risk, route in brand.risks.routes.items():
        people = [slug for slug in route.people if slug not in members]
        where = [route.channel] if route.channel and route.channel not in channels else []
        for slug in (*people, *where):
            what = "channel" if slug in where else "member"
            says = f"[brands.risks.{risk}] of {brand.name} names {slug}, which is no {what} of it."
            yield fail("risks", f"{says} Correct it, or add that {what}.")
        if not people and not where:
            asked = ", ".join(route.asks)
            yield ok("risks", f"The {risk} risk of {brand.name} is for {asked}.")


def _stored(tx: Tx) -> dict[str, _Known]:
    return {
        brand.slug: _Known(
            frozenset(one.slug for one in tx.people.added(brand.id)),
            frozenset(one.slug for one in tx.channels.of_brand(brand.id)),
        )
        for brand in tx.accounts.brands()
    }
