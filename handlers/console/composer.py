"""What the composer is filled with: a new post, or a planned one that is edited again."""

from __future__ import annotations

from dataclasses import dataclass

from bot.cards.card import Card, plain
from bot.cards.leaving_view import SHADOW, WATCH_ONLY
from bot.cards.pages import AccountRow, DeskPage, PostForm
from bot.model.account import AccountState
from bot.model.commands import PictureRef
from bot.model.ids import Moment
from bot.speech.speech import marked
from handlers.console.render import Reading
from handlers.moments import local_time

_SILENT = {AccountState.SHADOW: SHADOW, AccountState.WATCH_ONLY: WATCH_ONLY}
FIELD_TIME = "%Y-%m-%dT%H:%M"


@dataclass(frozen=True, slots=True)
class TargetRow:
    account: AccountRow
    is_chosen: bool
    own_text: str | None
    """Words for this account alone, or None when it shares the common ones."""
    reason: str
    """Why nothing can be posted there, or does not leave from there."""


@dataclass(frozen=True, slots=True)
class ComposerForm:
    text: str
    rows: tuple[TargetRow, ...]
    pictures: tuple[PictureRef, ...]
    slot: str
    """Wall time for a date-time field, or empty."""
    earliest: str


def post_form(
    desk: DeskPage, reading: Reading, card: Card | None, post: PostForm | None
) -> ComposerForm:
    texts = {variant.account: variant.text for variant in post.variants} if post else {}
    # The words most accounts share are the common ones; the others keep their own.
    shared = max(texts.values(), key=list(texts.values()).count, default="")
    if card is not None and post is None:
        shared = plain(card.quote)
    return ComposerForm(
        text=shared,
        rows=tuple(_row(account, texts, shared, reading) for account in desk.accounts),
        pictures=post.pictures if post else (),
        slot=_field(post.slot, reading) if post and post.slot is not None else "",
        earliest=_field(reading.now, reading),
    )


def _row(account: AccountRow, texts: dict[str, str], shared: str, reading: Reading) -> TargetRow:
    text = texts.get(account.slug)
    return TargetRow(
        account=account,
        is_chosen=text is not None,
        own_text=text if text is not None and text != shared else None,
        reason=reading.speech.say(_why_not(account)),
    )


def _why_not(account: AccountRow) -> str:
    if account.can_post:
        return _SILENT.get(account.state, "")
    about_posts = [sentence for sentence in account.cannot if "post" in sentence.lower()]
    return about_posts[0] if about_posts else marked("Posts cannot be published here.")


def _field(at: Moment, reading: Reading) -> str:
    return local_time(at, reading.zone).strftime(FIELD_TIME)
