"""Outward: the team's chats, and what they keep of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

# Only annotations name them, so no start pays for the half that its part does not use.
if TYPE_CHECKING:
    from bot.cards.card import Card
    from bot.cards.pages import (
        Board,
        Shot,
    )
    from bot.cards.posting import Posting, Telling
    from bot.model.audience import Audience
    from bot.model.channel import ChatAbilities, ChatFinding, Place, Sighted, Sighting
    from bot.model.ids import (
        CardToken,
        MessageId,
        Moment,
        Monotonic,
        PostKey,
    )
    from bot.model.media import OwnMedia
    from bot.model.smoke import SmokeFinding, SmokeStep
    from bot.model.team_chat import ChatIntroduced
    from bot.speech.speech import Speech


class ChatFrontend(Protocol):
    """One chat of the team. It translates: no retry, no sleep, no schedule.

    `post`, `redraw` and `find` may raise any `ConnectorError`; its class is what the caller must
    do (`bot.errors`).
    """

    @property
    def abilities(self) -> ChatAbilities: ...

    async def post(self, posting: Posting, deadline: Monotonic) -> MessageId:
        """Exactly one request that makes a message appear; never retries.

        Compares `deadline` with the monotonic clock just before the body is written and raises
        `Unavailable` when it has passed. Whatever may have arrived is `OutcomeUnknown`.
        """
        ...

    async def redraw(self, place: Place, message: MessageId, card: Card) -> None:
        """Show the card in place of what the message shows; may be repeated freely.

        TargetGone when the message is not there any more. A message that shows it already is
        no error.
        """
        ...

    async def find(self, key: PostKey, place: Place, since: Moment) -> MessageId | None:
        """The message that was posted with this key at or after `since`; None: it is not there.

        CannotTell when this chat cannot be read back.
        """
        ...


@runtime_checkable
class Threads(Protocol):
    """A front end under whose messages something can be told, read back by its key."""

    async def tell(
        self, place: Place, message: MessageId, telling: Telling, deadline: Monotonic
    ) -> None:
        """Exactly one message in the thread under `message`; as `ChatFrontend.post`."""
        ...

    async def is_told(self, place: Place, message: MessageId, key: PostKey, since: Moment) -> bool:
        """Whether what carries this key stands there, told at or after `since`."""
        ...


@runtime_checkable
class ShowsPictures(Protocol):
    """A front end that shows the pictures of a planned post under its card instead of on it."""

    async def upload(self, shots: Sequence[Shot]) -> Sequence[str]:
        """The chat's names of them, in order; nobody sees them yet, so it may be repeated."""
        ...

    async def show(
        self,
        place: Place,
        message: MessageId,
        files: Sequence[str],
        media: Sequence[OwnMedia],
        deadline: Monotonic,
    ) -> None:
        """Exactly one request that makes them appear under `message`; as `ChatFrontend.post`."""
        ...

    async def are_shown(
        self, place: Place, message: MessageId, files: Sequence[str], since: Moment
    ) -> bool:
        """Whether they stand under the message, shown at or after `since`."""
        ...


@runtime_checkable
class Examines(Protocol):
    """A front end that can be asked, before a run, whether everything is in place."""

    async def examine(self, places: Sequence[Place]) -> Sequence[ChatFinding]:
        """Whose token it is, and whether these places can be reached; any `ConnectorError`."""
        ...


class Witness(Protocol):
    """The person who goes through the live checklist; it may run with nobody there."""

    @property
    def is_there(self) -> bool: ...

    async def sees(self, question: str) -> bool | None:
        """What they say to a question of yes or no; None when nobody is there."""
        ...

    async def names(self, question: str) -> str:
        """What they type; empty when they or nobody does."""
        ...

    def told(self, says: str) -> None:
        """What they are to do now, while the step waits for it."""
        ...


class Rehearses(Protocol):
    """Something outside that the live checklist goes through, a step at a time and in order."""

    def steps(self) -> Sequence[SmokeStep]: ...

    async def take(self, step: SmokeStep, witness: Witness) -> SmokeFinding:
        """Any `ConnectorError` is a step that failed; SmokeSkipped one that was not tried."""
        ...


@runtime_checkable
class Introduces(Protocol):
    """A front end that says whose tokens it has, and what works with them."""

    async def introduce(self, speech: Speech) -> ChatIntroduced:
        """In the words of `speech`; nothing is posted.

        AnswersRefused names the token that is wrong, by its setting; any `ConnectorError`.
        """
        ...


class ChatWires(Protocol):
    """The chats of this process, as far as connecting one needs them."""

    async def introduce(
        self, chat: str, tokens: Mapping[str, str], speech: Speech
    ) -> ChatIntroduced:
        """As `Introduces.introduce`, over a line that is closed again; TimeoutError."""
        ...

    def kept(self, chat: str, answers: Mapping[str, str]) -> Mapping[str, str]:
        """What is to be sealed: the tokens, and a secret of ours where the chat calls us with it.

        AnswersRefused as `introduce`.
        """
        ...

    def seal(self, secret: str, context: str) -> str:
        """ConfigurationError where there is no key."""
        ...

    async def plug_in(self) -> None:
        """Front ends of this process for the chats that the store has now."""
        ...


@runtime_checkable
class Listens(Protocol):
    """A front end with a connection of its own that brings presses and words in."""

    async def listen(self, connected: Callable[[], Awaitable[None]]) -> None:
        """Hold the connection until cancelled; raises any `ConnectorError` when it is lost.

        `connected` is to be awaited whenever the connection stands, anew or again.
        """
        ...


@runtime_checkable
class ReachesPeople(Protocol):
    """A front end that can write to one person alone."""

    async def direct(self, user: str) -> str:
        """The chat's own id of the conversation with a user of it; any `ConnectorError`.

        Nothing is written there, and it may be asked again freely.
        """
        ...


class ChatMemory(Protocol):
    """What the front end of one chat must know again after a restart, and tells the desk."""

    async def recall(self, channel: str, name: str) -> str:
        """What was kept under a name for a channel of the chat; empty when nothing was."""
        ...

    async def keep(self, channel: str, name: str, value: str) -> None:
        """Durable when it returns; an empty value forgets."""
        ...

    async def moved(self, old: str, new: str) -> None:
        """The chat gave a channel another id; its messages cannot be reached any more."""
        ...

    async def sighted(self, sighting: Sighting) -> Sighted:
        """A message of ours was seen; one whose posting was never confirmed is known from now."""
        ...

    async def boards(self) -> Sequence[Board]:
        """Every channel of the chat, with how much waits there."""
        ...


class ChatPresence(Protocol):
    """What a front end tells of the channels of its chat that we are in at all."""

    async def came(self, channel: str) -> bool:
        """We were invited. False when nobody has said yet what should land there."""
        ...

    async def left(self, channel: str) -> None:
        """We were removed: nothing lands there until we come again."""
        ...

    async def entered(self, channel: str, user: str) -> None:
        """Somebody came into a channel that we are in; whom the desk does not know is nobody."""
        ...

    async def quit(self, channel: str, user: str) -> None:
        """Somebody left it, or was removed."""
        ...


@runtime_checkable
class TellsAudience(Protocol):
    """A front end of a chat whose channels may be private, which says who reads one."""

    async def audience(self, place: Place, people: Collection[str]) -> Audience:
        """Which of these people (the chat's own ids) are in it; any `ConnectorError`."""
        ...


class Gallery(Protocol):
    """Pictures of ours, for a chat that shows them beside the card they belong to."""

    async def pictures(self, token: CardToken) -> Sequence[Shot]:
        """Those of a planned post, in order; none for any other card."""
        ...
