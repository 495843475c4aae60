"""The channel that is one member's own conversation with us: how it is called and what it holds."""

from __future__ import annotations

from typing import Any

from bot.model.channel import Place
from bot.model.member import ChatIdentity, Member
from bot.store.channels import columns_of
from bot.store.tx import Tx

UNREACHED = frozenset({"console", "relay"})
"""Chats that know members and in which nobody is written to alone."""
_LONGEST = 60


def direct_slug(identity: ChatIdentity) -> str:
    return f"direct-{identity.chat}-{identity.user}"[:_LONGEST]


def save_direct(tx: Tx, member: Member, identity: ChatIdentity, *, from_file: bool) -> str:
    """Its slug. It takes nothing by routes; what waits for their yes lands in it."""
    columns = _columns(tx, member, identity)
    slug = direct_slug(identity)
    tx.channels.save(member.brand_id, slug, columns, from_file=from_file)
    return slug


def _columns(tx: Tx, member: Member, identity: ChatIdentity) -> dict[str, Any]:
    zone = member.tongue.zone or tx.accounts.brand(member.brand_id).zone
    place = Place(identity.user, "", member.tongue.language, zone)
    reads = member.tongue.reads
    columns = columns_of(
        identity.chat, place, title=member.name, shows=(), routes=(), reads=reads, threads=False,
        private=True,
    )  # fmt: skip
    return columns | {"member_id": member.id}
