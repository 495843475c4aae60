"""Labels: a menu in which those that the item has are ticked, and a button that sends what changed.

    labels                       opens the menu
    labels.<mark>-<was><is>      turns the tick of the label that has this mark
    labels.save                  sends what differs
    ask.label                    a prompt, for labels that the menu lacks

What was and what is ticked stands in the buttons themselves, so a restart forgets none of it.
"""

from __future__ import annotations

from collections.abc import Iterator

from telegram import InlineKeyboardMarkup, Message

from bot.cards.actions import ActionName, ButtonData
from bot.cards.card import Card
from bot.cards.label_choices import LabelChoice, LabelKind, LabelsPage, LabelsQuery, entry_of
from bot.model.commands import Outcome
from handlers.telegram import limits
from handlers.telegram.buttons import Button, OnCard, Rows, Verb, decode, mark
from handlers.telegram.clerk import Clerk
from handlers.telegram.keyboard import back, packed, short
from handlers.telegram.menus import Menus
from handlers.telegram.press import CHANGED, Press
from handlers.telegram.voice import Voice

SAVE = "save"
_TICKED, _FREE = "☑ ", "☐ "
_MOST = limits.BUTTONS - 10
"""Labels of one menu; the others are written."""


class Labels:
    def __init__(self, clerk: Clerk, voice: Voice, menus: Menus) -> None:
        self._clerk = clerk
        self._voice = voice
        self._menus = menus

    async def show(self, press: Press, pressed: OnCard) -> None:
        """The menu, or the same with one more tick or one less."""
        rows = _turned(press, pressed) if pressed.argument else await self._menu(press, pressed)
        if rows:
            await self._voice.show_buttons(*press.place, rows)
            await self._voice.notice(press.query)

    async def _menu(self, press: Press, pressed: OnCard) -> Rows:
        """None of it where the card cannot be shown, which is then told."""
        found = await self._menus.card(press, pressed)
        if found is None or found.card is None:
            return ()
        page = await self._page(press, pressed)
        return (*_menu_rows(found.card, page), *press.foot)

    async def entry(self, press: Press, pressed: OnCard) -> str | Outcome:
        """What the menu's ticks change; or why that cannot be told."""
        if not isinstance(press.message, Message):
            return await self._clerk.said(press.user, CHANGED)
        ticks, page = list(_ticks(press)), await self._page(press, pressed)
        named = {mark(one.value): one.value for one in page.choices}
        before = [named[one] for one, was, _is in ticks if was and one in named]
        after = [named[one] for one, _was, is_ in ticks if is_ and one in named]
        return entry_of(before, after)

    async def _page(self, press: Press, pressed: OnCard) -> LabelsPage:
        query = LabelsQuery(pressed.token)
        return await self._clerk.ask(self._clerk.desk.view(query, press.identity))


def data_of(pressed: OnCard) -> ButtonData:
    return ButtonData(ActionName.LABEL, pressed.token, pressed.revision)


def _menu_rows(card: Card, page: LabelsPage) -> Iterator[tuple[Button, ...]]:
    say, at = card.speech.say, (card.key, card.revision)
    yield from packed(_tick_button(card, one) for one in page.choices[:_MOST])
    another = OnCard(Verb.ASK, *at, ActionName.LABEL.value)
    yield (Button(f"✏️ {say('Another…')}", another.encode()),)
    save = OnCard(Verb.LABELS, *at, SAVE)
    yield (Button(say("Save"), save.encode(), style="success"), back(card))


def _tick_button(card: Card, one: LabelChoice) -> Button:
    # in the language of whoever reads the message, as the rest of its buttons
    said = one.value if one.kind is LabelKind.OWN else card.speech.say(one.value)
    argument = f"{mark(one.value)}-{int(one.is_on)}{int(one.is_on)}"
    data = OnCard(Verb.LABELS, card.key, card.revision, argument)
    return Button(short(f"{_TICKED if one.is_on else _FREE}{said}"), data.encode())


def _turned(press: Press, pressed: OnCard) -> Rows:
    return tuple(
        tuple(_turn(one) if one.data == pressed.encode() else one for one in row)
        for row in _shown(press)
    )


def _turn(button: Button) -> Button:
    said = button.label.removeprefix(_TICKED).removeprefix(_FREE)
    kept, is_ticked = button.data[:-1], button.data.endswith("1")
    return Button(f"{_FREE if is_ticked else _TICKED}{said}", f"{kept}{int(not is_ticked)}")


def _ticks(press: Press) -> Iterator[tuple[str, bool, bool]]:
    """Of each label in the menu its mark, whether it was ticked at first, and whether it is."""
    for row in _shown(press):
        for button in row:
            pressed = decode(button.data)
            if (
                isinstance(pressed, OnCard)
                and pressed.verb is Verb.LABELS
                and "-" in pressed.argument
            ):
                name, _, ticks = pressed.argument.partition("-")
                yield name, ticks[:1] == "1", ticks[1:] == "1"


def _shown(press: Press) -> Iterator[tuple[Button, ...]]:
    """The buttons of the message as they stood when it was pressed."""
    markup = press.message.reply_markup if isinstance(press.message, Message) else None
    if isinstance(markup, InlineKeyboardMarkup):
        for row in markup.inline_keyboard:
            yield tuple(
                Button(one.text, one.callback_data, style=one.style or "")
                for one in row
                if isinstance(one.callback_data, str)
            )
