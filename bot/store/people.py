"""Members and who they are in each chat."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update

from bot.model.ids import BrandId, MemberId, Moment
from bot.model.member import ChatIdentity, Member, Role, Tongue
from bot.model.pace import Pace
from bot.store.connection import Connection
from bot.store.schema import chat_identity, member
from bot.store.statement import Statement
from bot.store.stored_pace import pace_from_json, pace_to_json

_WHO = Statement(
    select(member)
    .join(chat_identity, chat_identity.c.member_id == member.c.id)
    .where(
        chat_identity.c.chat == bindparam("chat"),
        chat_identity.c.user == bindparam("user"),
        member.c.is_active.is_(True),
    )
)
_EVER = Statement(
    select(member)
    .join(chat_identity, chat_identity.c.member_id == member.c.id)
    .where(chat_identity.c.chat == bindparam("chat"), chat_identity.c.user == bindparam("user"))
)
_IDENTITIES = Statement(
    select(chat_identity)
    .where(chat_identity.c.member_id == bindparam("member_id"))
    .order_by(chat_identity.c.chat, chat_identity.c.user)
)
_KNOWN_IN = Statement(
    select(chat_identity.c.member_id, chat_identity.c.chat)
    .join(member, chat_identity.c.member_id == member.c.id)
    .where(member.c.brand_id == bindparam("brand_id"))
    .order_by(chat_identity.c.chat)
)
_GET = Statement(select(member).where(member.c.id == bindparam("id")))
_BY_SLUG = Statement(
    select(member).where(
        member.c.brand_id == bindparam("brand_id"), member.c.slug == bindparam("slug")
    )
)
_OF_BRAND = Statement(
    select(member)
    .where(member.c.brand_id == bindparam("brand_id"), member.c.is_active.is_(True))
    .order_by(member.c.id)
)


class People:
    def __init__(self, connection: Connection) -> None:
        self._c = connection

    def save(
        self,
        brand_id: BrandId,
        slug: str,
        name: str,
        role: Role,
        *,
        from_file: bool = True,
        tongue: Tongue | None = None,
    ) -> Member:
        """Without a `tongue` they keep the one they have."""
        values = {
            "name": name,
            "role": role.value,
            "is_active": True,
            "from_file": from_file,
            **({} if tongue is None else _tongue_columns(tongue)),
        }
        mine = (member.c.brand_id == brand_id) & (member.c.slug == slug)
        if self._c.execute(update(member).where(mine).values(values)).rowcount == 0:
            self._c.execute(insert(member).values(brand_id=brand_id, slug=slug, **values))
        return _member(self._c.execute(select(member).where(mine)).one())

    def identify(self, found: Member, identity: ChatIdentity, *, from_file: bool = True) -> None:
        """From now on this user of this chat is this member, and nobody else's."""
        here = (chat_identity.c.chat == identity.chat) & (chat_identity.c.user == identity.user)
        values = {"member_id": found.id, "from_file": from_file}
        if self._c.execute(update(chat_identity).where(here).values(values)).rowcount == 0:
            self._c.execute(
                insert(chat_identity).values(chat=identity.chat, user=identity.user, **values)
            )

    def is_named_in(self, member_id: MemberId, chat: str) -> bool:
        """Whether the configuration says who the member is in a chat."""
        rows = self._c.execute(_IDENTITIES, {"member_id": member_id})
        return any(r.from_file and r.chat == chat for r in rows)

    def unlink(self, member_id: MemberId, chats: Collection[str]) -> int:
        """Forget who the member is in these chats, except what the configuration says."""
        gone = (
            (chat_identity.c.member_id == member_id)
            & chat_identity.c.chat.in_(list(chats))
            & chat_identity.c.from_file.is_(False)
        )
        return self._c.execute(delete(chat_identity).where(gone)).rowcount

    def identities(self, member_id: MemberId) -> list[ChatIdentity]:
        found = self._c.execute(_IDENTITIES, {"member_id": member_id})
        return [ChatIdentity(r.chat, r.user) for r in found]

    def linked(self, member_id: MemberId) -> list[ChatIdentity]:
        """As `identities`, without those that the configuration says."""
        found = self._c.execute(_IDENTITIES, {"member_id": member_id})
        return [ChatIdentity(r.chat, r.user) for r in found if not r.from_file]

    def forget_unlisted(self, found: Member, identities: Collection[ChatIdentity]) -> None:
        """A chat user that the configuration does not name any more is this member no longer."""
        listed = [f"{one.chat}\n{one.user}" for one in identities]
        named = chat_identity.c.chat + "\n" + chat_identity.c.user
        gone = (
            (chat_identity.c.member_id == found.id)
            & chat_identity.c.from_file.is_(True)
            & named.not_in(listed)
        )
        self._c.execute(delete(chat_identity).where(gone))

    def retire_unlisted(self, brand_id: BrandId, slugs: Collection[str]) -> None:
        """Members that left the configuration can do nothing any more."""
        gone = (
            (member.c.brand_id == brand_id)
            & member.c.from_file.is_(True)
            & member.c.slug.not_in(list(slugs))
        )
        self._c.execute(update(member).where(gone).values(is_active=False))

    def retire_all(self, brand_id: BrandId) -> None:
        """Nobody of this brand can do anything any more, those who were added from a chat too."""
        self._c.execute(update(member).where(member.c.brand_id == brand_id).values(is_active=False))

    def retire(self, member_id: MemberId) -> None:
        self._c.execute(update(member).where(member.c.id == member_id).values(is_active=False))

    def be_away(self, member_id: MemberId, until: Moment | None) -> None:
        mine = member.c.id == member_id
        self._c.execute(update(member).where(mine).values(away_until=until))

    def set_pace(self, member_id: MemberId, pace: Pace) -> None:
        mine = member.c.id == member_id
        self._c.execute(update(member).where(mine).values(pace=pace_to_json(pace)))

    def known_in(self, brand_id: BrandId) -> Mapping[MemberId, list[str]]:
        """The chats in which each member is known, by their names."""
        found: dict[MemberId, list[str]] = {}
        for row in self._c.execute(_KNOWN_IN, {"brand_id": brand_id}):
            found.setdefault(MemberId(row.member_id), []).append(row.chat)
        return found

    def who(self, identity: ChatIdentity) -> Member | None:
        row = self._c.execute(_WHO, {"chat": identity.chat, "user": identity.user}).one_or_none()
        return None if row is None else _member(row)

    def ever(self, identity: ChatIdentity) -> Member | None:
        """As `who`, also when they are a member no longer."""
        row = self._c.execute(_EVER, {"chat": identity.chat, "user": identity.user}).one_or_none()
        return None if row is None else _member(row)

    def get(self, member_id: MemberId) -> Member:
        return _member(self._c.execute(_GET, {"id": member_id}).one())

    def by_slug(self, brand_id: BrandId, slug: str) -> Member | None:
        row = self._c.execute(_BY_SLUG, {"brand_id": brand_id, "slug": slug}).one_or_none()
        return None if row is None else _member(row)

    def added(self, brand_id: BrandId) -> list[Member]:
        """Those that were added from a chat or the console, and still are members."""
        return [one for one in self.of_brand(brand_id) if not one.is_named]

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
        tongue=Tongue(r.language, r.zone, tuple(r.reads.split())),
        is_named=r.from_file,
        away_until=None if r.away_until is None else Moment(r.away_until),
        pace=pace_from_json(r.pace),
    )


def _tongue_columns(tongue: Tongue) -> dict[str, Any]:
    return {"language": tongue.language, "zone": tongue.zone, "reads": " ".join(tongue.reads)}
