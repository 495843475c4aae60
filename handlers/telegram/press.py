"""One press as the rest of this room sees it, and the sentences that have no card behind them."""

from __future__ import annotations

from dataclasses import dataclass

from telegram import CallbackQuery, MaybeInaccessibleMessage, Message, User

from bot.model.commands import Outcome, OutcomeKind
from bot.model.member import ChatIdentity
from bot.speech.speech import marked
from handlers.telegram.buttons import Rows
from handlers.telegram.clerk import identity_of
from handlers.telegram.views import foot_of
from handlers.telegram.voice import Spot

NOT_OURS = Outcome(OutcomeKind.REFUSED, marked("This button means nothing here any more."))
CHANGED = Outcome(
    OutcomeKind.STALE, marked("This card has changed meanwhile. Look at it again, then press.")
)
BUSY = Outcome(OutcomeKind.REFUSED, marked("The desk is busy. Press again in a moment."))


@dataclass(frozen=True, slots=True)
class Press:
    query: CallbackQuery
    message: MaybeInaccessibleMessage
    """The message whose button it was. Of an old one Telegram tells only where it stands."""

    @property
    def user(self) -> User:
        return self.query.from_user

    @property
    def identity(self) -> ChatIdentity:
        return identity_of(self.query.from_user)

    @property
    def spot(self) -> Spot:
        if isinstance(self.message, Message):
            return Spot.of(self.message)
        return Spot(self.message.chat.id, answers=self.message.message_id)

    @property
    def place(self) -> tuple[int, int]:
        return self.message.chat.id, self.message.message_id

    @property
    def foot(self) -> Rows:
        return foot_of(self.message) if isinstance(self.message, Message) else ()
