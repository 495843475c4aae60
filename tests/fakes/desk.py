"""A scripted desk, its event feed and its sign-in, for tests of doors.

It decides nothing by itself: an approval moves a card through the shapes of `sample_cards`, and
whatever else a test wants it scripts with `answers`.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from typing import overload

from bot.cards.actions import ActionName
from bot.cards.card import (
    Action,
    Card,
    CardKind,
    Light,
    Link,
    MemberName,
    StateLine,
    Style,
    Text,
    plain,
)
from bot.cards.connecting import ChatOffer, ConnectPage, ConnectQuery, Found, JoiningPage, Looked
from bot.cards.label_choices import LabelChoice, LabelKind, LabelsPage, LabelsQuery
from bot.cards.landing import LandingPage, LandingQuery
from bot.cards.pages import (
    AccountRow,
    CardPage,
    CardQuery,
    DeskPage,
    DeskQuery,
    EditorPage,
    EditorQuery,
    HistoryLine,
    HistoryPage,
    HistoryQuery,
    JustHappenedPage,
    JustHappenedQuery,
    MediaPage,
    MediaQuery,
    MemberRow,
    MessageQuery,
    NoteLine,
    NumberQuery,
    Page,
    PostForm,
    Query,
    QueueFilter,
    QueuePage,
    QueueQuery,
    ReportPage,
    ReportQuery,
    SearchQuery,
)
from bot.cards.said_before import Said, SaidBeforePage, SaidBeforeQuery
from bot.cards.week import WeekPage, WeekQuery
from bot.model import commands
from bot.model.account import AccountState
from bot.model.channel import Place
from bot.model.commands import Order, Outcome, OutcomeKind
from bot.model.due import DeadLetter
from bot.model.event import Event, EventKind, Subject
from bot.model.ids import (
    MINUTE,
    BrandId,
    CardToken,
    CommandId,
    DueId,
    EventId,
    MediaHash,
    MemberId,
    Moment,
    NetworkName,
)
from bot.model.joining import Offer, Question, QuestionKind, Wish
from bot.model.member import ChatIdentity, Member, Role
from handlers.chat_tokens import questions
from tests.fakes import sample_cards
from tests.fakes.sample_cards import NOW

BRAND = BrandId(1)
LABELS = (
    LabelChoice("refund", "refund", LabelKind.TOPIC, is_on=True),
    LabelChoice("delivery", "delivery", LabelKind.TOPIC, is_on=False),
    LabelChoice("high urgency", "high urgency", LabelKind.URGENCY, is_on=False),
    LabelChoice("Press kit", "Press kit", LabelKind.OWN, is_on=False),
)
TOLD = Said(987, NOW, "Ben", "Where is my parcel?", "It leaves today.", "https://books.example/987")
MEMBERS = {
    "olga": Member(MemberId(1), BRAND, "olga", "Olga", Role.AGENT),
    "bob": Member(MemberId(2), BRAND, "bob", "Bob", Role.APPROVER),
    "alice": Member(MemberId(3), BRAND, "alice", "Alice", Role.ADMIN),
}
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f64540"
    "0000000049454e44ae426082"
)
PERMALINK = sample_cards.PERMALINK


class FakeFeed:
    """Events in memory; `tell` commits one."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._grew = asyncio.Condition()

    async def tell(
        self,
        kind: EventKind = EventKind.ITEM_RECEIVED,
        subject_id: int = 1042,
        *,
        brand: BrandId = BRAND,
    ) -> Event:
        event = Event(EventId(len(self.events) + 1), NOW, kind, brand, Subject.ITEM, subject_id)
        async with self._grew:
            self.events.append(event)
            self._grew.notify_all()
        return event

    async def since(self, last: EventId, limit: int = 200) -> Sequence[Event]:
        return self.events[last : last + limit]

    async def latest(self) -> EventId:
        return EventId(len(self.events))

    async def follow(self, last: EventId) -> AsyncIterator[Event]:
        at = int(last)
        while True:
            async with self._grew:
                while len(self.events) <= at:
                    await self._grew.wait()
            yield self.events[at]
            at += 1


