"""The judge: what reached the network and the chats, held against what people were told.

It sees three things: the book of those outside, the replies that stand on the network, and the
cards as people see them, in the console and in the chat. An acknowledged approval is exactly one
reply with exactly its words, or a card that says in plain words that the desk is not sure and what
a person should do; anything else is a fault of some kind below.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields

from bot.cards.actions import ActionName
from tests.chaos.book import Book, Press, Told, comment_of, mark_of
from tests.chaos.seats import ChatCard
from tests.e2e.console_client import SeenCard
from tests.fakes.relay_tool import Shown

ASKS = "say what you see"
"""What the card of a parked publication asks of a person, word for word."""
OFFERS = (ActionName.CONFIRM, ActionName.LOOK, ActionName.RETRY, ActionName.ABANDON)
NO_FAULTS = frozenset({"parked", "cards_repeated", "cards_left"})


@dataclass(frozen=True, slots=True)
class Scene:
    """What is to be judged."""

    book: Book
    standing: Mapping[str, Sequence[str]]
    """Replies of the brand that can be seen, by the comment they answer."""
    cards: Sequence[SeenCard]
    """Every card of the console."""
    chat: Sequence[Shown] | None = None
    """Every message of the chat; None when the team has none."""
    complaints: Sequence[str] = ()
    """What the chat had to refuse."""
    is_readable: bool = True
    """Whether the chat can be asked what it shows."""


@dataclass(slots=True)
class Verdict:
    """Evidence by kind."""

    lost: list[str] = field(default_factory=list)
    """Comments of which the desk shows nothing, and approvals of which nothing came."""
    cards_missing: list[str] = field(default_factory=list)
    """Comments without a card in the chat."""
    cards_doubled: list[str] = field(default_factory=list)
    """Comments with two cards, where nobody was told that one of them is a repeat."""
    cards_repeated: list[str] = field(default_factory=list)
    """Comments with a card that is marked as a repeat: no fault in a chat that shows nothing."""
    cards_stale: list[str] = field(default_factory=list)
    """Comments whose card in the chat shows something older than the console's."""
    cards_left: list[str] = field(default_factory=list)
    """The same in a chat that shows nothing, where a card whose repeat was lost as well, arrived or
    not, stays as it was posted: the desk learns which message it is when somebody presses it."""
    published_twice: list[str] = field(default_factory=list)
    unapproved: list[str] = field(default_factory=list)
    """Replies whose words nobody approved for that comment."""
    decided_twice: list[str] = field(default_factory=list)
    """Comments of which two people were told that their yes counted."""
    parked: list[str] = field(default_factory=list)
    """Approvals whose outcome only a person can find out; no fault."""
    parked_in_silence: list[str] = field(default_factory=list)
    """Parked, and some card does not say what a person should do."""
    misbehaved: list[str] = field(default_factory=list)
    """What the chat had to refuse: a wrong signature, a key that came twice."""

    @property
    def faults(self) -> dict[str, list[str]]:
        found = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: said for name, said in found.items() if said and name not in NO_FAULTS}

    @property
    def unfinished(self) -> list[str]:
        """What time alone may still mend."""
        return [
            *self.lost,
            *self.cards_missing,
            *self.cards_stale,
            *self.cards_left,
            *self.parked_in_silence,
        ]


def judge(scene: Scene) -> Verdict:
    verdict = Verdict(misbehaved=list(scene.complaints))
    _judge_console(scene, verdict)
    _judge_chat(scene, verdict)
    cards = {comment_of(card): card for card in scene.cards}
    for comment in {press.comment for press in scene.book.presses} | set(scene.standing):
        presses = [press for press in scene.book.presses if press.comment == comment]
        _judge_replies(comment, presses, scene.standing.get(comment, ()), verdict)
        card = cards.get(comment)
        if card is not None and _is_parked(card):
            verdict.parked.append(comment)
            if not (ASKS in card.state and all(card.button(action) for action in OFFERS)):
                verdict.parked_in_silence.append(f"{comment}: {card.state!r} {card.buttons}")
        elif not scene.standing.get(comment) and _done(presses):
            verdict.lost.append(f"{comment} was approved, and nothing stands there")
    return verdict


def _judge_console(scene: Scene, verdict: Verdict) -> None:
    shown = Counter(mark_of(card.quote) for card in scene.cards)
    for mark in scene.book.written.values():
        if not shown[mark]:
            verdict.lost.append(f"{mark} is on no card")
        elif shown[mark] > 1:
            verdict.cards_doubled.append(f"{mark} has {shown[mark]} cards in the console")


def _judge_chat(scene: Scene, verdict: Verdict) -> None:
    if scene.chat is None:
        return
    messages: dict[str, list[Shown]] = {}
    for message in scene.chat:
        messages.setdefault(ChatCard(message.card).mark, []).append(message)
    console = {mark_of(card.quote): card for card in scene.cards}
    for mark in scene.book.written.values():
        found = messages.get(mark, [])
        if not found:
            verdict.cards_missing.append(f"{mark} is not in the chat")
            continue
        if len(found) > 1:
            marked = not scene.is_readable and all(one.is_repeat for one in found[1:])
            kind = verdict.cards_repeated if marked else verdict.cards_doubled
            kind.append(f"{mark} has {len(found)} cards in the chat")
        if mark in console:
            older = verdict.cards_stale if scene.is_readable else verdict.cards_left
            _compare(mark, ChatCard(found[-1].card), console[mark], verdict, older)


def _compare(
    mark: str, shown: ChatCard, card: SeenCard, verdict: Verdict, older: list[str]
) -> None:
    """The newest message against the console, in what a person must not be wrong about."""
    if set(shown.links) != set(card.links):
        older.append(f"{mark} links to {shown.links}, and should to {card.links}")
    elif _is_parked(card) and ASKS not in shown.state:
        verdict.parked_in_silence.append(f"{mark} says {shown.state!r} in the chat")


def _judge_replies(
    comment: str, presses: Sequence[Press], standing: Sequence[str], verdict: Verdict
) -> None:
    done = _done(presses)
    perhaps = [press.text for press in presses if press.told is Told.NOTHING]
    if len(standing) > 1:
        verdict.published_twice.append(f"{comment} was answered with {list(standing)}")
    strange = [text for text in standing if text not in (done or perhaps)]
    if strange:
        verdict.unapproved.append(f"{comment}: {strange}, approved were {done or perhaps}")
    # who presses the same button twice is told the same twice, and has decided once
    deciders = {(one.by, one.data, one.entry) for one in presses if one.told is Told.DONE}
    if len(deciders) > 1:
        verdict.decided_twice.append(f"{comment} was approved by {sorted(deciders)}")


def _done(presses: Sequence[Press]) -> list[str]:
    return [press.text for press in presses if press.told is Told.DONE]


def _is_parked(card: SeenCard) -> bool:
    return card.button(ActionName.CONFIRM) is not None or ASKS in card.state
