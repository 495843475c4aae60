"""The buttons of a card: what is used most first, what hurts last, the rest in menus.

A menu opens on the same message, in place of the buttons, and says which card and revision it
belongs to, so that a menu left open decides nothing about a card that has changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from bot.cards.actions import ActionName, ButtonData
from bot.cards.card import Action, Ask, Card, CardKind, Group, Style
from bot.model.bulk import BulkVerb
from bot.speech.speech import marked
from handlers.said_before_words import TITLE
from handlers.shortening import cut
from handlers.team_words import Choice
from handlers.telegram import questions
from handlers.telegram.buttons import Button, OnCard, Rows, Verb, mark
from handlers.telegram.limits import (
    BUTTON_LABEL,
    BUTTONS,
    INLINE_QUERY,
    ROW,
    units,
)
from handlers.telegram.markup import one_line

MAIN = 6
"""Buttons beside the primary one; further ones go under More."""
IN_A_ROW = 3
MENUS = {
    Group.TONE: ("🎭", marked("Tone")),
    Group.SAVED: ("🗒", marked("Saved replies")),
    Group.SNOOZE: ("🕒", marked("Snooze")),
    Group.MODERATE: ("🛡", marked("Moderate")),
    Group.TEAM: ("👥", marked("Team")),
    Group.BULK: ("🗂", marked("All of them")),
    Group.UPDATES: ("📣", marked("Updates")),
    Group.PULL: ("📤", marked("Pull one out")),
    Group.TAKE_ONE: ("🙋", marked("Take one")),
    Group.OPEN_ONE: ("🔎", marked("Open one")),
}
MORE = "more"
_CHOOSE_MEMBER = frozenset({ActionName.GIVE, ActionName.COMMS, ActionName.SCRIBE})
_GIVE_CLUSTER = f"{ActionName.BULK}-{BulkVerb.GIVE}-"
BACK = "main"
ICONS = {
    ActionName.APPROVE: "✅",
    ActionName.EDIT: "✏️",
    ActionName.CHANGE: "💬",
    ActionName.AGAIN: "🔁",
    ActionName.NO_REPLY: "🤷",
    ActionName.REOPEN: "↩️",
    ActionName.TAKE: "🙋",
    ActionName.QUESTION: "❓",
    ActionName.CONSULT: "❓",
    ActionName.ANSWER: "💬",
    ActionName.NOTE: "📝",
    ActionName.LABEL: "🏷",
    ActionName.PROMISE: "🤝",
    ActionName.KEPT: "🤝",
    ActionName.RAISE: "🚨",
    ActionName.STOP: "✋",
    ActionName.RETRY: "🔁",
    ActionName.LOOK: "🔎",
    ActionName.CONFIRM: "👍",
    ActionName.EDIT_POST: "✏️",
    ActionName.REQUEST: "💬",
}
WITH_OR_WITHOUT = {
    ActionName.CONFIRM: ("🔗", marked("With its link"), marked("Without a link")),
    ActionName.RAISE: ("💬", marked("Say why, then escalate"), marked("Yes: escalate")),
}
"""Actions whose words may be left out: the icon and label with them, and the label without."""
_STYLES = {Style.PRIMARY: "success", Style.DANGER: "danger", Style.PLAIN: ""}


@dataclass(frozen=True, slots=True)
class KeyboardOptions:
    """`can_prefill`: the bot answers inline queries, so a short draft is edited where one types.

    `is_cut`: something does not fit on the card. `foot` stands below everything.
    """

    can_prefill: bool = False
    is_cut: bool = False
    foot: Rows = ()


def card_rows(card: Card, options: KeyboardOptions) -> Rows:
    """The card's keyboard before any menu is opened."""
    main = _of_main(card)
    first = [one for one in main if one.style is Style.PRIMARY][:1]
    last = [one for one in main if one.style is Style.DANGER]
    plain = [one for one in main if one not in first and one not in last]
    shown, more = plain[:MAIN], plain[MAIN:]
    rows = [
        _buttons(card, first, options),
        *packed(_buttons(card, shown, options)),
        *packed([*_menu_buttons(card, has_more=bool(more)), *_whole(card, options)]),
        *packed(_buttons(card, last, options)),
        *packed(_openers(card)),
        *options.foot,
    ]
    return _limited(rows)


def menu_rows(
    card: Card, menu: str, options: KeyboardOptions, choices: Sequence[Choice] = ()
) -> Rows:
    """The keyboard with a menu open; an unknown or empty one is the card's own."""
    inside: Sequence[Button]
    if chooses_member(menu):
        inside = [_hand(card, menu, one) for one in choices]
    elif questions.is_step(menu):
        inside = [Button(short(one), data) for one, data in questions.step(card, menu, choices)]
    elif menu in {action.value for action in WITH_OR_WITHOUT}:
        inside = list(_with_or_without(card, menu))
    elif menu == MORE:
        main = [one for one in _of_main(card) if one.style is Style.PLAIN]
        inside = _buttons(card, main[MAIN:], options)
    else:
        actions = [one for one in card.actions if one.group.value == menu]
        inside = _buttons(card, [_without_title(one) for one in actions], options)
        if menu == Group.TEAM and card.kind is CardKind.ITEM:
            inside = (*inside, _before(card))
    if not inside:
        return card_rows(card, options)
    return _limited([*packed(inside), (back(card),), *options.foot])


def sure_rows(card: Card, action: Action, options: KeyboardOptions) -> Rows:
    """Yes or back, after a question."""
    data = ButtonData(action.name, card.key, card.revision, action.argument)
    yes = Button(
        short(card.speech.say("Yes: {action}", action=action.label)), data.encode(), style="danger"
    )
    return ((yes,), (back(card),), *options.foot)