class FakeSignsIn:
    """`links` maps an unspent one-time token to a member's slug."""

    def __init__(self, links: dict[str, str] | None = None) -> None:
        self.links = dict(links or {})
        self.sessions: dict[str, ChatIdentity] = {}

    async def exchange(self, one_time: str) -> str | None:
        slug = self.links.pop(one_time, None)
        if slug is None:
            return None
        session = f"session-of-{slug}"
        self.sessions[session] = ChatIdentity("console", slug)
        return session

    async def recognise(self, session: str) -> ChatIdentity | None:
        return self.sessions.get(session)

    async def sign_out(self, session: str) -> None:
        self.sessions.pop(session, None)


class FakeDesk:
    """Keeps `orders`; gives `answers` (outcomes or errors) in turn, then does its default."""

    def __init__(self, cards: Sequence[Card] = (), feed: FakeFeed | None = None) -> None:
        self.cards = {card.key: card for card in cards}
        self.feed = feed or FakeFeed()
        self.orders: list[Order] = []
        self.queries: list[tuple[Query, ChatIdentity]] = []
        self.answers: list[Outcome | Exception] = []
        self.failing: Exception | None = None
        self.pictures: dict[str, MediaPage] = {
            sample_cards.PICTURE_HASH: MediaPage("image/png", PNG)
        }
        self.page = desk_page()
        self.post: PostForm | None = None
        self.detail = ""
        self.landing = LandingPage()
        self.connect = ConnectPage()

    async def perform(self, order: Order) -> Outcome:
        self.orders.append(order)
        if self.answers:
            answer = self.answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer
        return await self._carry_out(order)

    async def who(self, identity: ChatIdentity) -> Member | None:
        return MEMBERS.get(identity.user)

    @overload
    async def view(self, query: QueueQuery, reader: ChatIdentity) -> QueuePage: ...
    @overload
    async def view(self, query: SearchQuery, reader: ChatIdentity) -> QueuePage: ...
    @overload
    async def view(self, query: CardQuery, reader: ChatIdentity) -> CardPage: ...
    @overload
    async def view(self, query: MessageQuery, reader: ChatIdentity) -> CardPage: ...
    @overload
    async def view(self, query: HistoryQuery, reader: ChatIdentity) -> HistoryPage: ...
    @overload
    async def view(self, query: SaidBeforeQuery, reader: ChatIdentity) -> SaidBeforePage: ...
    @overload
    async def view(self, query: LabelsQuery, reader: ChatIdentity) -> LabelsPage: ...
    @overload
    async def view(self, query: EditorQuery, reader: ChatIdentity) -> EditorPage: ...
    @overload
    async def view(self, query: NumberQuery, reader: ChatIdentity) -> CardPage: ...
    @overload
    async def view(self, query: DeskQuery, reader: ChatIdentity) -> DeskPage: ...
    @overload
    async def view(self, query: JustHappenedQuery, reader: ChatIdentity) -> JustHappenedPage: ...
    @overload
    async def view(self, query: LandingQuery, reader: ChatIdentity) -> LandingPage: ...
    @overload
    async def view(self, query: ConnectQuery, reader: ChatIdentity) -> ConnectPage: ...
    @overload
    async def view(self, query: MediaQuery, reader: ChatIdentity) -> MediaPage: ...
    @overload
    async def view(self, query: ReportQuery, reader: ChatIdentity) -> ReportPage: ...
    @overload
    async def view(self, query: WeekQuery, reader: ChatIdentity) -> WeekPage: ...

    async def view(self, query: Query, reader: ChatIdentity) -> Page:
        self.queries.append((query, reader))
        if self.failing:
            raise self.failing
        match query:
            case QueueQuery() | SearchQuery():
                return self._queue(query)
            case CardQuery(token=token):
                return CardPage(self.cards.get(token), self.post)
            case MessageQuery() | NumberQuery():
                return CardPage(None)
            case EditorQuery():
                return EditorPage(None)
            case HistoryQuery() | SaidBeforeQuery() | LabelsQuery():
                return self._about(query)
            case DeskQuery():
                return self.page
            case JustHappenedQuery():
                return JustHappenedPage(self._lines(), await self.feed.latest())
            case WeekQuery():
                return self._week(query)
            case LandingQuery() | ConnectQuery() | ReportQuery() | MediaQuery():
                return self._beside(query)

    def _about(self, query: HistoryQuery | SaidBeforeQuery | LabelsQuery) -> Page:
        match query:
            case HistoryQuery(token=token):
                return self._history(token)
            case SaidBeforeQuery(token=token):
                return SaidBeforePage(self.cards.get(token), (TOLD,), (TOLD,))
            case LabelsQuery(token=token):
                return LabelsPage(self.cards.get(token) if token else None, LABELS)

    def _week(self, query: WeekQuery) -> WeekPage:
        posts = [one for one in self.cards.values() if one.kind is CardKind.POST]
        return WeekPage(posts[0] if posts else None, len(posts), max(len(posts), query.total))

    async def put(self, card: Card, kind: EventKind = EventKind.ITEM_RECEIVED) -> None:
        """Commit a card and tell."""
        self.cards = {card.key: card, **{k: v for k, v in self.cards.items() if k != card.key}}
        await self.feed.tell(kind, card.number)

    async def change(self, card: Card, kind: EventKind = EventKind.ITEM_EDITED) -> None:
        """Commit a card in the place where it is."""
        self.cards[card.key] = card
        await self.feed.tell(kind, card.number)

    async def _carry_out(self, order: Order) -> Outcome:
        match order.command:
            case commands.AddPicture():
                digest = MediaHash("cd" * 32)
                self.pictures[digest] = MediaPage(order.command.content_type, order.command.data)
                return Outcome(OutcomeKind.DONE, "The picture is stored.", digest)
            case commands.OnCard(token=token) if token not in self.cards:
                return Outcome(OutcomeKind.MISSING, "This card does not exist any more.")
            case commands.OnCard(token=token, revision=seen) if seen != self.cards[token].revision:
                return Outcome(OutcomeKind.STALE, "Bob was faster: it was published at 14:02.")
            case commands.Approve(token=token) | commands.ApproveEdited(token=token):
                return await self._publish(token)
            case commands.SaveDraft(token=token, text=text):
                card = self.cards[token]
                assert card.draft
                draft = replace(card.draft, text=text, version=card.draft.version + 1)
                card = replace(card, revision=card.revision + 1, draft=draft)
                await self.change(card, EventKind.DRAFT_SAVED)
                return Outcome(OutcomeKind.DONE, "Saved as version 2.")
            case _:
                return Outcome(OutcomeKind.DONE, "Done.")

    async def _publish(self, token: CardToken) -> Outcome:
        card = self.cards[token]
        leaving = replace(
            card,
            revision=card.revision + 1,
            actions=(Action(ActionName.STOP, "Stop", Style.DANGER),),
            state=StateLine(Light.WORKING, (Text("Leaves in a moment, approved by Bob."),)),
        )
        await self.change(leaving, EventKind.PUBLICATION_QUEUED)
        return Outcome(OutcomeKind.DONE, "Approved. It leaves in 10 seconds; Stop holds it back.")

    async def let_go(self, token: CardToken) -> None:
        """What was leaving is out."""
        card = self.cards[token]
        out = replace(
            card,
            revision=card.revision + 1,
            draft=None,
            actions=(),
            state=StateLine(Light.DONE, (Text("Published by Bob at 14:02."),)),
            links=(Link("Our reply", PERMALINK),),
        )
        await self.change(out, EventKind.PUBLICATION_PUBLISHED)

    def _beside(self, query: LandingQuery | ConnectQuery | ReportQuery | MediaQuery) -> Page:
        match query:
            case LandingQuery():
                return self.landing
            case ConnectQuery():
                return self.connect
            case ReportQuery():
                return ReportPage(None)
            case MediaQuery(hash=digest):
                return self.pictures.get(digest, MediaPage("", None))

    def _queue(self, query: QueueQuery | SearchQuery) -> QueuePage:
        found = [card for card in self.cards.values() if _is_found(card, query)]
        counts = {
            one: sum(_belongs(card, one) for card in self.cards.values()) for one in QueueFilter
        }
        page = tuple(found[query.offset : query.offset + query.limit])
        return QueuePage(page, counts, len(found))

    def _history(self, token: CardToken) -> HistoryPage:
        card = self.cards.get(token)
        why = ("“parcel” and “week” read as a complaint about delivery.",)
        audit = ("15:10 Olga saved version 1.",)
        notes = (NoteLine(NOW, MemberName("olga", "Olga"), "They <rang> back.\nAll is well."),)
        return HistoryPage(card, self._lines(), why, audit, notes=notes)

    def _lines(self) -> tuple[HistoryLine, ...]:
        return (
            HistoryLine(
                Moment(NOW - 4 * MINUTE), (Text("Ann Kowalski wrote a comment."),), self.detail
            ),
            HistoryLine(
                Moment(NOW - 3 * MINUTE),
                (Text("Version 1 was drafted from a template."),),
                sample_cards.DRAFT.text,
            ),
        )


