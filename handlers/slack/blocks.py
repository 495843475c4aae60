"""Pieces of Block Kit as plain dicts, each within Slack's own limits.

Not the library's model classes: those drop what they do not know and lag behind Slack.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from bot.cards.card import Span
from bot.speech.speech import ENGLISH, Speech
from handlers.shortening import cut
from handlers.slack.limits import (
    BUTTON_TEXT,
    CONFIRM_BUTTON,
    CONFIRM_TEXT,
    CONFIRM_TITLE,
    INPUT_HINT,
    INPUT_LABEL,
    MENU_OPTIONS,
    OPTION_TEXT,
    SENTENCE,
    VIEW_BLOCKS,
    VIEW_BUTTON,
    VIEW_TITLE,
)
from handlers.slack.names import Modal
from handlers.slack.spans import Element, only_words, rich, small
from handlers.visible import visible


def plain(text: str, limit: int) -> Element:
    """Text that is not parsed at all; never empty, which Slack refuses."""
    shown = cut(visible(text), limit)
    return {"type": "plain_text", "text": shown if shown.strip() else "-", "emoji": False}


def rich_text(block_id: str, *parts: Element) -> Element:
    return {"type": "rich_text", "block_id": block_id, "elements": list(parts)}


def section(elements: Sequence[Element]) -> Element:
    return {"type": "rich_text_section", "elements": list(elements)}


def quote(elements: Sequence[Element]) -> Element:
    return {"type": "rich_text_quote", "elements": list(elements)}


def modal(
    kind: Modal,
    title: str,
    body: Sequence[Element],
    memory: str,
    speech: Speech,
    *,
    submit: str = "",
) -> Element:
    """A modal with at most one button besides its way out; `memory` comes back with it."""
    view: Element = {
        "type": "modal",
        "callback_id": kind.value,
        "private_metadata": memory,
        "title": plain(title, VIEW_TITLE),
        "close": plain(speech.say("Cancel") if submit else speech.say("Close"), VIEW_BUTTON),
        "blocks": list(body)[:VIEW_BLOCKS],
    }
    return view | ({"submit": plain(submit, VIEW_BUTTON)} if submit else {})


def line(
    block_id: str, spans: Sequence[Span], zone: tzinfo, speech: Speech = ENGLISH
) -> list[Element]:
    """One small line; where a word in it is not ours, unparsed. Empty for nothing to say."""
    marked, unmarked = small(spans, zone, speech), only_words(spans)
    said = marked or unmarked
    if said and not said.strip():
        return []
    if marked:
        return [_context(block_id, {"type": "mrkdwn", "text": marked, "verbatim": True})]
    if unmarked and len(unmarked) <= SENTENCE:
        return [note(block_id, unmarked)]
    elements = rich(spans, zone, speech)
    return [rich_text(block_id, section(elements))] if elements else []


def note(block_id: str, text: str) -> Element:
    """One small line of plain text, whoever wrote it."""
    return _context(block_id, plain(text, SENTENCE))


def actions(block_id: str, elements: Sequence[Element]) -> Element:
    return {"type": "actions", "block_id": block_id, "elements": list(elements)}


def button(
    label: str,
    action_id: str,
    value: str,
    *,
    style: str = "",
    confirm: str = "",
    hint: str = "",
    speech: Speech = ENGLISH,
) -> Element:
    """`style` is primary, danger or empty; `confirm` is a question that wants a yes first."""
    made: Element = {
        "type": "button",
        "text": plain(label, BUTTON_TEXT),
        "action_id": action_id,
        "value": value,
    }
    if style:
        made["style"] = style
    if confirm:
        made["confirm"] = confirmation(label, confirm, speech)
    if hint and hint != label:
        made["accessibility_label"] = cut(visible(hint), BUTTON_TEXT)
    return made


def confirmation(label: str, question: str, speech: Speech) -> Element:
    return {
        "title": plain(label, CONFIRM_TITLE),
        "text": plain(question, CONFIRM_TEXT),
        "confirm": plain(label, CONFIRM_BUTTON),
        "deny": plain(speech.say("Back"), CONFIRM_BUTTON),
    }


def option(label: str, value: str) -> Element:
    return {"text": plain(label, OPTION_TEXT), "value": value}


def option_group(label: str, options: Sequence[Element]) -> Element:
    return {"label": plain(label, OPTION_TEXT), "options": list(options)[:MENU_OPTIONS]}


def field(
    block_id: str, label: str, element: Element, *, hint: str = "", optional: bool = False
) -> Element:
    """One thing that a modal asks for."""
    made: Element = {
        "type": "input",
        "block_id": block_id,
        "label": plain(label, INPUT_LABEL),
        "element": element,
        "optional": optional,
    }
    return made | ({"hint": plain(hint, INPUT_HINT)} if hint else {})


def _context(block_id: str, element: Element) -> Element:
    return {"type": "context", "block_id": block_id, "elements": [element]}
