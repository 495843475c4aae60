"""Pictures of ours, kept by the hash of their bytes."""

from __future__ import annotations

import hashlib

from sqlalchemy import insert, select

from bot.model.ids import MediaHash, Moment
from bot.store.connection import Connection
from bot.store.schema import media


class MediaShelf:
    def __init__(self, connection: Connection) -> None:
        self._c = connection

    def put(self, content_type: str, data: bytes, at: Moment) -> MediaHash:
        """Keep a picture; the same bytes are kept once."""
        hash_ = MediaHash(hashlib.sha256(data).hexdigest())
        known = select(media.c.hash).where(media.c.hash == hash_)
        if self._c.execute(known).first() is None:
            self._c.execute(
                insert(media).values(
                    hash=hash_,
                    content_type=content_type,
                    size=len(data),
                    data=data,
                    created_at=at,
                )
            )
        return hash_

    def get(self, hash_: str) -> tuple[str, bytes] | None:
        """Content type and bytes."""
        wanted = select(media.c.content_type, media.c.data).where(media.c.hash == hash_)
        row = self._c.execute(wanted).one_or_none()
        return None if row is None else (row.content_type, bytes(row.data))
