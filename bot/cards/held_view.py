"""What a card says and asks where something is held: yes or not now, and each post on its own.

Crisis mode and a pause ask alike: what they would hold is shown, one press does it, and what was
held too long is asked about, the first due first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bot.cards.actions import ActionName
from bot.cards.card import Action, Ask, Span, Spans, Style, Text, Untrusted, When, woven
from bot.model.hold import HeldVerb, Pending
from bot.model.text import excerpt
from bot.speech.speech import Speech, marked

MOST_SHOWN = 5
"""Posts with their words; the rest is counted."""
DECISIONS: Mapping[HeldVerb, str] = {
    HeldVerb.NOW: marked("Publish now"),
    HeldVerb.HOUR: marked("In an hour"),
    HeldVerb.DAY: marked("In a day"),
    HeldVerb.CANCEL: marked("Cancel post"),
}
WRITE_WHEN = marked("Write when: 18:00, 2026-12-24 18:00, 4h or 2d.")


def asked_once(yes: ActionName, label: str, no: ActionName, speech: Speech) -> Iterator[Action]:
    """The one press that does what the card shows, and the one that does not."""
    yield Action(yes, label, Style.PRIMARY)
    yield Action(no, speech.say("Not now"))


def posts_lines(posts: Sequence[Pending], speech: Speech) -> Iterator[Span]:
    """What waits, the first due first, each with the number of the post."""
    for place, post in enumerate(posts[:MOST_SHOWN]):
        if place:
            yield Text("\n")
        yield from _line(post, speech)
    more = len(posts) - MOST_SHOWN
    if more > 0:
        yield Text("\n" + speech.say("and {count} more", count=more))


def decisions(posts: Sequence[Pending], speech: Speech) -> Iterator[Action]:
    """What may become of the first; the next is asked about once that is decided."""
    if not posts:
        return
    first = posts[0].post_id
    for verb, label in DECISIONS.items():
        yield Action(
            ActionName.HELD,
            speech.say("{what} · #{number}", what=speech.say(label), number=first),
            Style.DANGER if verb is HeldVerb.CANCEL else Style.PLAIN,
            argument=f"{verb.value}-{first}",
        )
    yield Action(
        ActionName.HELD,
        speech.say("{what} · #{number}", what=speech.say("Another time…"), number=first),
        argument=f"{HeldVerb.AT.value}-{first}",
        ask=Ask.LINE,
        hint=speech.say(WRITE_WHEN),
    )


def _line(post: Pending, speech: Speech) -> Spans:
    return woven(
        speech.say("#{number} · {when} · {accounts}: {text}"),
        number=Text(str(post.post_id)),
        when=When(post.slot),
        accounts=Text(", ".join(dict.fromkeys(post.accounts))),
        text=Untrusted(excerpt(post.text, 120)),
    )