def _before(card: Card) -> Button:
    data = OnCard(Verb.BEFORE, card.key, card.revision).encode()
    return Button(f"🕘 {card.speech.say(TITLE)}", data)


def back(card: Card) -> Button:
    label, to = card.speech.say("Back"), OnCard(Verb.MENU, card.key, card.revision, BACK)
    return Button(f"‹ {label}", to.encode())


def asked_action(card: Card, argument: str) -> Action | None:
    """The action of a card that a `sure` button names, should the card still offer it."""
    name, _, rest = argument.partition("-")
    for action in card.actions:
        if action.name.value == name and action.argument == rest:
            return action
        if action.name.value == name and action.ask is Ask.QUESTION:
            return replace(action, argument=rest)
    return None


def _of_main(card: Card) -> list[Action]:
    """Actions of the main group, and a menu that would hold a single one."""
    alone = {group for group in MENUS if sum(one.group is group for one in card.actions) == 1}
    return [one for one in card.actions if one.group is Group.MAIN or one.group in alone]


def _openers(card: Card) -> Iterable[Button]:
    for one in card.opens:
        yield Button(short(one.label), OnCard(Verb.OPEN, one.token, one.revision).encode())


def _menu_buttons(card: Card, *, has_more: bool) -> Iterable[Button]:
    for group, (icon, title) in MENUS.items():
        if sum(one.group is group for one in card.actions) > 1:
            label = f"{icon} {card.speech.say(title)}"
            yield Button(label, OnCard(Verb.MENU, card.key, card.revision, group.value).encode())
    if has_more:
        label = card.speech.say("More")
        yield Button(f"⋯ {label}", OnCard(Verb.MENU, card.key, card.revision, MORE).encode())


def _whole(card: Card, options: KeyboardOptions) -> Iterable[Button]:
    if options.is_cut:
        label = card.speech.say("Show all")
        yield Button(f"📄 {label}", OnCard(Verb.WHOLE, card.key, card.revision).encode())


def _buttons(card: Card, actions: Iterable[Action], options: KeyboardOptions) -> tuple[Button, ...]:
    made = (_button(card, action, options) for action in actions)
    return tuple(button for button in made if button is not None)


def _button(card: Card, action: Action, options: KeyboardOptions) -> Button | None:
    """None for what no button of Telegram can carry."""
    icon = ICONS.get(action.name, "")
    label = short(f"{icon} {action.label}".strip())
    prefill = _prefill(card, action) if options.can_prefill else ""
    if prefill:
        return Button(label, prefill=prefill)
    try:
        return Button(label, _data(card, action), style=_STYLES[action.style])
    except ValueError:
        return None


def _data(card: Card, action: Action) -> str:
    verb, argument = Verb.ASK, f"{action.name.value}-{action.argument}".rstrip("-")
    match action.ask:
        case Ask.NOTHING if action.confirm:
            verb = Verb.SURE
        case Ask.NOTHING:
            return ButtonData(action.name, card.key, card.revision, action.argument).encode()
        case Ask.MEMBER | Ask.LINK | Ask.REASON | Ask.QUESTION:
            verb = Verb.MENU
        case Ask.LABELS:
            return OnCard(Verb.LABELS, card.key, card.revision).encode()
        case Ask.DRAFT | Ask.LINE | Ask.POST:
            pass
    return OnCard(verb, card.key, card.revision, argument).encode()


def _prefill(card: Card, action: Action) -> str:
    """The draft to be edited where one types, should all of it fit there."""
    if action.ask is not Ask.DRAFT or card.draft is None or not card.draft.text:
        return ""
    query = f"{ButtonData(ActionName.SAVE, card.key, card.revision).encode()} {card.draft.text}"
    fits = units(query) <= INLINE_QUERY and "\n" not in card.draft.text
    return query if fits else ""


def chooses_member(menu: str) -> bool:
    """Whether it lists the team, for the action that it is named after."""
    return menu in _CHOOSE_MEMBER or menu.startswith(_GIVE_CLUSTER)


def _hand(card: Card, menu: str, member: Choice) -> Button:
    data = OnCard(Verb.HAND, card.key, card.revision, f"{menu}-{mark(member.to)}")
    return Button(short(member.label), data.encode())


def _with_or_without(card: Card, menu: str) -> Iterable[Button]:
    """With or without words: the link of what somebody saw on the network, or why."""
    name, say = ActionName(menu), card.speech.say
    if any(one.name is name for one in card.actions):
        icon, with_, without = WITH_OR_WITHOUT[name]
        label = f"{icon} {say(with_)}"
        yield Button(label, OnCard(Verb.ASK, card.key, card.revision, name).encode())
        yield Button(say(without), ButtonData(name, card.key, card.revision).encode())


def short(text: str) -> str:
    """As much of it as a phone shows on a button."""
    return cut(one_line(text).strip(), BUTTON_LABEL) or "…"


def _without_title(action: Action) -> Action:
    return replace(action, label=action.in_menu or action.label)


def packed(buttons: Iterable[Button]) -> list[tuple[Button, ...]]:
    """Rows that a phone shows whole, in order."""
    rows: list[list[Button]] = []
    for button in buttons:
        row = rows[-1] if rows else []
        width = sum(len(one.label) for one in row) + len(button.label)
        if row and len(row) < IN_A_ROW and width <= ROW:
            row.append(button)
        else:
            rows.append([button])
    return [tuple(row) for row in rows]


def _limited(rows: Iterable[Sequence[Button]]) -> Rows:
    """At most as many buttons as a message takes, without empty rows."""
    left, kept = BUTTONS, []
    for row in rows:
        if row[:left]:
            kept.append(tuple(row[:left]))
            left -= len(kept[-1])
    return tuple(kept)