def _is_found(card: Card, query: QueueQuery | SearchQuery) -> bool:
    if isinstance(query, SearchQuery):
        return query.words.casefold() in plain(card.quote).casefold()
    return _belongs(card, query.filter)


def _belongs(card: Card, chosen: QueueFilter) -> bool:
    match chosen:
        case QueueFilter.ALL:
            return True
        case QueueFilter.POSTS:
            return card.kind is CardKind.POST
        case QueueFilter.DONE:
            return card.state.light is Light.DONE
        case QueueFilter.OPEN:
            return card.state.light in {Light.WAITING, Light.TROUBLE, Light.WORKING}
        case _:
            return False


def desk_page() -> DeskPage:
    sandbox = AccountRow(
        slug="acme",
        name="Acme",
        network="Sandbox",
        state=AccountState.LIVE,
        trouble="",
        last_heard_at=Moment(NOW - MINUTE),
        can=("Read comments, mentions and replies.", "Publish replies and posts."),
        cannot=(),
        can_post=True,
        text_limit=300,
        text_unit="graphemes",
    )
    books = replace(
        sandbox, slug="books", name="Acme Books", state=AccountState.WATCH_ONLY, text_limit=500
    )
    feed = replace(
        sandbox,
        slug="news",
        name="News about Acme",
        network="RSS",
        state=AccountState.PAUSED,
        trouble="The feed answers 410: it is gone. Take it out of the configuration.",
        can=("Read articles.",),
        cannot=("It cannot publish posts: a feed is only read.",),
        can_post=False,
    )
    return DeskPage(
        brand="Acme",
        accounts=(sandbox, books, feed),
        members=tuple(MemberRow(m.slug, m.name, m.role.value) for m in MEMBERS.values()),
        holds=("Planned posts on Acme Books are paused by Alice since 13:20: stock-taking.",),
        dead_letters=(DeadLetter(DueId(9), "draft", "item:1031", "The drafter timed out.", 8),),
        drafter="Drafts come from templates. Set OPENAI_API_KEY to have a model write them.",
        languages=("en", "ru"),
        zone="UTC",
    )


