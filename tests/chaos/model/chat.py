"""A chat of the team as its people see it: messages of ours, each with all that it ever showed.

It goes the same ways as a network when a message is posted; drawing one anew may be repeated
freely. What it can tell of its messages depends on its kind.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.cards.card import Card
from bot.cards.posting import Posting
from bot.errors import CannotTell, ConnectorError, OutcomeUnknown, RateLimited, Unavailable
from bot.model.channel import ChatAbilities, Place
from bot.model.ids import SECOND, MessageId, Moment, PostKey
from bot.model.network import ReadBack
from tests.chaos.model.book import Broken
from tests.chaos.model.weather import Sight, Weather
from tests.fakes.chat import Message
from tests.fakes.clock import FakeClock

SETTLES = 3.0
LATEST = 8.0
"""Seconds after which no message turns up any more."""


@dataclass(slots=True)
class TeamChat:
    name: str
    clock: FakeClock
    read_back: ReadBack = ReadBack.SETTLES
    messages: list[Message] = field(default_factory=list)
    since: dict[MessageId, float] = field(default_factory=dict)
    coming: list[tuple[float, Posting]] = field(default_factory=list)
    weather: Weather = Weather.FINE
    sight: Sight = Sight.CLEAR
    late_by: float = 1.0
    never_told: bool = False
    """It said once that it could never tell."""

    @property
    def may_repeat(self) -> bool:
        """Nobody can look: then a card may stand there twice, and the second one says so."""
        return self.read_back is ReadBack.NONE or self.never_told

    @property
    def abilities(self) -> ChatAbilities:
        settles = SETTLES if self.read_back is ReadBack.SETTLES else 0.0
        return ChatAbilities(self.name.title(), self.read_back, settles)

    def showing(self, token: str, place: str) -> list[Message]:
        """The messages in a channel that show one card."""
        return [m for m in self.messages if m.card.key == token and m.place.channel == place]

    def post(self, posting: Posting) -> MessageId | ConnectorError:
        weather, self.weather = self.weather, Weather.FINE
        match weather:
            case Weather.DOWN | Weather.REFUSED | Weather.NO_SCOPE | Weather.DEAD_TOKEN:
                return Unavailable("The chat is down.")
            case Weather.BUSY:
                return self._busy()
            case Weather.LOST:
                return OutcomeUnknown("The connection broke.")
            case Weather.LATE:
                at = self.clock.monotonic() + min(self.late_by, LATEST)
                self.coming.append((at, posting))
                return OutcomeUnknown("The connection broke.")
            case _:
                pass
        message = self._show(posting)
        if weather is Weather.FINE:
            return message
        return OutcomeUnknown("The connection broke.")

    def redraw(self, message: MessageId, card: Card) -> ConnectorError | None:
        weather, self.weather = self.weather, Weather.FINE
        if weather is Weather.BUSY:
            return self._busy()
        if weather not in {Weather.DOWN, Weather.LOST, Weather.LATE}:
            next(one for one in self.messages if one.id == message).looks.append(card)
        if weather is Weather.FINE:
            return None
        return OutcomeUnknown("The connection broke.")

    def look(self, key: PostKey, place: Place) -> MessageId | ConnectorError | None:
        sight, self.sight = self.sight, Sight.CLEAR
        if self.read_back is ReadBack.NONE or sight is Sight.NEVER_TELLS:
            self.never_told = True
            return CannotTell("This chat cannot be read back.")
        if sight is Sight.DOWN:
            return Unavailable("The chat is down.")
        if sight is Sight.BUSY:
            return self._busy()
        lags = self.read_back is ReadBack.SETTLES and sight is Sight.LAGGING
        listed = self.clock.monotonic() - (SETTLES if lags else 0.0)
        for one in self.messages:
            if (one.key, one.place) == (key, place) and self.since[one.id] <= listed:
                return one.id
        return None

    def tick(self) -> None:
        now = self.clock.monotonic()
        self.arrive([one for one in self.coming if one[0] <= now])

    def arrive(self, coming: list[tuple[float, Posting]]) -> None:
        self.coming = [one for one in self.coming if one not in coming]
        for _at, posting in coming:
            self._show(posting)

    def _show(self, posting: Posting) -> MessageId:
        number = MessageId(f"{self.name}-{len(self.messages) + 1}")
        before = self.showing(posting.card.key, posting.place.channel)
        may_repeat = self.may_repeat and posting.is_repeat
        if before and not may_repeat:
            raise Broken(f"{posting.card.key} stands in {posting.place.channel} already: {before}")
        look = [posting.card]
        self.messages.append(Message(number, posting.place, posting.key, look, posting.is_repeat))
        self.since[number] = self.clock.monotonic()
        return number

    def _busy(self) -> RateLimited:
        return RateLimited("Too fast.", until=Moment(self.clock.now() + 20 * SECOND))
