"""Which writing transactions are running, so that a reader knows what may still appear.

PostgreSQL hands out identity numbers before the commit, so with two writers event 8 can become
visible before event 7, and a reader that has read 8 must not believe that 7 will never come.
`bot.coordination.feed` draws the conclusion; this is what it asks.

Every writing transaction of ours draws its transaction id before its first number (see
`bot.store.database`) and holds a lock on that id until its commit is visible to new snapshots.
So whoever took a number below one that we see, and is not over, is in the list below.
"""

from __future__ import annotations

from bot.store.connection import Connection

# a lock row is live: it does not belong to the snapshot that the query reads tables with
_RUNNING = """
    SELECT DISTINCT held.transactionid::text
      FROM pg_locks AS held JOIN pg_stat_activity AS session USING (pid)
     WHERE held.locktype = 'transactionid' AND held.mode = 'ExclusiveLock' AND held.granted
       AND session.datname = current_database()
"""


def may_appear_late(connection: Connection) -> bool:
    """Whether numbers may become visible in another order than they were taken in."""
    return connection.dialect.name == "postgresql"


def running(connection: Connection) -> frozenset[str]:
    """Ids of the writing transactions in this database that are not over at this moment."""
    return frozenset(connection.exec_driver_sql(_RUNNING).scalars())
