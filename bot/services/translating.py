"""Translating: what readers of an item or of a planned post cannot read, told in their language.

Of each item that waits for an answer the comment, and of its latest draft the words, are
translated into the language of every channel and member that does not read what they are written
in; of a post that waits its texts. The language of our own words is that of the words, whoever
they answer. A translation belongs to exact words: changed words have none until they are
translated anew. It is shown beside what was said, marked as a machine's, and nothing ever sends it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.cards.card import CardKind
from bot.model.channel import Shows
from bot.model.due import DueRow, Lane, NewDue
from bot.model.ids import BrandId, ItemId, Moment, PostId
from bot.model.item import UNDECIDED
from bot.model.member import Tongue
from bot.model.post import PostState
from bot.model.translation import Wording, wording
from bot.model.triage import UNDETERMINED, Triage
from bot.store.tx import Tx

MOST = 2_000
"""Characters; a longer text is not translated, because a part of it could mislead."""

_WAITING = frozenset({PostState.DRAFT, PostState.WAITING})


@dataclass(frozen=True, slots=True)
class Wanted:
    """`known` is what was made of the same words before."""

    what: Wording
    text: str
    known: str | None


@dataclass(frozen=True, slots=True)
class Translated:
    row: DueRow
    made: Mapping[Wording, str]


def translate_due(item_id: ItemId, at: Moment) -> NewDue:
    return NewDue("translate", f"translate:{item_id}", Lane.DRAFTS, at, {"item": item_id})


def translate_post_due(post_id: PostId, at: Moment) -> NewDue:
    return NewDue("translate", f"translate:post:{post_id}", Lane.DRAFTS, at, {"post": post_id})


def language_of_reply(language_of: Callable[[str], str], words: str, triage: Triage | None) -> str:
    """Of the words themselves; where they do not tell, of what they answer."""
    found = language_of(words)
    if found != UNDETERMINED or triage is None:
        return found
    return triage.language


def wanted(tx: Tx, row: DueRow, language_of: Callable[[str], str]) -> list[Wanted]:
    """What is still to be translated; nothing once somebody decided."""
    if "post" in row.arg:
        return _wanted_of_post(tx, PostId(row.arg["post"]), language_of)
    item = tx.items.maybe(ItemId(row.arg["item"]))
    triage = None if item is None else tx.items.triage(item.id)
    if item is None or triage is None or item.state not in UNDECIDED:
        return []
    texts: dict[str, str] = {item.text: triage.language}
    draft = tx.drafts.latest(item.id)
    if draft is not None:
        texts.setdefault(draft.text, language_of_reply(language_of, draft.text, triage))
    stored = tx.translations.of([item.id]).get(item.id, {})
    return [
        Wanted(what, text, tx.translations.known(what))
        for what, text in _unread(texts, _readers(tx, item.brand_id, Shows.ITEMS))
        if what not in stored
    ]


def _wanted_of_post(tx: Tx, post_id: PostId, language_of: Callable[[str], str]) -> list[Wanted]:
    post = tx.posts.get(post_id)
    if post.state not in _WAITING:
        return []
    texts = {variant.text: language_of(variant.text) for variant in post.variants}
    stored = tx.post_translations.of([post_id]).get(post_id, {})
    return [
        Wanted(what, text, tx.post_translations.known(what))
        for what, text in _unread(texts, _readers(tx, post.brand_id, Shows.POSTS))
        if what not in stored
    ]


def _unread(texts: Mapping[str, str], readers: Iterable[Tongue]) -> Iterator[tuple[Wording, str]]:
    """Each of `texts` (with its language) in the language of each that does not read it, once."""
    tongues = list(readers)
    for language in sorted({one.language for one in tongues}):
        mine = [one for one in tongues if one.language == language]
        for text, source in texts.items():
            is_read = all(one.understands(source) for one in mine)
            if text.strip() and len(text) <= MOST and not is_read:
                yield wording(text, language), text


def _readers(tx: Tx, brand_id: BrandId, shown: Shows) -> Iterator[Tongue]:
    """Of the channels that show these, and of every member."""
    channels = tx.channels.of_brand(brand_id)
    yield from (channel.tongue for channel in channels if shown in channel.shows)
    yield from (member.tongue for member in tx.people.of_brand(brand_id))


def keep(tx: Tx, commands: Sequence[Translated]) -> list[None]:
    """The card is drawn anew, so that nobody says yes to words they could not read before."""
    for command in commands:
        if not tx.due.done(command.row) or not command.made:
            continue
        arg = command.row.arg
        kind = CardKind.POST if "post" in arg else CardKind.ITEM
        subject = arg["post"] if "post" in arg else arg["item"]
        tx.cards.lock_of(kind, subject)
        for what, text in command.made.items():
            if kind is CardKind.POST:
                tx.post_translations.put(PostId(subject), what, text)
            else:
                tx.translations.put(ItemId(subject), what, text)
        tx.cards.turn(kind, subject, tx.now(), how="The desk translated this")
    return [None] * len(commands)
