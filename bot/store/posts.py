"""Planned posts with their variants and pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import bindparam, delete, false, func, insert, or_, select, update

from bot.model.ids import AccountId, BrandId, MediaHash, MemberId, Moment, PostId, VariantId
from bot.model.media import OwnMedia
from bot.model.post import POST_MACHINE, Post, PostState, PostVariant
from bot.store.connection import Connection
from bot.store.schema import media, post, post_media, post_variant
from bot.store.statement import Statement

_GET = Statement(select(post).where(post.c.id == bindparam("id")))
_VARIANTS = Statement(
    select(post_variant)
    .where(post_variant.c.post_id == bindparam("id"))
    .order_by(post_variant.c.id)
)
_PICTURES = Statement(
    select(post_media.c.hash, post_media.c.alt_text, media.c.content_type, media.c.size)
    .join(media, media.c.hash == post_media.c.hash)
    .where(post_media.c.post_id == bindparam("id"))
    .order_by(post_media.c.position)
)
_ASKED = Statement(select(post.c.requested_changes).where(post.c.id == bindparam("id")))
_EDITOR = Statement(select(post.c.edited_by).where(post.c.id == bindparam("id")))
_OF_VARIANT = Statement(select(post_variant.c.post_id).where(post_variant.c.id == bindparam("id")))
_LEAVES = func.coalesce(post.c.slot, 0).label("leaves")
_PLACE = Statement(
    select(_LEAVES, post.c.id).where(
        post.c.id == bindparam("id"), post.c.brand_id == bindparam("brand_id")
    )
)
MOST_WAITING = 200
_WAITING = Statement(
    select(_LEAVES, post.c.id)
    .where(
        post.c.brand_id == bindparam("brand_id"),
        post.c.state == PostState.WAITING.value,
        or_(post.c.slot.is_(None), post.c.slot <= bindparam("until")),
    )
    .order_by(_LEAVES, post.c.id)
    .limit(MOST_WAITING)
)
_SET = Statement(update(post).where(post.c.id == bindparam("b_id")))
_MOVE_STATE = {
    new: Statement(
        _SET.core.where(
            or_(false(), *(post.c.state == source.value for source in POST_MACHINE.sources(new)))
        ).values(state=new.value)
    )
    for new in PostState
}


class Place(NamedTuple):
    """Where a post stands among those that are to leave: 0 leaves as soon as it is approved."""

    leaves: int
    post: PostId


class Posts:
    def __init__(self, connection: Connection) -> None:
        self._c = connection

    def add(
        self,
        brand_id: BrandId,
        author_id: MemberId,
        texts: Mapping[AccountId, str],
        pictures: Sequence[tuple[MediaHash, str]],
        *,
        slot: Moment | None,
        expires_at: Moment | None,
        at: Moment,
    ) -> PostId:
        made = (
            insert(post)
            .values(
                brand_id=brand_id,
                author_id=author_id,
                edited_by=author_id,
                state=PostState.WAITING.value,
                revision=1,
                slot=slot,
                expires_at=expires_at,
                created_at=at,
            )
            .returning(post.c.id)
        )
        post_id = PostId(self._c.execute(made).scalar_one())
        self._fill(post_id, texts, pictures)
        return post_id

    def edit(
        self,
        post_id: PostId,
        editor_id: MemberId,
        texts: Mapping[AccountId, str],
        pictures: Sequence[tuple[MediaHash, str]],
        *,
        slot: Moment | None,
        expires_at: Moment | None,
    ) -> None:
        """The next revision waits for approval again; accounts no longer named are dropped.

        Where changes were asked for, the words that they were asked of are kept beside the new.
        """
        asked = self._c.execute(_ASKED, {"id": post_id}).scalar_one()
        if asked:
            of_it = post_variant.c.post_id == post_id
            kept = update(post_variant).where(of_it).values(before=post_variant.c.text)
            self._c.execute(kept)
        self._c.execute(
            update(post)
            .where(post.c.id == post_id)
            .values(
                revision=post.c.revision + 1,
                edited_by=editor_id,
                state=PostState.WAITING.value,
                slot=slot,
                expires_at=expires_at,
                requested_changes="",
                **({"answers": asked} if asked else {}),
            )
        )
        self._c.execute(delete(post_media).where(post_media.c.post_id == post_id))
        gone = post_variant.c.account_id.not_in([int(key) for key in texts])
        self._c.execute(delete(post_variant).where(post_variant.c.post_id == post_id, gone))
        self._fill(post_id, texts, pictures)

    def _fill(
        self,
        post_id: PostId,
        texts: Mapping[AccountId, str],
        pictures: Sequence[tuple[MediaHash, str]],
    ) -> None:
        for account_id, words in texts.items():
            mine = (post_variant.c.post_id == post_id) & (post_variant.c.account_id == account_id)
            changed = update(post_variant).where(mine).values(text=words)
            if self._c.execute(changed).rowcount == 0:
                self._c.execute(
                    insert(post_variant).values(post_id=post_id, account_id=account_id, text=words)
                )
        for position, (hash_, alt_text) in enumerate(pictures):
            self._c.execute(
                insert(post_media).values(
                    post_id=post_id, position=position, hash=hash_, alt_text=alt_text
                )
            )

    def get(self, post_id: PostId) -> Post:
        key = {"id": post_id}
        row = self._c.execute(_GET, key).one()
        variants = self._c.execute(_VARIANTS, key).all()
        pictures = self._c.execute(_PICTURES, key).all()
        return _post(row, variants, pictures)

    def place(self, brand_id: BrandId, post_id: PostId) -> Place | None:
        """None for a post that this brand has not."""
        found = self._c.execute(_PLACE, {"id": post_id, "brand_id": brand_id}).one_or_none()
        return None if found is None else Place(int(found.leaves), PostId(found.id))

    def waiting(self, brand_id: BrandId, until: Moment) -> list[Place]:
        """Those that wait for approval and are to leave until then, the first first."""
        found = self._c.execute(_WAITING, {"brand_id": brand_id, "until": until})
        return [Place(int(one.leaves), PostId(one.id)) for one in found]

    def editor(self, post_id: PostId) -> MemberId:
        return MemberId(self._c.execute(_EDITOR, {"id": post_id}).scalar_one())

    def of_variant(self, variant_id: VariantId) -> PostId:
        return PostId(self._c.execute(_OF_VARIANT, {"id": variant_id}).scalar_one())

    def move(self, post_id: PostId, slot: Moment | None, expires_at: Moment | None) -> None:
        """Another time, the same words."""
        self._c.execute(_SET, {"b_id": post_id, "slot": slot, "expires_at": expires_at})

    def set_state(self, post_id: PostId, new: PostState, *, requested_changes: str = "") -> bool:
        values = {"b_id": post_id, "requested_changes": requested_changes}
        return self._c.execute(_MOVE_STATE[new], values).rowcount == 1


def _variant(row: Any) -> PostVariant:
    number, account = VariantId(row.id), AccountId(row.account_id)
    return PostVariant(number, PostId(row.post_id), account, row.text, row.before)


def _post(row: Any, variants: Sequence[Any], pictures: Sequence[Any]) -> Post:
    return Post(
        id=PostId(row.id),
        brand_id=BrandId(row.brand_id),
        author_id=MemberId(row.author_id),
        state=PostState(row.state),
        revision=row.revision,
        slot=None if row.slot is None else Moment(row.slot),
        expires_at=None if row.expires_at is None else Moment(row.expires_at),
        created_at=Moment(row.created_at),
        media=tuple(
            OwnMedia(MediaHash(p.hash), p.content_type, p.alt_text, p.size) for p in pictures
        ),
        variants=tuple(
            PostVariant(
                VariantId(v.id), PostId(v.post_id), AccountId(v.account_id), v.text, v.before
            )
            for v in variants
        ),
        requested_changes=row.requested_changes,
        answers=row.answers,
    )
