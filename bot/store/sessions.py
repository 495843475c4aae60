"""Console tickets and sessions (only their hashes), and sealed secrets."""

from __future__ import annotations

from sqlalchemy import delete, insert, select, update

from bot.model.ids import MemberId, Moment
from bot.store.connection import Connection
from bot.store.schema import console_session, console_ticket, sealed_secret


class Sessions:
    def __init__(self, connection: Connection) -> None:
        self._c = connection

    def add_ticket(self, hash_: str, member_id: MemberId, expires_at: Moment) -> None:
        self._c.execute(
            insert(console_ticket).values(hash=hash_, member_id=member_id, expires_at=expires_at)
        )

    def spend_ticket(self, hash_: str, now: Moment) -> MemberId | None:
        """Whose ticket it was; it can be spent once and only in time."""
        spent = self._c.execute(
            delete(console_ticket)
            .where(console_ticket.c.hash == hash_)
            .returning(console_ticket.c.member_id, console_ticket.c.expires_at)
        ).one_or_none()
        if spent is None or spent.expires_at <= now:
            return None
        return MemberId(spent.member_id)

    def open(self, hash_: str, member_id: MemberId, expires_at: Moment) -> None:
        self._c.execute(
            insert(console_session).values(hash=hash_, member_id=member_id, expires_at=expires_at)
        )

    def whose(self, hash_: str, now: Moment) -> MemberId | None:
        wanted = select(console_session.c.member_id).where(
            console_session.c.hash == hash_, console_session.c.expires_at > now
        )
        member_id = self._c.execute(wanted).scalar()
        return None if member_id is None else MemberId(member_id)

    def close(self, hash_: str) -> None:
        self._c.execute(delete(console_session).where(console_session.c.hash == hash_))

    def forget_expired(self, now: Moment) -> None:
        for table in (console_ticket, console_session):
            self._c.execute(delete(table).where(table.c.expires_at <= now))

    # Sealed secrets

    def secret(self, key: str) -> str | None:
        wanted = select(sealed_secret.c.sealed).where(sealed_secret.c.key == key)
        return self._c.execute(wanted).scalar()

    def save_secret(self, key: str, sealed: str, at: Moment) -> None:
        values = {"sealed": sealed, "changed_at": at}
        here = sealed_secret.c.key == key
        if self._c.execute(update(sealed_secret).where(here).values(values)).rowcount == 0:
            self._c.execute(insert(sealed_secret).values(key=key, **values))
