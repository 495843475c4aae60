"""Approvals: who said yes or no to exactly which words, and how many must."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.model.draft import normalised
from bot.model.ids import AccountId, ApprovalId, MemberId, Moment
from bot.model.media import OwnMedia
from bot.model.member import Role
from bot.model.publication import Mention


class ApprovalSubject(StrEnum):
    REPLY = "reply"
    POST = "post"


@dataclass(frozen=True, slots=True)
class ApprovalPolicy:
    """How many members of which role must say yes.

    `four_eyes`: whoever wrote or edited the version may not be among them.
    """

    needed: int = 1
    role: Role = Role.APPROVER
    four_eyes: bool = False


DEFAULT_POLICIES: Mapping[ApprovalSubject, ApprovalPolicy] = {
    ApprovalSubject.REPLY: ApprovalPolicy(needed=1, role=Role.APPROVER, four_eyes=False),
    ApprovalSubject.POST: ApprovalPolicy(needed=1, role=Role.MANAGER, four_eyes=True),
}


@dataclass(frozen=True, slots=True)
class Shortage:
    """A policy that a team cannot satisfy: `have` members may say yes, and `left` of them count."""

    subject: ApprovalSubject
    needed: int
    role: Role
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
