"""Asking a person for words: a message that opens an answer, and what the answer belongs to.

The last line of a prompt is the button data of what was asked for. It comes back with every answer
to it, so a prompt survives a restart, another process and a night, and needs no row of its own.
Whatever it names is looked up by the desk for the person who answers, like any press.
"""

from __future__ import annotations

from telegram import Message, MessageEntity, User

from bot.cards.actions import ActionName, ButtonData
from bot.cards.card import Action, Ask, Card
from bot.cards.pages import EditorPage
from bot.speech.speech import Speech, marked
from handlers.shortening import cut
from handlers.telegram import limits
from handlers.telegram.buttons import Alone, Verb, decode
from handlers.telegram.markup import code, lines, mention, one_line, pre, words

SHOWN = 3_000
"""UTF-16 units of a draft that a prompt shows; a correction reaches all of it."""
Asked = ButtonData | Alone
_ASKING = frozenset({Verb.NEW, Verb.ALT})
_HINTS = {
    ActionName.CHANGE: (
        marked("What should be different? One line, for the drafter."),
        marked("shorter, warmer"),
    ),
    ActionName.REQUEST: (
        marked("What should change? One line, for its author."),
        marked("what should change"),
    ),
    ActionName.KEEP: (
        marked("What is it called? The draft is kept under this name."),
        marked("Refund on its way"),
    ),
    ActionName.RAISE: (
        marked("Why? One line, for whoever is called. Your answer escalates it."),
        marked("one line"),
    ),
    ActionName.QUESTION: (
        marked("What do you want to know? Your answer is the question; only the team reads it."),
        marked("your question"),
    ),
    ActionName.ANSWER: (
        marked("Your answer is a private note for the team; nothing of it is published."),
        marked("your answer"),
    ),
    ActionName.LABEL: (
        marked("Which label? Several with commas; a minus before one takes it off."),
        marked("wholesale, press"),
    ),
    ActionName.PROMISE: (
        marked("What was promised, and by when? One line: Friday 15:00 we call back."),
        marked("Friday 15:00 we call back"),
    ),
    ActionName.CONFIRM: (marked("Send the link of the reply that you see there."), "https://…"),
    ActionName.BULK: (
        marked("One text for all of them. {name} is the person, | separates wordings."),
        marked("Hi {name}, …"),
    ),
}


def asked_by(message: Message, bot_id: int) -> Asked | None:
    """What a message answers to, when it answers a prompt of ours."""
    prompt = message.reply_to_message
    if prompt is None or prompt.from_user is None or prompt.from_user.id != bot_id:
        return None
    ours = prompt.parse_entities([MessageEntity.CODE]).values()
    last = (prompt.text or "").rpartition("\n")[2]
    # only we write in this type, so nobody else's words can pass for a reference
    return in_last_line(last) if last in ours else None


def in_last_line(text: str) -> Asked | None:
    """What the last line of a text names, when it names something that takes words."""
    try:
        asked = decode(text.rpartition("\n")[2].strip())
    except ValueError:
        return None
    if isinstance(asked, ButtonData) or (isinstance(asked, Alone) and asked.verb in _ASKING):
        return asked
    return None


def data_of(card: Card, action: Action) -> ButtonData:
    """What an answer will mean: the words of a draft are saved, and approved by a button."""
    name = ActionName.SAVE if action.ask is Ask.DRAFT else action.name
    return ButtonData(name, card.key, card.revision, action.argument)


def line_prompt(user: User, card: Card, action: Action, speech: Speech) -> tuple[str, str]:
    """HTML and the field's placeholder."""
    own = (action.hint or action.label, marked("one line"))
    says, placeholder = map(speech.say, _HINTS.get(action.name, own))
    to_whom = f"{to(user, speech)}: #\u2060{card.number}"
    html = lines((to_whom, words(says), code(_reference(card, action))))
    return html, placeholder


def draft_prompt(user: User, page: EditorPage, action: Action, notice: str) -> tuple[str, str]:
    """With the draft, to be copied by a tap."""
    assert page.card is not None
    card, say = page.card, page.speech.say
    how = say("Answer with the whole text, or with one line:")
    return (
        lines(
            (
                f"✏️ {to(user, page.speech)}: #\u2060{card.number}. {words(how)}",
                code(say("old words => new words")),
                words(notice),
                pre(_shown(page.text)),
                code(_reference(card, action)),
            )
        ),
        say("the text, or: old words => new words"),
    )


def post_prompt(
    user: User, card: Card, action: Action, text: str, speech: Speech
) -> tuple[str, str]:
    say = speech.say
    how = say("Answer with the whole text of the post, or with one line:")
    return (
        lines(
            (
                f"✏️ {to(user, speech)}: #\u2060{card.number}. {words(how)}",
                code(say("old words => new words")),
                pre(_shown(text)),
                code(_reference(card, action)),
            )
        ),
        say("the text, or: old words => new words"),
    )


def _shown(text: str) -> str:
    return cut(text, SHOWN if limits.units(text) <= SHOWN else SHOWN // 2)


def to(user: User, speech: Speech) -> str:
    """A mention of the one who pressed: only their phone opens the answer."""
    name = cut(one_line(user.first_name), 40)
    return mention(name if name.strip() else speech.say("You"), str(user.id))


def _reference(card: Card, action: Action) -> str:
    reference = data_of(card, action).encode()
    assert len(reference) <= limits.BUTTON_DATA
    return reference
