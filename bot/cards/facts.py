"""Everything that a card of an item may show, read in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.model.approval import ApprovalPolicy
from bot.model.draft import Draft
from bot.model.ids import CardToken, Moment
from bot.model.item import Author, Item
from bot.model.member import Member
from bot.model.network import Capability
from bot.model.publication import LengthReport, Publication
from bot.model.triage import Triage


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """`length` is of the draft; `cannot` gives the reason for each thing not possible."""

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
