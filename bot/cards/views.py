"""From the model to a card of an item: pure, and the only place that decides what it says."""

from __future__ import annotations

from bot.cards.card import (
    Bold,
    Card,
    CardDraft,
    CardKind,
    Light,
    Link,
    MemberName,
    Picture,
    Spans,
    StateLine,
    Text,
    Untrusted,
    When,
)
from bot.cards.facts import ItemFacts
from bot.cards.item_actions import item_actions
from bot.cards.publication_view import publication_line, state_line
from bot.model.item import UNDECIDED, Item, ItemState
from bot.model.publication import Publication, PublicationState
from bot.model.text import excerpt

_UNANSWERED = UNDECIDED | {ItemState.NEW}


def item_card(facts: ItemFacts) -> Card:
    item = facts.item
    return Card(
        kind=CardKind.ITEM,
        key=facts.token,
        revision=facts.revision,
        number=item.id,
        source=_source(facts),
        context=(Text("Under "), Untrusted(excerpt(facts.thread_title, 120)))
        if facts.thread_title
        else (),
        quote=(Untrusted(item.text),),
        media=_picture(item),
        facts=_facts(facts),
        draft=_draft(facts),
        actions=item_actions(facts),
        state=_state(facts),
        links=_links(facts),
        fallback=excerpt(f"{facts.author.handle} on {facts.network}: {item.text}", 150),
    )


def _source(facts: ItemFacts) -> Spans:
    author = facts.author
    name = author.display_name or author.handle
    who: Spans = (Link(name, facts.item.permalink),) if facts.item.permalink else (Untrusted(name),)
    handle: Spans = ()
    if author.display_name and author.handle and author.handle != author.display_name:
        handle = (Text(" "), Untrusted(f"@{author.handle.removeprefix('@')}"))
    where = f" · {facts.network} · {facts.account_name} · "
    return (*who, *handle, Text(where), When(facts.item.published_at))


def _picture(item: Item) -> Picture | None:
    if not item.media:
        return None
    first = item.media[0]
    return Picture(len(item.media), first.alt_text, is_sensitive=first.is_sensitive)


def _facts(facts: ItemFacts) -> tuple[Spans, ...]:
    shown: list[Spans] = []
    triage, item = facts.triage, facts.item
    if triage is not None:
        if triage.label:
            shown.append((Bold(triage.label) if triage.risks else Text(triage.label),))
        if triage.language != "und":
            shown.append((Text(triage.language.upper()),))
    if facts.author.followers:
        shown.append((Text(f"{facts.author.followers:,} followers"),))
    if item.revision > 1:
        shown.append((Text("Edited by its author"),))
    if item.is_liked:
        shown.append((Text("Liked"),))
    if item.is_hidden:
        shown.append((Text("Hidden"),))
    if facts.assignee is not None:
        shown.append((Text("With "), MemberName(facts.assignee.slug, facts.assignee.name)))
    return tuple(shown)


def _draft(facts: ItemFacts) -> CardDraft | None:
    draft, length, publication = facts.draft, facts.length, facts.publication
    if length is None:
        return None
    title, text, origin, version = "Draft reply", "", "not written yet", 0
    if publication is not None and facts.item.state in {ItemState.ANSWERING, ItemState.ANSWERED}:
        title, text, origin = "Our reply", publication.text, ""
    elif draft is not None and facts.item.state in _UNANSWERED:
        text, origin, version = draft.text, draft.note, draft.version
    elif facts.item.state not in _UNANSWERED:
        return None
    return CardDraft(title, text, origin, version, length.used, length.limit, length.unit)


def _links(facts: ItemFacts) -> tuple[Link, ...]:
    publication = facts.publication
    if publication is not None and publication.receipt and publication.receipt.permalink:
        return (Link(f"Our reply on {facts.network}", publication.receipt.permalink),)
    if facts.native_reply:
        return (Link(f"The reply on {facts.network}", facts.native_reply),)
    return ()


def _state(facts: ItemFacts) -> StateLine:
    item, publication = facts.item, facts.publication
    if item.state is ItemState.GONE:
        return state_line(Light.QUIET, f"Deleted on {facts.network}")
    if publication is not None and not _is_past(publication, item):
        line = publication_line(publication, facts.network, facts.now)
        if line is not None:
            return line
    return _own_state(facts)


def _is_past(publication: Publication, item: Item) -> bool:
    """A reply of ours that says nothing about how the item stands now."""
    if item.state is ItemState.CLOSED:
        return True
    if publication.state is PublicationState.PUBLISHED:
        return item.state is not ItemState.ANSWERED
    # Called off, and answered on the network meanwhile.
    return publication.state is PublicationState.CANCELLED and item.state is ItemState.ANSWERED


def _own_state(facts: ItemFacts) -> StateLine:
    match facts.item.state:
        case ItemState.ANSWERED:
            return state_line(Light.DONE, f"Answered on {facts.network} itself")
        case ItemState.CLOSED:
            return state_line(Light.QUIET, "Closed, no reply needed")
        case ItemState.MUTED:
            return state_line(Light.QUIET, "From before the desk was connected")
        case ItemState.NEW:
            return state_line(Light.WORKING, "Sorting")
        case _:
            return _waiting(facts)


def _waiting(facts: ItemFacts) -> StateLine:
    snoozed = facts.item.snoozed_until
    if snoozed is not None and snoozed > facts.now:
        return StateLine(Light.QUIET, (Text("Snoozed until "), When(snoozed)))
    if facts.asked_by is not None:
        name = MemberName(facts.asked_by.slug, facts.asked_by.name)
        return StateLine(Light.WAITING, (name, Text(" asks for approval")))
    if facts.approvals:
        return state_line(Light.WAITING, f"{facts.approvals} of {facts.policy.needed} approvals")
    if facts.item.state is ItemState.QUIET:
        return state_line(Light.QUIET, "No reply needed, it seems")
    return state_line(Light.WAITING, "Waiting")
