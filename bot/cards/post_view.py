"""From the model to a card of a planned post: what will be said where, when, and by whose yes."""

from __future__ import annotations

from collections.abc import Iterator

from bot.cards.actions import ActionName
from bot.cards.card import (
    Action,
    Ask,
    Bold,
    Card,
    CardKind,
    Earlier,
    Light,
    Link,
    MemberName,
    Picture,
    Spans,
    StateLine,
    Style,
    Text,
    Translation,
    Untrusted,
    When,
    woven,
)
from bot.cards.difference import difference
from bot.cards.facts import PostFacts
from bot.cards.leaving_view import SHADOW, WATCH_ONLY
from bot.cards.publication_view import (
    editing_line,
    publication_actions,
    publication_line,
    state_line,
)
from bot.cards.retold import retold
from bot.cards.unread import text_untold, told
from bot.model.post import Post, PostState, PostVariant
from bot.model.publication import Publication, PublicationState
from bot.model.text import excerpt
from bot.model.triage import UNDETERMINED
from bot.speech.speech import marked

MOST_BEFORE = 600
"""Characters of what a post said before, and of what became of it."""
_P = PublicationState
_UNTIL_LIVE = marked(
    "A watch-only account is among them: an admin presses Go live under Accounts, or an edit "
    "leaves it out"
)
_PLANNED = frozenset({PostState.DRAFT, PostState.WAITING})
_WORST_FIRST = (
    _P.NEEDS_HUMAN,
    _P.FAILED,
    _P.UNKNOWN,
    _P.SENDING,
    _P.QUEUED,
    _P.CANCELLED,
    _P.RECORDED,
    _P.PUBLISHED,
)


def post_card(facts: PostFacts) -> Card:
    post = facts.post
    return Card(
        kind=CardKind.POST,
        key=facts.token,
        revision=facts.revision,
        number=post.id,
        source=_source(facts),
        earlier=tuple(_before(facts)),
        quote=_texts(facts),
        media=_pictures(post),
        facts=_facts(facts),
        actions=_actions(facts),
        state=_state(facts),
        links=tuple(_links(facts)),
        fallback=excerpt(_fallback(facts), 150),
        translations=tuple(_translations(facts)),
        speech=facts.speech,
    )


def _fallback(facts: PostFacts) -> str:
    author, variants, say = facts.author.name, facts.post.variants, facts.speech.say
    if not variants:
        return say("Post by {author}", author=author)
    return say("Post by {author}: {text}", author=author, text=variants[0].text)


def _source(facts: PostFacts) -> Spans:
    author = MemberName(facts.author.slug, facts.author.name)
    slot, say = facts.post.slot, facts.speech.say
    when = Text(say("at once")) if slot is None else When(slot)
    head = Bold(say("Post"))
    return woven(say("{post} by {author} · {when}"), post=head, author=author, when=when)


def _before(facts: PostFacts) -> Iterator[Earlier]:
    """What changed since somebody asked for it, while it waits for their yes."""
    post, say = facts.post, facts.speech.say
    if post.state is not PostState.WAITING:
        return
    for variant in post.variants:
        if variant.before in {"", variant.text}:
            continue
        name, title = facts.places[variant.account_id][0], say("What changed")
        several = len(post.variants) > 1
        shown = say("{what}: {why}", what=title, why=name) if several else title
        changes = difference(variant.before, variant.text, MOST_BEFORE)
        yield Earlier(shown, excerpt(variant.before, MOST_BEFORE), changes)


def _texts(facts: PostFacts) -> Spans:
    """One text when all variants agree, else each under the name of its place."""
    variants = facts.post.variants
    if len({variant.text for variant in variants}) <= 1:
        return (Untrusted(variants[0].text),) if variants else ()
    spans: list[Text | Bold | Untrusted] = []
    for variant in variants:
        name, network = facts.places[variant.account_id]
        spans += [Bold(f"{network} · {name}"), Text("\n"), Untrusted(variant.text), Text("\n\n")]
    return tuple(spans[:-1])


def _translations(facts: PostFacts) -> Iterator[Translation]:
    """Of each text that the reader does not read, under the name of the place that it goes to."""
    say, texts = facts.speech.say, {one.text: one for one in facts.post.variants}
    for text in _unread(facts):
        back = told(facts.translations, text, facts.tongue)
        if back and len(texts) == 1:
            yield Translation(say("Machine translation of the post"), back)
        elif back:
            name, _network = facts.places[texts[text].account_id]
            yield Translation(say("Machine translation for {account}", account=name), back)


def _unread(facts: PostFacts) -> list[str]:
    """Its texts in languages that the reader does not read, each once."""
    texts = dict.fromkeys(variant.text for variant in facts.post.variants)
    return [
        text
        for text in texts
        if text.strip() and not facts.tongue.understands(facts.languages.get(text, UNDETERMINED))
    ]


def _pictures(post: Post) -> Picture | None:
    if not post.media:
        return None
    first = post.media[0]
    return Picture(len(post.media), first.alt_text, url=f"/media/{first.hash}")


