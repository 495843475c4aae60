"""Which pictures stand under cards' messages in a chat, and which are being shown right now."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select, update

from bot.model.ids import CardRefId, Moment
from bot.store.by_keys import ByKeys
from bot.store.connection import Connection
from bot.store.schema import card_pictures
from bot.store.statement import Statement
from bot.store.upsert import Upsert

_SOME = ByKeys(select(card_pictures), card_pictures.c.ref_id)
_STAGE = Upsert(
    card_pictures,
    lambda staged: staged.on_conflict_do_update(
        index_elements=["ref_id"],
        set_={
            name: staged.excluded[name]
            for name in ("pending", "files", "posting_since", "posting_until")
        },
    ),
)
_THIS = (card_pictures.c.ref_id == bindparam("b_ref")) & (
    card_pictures.c.pending == bindparam("b_pending")
)
_BEGIN = Statement(update(card_pictures).where(_THIS))
_SHOWN = Statement(
    update(card_pictures).where(_THIS).values(shown=card_pictures.c.pending, pending=None)
)
_DROP = Statement(update(card_pictures).where(_THIS).values(pending=None))


@dataclass(frozen=True, slots=True)
class CardPictures:
    """`shown` and `pending` are digests of what stands there and of what is on its way, or None.

    `files` are the chat's names of what is on its way; `posting_until` None: no request for it may
    have left yet.
    """

    ref_id: CardRefId
    shown: str | None = None
    pending: str | None = None
    files: tuple[str, ...] = ()
    posting_since: Moment | None = None
    posting_until: Moment | None = None


class PicturesOfCards:
    def __init__(self, connection: Connection) -> None:
        self._c = connection

    def some(self, ids: Collection[CardRefId]) -> dict[CardRefId, CardPictures]:
        return {CardRefId(r.ref_id): _pictures(r) for r in _SOME.rows(self._c, ids, {})}

    def stage(self, ref_id: CardRefId, pending: str, files: Sequence[str]) -> None:
        """They are in the chat, and nobody can see them."""
        row = {"ref_id": ref_id, "shown": None, "pending": pending, "files": list(files)}
        nothing = {"posting_since": None, "posting_until": None}
        self._c.execute(_STAGE[self._c.dialect.name], row | nothing)

    def begin(self, pictures: CardPictures, since: Moment, until: Moment) -> None:
        """A request that shows them is about to leave."""
        values = {"posting_since": since, "posting_until": until}
        self._c.execute(_BEGIN, _key(pictures) | values)

    def end(self, pictures: CardPictures, *, is_shown: bool) -> None:
        """They stand there; or the chat does not know them, and they are to be uploaded anew."""
        self._c.execute(_SHOWN if is_shown else _DROP, _key(pictures))


def _key(pictures: CardPictures) -> dict[str, Any]:
    return {"b_ref": pictures.ref_id, "b_pending": pictures.pending}


def _pictures(r: Any) -> CardPictures:
    return CardPictures(
        ref_id=CardRefId(r.ref_id),
        shown=r.shown,
        pending=r.pending,
        files=tuple(r.files),
        posting_since=None if r.posting_since is None else Moment(r.posting_since),
        posting_until=None if r.posting_until is None else Moment(r.posting_until),
    )
