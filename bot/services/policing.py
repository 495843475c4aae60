"""Policies in force: whether a brand's members can satisfy them, and since when they hold.

The members are those that there are: those of the configuration and those that were added from a
chat. A policy that they can never satisfy would let everything wait for ever, so it is refused with
the sum, at the start and when a change of the team would bring it about. What takes another number
of people than before is written into the audit, and so is that somebody may approve alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from bot.errors import ConfigurationError
from bot.model.approval import DEFAULT_POLICIES, ApprovalPolicy, ApprovalSubject, Shortage
from bot.model.crisis import raised
from bot.model.event import Subject
from bot.model.ids import BrandId
from bot.model.member import Role
from bot.store.tx import Tx

Policies = Mapping[ApprovalSubject, ApprovalPolicy]
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


def why_unsatisfiable(policies: Policies, brand: str, team: Sequence[Person]) -> list[str]:
    """The sum of each policy for which these members can never give the approvals it asks for."""
    found = (_why(subject, policy, brand, team) for subject, policy in policies.items())
    return [says for says in found if says is not None]


def shortages(policies: Policies, team: Sequence[Person]) -> list[Shortage]:
    """Of each policy that these members can never satisfy the numbers."""
    found = (_shortage(subject, policy, team) for subject, policy in policies.items())
    return [one for one in found if one is not None]


def _shortage(
    subject: ApprovalSubject, policy: ApprovalPolicy, team: Sequence[Person]
) -> Shortage | None:
    may = [member for member in team if member.role.includes(policy.role)]
    writers = [member for member in team if member.role.includes(Role.AGENT)]
    left = len(may)
    if policy.four_eyes and all(member in may for member in writers):
        left -= 1
    if left >= policy.needed:
        return None
    return Shortage(subject, policy.needed, policy.role, len(may), left)


def _why(
    subject: ApprovalSubject, policy: ApprovalPolicy, brand: str, team: Sequence[Person]
) -> str | None:
    short = _shortage(subject, policy, team)
    if short is None:
        return None
    left = short.left
    may = [member for member in team if member.role.includes(policy.role)]
    names = f" ({', '.join(member.name for member in may)})" if may else ""
    sum_ = f"{brand} has {len(may)}{names}"
    if left < len(may):
        sum_ += f", and whoever wrote the {subject} does not count: {len(may)} - 1 = {left}"
    remedy = f"Add members of that role, or lower what [policies.{subject}] asks for"
    if left < len(may) and len(may) >= policy.needed:
        remedy += ": solo_team = true in [policies] lets people approve what they wrote themselves"
    return (
        f"A {subject} needs {policy.needed} of role {policy.role.value} or above, but {sum_}. "
        f"{remedy}."
    )


def _facts(policies: Policies, *, is_solo: bool) -> dict[str, Any]:
    facts: dict[str, Any] = {
        subject.value: [policy.needed, policy.role.value, policy.four_eyes]
        for subject, policy in policies.items()
    }
    return facts | {"solo_team": is_solo}
