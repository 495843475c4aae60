"""Inward: what doors may ask of the desk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol, overload

# Only annotations name them, so no start pays for the half that its part does not use.
if TYPE_CHECKING:
    from bot.cards.connecting import ChatOffer, ConnectPage, ConnectQuery, JoiningPage, Looked
    from bot.cards.label_choices import LabelsPage, LabelsQuery
    from bot.cards.landing import LandingPage, LandingQuery
    from bot.cards.pages import (
        CardPage,
        CardQuery,
        DeskPage,
        DeskQuery,
        EditorPage,
        EditorQuery,
        HistoryPage,
        HistoryQuery,
        JustHappenedPage,
        JustHappenedQuery,
        MediaPage,
        MediaQuery,
        MessageQuery,
        NumberQuery,
        QueuePage,
        QueueQuery,
        ReportPage,
        ReportQuery,
        SearchQuery,
    )
    from bot.cards.said_before import SaidBeforePage, SaidBeforeQuery
    from bot.cards.week import WeekPage, WeekQuery
    from bot.model.channel import Place
    from bot.model.commands import Order, Outcome
    from bot.model.hook import HookRequest
    from bot.model.ids import (
        CommandId,
    )
    from bot.model.joining import Wish
    from bot.model.member import ChatIdentity, Member


class Desk(Protocol):
    """The door that people's clicks come through."""

    async def perform(self, order: Order) -> Outcome:
        """Commit what the order decides, then return; the same order returns the first outcome.

        Raises StoreUnavailable when it could not commit in two seconds: do not acknowledge.
        """
        ...

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

    async def who(self, identity: ChatIdentity) -> Member | None:
        """The member behind a chat's user id, or None for a stranger."""
        ...


class Joins(Protocol):
    """Accounts that an admin connects while the desk runs: secrets go in, and none comes out."""

    def page(self) -> JoiningPage:
        """What can be connected, and whether tokens can be kept."""
        ...

    async def look(self, press: CommandId, actor: ChatIdentity, wish: Wish) -> Looked:
        """Ask the network whose token it is; nothing is kept. Raises as `Desk.perform`."""
        ...

    async def join(
        self, press: CommandId, actor: ChatIdentity, wish: Wish, remote_id: str
    ) -> Looked:
        """Connect the account that was shown, `remote_id`; in effect when it returns."""
        ...

    async def disconnect(self, press: CommandId, actor: ChatIdentity, account: str) -> Outcome:
        """Its token is deleted; `account` is its slug."""
        ...

    async def make_key(self, press: CommandId, actor: ChatIdentity) -> Outcome:
        """Make the key that stored tokens are sealed with, where there is none."""
        ...


class JoinsChats(Protocol):
    """Chats of the team that an admin connects while the desk runs: no token comes out."""

    async def look(
        self, press: CommandId, actor: ChatIdentity, chat: str, tokens: Mapping[str, str]
    ) -> Looked:
        """Ask the chat whose tokens these are; nothing is kept. Raises as `Desk.perform`."""
        ...

    async def join(
        self,
        press: CommandId,
        actor: ChatIdentity,
        chat: str,
        tokens: Mapping[str, str],
        remote_id: str,
    ) -> Looked:
        """Connect the bot that was shown, `remote_id`, or give it these tokens from now on."""
        ...

    async def disconnect(self, press: CommandId, actor: ChatIdentity, chat: str) -> Outcome:
        """Its tokens are deleted; its cards wait."""
        ...


class Greets(Protocol):
    """The chats of the team, as an admin sets them up from elsewhere."""

    def chats(self) -> tuple[ChatOffer, ...]: ...

    async def greet(
        self, press: CommandId, actor: ChatIdentity, chat: str, place: Place
    ) -> Outcome:
        """Send a test card there, and say whether it arrived. Raises as `Desk.perform`."""
        ...


class SignsIn(Protocol):
    """Console sign-in: one-use links exchanged for sessions."""

    async def exchange(self, one_time: str) -> str | None:
        """The secret of a new 12-hour session, or None when the link is spent or too old."""
        ...

    async def recognise(self, session: str) -> ChatIdentity | None:
        """Who a session belongs to, or None when it is unknown or over."""
        ...

    async def sign_out(self, session: str) -> None: ...


class Inlet(Protocol):
    """The door that networks come through."""

    async def receive_hook(self, network: str, hook: str, request: HookRequest) -> str:
        """Verify, store, then return the body of the 200 answer.

        KeyError for a hook that is not configured; SignatureInvalid; HookMalformed;
        StoreUnavailable when it is not stored (answer 503 so that the network sends it again).
        """
        ...
