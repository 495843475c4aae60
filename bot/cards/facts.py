"""Everything that a card may show, read in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.model.approval import ApprovalPolicy
from bot.model.draft import Draft
from bot.model.ids import AccountId, CardToken, Moment, VariantId
from bot.model.item import Author, Item
from bot.model.member import Member
from bot.model.network import Capability
from bot.model.post import Post
from bot.model.publication import LengthReport, Publication
from bot.model.triage import Triage


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """Of an item."""

    token: CardToken
    revision: int
    item: Item
    author: Author
    account_name: str
    network: str
    """The network's title."""
    thread_title: str
    triage: Triage | None
    draft: Draft | None
    length: LengthReport | None
    """Of the draft, in the network's own count."""
    publication: Publication | None
    policy: ApprovalPolicy
    approvals: int
    asked_by: Member | None
    assignee: Member | None
    native_reply: str | None
    cannot: Mapping[Capability, str]
    """What this account cannot do, with the reason."""
    now: Moment


@dataclass(frozen=True, slots=True)
class PostFacts:
    """Of a planned post."""

    token: CardToken
    revision: int
    post: Post
    author: Member
    places: Mapping[AccountId, tuple[str, str]]
    """Account -> its name, its network's title."""
    lengths: Mapping[VariantId, LengthReport]
    publications: Mapping[VariantId, Publication]
    policy: ApprovalPolicy
    approvals: int
    now: Moment
