"""Pictures that somebody sends to the card of a planned post come into it, whatever the chat."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from bot.cards.pages import CardPage
from bot.model.commands import EditPost, Outcome, OutcomeKind, PictureRef
from bot.speech.speech import marked

MOST_PICTURES = 10
"""Of one post; Slack's own field takes as many."""
TRIES = 4
"""Two messages that are sent one after the other meet each other's version."""

SHUT = marked("This post cannot be edited any more.")
_TOO_MANY = marked("A post takes at most {most} pictures; this one has {count}.")


class Refusal(Exception):
    """A sentence for the person, with the values that belong into it."""

    def __init__(self, says: str, **values: object) -> None:
        super().__init__(says)
        self.says = says
        self.values = values


async def add(
    look: Callable[[], Awaitable[CardPage]],
    perform: Callable[[EditPost], Awaitable[Outcome]],
    pictures: Sequence[PictureRef],
) -> Outcome:
    """Beside those that the post has in its newest version; Refusal. The same again is none."""
    outcome = Outcome(OutcomeKind.DONE, "")
    for _try in range(TRIES):
        page = await look()
        if page.card is None or page.post is None:
            raise Refusal(SHUT)
        card, post = page.card, page.post
        all_of_them = together(post.pictures, pictures)
        if all_of_them == post.pictures:
            return Outcome(OutcomeKind.DONE, "")
        outcome = await perform(
            EditPost(card.key, card.revision, post.variants, post.slot, all_of_them)
        )
        if outcome.kind is not OutcomeKind.STALE:
            break
    return outcome


def together(there: Sequence[PictureRef], new: Sequence[PictureRef]) -> tuple[PictureRef, ...]:
    """Refusal when they are too many; a picture that is there already gets its new description."""
    by_hash = {one.hash: one for one in (*there, *new)}
    if len(by_hash) > MOST_PICTURES:
        raise Refusal(_TOO_MANY, most=MOST_PICTURES, count=len(there))
    return tuple(by_hash.values())
