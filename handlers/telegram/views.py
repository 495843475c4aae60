"""Messages that show something for a moment and are no card's place: the queue, a draft just saved.

They are told apart by what stands at their foot: a button that turns a page of the queue, or one
that takes the message away. Whoever presses there decides the same as on the card.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from telegram import InlineKeyboardMarkup, Message

from bot.cards.actions import ActionName, ButtonData
from bot.cards.card import Card
from bot.cards.pages import QueueFilter, QueuePage
from bot.speech.speech import Speech, marked
from handlers.shortening import cut, shortened
from handlers.telegram import limits
from handlers.telegram.buttons import Alone, Button, OnCard, Rows, Verb, decode
from handlers.telegram.markup import Reading, bold, lines, on_one_line, quote, spans_html, words
from handlers.telegram.render import LIGHTS
from handlers.visible import visible

SHUT = Button("✕", Alone(Verb.SHUT).encode())
TITLES = {
    QueueFilter.OPEN: marked("Queue"),
    QueueFilter.MINE: marked("Mine"),
    QueueFilter.POSTS: marked("Planned posts"),
    QueueFilter.QUIET: marked("No reply needed, it seems"),
    QueueFilter.DONE: marked("Done"),
    QueueFilter.BACKLOG: marked("From before"),
    QueueFilter.ALL: marked("Everything"),
}
NUMBERS_IN_A_ROW = 4
SAVED = 1_500
"""Characters of a version that are shown with the button that says yes to it."""


def foot_of(message: Message) -> Rows:
    """The last row of a message that is a view; nothing below a card in its place."""
    markup = message.reply_markup
    if not isinstance(markup, InlineKeyboardMarkup) or not markup.inline_keyboard:
        return ()
    last = markup.inline_keyboard[-1]
    row = tuple(
        Button(one.text, one.callback_data)
        for one in last
        if isinstance(one.callback_data, str) and _is_of_a_view(one.callback_data)
    )
    return (row,) if row else ()


def page_of(foot: Rows, verb: Verb = Verb.PAGE) -> Alone | None:
    """The page of the queue that a view was opened from; `WEEK`: where it stands in the week."""
    for row in foot:
        for button in row:
            pressed = decode(button.data)
            if isinstance(pressed, Alone) and pressed.verb is verb:
                return pressed
    return None


def _is_of_a_view(data: str) -> bool:
    try:
        pressed = decode(data)
    except ValueError:
        return False
    return isinstance(pressed, Alone) and pressed.verb in {Verb.PAGE, Verb.WEEK, Verb.SHUT}


def queue_page(
    page: QueuePage, wanted: QueueFilter, offset: int, reading: Reading
) -> tuple[str, Rows]:
    """One page of the queue with a button for each card."""
    say = page.speech.say
    title = say("{what}: {why}", what=say(TITLES[wanted]), why=page.total)
    html = lines((bold(title), *(_line(card, reading) for card in page.cards)))
    if not page.cards:
        html = lines((bold(title), words(page.speech.say("Nothing waits here."))))
    return html, (*_openers(page.cards), tuple(_foot(page, wanted, offset)))


def found_page(page: QueuePage, wanted: str, reading: Reading) -> tuple[str, Rows]:
    """What a search found, its newest, with a button for each card."""
    say = page.speech.say
    title = say("“{words}”: {count}", words=cut(visible(wanted), 80), count=page.total)
    more = say("These are the newest. One more word makes them fewer.")
    told = (bold(title), *(_line(card, reading) for card in page.cards))
    html = lines((*told, words(more) if page.total > len(page.cards) else ""))
    return html, (*_openers(page.cards), (SHUT,))


def _openers(cards: Sequence[Card]) -> Rows:
    shows = [
        Button(f"#{card.number}", OnCard(Verb.SHOW, card.key, card.revision).encode())
        for card in cards
    ]
    return tuple(
        tuple(shows[at : at + NUMBERS_IN_A_ROW]) for at in range(0, len(shows), NUMBERS_IN_A_ROW)
    )


def _foot(page: QueuePage, wanted: QueueFilter, offset: int) -> Iterator[Button]:
    size = limits.QUEUE_PAGE
    yield Button("🔄", Alone(Verb.PAGE, wanted.value, offset).encode())
    if offset > 0:
        yield Button("‹", Alone(Verb.PAGE, wanted.value, max(0, offset - size)).encode())
    if offset + len(page.cards) < page.total:
        yield Button("›", Alone(Verb.PAGE, wanted.value, offset + size).encode())
    yield SHUT


def back_to(page: Alone, speech: Speech) -> Rows:
    label = speech.say("Queue")
    return ((Button(f"‹ {label}", page.encode()), SHUT),)


def _line(card: Card, reading: Reading) -> str:
    who = spans_html(shortened(on_one_line(card.source[:1]), 40), reading)
    what = spans_html(shortened(on_one_line(card.quote[:1]), 70), reading)
    state = LIGHTS[card.state.light]
    return f"{state} #\u2060{card.number} {who}: {what}"


def saved(says: str, text: str, label: str, card: Card) -> tuple[str, Rows]:
    """A draft just saved, with the button that says yes to it where the card has one."""
    html = lines((bold(says), quote(words(cut(visible(text), SAVED)))))
    data = ButtonData(ActionName.APPROVE, card.key, card.revision)
    approve = Button(f"✅ {label}", data.encode(), style="success")
    if any(action.name is ActionName.APPROVE for action in card.actions):
        return html, ((approve,), (SHUT,))
    return html, ((SHUT,),)
