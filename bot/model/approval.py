"""Approvals: who said yes or no to exactly which words, and how many must."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.model.draft import normalised
from bot.model.ids import AccountId, ApprovalId, MemberId, Moment
from bot.model.media import OwnMedia
from bot.model.member import Role
from bot.model.publication import Mention
from bot.model.triage import Risk


class ApprovalSubject(StrEnum):
    REPLY = "reply"
    POST = "post"


@dataclass(frozen=True, slots=True)
class ApprovalPolicy:
    """How many members of which role must say yes.

    `four_eyes`: whoever wrote or edited the version may not be among them. `alone`: one yes of
    this role or above is enough, however many are `needed`; of replies only.
    """

    needed: int = 1
    role: Role = Role.APPROVER
    four_eyes: bool = False
    alone: Role | None = None

    @property
    def enough(self) -> Role | None:
        """The least role whose single yes satisfies it; None: nobody's does."""
        return self.role if self.needed == 1 else self.alone

    def counted(self, roles: Collection[Role]) -> int:
        """How many yeses of members of these roles count."""
        return sum(role.includes(self.role) for role in roles)

    def is_satisfied(self, roles: Collection[Role]) -> bool:
        """By the yeses of members of these roles."""
        alone = self.alone
        is_enough = alone is not None and any(role.includes(alone) for role in roles)
        return is_enough or self.counted(roles) >= self.needed


Policies = Mapping[ApprovalSubject | Risk, ApprovalPolicy]
"""By what is approved; a risk's is for replies to what has it, beside that for all replies."""

DEFAULT_POLICIES: Policies = {
    ApprovalSubject.REPLY: ApprovalPolicy(needed=1, role=Role.APPROVER, four_eyes=False),
    ApprovalSubject.POST: ApprovalPolicy(needed=1, role=Role.MANAGER, four_eyes=True),
}


def strictest(policies: Iterable[ApprovalPolicy]) -> ApprovalPolicy:
    """Whatever satisfies it satisfies each of them: most people, highest role, four eyes of any."""
    every = list(policies)
    enough = [one.enough for one in every]
    able = [role for role in enough if role is not None]
    needed = max(one.needed for one in every)
    return ApprovalPolicy(
        needed,
        _highest(one.role for one in every),
        any(one.four_eyes for one in every),
        _highest(able) if needed > 1 and len(able) == len(enough) else None,
    )


def _highest(roles: Iterable[Role]) -> Role:
    return max(roles, key=lambda role: role.rank)


def reply_policy(policies: Policies, risks: Collection[Risk]) -> ApprovalPolicy:
    """What a reply takes to something with these risks."""
    usual = policies.get(ApprovalSubject.REPLY, DEFAULT_POLICIES[ApprovalSubject.REPLY])
    named = [policies[risk] for risk in risks if risk in policies]
    return strictest([usual, *named]) if named else usual


@dataclass(frozen=True, slots=True)
class Demand:
    """What the policies ask for a post, for a reply, or for one to something with these risks."""

    subject: ApprovalSubject
    risks: tuple[Risk, ...]
    policy: ApprovalPolicy


def demands(policies: Policies) -> list[Demand]:
    """Of each policy; that of a reply to all risks at once is last, where there are several."""
    found = [Demand(one, (), policies[one]) for one in ApprovalSubject if one in policies]
    risks = tuple(risk for risk in Risk if risk in policies)
    together = [(risk,) for risk in risks] + ([risks] if len(risks) > 1 else [])
    of_risks = [Demand(ApprovalSubject.REPLY, one, reply_policy(policies, one)) for one in together]
    return found + of_risks


@dataclass(frozen=True, slots=True)
class Shortage:
    """A demand that a team cannot meet: `have` members may say yes, and `left` of them count."""

    demand: Demand
    have: int
    left: int


@dataclass(frozen=True, slots=True)
class Approval:
    """One member's yes to one hash."""

    id: ApprovalId
    hash: str
    member_id: MemberId
    given_at: Moment


def approval_hash(
    *,
    account_id: AccountId,
    target: str,
    revision: int,
    text: str,
    media: Sequence[OwnMedia] = (),
    mentions: Sequence[Mention] = (),
    options: Mapping[str, str] | None = None,
) -> str:
    """The exact thing that is approved, as lower-case hex sha256.

    `target` names what is answered (`item:<id>`) or what is posted (`post:<id>`); `revision`
    is the item's revision, 0 for a post. Any change of text, picture, alternative text,
    mention, account or visibility gives another hash.
    """
    subject = [
        int(account_id),
        target,
        revision,
        normalised(text),
        [[m.hash, m.alt_text] for m in media],
        [[m.handle, m.remote_id] for m in mentions],
        sorted((options or {}).items()),
    ]
    canonical = json.dumps(subject, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("utf-8", "replace")).hexdigest()
