"""From the model to a card of an item: pure, and the only place that decides what it says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from zlib import crc32

from bot.cards import practice
from bot.cards.card import (
    Beside,
    Bold,
    Card,
    CardDraft,
    CardKind,
    Earlier,
    Light,
    Link,
    MemberName,
    Picture,
    Spans,
    StateLine,
    Text,
    Translation,
    Untrusted,
    When,
    woven,
)
from bot.cards.contact_view import contact_lines
from bot.cards.facts import ItemFacts
from bot.cards.incident_view import raised_lines
from bot.cards.item_actions import item_actions
from bot.cards.labels import origin_of, spoken_label
from bot.cards.leaving_view import leaving_lines
from bot.cards.promise_view import promise_lines
from bot.cards.publication_view import editing_line, publication_line, state_line
from bot.cards.question_view import asked_lines, note_line
from bot.cards.risk_view import risk_lines
from bot.cards.spread import spread_line
from bot.cards.unread import COMMENT, reply_untold, told
from bot.model.item import UNDECIDED, Item, ItemState, ReplyClock
from bot.model.publication import Publication, PublicationState
from bot.model.text import excerpt
from bot.model.triage import Triage

_OURS = frozenset({ItemState.ANSWERING, ItemState.ANSWERED})
_AWAITED = frozenset({ItemState.OPEN, ItemState.ANSWERING})
_UNANSWERED = UNDECIDED | {ItemState.NEW}
MOST_OF_POST = 200
"""Characters of our own post that a card shows."""
MOST_BEFORE = 300
"""Characters of what was said before, each text."""
MOST_OF_NAME = 60
VIP = "VIP"
"""The same in every language of the desk."""


def item_card(facts: ItemFacts) -> Card:
    item, facts = facts.item, practice.named(facts)
    return Card(
        kind=CardKind.ITEM,
        key=facts.token,
        revision=facts.revision,
        number=item.id,
        source=_source(facts),
        context=_context(facts),
        context_media=_context_media(facts),
        earlier=tuple(_earlier(facts)),
        quote=(Untrusted(item.text),),
        media=_picture(facts),
        contacts=contact_lines(facts.contacts, facts.speech),
        facts=_facts(facts),
        draft=_draft(facts),
        beside=_beside(facts),
        actions=item_actions(facts),
        state=_state(facts),
        links=_links(facts),
        account="" if facts.practice else facts.account_name,
        is_urgent=_is_urgent(facts),
        fallback=excerpt(_fallback(facts), 150),
        translations=tuple(_translations(facts)),
        speech=facts.speech,
    )


def _is_urgent(facts: ItemFacts) -> bool:
    is_raised = facts.raised is not None and facts.raised.is_open
    return is_raised or facts.is_vip or (facts.triage is not None and facts.triage.is_escalated)


def _translations(facts: ItemFacts) -> Iterator[Translation]:
    """Of the comment, and of the words of ours that the card shows."""
    draft, say = _draft(facts), facts.speech.say
    triage = facts.triage
    if triage is not None and not facts.tongue.understands(triage.language):
        comment = _told(facts, facts.item.text)
        if comment:
            yield Translation(say("Machine translation of the comment"), comment)
    if draft is None or facts.tongue.understands(facts.reply_language):
        return
    back = _told(facts, draft.text.removesuffix(facts.signature))
    if back:
        yield Translation(say("Machine translation of the reply above"), back)


def _told(facts: ItemFacts, text: str) -> str:
    return told(facts.translations, text, facts.tongue)


def _context(facts: ItemFacts) -> Spans:
    if facts.post_text:
        words = excerpt(facts.post_text, MOST_OF_POST)
        post = Link(words, facts.post_link) if facts.post_link else Untrusted(words)
        return woven(facts.speech.say("Under our post: {post}"), post=post)
    if not facts.thread_title:
        return ()
    under = facts.speech.say("Under {title}")
    return woven(under, title=Untrusted(excerpt(facts.thread_title, 120)))


def _context_media(facts: ItemFacts) -> Picture | None:
    """Of the post; from us where it left from here, else as the network shows it."""
    found = facts.post_picture
    if found is None or not (facts.post_text or facts.thread_title):
        return None
    mark = f"{crc32(found.url.encode('utf-8', 'replace')):x}"
    theirs = f"/pictures/{facts.token}/post?p={mark}" if found.url else ""
    return Picture(
        found.count,
        found.alt_text,
        f"/media/{found.hash}" if found.hash else theirs,
        is_sensitive=found.is_sensitive,
        remote=found.url,
    )


def _earlier(facts: ItemFacts) -> Iterator[Earlier]:
    before, above, say = facts.before, facts.above, facts.speech.say
    if above is not None:
        title = say("{author} wrote above", author=excerpt(above.author, MOST_OF_NAME))
        yield Earlier(title, excerpt(above.text, MOST_BEFORE))
    if before is None:
        return
    if before.theirs:
        same, other = say("They wrote before"), say("Somebody else wrote before")
        title = same if before.is_same_author else other
        yield Earlier(title, excerpt(before.theirs, MOST_BEFORE))
    if before.ours:
        yield Earlier(say("We answered"), excerpt(before.ours, MOST_BEFORE))


def _fallback(facts: ItemFacts) -> str:
    author, network = facts.author.handle, facts.network
    return facts.speech.say(
        "{author} on {network}: {text}", author=author, network=network, text=facts.item.text
    )


def _source(facts: ItemFacts) -> Spans:
    if facts.practice is not None:
        return practice.source(facts)
    author = facts.author
    name = author.display_name or author.handle
    who: Spans = (Link(name, facts.item.permalink),) if facts.item.permalink else (Untrusted(name),)
    handle: Spans = ()
    if author.display_name and author.handle and author.handle != author.display_name:
        handle = (Text(" "), Untrusted(f"@{author.handle.removeprefix('@')}"))
    where = f" · {facts.network} · {facts.account_name} · "
    return (*who, *handle, Text(where), When(facts.item.published_at))


def _picture(facts: ItemFacts) -> Picture | None:
    item = facts.item
    if not item.media:
        return None
    first = item.media[0]
    url = f"/pictures/{facts.token}?r={item.revision}" if first.url else ""
    return Picture(
        len(item.media), first.alt_text, url, is_sensitive=first.is_sensitive, remote=first.url
    )


def _facts(facts: ItemFacts) -> tuple[Spans, ...]:
    shown: list[Spans] = []
    triage, item, say = facts.triage, facts.item, facts.speech.say
    if facts.practice is not None:
        shown.append((Bold(practice.word(facts, facts.practice)),))
    if item.state in _UNANSWERED:
        shown += leaving_lines(facts)
    shown += _labels(facts)
    if triage is not None:
        shown += risk_lines(facts)
        if triage.language != "und":
            shown.append((_language(facts, triage),))
    shown += _unread_reply(facts)
    if facts.raised is not None:
        shown += raised_lines(facts.raised, facts.speech)
    shown += asked_lines(facts.asked, facts.speech)
    if facts.noted is not None:
        shown.append(note_line(facts.noted, facts.speech))
    shown += promise_lines(facts)
    shown += _waits(facts)
    spread = () if facts.spread is None else spread_line(facts.speech, facts.spread, facts.now)
    if spread:
        shown.append(spread)
    shown += _author_facts(facts)
    if item.revision > 1:
        shown.append((Text(say("Edited by its author")),))
    if item.is_liked:
        shown.append((Text(say("Liked")),))
    if item.is_hidden:
        shown.append((Text(say("Hidden")),))
    if facts.assignee is not None:
        name = MemberName(facts.assignee.slug, facts.assignee.name, facts.called)
        shown.append(woven(say("With {name}"), name=name))
    return tuple(shown)


def _labels(facts: ItemFacts) -> Iterator[Spans]:
    """What triage says that it is about, and what a person said besides."""
    triage, by_hand = facts.triage, facts.item.by_hand
    label = "" if triage is None else spoken_label(facts.speech, triage.label)
    if triage is not None and label:
        yield (Bold(label) if triage.risks else Text(label),)
    if by_hand is not None:
        besides = spoken_label(facts.speech, ", ".join(replace(by_hand, intents=()).words))
        if besides:
            yield (Text(besides[:1].upper() + besides[1:]),)


def _waits(facts: ItemFacts) -> Iterator[Spans]:
    if facts.snoozer is not None:
        yield _snoozed(facts, facts.snoozer.name)
    if facts.before is not None:
        yield (Bold(facts.speech.say("Writes again")),)
    if facts.item.clock is not None and facts.item.state in _AWAITED:
        yield _due(facts, facts.item.clock)


def _snoozed(facts: ItemFacts, name: str) -> Spans:
    if facts.item.snoozed_until is not None:
        return (Text(facts.speech.say("Snoozed by {name}", name=name)),)
    return (Bold(facts.speech.say("Back from a snooze of {name}", name=name)),)


def _author_facts(facts: ItemFacts) -> Iterator[Spans]:
    if facts.is_vip:
        yield (Bold(VIP),)
    count = facts.author.followers
    if count:
        yield (Text(facts.speech.plural("{count} follower", "{count} followers", count)),)


def _due(facts: ItemFacts, clock: ReplyClock) -> Spans:
    say, when = facts.speech.say, When(clock.due_at)
    if facts.now >= clock.due_at:
        return (Bold(say("Late")), *woven(say(", the reply was due {when}"), when=when))
    return woven(say("Reply due {when}"), when=when)


def _language(facts: ItemFacts, triage: Triage) -> Text | Bold:
    """Its code; in words where the reader does not read it."""
    is_told = facts.tongue.understands(triage.language) or _told(facts, facts.item.text)
    unread = None if is_told else COMMENT.get(triage.language)
    return Text(triage.language.upper()) if unread is None else Bold(facts.speech.say(unread))


def _unread_reply(facts: ItemFacts) -> Iterator[Spans]:
    """Before anybody says yes to words that they cannot read."""
    draft, language = _draft(facts), facts.reply_language
    if draft is None or not draft.text.strip() or facts.tongue.understands(language):
        return
    if not _told(facts, draft.text.removesuffix(facts.signature)):
        yield (Bold(reply_untold(facts.speech, language)),)


def _draft(facts: ItemFacts) -> CardDraft | None:
    draft, length, publication = facts.draft, facts.length, facts.publication
    say = facts.speech.say
    if length is None:
        return None
    title, text, origin, version = say("Draft reply"), "", say("not written yet"), 0
    if publication is not None and _is_recorded(publication, facts.item):
        title, text, origin = say("Would have been published"), publication.text, ""
    elif publication is not None and facts.item.state in _OURS:
        title, text, origin = say("Our reply"), publication.text, ""
    elif draft is not None and facts.item.state in _UNANSWERED:
        text, version = draft.text + facts.signature, draft.version
        origin = origin_of(facts.speech, draft)
    elif facts.item.state not in _UNANSWERED:
        return None
    return CardDraft(title, text, origin, version, length.used, length.limit, length.unit)


def _is_recorded(publication: Publication, item: Item) -> bool:
    """Shadow kept it, and nobody reopened the item since."""
    decided = {ItemState.CLOSED, ItemState.ANSWERED}
    return publication.state is PublicationState.RECORDED and item.state in decided


def _beside(facts: ItemFacts) -> Beside | None:
    """What the team said there, below what the desk would have said."""
    publication, native = facts.publication, facts.native_reply
    if publication is None or native is None or not _is_recorded(publication, facts.item):
        return None
    title = facts.speech.say("Answered on {network} itself", network=facts.network)
    return Beside(title, native.text) if native.text else None


def _links(facts: ItemFacts) -> tuple[Link, ...]:
    publication, say = facts.publication, facts.speech.say
    if publication is not None and publication.receipt and publication.receipt.permalink:
        text = say("Our reply on {network}", network=facts.network)
        return (Link(text, publication.receipt.permalink),)
    if facts.native_reply is not None and facts.native_reply.permalink:
        text = say("The reply on {network}", network=facts.network)
        return (Link(text, facts.native_reply.permalink),)
    return ()


def _state(facts: ItemFacts) -> StateLine:
    item, publication = facts.item, facts.publication
    if item.state is ItemState.GONE:
        says = facts.speech.say("Deleted on {network}", network=facts.network)
        return state_line(Light.QUIET, says)
    if publication is not None and not _is_past(publication, item):
        line = publication_line(publication, facts.network, facts.now, facts.speech)
        if line is not None:
            return line
    return _own_state(facts)


def _is_past(publication: Publication, item: Item) -> bool:
    """A reply of ours that says nothing about how the item stands now."""
    if publication.state is PublicationState.RECORDED:
        return item.state is not ItemState.CLOSED
    if item.state is ItemState.CLOSED:
        return True
    if publication.state is PublicationState.PUBLISHED:
        return item.state is not ItemState.ANSWERED
    # Called off, and answered on the network meanwhile.
    return publication.state is PublicationState.CANCELLED and item.state is ItemState.ANSWERED


def _own_state(facts: ItemFacts) -> StateLine:
    say = facts.speech.say
    match facts.item.state:
        case ItemState.ANSWERED:
            says = say("Answered on {network} itself", network=facts.network)
            return state_line(Light.DONE, says)
        case ItemState.CLOSED:
            return state_line(Light.QUIET, say("Closed, no reply needed"))
        case ItemState.MUTED:
            return state_line(Light.QUIET, say("From before the desk was connected"))
        case ItemState.NEW:
            return state_line(Light.WORKING, say("Sorting"))
        case _:
            return _waiting(facts)


def _waiting(facts: ItemFacts) -> StateLine:
    snoozed, say = facts.item.snoozed_until, facts.speech.say
    if snoozed is not None and snoozed > facts.now:
        return StateLine(Light.QUIET, woven(say("Snoozed until {when}"), when=When(snoozed)))
    if facts.editor is not None:
        return editing_line(facts.editor, facts.speech)
    if facts.asked_by is not None:
        name = MemberName(facts.asked_by.slug, facts.asked_by.name)
        return StateLine(Light.WAITING, woven(say("{name} asks for approval"), name=name))
    if facts.approvals:
        says = say(
            "{given} of {needed} approvals", given=facts.approvals, needed=facts.policy.needed
        )
        return state_line(Light.WAITING, says)
    if facts.item.state is ItemState.QUIET:
        return state_line(Light.QUIET, say("No reply needed, it seems"))
    return state_line(Light.WAITING, say("Waiting"))