def _facts(facts: PostFacts) -> tuple[Spans, ...]:
    shown: list[Spans] = [_place(facts, variant) for variant in facts.post.variants]
    shown.extend(
        woven(
            facts.speech.say("Picture: {described}"),
            described=Untrusted(excerpt(picture.alt_text, 120)),
        )
        for picture in facts.post.media[1:]
        if picture.alt_text
    )
    untold = {
        facts.languages[text]: None
        for text in _unread(facts)
        if not told(facts.translations, text, facts.tongue)
    }
    shown.extend((Bold(text_untold(facts.speech, language)),) for language in untold)
    if facts.post.answers and facts.post.state is PostState.WAITING:
        asked = Untrusted(retold(facts.speech, facts.post.answers))
        shown.append((Bold(facts.speech.say("Changes made: ")), asked))
    if facts.post.requested_changes:
        wanted = Untrusted(retold(facts.speech, facts.post.requested_changes))
        shown.append((Bold(facts.speech.say("Changes wanted: ")), wanted))
    return tuple(shown)


def _place(facts: PostFacts, variant: PostVariant) -> Spans:
    """Where it goes, how long it is or what became of it, and whether it leaves from there."""
    return (*_standing(facts, variant), *_leaving(facts, variant))


def _leaving(facts: PostFacts, variant: PostVariant) -> Spans:
    says = ""
    if facts.post.state in _PLANNED and variant.account_id in facts.shadow:
        says = SHADOW
    elif facts.post.state in _PLANNED and variant.account_id in facts.watch_only:
        says = WATCH_ONLY
    return (Text(" · "), Bold(facts.speech.say(says))) if says else ()


def _standing(facts: PostFacts, variant: PostVariant) -> Spans:
    name, network = facts.places[variant.account_id]
    length = facts.lengths.get(variant.id)
    publication = facts.publications.get(variant.id)
    spans: Spans = (Text(f"{network} · {name}"),)
    if publication is not None:
        line = publication_line(publication, network, facts.now, facts.speech)
        if line is None:
            return spans
        return woven(facts.speech.say("{what}: {why}"), what=spans, why=line.spans)
    if length is not None:
        counted = facts.speech.say(
            ": {used} of {limit} {unit}",
            used=length.used,
            limit=length.limit,
            unit=facts.speech.say(length.unit),
        )
        return (*spans, Text(counted))
    return spans


def _links(facts: PostFacts) -> list[Link]:
    return [
        Link(
            facts.speech.say("On {network}", network=facts.places[p.account_id][1]),
            p.receipt.permalink,
        )
        for p in facts.publications.values()
        if p.receipt is not None and p.receipt.permalink
    ]


def _worst(facts: PostFacts) -> Publication | None:
    """The publication that most wants attention."""
    if not facts.publications or facts.post.state is not PostState.APPROVED:
        return None
    return min(facts.publications.values(), key=lambda p: _WORST_FIRST.index(p.state))


def _state(facts: PostFacts) -> StateLine:
    post, worst, say = facts.post, _worst(facts), facts.speech.say
    if worst is not None:
        network = facts.places[worst.account_id][1]
        line = publication_line(worst, network, facts.now, facts.speech)
        if line is not None:
            return line
    if facts.editor is not None and post.state in _PLANNED:
        return editing_line(facts.editor, facts.speech)
    match post.state:
        case PostState.DRAFT:
            return state_line(Light.TROUBLE, say("Changes wanted"))
        case PostState.CANCELLED:
            return state_line(Light.QUIET, say("Cancelled"))
        case _ if post.undescribed is not None:
            says = say("Waits for a description of picture {number}", number=post.undescribed)
            return state_line(Light.TROUBLE, says)
        case _ if facts.watch_only:
            return state_line(Light.TROUBLE, say(_UNTIL_LIVE))
        case _:
            return state_line(
                Light.WAITING,
                say(
                    "Waits for approval, {given} of {needed}",
                    given=facts.approvals,
                    needed=facts.policy.needed,
                ),
            )


def _approve_label(facts: PostFacts) -> str:
    say = facts.speech.say
    if facts.shadow.issuperset(facts.places):
        return say("Approve")
    return say("Approve & schedule") if facts.post.slot else say("Approve & publish")


def _actions(facts: PostFacts) -> tuple[Action, ...]:
    post, worst, say = facts.post, _worst(facts), facts.speech.say
    edit = Action(ActionName.EDIT_POST, say("Edit"), ask=Ask.POST)
    cancel = Action(
        ActionName.CANCEL_POST,
        say("Cancel post"),
        style=Style.DANGER,
        confirm=say("Cancel this post?"),
    )
    if post.state is PostState.WAITING:
        approve = Action(
            ActionName.APPROVE,
            _approve_label(facts),
            style=Style.PRIMARY,
            hint=say("Say yes to exactly these words and pictures"),
        )
        may_approve = post.undescribed is None and not facts.watch_only
        request = Action(ActionName.REQUEST, say("Request changes"), ask=Ask.LINE)
        yes = (approve,) if may_approve else ()
        return (*yes, request, edit, cancel)
    if post.state is PostState.DRAFT:
        return (edit, cancel)
    if worst is None:
        return ()
    under_way = publication_actions(worst, facts.speech)
    return (*under_way, edit) if worst.state is _P.QUEUED else under_way
