"""Members and who they are in each chat."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from bot.model.ids import BrandId, MemberId
from bot.model.member import ChatIdentity, Member, Role
from bot.store.schema import chat_identity, member

_WHO = (
    select(member)
    .join(chat_identity, chat_identity.c.member_id == member.c.id)
    .where(
        chat_identity.c.chat == bindparam("chat"),
        chat_identity.c.user == bindparam("user"),
        member.c.is_active.is_(True),
    )
)
_GET = select(member).where(member.c.id == bindparam("id"))
_BY_SLUG = select(member).where(
    member.c.brand_id == bindparam("brand_id"), member.c.slug == bindparam("slug")
)
_OF_BRAND = (
    select(member)
    .where(member.c.brand_id == bindparam("brand_id"), member.c.is_active.is_(True))
    .order_by(member.c.id)
)


class People:
    def __init__(self, connection: Connection) -> None:
        self._c = connection

    def save(self, brand_id: BrandId, slug: str, name: str, role: Role) -> Member:
        values = {"name": name, "role": role.value, "is_active": True}
        mine = (member.c.brand_id == brand_id) & (member.c.slug == slug)
        if self._c.execute(update(member).where(mine).values(values)).rowcount == 0:
            self._c.execute(insert(member).values(brand_id=brand_id, slug=slug, **values))
        return _member(self._c.execute(select(member).where(mine)).one())

    def identify(self, found: Member, identity: ChatIdentity) -> None:
        here = (chat_identity.c.chat == identity.chat) & (chat_identity.c.user == identity.user)
        moved = update(chat_identity).where(here).values(member_id=found.id)
        if self._c.execute(moved).rowcount == 0:
            self._c.execute(
                insert(chat_identity).values(
                    chat=identity.chat, user=identity.user, member_id=found.id
                )
            )

    def retire_unlisted(self, brand_id: BrandId, slugs: Collection[str]) -> None:
        """Members that left the configuration can do nothing any more."""
        gone = (member.c.brand_id == brand_id) & member.c.slug.not_in(list(slugs))
        self._c.execute(update(member).where(gone).values(is_active=False))

    def who(self, identity: ChatIdentity) -> Member | None:
        row = self._c.execute(_WHO, {"chat": identity.chat, "user": identity.user}).one_or_none()
        return None if row is None else _member(row)

    def get(self, member_id: MemberId) -> Member:
        return _member(self._c.execute(_GET, {"id": member_id}).one())

    def by_slug(self, brand_id: BrandId, slug: str) -> Member | None:
        row = self._c.execute(_BY_SLUG, {"brand_id": brand_id, "slug": slug}).one_or_none()
        return None if row is None else _member(row)

    def of_brand(self, brand_id: BrandId) -> list[Member]:
        return [_member(r) for r in self._c.execute(_OF_BRAND, {"brand_id": brand_id})]


def _member(r: Any) -> Member:
    return Member(
        id=MemberId(r.id),
        brand_id=BrandId(r.brand_id),
        slug=r.slug,
        name=r.name,
        role=Role(r.role),
        is_active=r.is_active,
    )
