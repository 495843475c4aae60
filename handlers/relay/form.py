"""A card as JSON: what it says as spans, and each button with the data that a press sends back.

A span is `{"is": <kind>, "text": ...}`; `untrusted`, `removed` and `added` ones hold somebody
else's words and are to be shown as text and nothing but text. Moments are UTC milliseconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.cards.actions import ButtonData
from bot.cards.card import (
    Action,
    Added,
    Bold,
    Card,
    CardDraft,
    Link,
    MemberName,
    Removed,
    Span,
    Text,
    Untrusted,
    When,
)


def card_form(card: Card) -> dict[str, Any]:
    return {
        "kind": card.kind.value,
        "token": card.key,
        "revision": card.revision,
        "number": card.number,
        "source": _spans(card.source),
        "context": _spans(card.context),
        "earlier": [
            {"title": one.title, "text": one.text, "changes": _spans(one.changes)}
            for one in card.earlier
        ],
        "quote": _spans(card.quote),
        "pictures": 0 if card.media is None else card.media.count,
        "contacts": None
        if card.contacts is None
        else {
            "title": card.contacts.title,
            "lines": [_spans(line) for line in card.contacts.lines],
        },
        "facts": [_spans(fact) for fact in card.facts],
        "draft": None if card.draft is None else _draft(card.draft),
        "beside": card.beside and {"title": card.beside.title, "text": card.beside.text},
        "translations": [{"title": one.title, "text": one.text} for one in card.translations],
        "state": {"light": card.state.light.value, "spans": _spans(card.state.spans)},
        "links": [{"text": link.text, "url": link.url} for link in card.links],
        "actions": [_action(card, action) for action in card.actions],
        "fallback": card.fallback,
    }


def _spans(spans: Sequence[Span]) -> list[dict[str, Any]]:
    return [_span(span) for span in spans]


def _span(span: Span) -> dict[str, Any]:
    match span:
        case Text(text=text):
            return {"is": "text", "text": text}
        case Bold(text=text):
            return {"is": "bold", "text": text}
        case Link(text=text, url=url):
            return {"is": "link", "text": text, "url": url}
        case MemberName(slug=slug, name=name):
            return {"is": "member", "text": name, "slug": slug, "call": bool(span.users)}
        case When(at=at):
            return {"is": "when", "at": at}
        case Untrusted(text=text):
            return {"is": "untrusted", "text": text}
        case Removed(text=text):
            return {"is": "removed", "text": text}
        case Added(text=text):
            return {"is": "added", "text": text}


def _draft(draft: CardDraft) -> dict[str, Any]:
    return {
        "title": draft.title,
        "text": draft.text,
        "origin": draft.origin,
        "version": draft.version,
        "used": draft.used,
        "limit": draft.limit,
        "unit": draft.unit,
    }


def _action(card: Card, action: Action) -> dict[str, str]:
    data = ButtonData(action.name, card.key, card.revision, action.argument)
    return {
        "label": action.label,
        "data": data.encode(),
        "style": action.style.value,
        "group": action.group.value,
        "ask": action.ask.value,
        "confirm": action.confirm,
        "hint": action.hint,
    }
