"""The part of `replydesk check` about people: can they give the approvals that are asked for?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.cli.findings import Finding, fail, ok
from bot.cli.opening import read_if_there
from bot.config import BrandSettings, Settings
from bot.model.approval import demands
from bot.services.policing import Person, asks_for, why_unsatisfiable
from bot.store.tx import Tx


async def check_policies(settings: Settings) -> list[Finding]:
    """Counts who was added from a chat too, where there is a store already."""
    added = await read_if_there(settings, _stored) or {}
    policies = settings.policies.in_force()
    sums = [
        says
        for brand in settings.brands
        for says in why_unsatisfiable(policies, brand.name, _team(brand, added))
    ]
    if sums:
        return [fail("policies", says) for says in sums]
    found = []
    for demand in demands(policies):
        if len(demand.risks) < 2:
            says = f"{asks_for(demand)}; every brand has enough members."
            found.append(ok("policies", says))
    return found


def _team(brand: BrandSettings, added: Mapping[str, Sequence[Person]]) -> list[Person]:
    return [*brand.members, *added.get(brand.slug, ())]


def _stored(tx: Tx) -> Mapping[str, Sequence[Person]]:
    """By the brand's slug."""
    return {brand.slug: tx.people.added(brand.id) for brand in tx.accounts.brands()}