class NoPresence:
    """Of a front end whose channels do not matter to a test."""

    async def came(self, channel: str) -> bool:
        return True

    async def left(self, channel: str) -> None:
        """Nobody is told."""

    async def entered(self, channel: str, user: str) -> None:
        """Nobody is told."""

    async def quit(self, channel: str, user: str) -> None:
        """Nobody is told."""


def offers() -> tuple[Offer, ...]:
    """A network that asks for everything that can be asked for, and one that asks for little."""
    asked = (
        Question("base_url", "Server", "https://mastodon.social", QuestionKind.ADDRESS, True),
        Question("access_token", "Access token", "", QuestionKind.SEALED, True),
        Question("hashtags", "Hashtags to watch", "#acme", QuestionKind.WORDS, False),
        Question("kind", "What an entry is", "", QuestionKind.CHOICE, False, "mention",
                 ("mention", "review")),
    )  # fmt: skip
    steps = ("On the server, open Preferences.", "Copy “Your access token”.")
    about = "Comments, mentions and replies of one account."
    feed = (Question("url", "Address of the feed", "", QuestionKind.ADDRESS, True),)
    return (
        Offer(NetworkName("mastodon"), "Mastodon", about, steps, asked),
        Offer(NetworkName("rss"), "RSS", "A feed, read only.", (), feed),
    )


