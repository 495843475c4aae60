"""One transaction: a connection, a clock, and a repository per group of tables.

Services compose operations by sharing a `Tx`; it commits or rolls back as a whole, and only
the writer thread decides when. Repositories are the only holders of SQL.
"""

from __future__ import annotations

import sqlalchemy

from bot.model.ids import Moment
from bot.ports import Clock
from bot.store import translations
from bot.store.accounts import Accounts
from bot.store.audiences import Audiences
from bot.store.audits import Audits
from bot.store.backlogs import Backlogs
from bot.store.bulks import Bulks
from bot.store.card_pictures import PicturesOfCards
from bot.store.card_refs import CardRefs
from bot.store.card_threads import CardThreads
from bot.store.cards import Cards
from bot.store.channels import Channels
from bot.store.chat_notes import ChatNotes
from bot.store.connection import Connection
from bot.store.contacts import Contacts
from bot.store.crises import Crises
from bot.store.drafts import Drafts
from bot.store.due import DueRows
from bot.store.duties import Duties
from bot.store.engagements import Engagements
from bot.store.erasures import Erasures
from bot.store.escalations import Escalations
from bot.store.events import Events
from bot.store.followings import Followings
from bot.store.goals import Goals
from bot.store.held_posts import HeldPosts
from bot.store.hold_changes import HoldChanges
from bot.store.holding import Holding
from bot.store.incidents import Incidents
from bot.store.items import Items
from bot.store.joined import Joined
from bot.store.labels import Labels
from bot.store.link_codes import LinkCodes
from bot.store.media import MediaShelf
from bot.store.notes import Notes
from bot.store.overrides import Overrides
from bot.store.pages import Pages
from bot.store.peaks import Peaks
from bot.store.people import People
from bot.store.places import Places
from bot.store.posts import Posts
from bot.store.practices import Practices
from bot.store.promises import Promises
from bot.store.publications import Publications
from bot.store.questions import Questions
from bot.store.reports import Reports
from bot.store.rises import Rises
from bot.store.saved_replies import SavedReplies
from bot.store.search import Search
from bot.store.sessions import Sessions
from bot.store.signals import Signals
from bot.store.silences import Silences
from bot.store.stakeholder_updates import StakeholderUpdates
from bot.store.team_chats import TeamChats


class Tx:
    def __init__(
        self, below: sqlalchemy.Connection, clock: Clock, places: Places | None = None
    ) -> None:
        self.connection = connection = Connection(below)
        self._clock = clock
        self.accounts = Accounts(connection)
        self.joined = Joined(connection)
        self.team_chats = TeamChats(connection)
        self.people = People(connection)
        self.items = Items(connection)
        self.followings = Followings(connection)
        self.contacts = Contacts(connection)
        self.goals = Goals(connection)
        self.duties = Duties(connection)
        self.promises = Promises(connection)
        self.drafts = Drafts(connection)
        self.saved_replies = SavedReplies(connection)
        self.due = DueRows(connection, clock, places)
        self.channels = Channels(connection)
        self.audiences = Audiences(connection)
        self.chat_notes = ChatNotes(connection)
        self.card_refs = CardRefs(connection)
        self.card_pictures = PicturesOfCards(connection)
        self.card_threads = CardThreads(connection)
        self.cards = Cards(connection, self.card_refs, self.due)
        self.peaks = Peaks(connection)
        self.backlogs = Backlogs(connection)
        self.practices = Practices(connection)
        self.bulks = Bulks(connection)
        self.incidents = Incidents(connection)
        self.questions = Questions(connection)
        self.notes, self.labels = Notes(connection), Labels(connection)
        self.escalations = Escalations(connection)
        self.crises, self.holding = Crises(connection), Holding(connection)
        self.hold_changes, self.held_posts = HoldChanges(connection), HeldPosts(connection)
        self.stakeholder_updates = StakeholderUpdates(connection)
        self.pages = Pages(connection)
        self.overrides = Overrides(connection)
        self.publications = Publications(connection)
        self.posts = Posts(connection)
        self.media = MediaShelf(connection)
        self.events = Events(connection)
        self.audits = Audits(connection)
        self.search = Search(connection)
        self.sessions = Sessions(connection)
        self.link_codes = LinkCodes(connection)
        self.signals = Signals(connection)
        self.reports = Reports(connection)
        self.rises = Rises(connection)
        self.silences = Silences(connection)
        self.engagements = Engagements(connection)
        self.translations, self.post_translations = translations.of_all(connection)
        self.erasures = Erasures(connection)

    def now(self) -> Moment:
        return self._clock.now()
