"""Picturing: the pictures of a planned post, shown under its card where a chat's cards hold none.

    a post's card was posted or redrawn --> row `pictures`
        other pictures than stand there?  no: done
        upload them             invisible, repeatable; the chat's names of them are kept
        begin                   the last commit before they can appear
        show them               one request for all of them together
        answer lost             looked for by those names; shown again only when they are not there

What stood there before stays: it is what others saw when they said yes or no.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.cards.kinds import CardKind
from bot.cards.pages import Shot
from bot.model.channel import CardRef, CardRefState, Channel
from bot.model.due import DueRow, Lane, NewDue
from bot.model.ids import CardRefId, Moment, PostId
from bot.model.media import OwnMedia
from bot.store.card_pictures import CardPictures
from bot.store.tx import Tx


@dataclass(frozen=True, slots=True)
class Picturing:
    """One card in one channel; `digest` (hex) is of the pictures that the post has now."""

    ref: CardRef
    channel: Channel
    media: tuple[OwnMedia, ...]
    digest: str
    stands: CardPictures

    @property
    def is_over(self) -> bool:
        return not self.media or self.stands.shown == self.digest


def pictures_due(ref_id: CardRefId, at: Moment) -> NewDue:
    return NewDue("pictures", f"pictures:{ref_id}", Lane.THREADS, at, {"ref": ref_id})


def read(tx: Tx, wanted: Sequence[CardRefId]) -> list[Picturing | None]:
    """None where there is no message to show them under."""
    refs, stands = tx.card_refs.some(wanted), tx.card_pictures.some(wanted)
    return [
        _read(tx, refs[key], stands.get(key, CardPictures(key))) if key in refs else None
        for key in wanted
    ]


def _read(tx: Tx, ref: CardRef, stands: CardPictures) -> Picturing | None:
    card, channel = tx.cards.get(ref.card_id), tx.channels.get(ref.channel_id)
    is_there = ref.state is CardRefState.SHOWN and not channel.is_suspended
    if card.kind is not CardKind.POST or not is_there:
        return None
    media = tx.posts.get(PostId(card.subject_id)).media
    return Picturing(ref, channel, media, _digest(media), stands)


def _digest(media: Sequence[OwnMedia]) -> str:
    told = repr([(one.hash, one.alt_text) for one in media])
    return hashlib.blake2b(told.encode("utf-8", "replace"), digest_size=16).hexdigest()


def shots(tx: Tx, wanted: Sequence[tuple[OwnMedia, ...]]) -> list[tuple[Shot, ...]]:
    """With their bytes."""
    return [tuple(_shot(tx, one) for one in media) for media in wanted]


def _shot(tx: Tx, media: OwnMedia) -> Shot:
    found = tx.media.get(media.hash)
    assert found is not None, "a picture of a post is kept as long as the post"
    return Shot(media.hash, media.alt_text, *found)


@dataclass(frozen=True, slots=True)
class Uploaded:
    row: DueRow
    of: Picturing
    files: tuple[str, ...]
    lease: int


def uploaded(tx: Tx, commands: Sequence[Uploaded]) -> list[Picturing | None]:
    """With the names under which they may now be shown; None when the lease was lost."""
    return [_uploaded(tx, command) for command in commands]


def _uploaded(tx: Tx, command: Uploaded) -> Picturing | None:
    if not tx.due.keep(command.row, command.lease):
        return None
    of = command.of
    tx.card_pictures.stage(of.ref.id, of.digest, command.files)
    stands = CardPictures(of.ref.id, of.stands.shown, of.digest, command.files)
    return replace(of, stands=stands)


@dataclass(frozen=True, slots=True)
class Begin:
    """`lasts`: milliseconds after which nothing of this request can arrive any more."""

    row: DueRow
    of: Picturing
    lease: int
    lasts: int


def begin(tx: Tx, commands: Sequence[Begin]) -> list[bool]:
    """False when somebody else is at it: nothing may be sent."""
    begun = []
    for command in commands:
        is_ours = tx.due.keep(command.row, command.lease)
        if is_ours:
            now = tx.now()
            tx.card_pictures.begin(command.of.stands, now, Moment(now + command.lasts))
        begun.append(is_ours)
    return begun


def shown(tx: Tx, commands: Sequence[tuple[DueRow, Picturing]]) -> list[None]:
    """They stand there, or nobody can prove otherwise."""
    for row, of in commands:
        tx.card_pictures.end(of.stands, is_shown=True)
        _finish(tx, row, of)
    return [None] * len(commands)


def forgotten(tx: Tx, commands: Sequence[Picturing]) -> list[None]:
    """The chat refused the files: they are to be uploaded anew."""
    for of in commands:
        tx.card_pictures.end(of.stands, is_shown=False)
    return [None] * len(commands)


def over(tx: Tx, commands: Sequence[tuple[DueRow, Picturing]]) -> list[None]:
    for row, of in commands:
        _finish(tx, row, of)
    return [None] * len(commands)


def _finish(tx: Tx, row: DueRow, of: Picturing) -> None:
    """Done, unless the post got other pictures meanwhile; whoever turned it found this row."""
    tx.cards.revisions_locked([of.ref.card_id])
    stands = tx.card_pictures.some([of.ref.id]).get(of.ref.id, CardPictures(of.ref.id))
    now = _read(tx, of.ref, stands)
    if now is None or now.is_over:
        tx.due.done(row)
    else:
        tx.due.again(row, 0, counts=False)
