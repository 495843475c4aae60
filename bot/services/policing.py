"""Policies in force: whether a brand's members can satisfy them, and since when they hold.

The members are those that there are: those of the configuration and those that were added from a
chat. A policy that they can never satisfy would let everything wait for ever, so it is refused with
the sum, at the start and when a change of the team would bring it about. What takes another number
of people than before is written into the audit, and so is that somebody may approve alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from bot.errors import ConfigurationError
from bot.model.approval import (
    DEFAULT_POLICIES,
    ApprovalPolicy,
    Demand,
    Policies,
    Shortage,
    demands,
    reply_policy,
)
from bot.model.crisis import raised
from bot.model.event import Subject
from bot.model.ids import BrandId
from bot.model.member import Role
from bot.model.triage import Risk, Triage
from bot.store.tx import Tx

ACTION = "policy_in_force"


class Person(Protocol):
    """A member, of the store or of the configuration."""

    @property
    def name(self) -> str: ...

    @property
    def role(self) -> Role: ...


def put_in_force(tx: Tx, brand_id: BrandId, policies: Policies, *, is_solo: bool) -> None:
    """ConfigurationError, with the sum, when nobody could ever satisfy one of them."""
    brand = tx.accounts.brand(brand_id)
    sums = why_unsatisfiable(policies, brand.name, tx.people.of_brand(brand_id))
    if sums:
        raise ConfigurationError(" ".join(sums))
    if not policies:
        return
    facts = _facts(policies, is_solo=is_solo)
    last = tx.audits.latest(ACTION, Subject.BRAND, brand_id)
    before = _facts(DEFAULT_POLICIES, is_solo=False) if last is None else last.facts
    if facts != before:
        tx.audits.add(brand_id, ACTION, Subject.BRAND, brand_id, tx.now(), **facts)


def in_force(tx: Tx, brand_id: BrandId, policies: Policies) -> Policies:
    """What approvals ask for now: more while a crisis of the brand is on."""
    crisis = tx.crises.on(brand_id)
    if crisis is None:
        return policies
    return {subject: raised(policy, crisis.level) for subject, policy in policies.items()}


def policy_of_reply(
    tx: Tx, brand_id: BrandId, triage: Triage | None, policies: Policies
) -> ApprovalPolicy:
    """What a reply to an item takes now: the strictest of what its risks ask for."""
    risks = () if triage is None else triage.risks
    return reply_policy(in_force(tx, brand_id, policies), risks)


def why_unsatisfiable(policies: Policies, brand: str, team: Sequence[Person]) -> list[str]:
    """The sum of each policy for which these members can never give the approvals it asks for."""
    return [_why(short, brand, team) for short in shortages(policies, team)]


def shortages(policies: Policies, team: Sequence[Person]) -> list[Shortage]:
    """Of each policy that these members can never satisfy the numbers.

    Several risks at once are spoken of only where they are what asks for too much.
    """
    found = [_shortage(one, team) for one in demands(policies) if len(one.risks) < 2]
    short = [one for one in found if one is not None]
    if short:
        return short
    together = [_shortage(one, team) for one in demands(policies) if len(one.risks) > 1]
    return [one for one in together if one is not None]


def _shortage(demand: Demand, team: Sequence[Person]) -> Shortage | None:
    policy = demand.policy
    have, left = _able(policy.role, policy, team)
    alone = 0 if policy.alone is None else _able(policy.alone, policy, team)[1]
    if left >= policy.needed or alone:
        return None
    return Shortage(demand, have, left)


def _able(role: Role, policy: ApprovalPolicy, team: Sequence[Person]) -> tuple[int, int]:
    """How many have the role, and how many of them count whoever writes."""
    may = [member for member in team if member.role.includes(role)]
    writers = [member for member in team if member.role.includes(Role.AGENT)]
    is_one_out = policy.four_eyes and all(member in may for member in writers)
    return len(may), len(may) - is_one_out


def _why(short: Shortage, brand: str, team: Sequence[Person]) -> str:
    demand, have, left = short.demand, short.have, short.left
    subject, policy = demand.subject, demand.policy
    may = [member for member in team if member.role.includes(policy.role)]
    names = f" ({', '.join(member.name for member in may)})" if may else ""
    sum_ = f"{brand} has {have}{names}"
    if left < have:
        sum_ += f", and whoever wrote the {subject} does not count: {have} - 1 = {left}"
    remedy = f"Add members of that role, or lower what [{_table(demand)}] asks for"
    if left < have and have >= policy.needed:
        remedy += ": solo_team = true in [policies] lets people approve what they wrote themselves"
    return f"{_needs(demand)}, but {sum_}. {remedy}."


def asks_for(demand: Demand) -> str:
    """For whoever runs the desk."""
    policy = demand.policy
    eyes = ", not counting who wrote it" if policy.four_eyes else ""
    return _needs(demand) + eyes


def _needs(demand: Demand) -> str:
    policy = demand.policy
    alone = f", or one of role {policy.alone} alone" if policy.alone else ""
    return (
        f"A {demand.subject}{_to(demand.risks)} needs {policy.needed} of role {policy.role} or "
        f"above{alone}"
    )


def _to(risks: Sequence[Risk]) -> str:
    match risks:
        case ():
            return ""
        case (risk,):
            return " to abuse" if risk is Risk.ABUSE else f" with a {risk} risk"
        case _:
            return f" with several risks ({', '.join(risks)})"


def _table(demand: Demand) -> str:
    match demand.risks:
        case ():
            return f"policies.{demand.subject}"
        case (risk,):
            return f"policies.risks.{risk}"
        case _:
            return "policies.risks"


def _facts(policies: Policies, *, is_solo: bool) -> dict[str, Any]:
    facts: dict[str, Any] = {
        subject.value: [policy.needed, policy.role.value, policy.four_eyes]
        + ([policy.alone.value] if policy.alone else [])
        for subject, policy in policies.items()
    }
    return facts | {"solo_team": is_solo}