FOUND = Found(
    "Acme Tea · @acme@social.example",
    "110203",
    "https://social.example/@acme",
    ("read", "reply"),
    ("Cannot hide: Mastodon has nothing of the kind.",),
)


class FakeJoins:
    """Takes the token `right-token` alone; keeps the wishes and presses that it was given."""

    def __init__(self) -> None:
        self.shown = JoiningPage(offers())
        self.wishes: list[Wish] = []
        self.joined: list[str] = []
        self.gone: list[str] = []
        self.failing: Exception | None = None

    def page(self) -> JoiningPage:
        return self.shown

    async def look(self, press: CommandId, actor: ChatIdentity, wish: Wish) -> Looked:
        self.wishes.append(wish)
        if self.failing:
            raise self.failing
        if not wish.answers.get("base_url"):
            refused = Outcome(OutcomeKind.REFUSED, "Look at each answer.")
            return Looked(refused, {"base_url": "This is needed."})
        if wish.answers.get("access_token") != "right-token":
            return Looked(Outcome(OutcomeKind.REFUSED, "Mastodon does not know this token."))
        return Looked(Outcome(OutcomeKind.DONE, "The network accepts it."), found=FOUND)

    async def join(
        self, press: CommandId, actor: ChatIdentity, wish: Wish, remote_id: str
    ) -> Looked:
        self.joined.append(remote_id)
        return Looked(Outcome(OutcomeKind.DONE, "It is connected.", "acme-mastodon"), found=FOUND)

    async def disconnect(self, press: CommandId, actor: ChatIdentity, account: str) -> Outcome:
        self.gone.append(account)
        return Outcome(OutcomeKind.DONE, "It is disconnected.")

    async def make_key(self, press: CommandId, actor: ChatIdentity) -> Outcome:
        self.shown = JoiningPage(offers())
        return Outcome(OutcomeKind.DONE, "The key is made.")


CALLED_AT = "https://desk.example/chats/telegram/update"


class FakeGreets:
    """Slack stands in the file, Telegram is not connected; keeps where test cards went."""

    def __init__(self) -> None:
        self.offers: tuple[ChatOffer, ...] = (
            ChatOffer("slack", "Slack", True, '{\n  "display_information": {}\n}', "C012AB3CD"),
            ChatOffer(
                "telegram",
                "Telegram",
                False,
                "",
                "-1001234567890",
                questions("telegram", has_address=True),
                CALLED_AT,
            ),
        )
        self.sent: list[tuple[str, Place]] = []
        self.answer = Outcome(OutcomeKind.DONE, "The test card stands in the channel.")

    def chats(self) -> tuple[ChatOffer, ...]:
        return self.offers

    async def greet(
        self, press: CommandId, actor: ChatIdentity, chat: str, place: Place
    ) -> Outcome:
        self.sent.append((chat, place))
        return self.answer


class FakeChatJoins:
    """Takes the token `1:right` alone; keeps the chats that were connected and disconnected."""

    def __init__(self) -> None:
        self.joined: list[tuple[str, str]] = []
        self.gone: list[str] = []
        self.asked = 0

    async def look(
        self, press: CommandId, actor: ChatIdentity, chat: str, tokens: Mapping[str, str]
    ) -> Looked:
        self.asked += 1
        if tokens.get("bot_token") != "1:right":
            refused = Outcome(OutcomeKind.REFUSED, "Look at each answer.")
            return Looked(refused, {"bot_token": "Telegram does not take this token."})
        can = ("post and redraw cards",)
        found = Found("@acme_desk_bot", "777", "", can, ("It cannot be added to a group.",))
        return Looked(Outcome(OutcomeKind.DONE, "The chat accepts it."), found=found)

    async def join(
        self,
        press: CommandId,
        actor: ChatIdentity,
        chat: str,
        tokens: Mapping[str, str],
        remote_id: str,
    ) -> Looked:
        self.joined.append((chat, remote_id))
        return Looked(Outcome(OutcomeKind.DONE, "@acme_desk_bot is connected."))

    async def disconnect(self, press: CommandId, actor: ChatIdentity, chat: str) -> Outcome:
        self.gone.append(chat)
        return Outcome(OutcomeKind.DONE, "It is disconnected.")
