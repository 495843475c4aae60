"""One transaction: a connection, a clock, and a repository per group of tables.

Services compose operations by sharing a `Tx`; it commits or rolls back as a whole, and only
the writer thread decides when. Repositories are the only holders of SQL.
"""

from __future__ import annotations

from sqlalchemy import Connection

from bot.model.ids import Moment
from bot.ports import Clock
from bot.store.accounts import Accounts
from bot.store.audits import Audits
from bot.store.cards import Cards
from bot.store.drafts import Drafts
from bot.store.due import DueRows
from bot.store.erasures import Erasures
from bot.store.events import Events
from bot.store.items import Items
from bot.store.media import MediaShelf
from bot.store.people import People
from bot.store.posts import Posts
from bot.store.publications import Publications
from bot.store.sessions import Sessions


class Tx:
    def __init__(self, connection: Connection, clock: Clock) -> None:
        self.connection = connection
        self._clock = clock
        self.accounts = Accounts(connection)
        self.people = People(connection)
        self.items = Items(connection)
        self.drafts = Drafts(connection)
        self.cards = Cards(connection)
        self.publications = Publications(connection)
        self.posts = Posts(connection)
        self.media = MediaShelf(connection)
        self.due = DueRows(connection, clock)
        self.events = Events(connection)
        self.audits = Audits(connection)
        self.sessions = Sessions(connection)
        self.erasures = Erasures(connection)

    def now(self) -> Moment:
        return self._clock.now()
