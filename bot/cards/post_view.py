"""From the model to a card of a planned post: what will be said where, when, and by whose yes."""

from __future__ import annotations

from bot.cards.actions import ActionName
from bot.cards.card import (
    Action,
    Ask,
    Bold,
    Card,
    CardKind,
    Light,
    Link,
    MemberName,
    Picture,
    Spans,
    StateLine,
    Style,
    Text,
    Untrusted,
    When,
)
from bot.cards.facts import PostFacts
from bot.cards.publication_view import publication_actions, publication_line, state_line
from bot.model.post import Post, PostState, PostVariant
from bot.model.publication import Publication, PublicationState
from bot.model.text import excerpt

_P = PublicationState
_WORST_FIRST = (
    _P.NEEDS_HUMAN,
    _P.FAILED,
    _P.UNKNOWN,
    _P.SENDING,
    _P.QUEUED,
    _P.CANCELLED,
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
        quote=_texts(facts),
        media=_pictures(post),
        facts=_facts(facts),
        actions=_actions(facts),
        state=_state(facts),
        links=tuple(_links(facts)),
        fallback=excerpt(f"Post by {facts.author.name}: {post.variants[0].text}", 150)
        if post.variants
        else f"Post by {facts.author.name}",
    )


def _source(facts: PostFacts) -> Spans:
    author = MemberName(facts.author.slug, facts.author.name)
    head: Spans = (Bold("Post"), Text(" by "), author, Text(" · "))
    slot = facts.post.slot
    return (*head, Text("at once")) if slot is None else (*head, When(slot))


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


def _pictures(post: Post) -> Picture | None:
    if not post.media:
        return None
    first = post.media[0]
    return Picture(len(post.media), first.alt_text, url=f"/media/{first.hash}")


def _facts(facts: PostFacts) -> tuple[Spans, ...]:
    shown: list[Spans] = [_place(facts, variant) for variant in facts.post.variants]
    shown.extend(
        (Text("Picture: "), Untrusted(excerpt(picture.alt_text, 120)))
        for picture in facts.post.media[1:]
    )
    if facts.post.requested_changes:
        shown.append((Bold("Changes wanted: "), Untrusted(facts.post.requested_changes)))
    return tuple(shown)


def _place(facts: PostFacts, variant: PostVariant) -> Spans:
    name, network = facts.places[variant.account_id]
    length = facts.lengths.get(variant.id)
    publication = facts.publications.get(variant.id)
    spans: Spans = (Text(f"{network} · {name}"),)
    if publication is not None:
        line = publication_line(publication, network, facts.now)
        return (*spans, Text(": "), *line.spans) if line else spans
    if length is not None:
        return (*spans, Text(f": {length.used} of {length.limit} {length.unit}"))
    return spans


def _links(facts: PostFacts) -> list[Link]:
    return [
        Link(f"On {facts.places[p.account_id][1]}", p.receipt.permalink)
        for p in facts.publications.values()
        if p.receipt is not None and p.receipt.permalink
    ]


def _worst(facts: PostFacts) -> Publication | None:
    """The publication that most wants attention."""
    if not facts.publications or facts.post.state is not PostState.APPROVED:
        return None
    return min(facts.publications.values(), key=lambda p: _WORST_FIRST.index(p.state))


def _state(facts: PostFacts) -> StateLine:
    post, worst = facts.post, _worst(facts)
    if worst is not None:
        network = facts.places[worst.account_id][1]
        line = publication_line(worst, network, facts.now)
        if line is not None:
            return line
    match post.state:
        case PostState.DRAFT:
            return state_line(Light.TROUBLE, "Changes wanted")
        case PostState.CANCELLED:
            return state_line(Light.QUIET, "Cancelled")
        case _:
            return state_line(
                Light.WAITING,
                f"Waits for approval, {facts.approvals} of {facts.policy.needed}",
            )


def _actions(facts: PostFacts) -> tuple[Action, ...]:
    post, worst = facts.post, _worst(facts)
    edit = Action(ActionName.EDIT_POST, "Edit", ask=Ask.POST)
    cancel = Action(
        ActionName.CANCEL_POST, "Cancel post", style=Style.DANGER, confirm="Cancel this post?"
    )
    if post.state is PostState.WAITING:
        return (
            Action(
                ActionName.APPROVE,
                "Approve & schedule" if post.slot else "Approve & publish",
                style=Style.PRIMARY,
                hint="Say yes to exactly these words and pictures",
            ),
            Action(ActionName.REQUEST, "Request changes", ask=Ask.LINE),
            edit,
            cancel,
        )
    if post.state is PostState.DRAFT:
        return (edit, cancel)
    if worst is None:
        return ()
    under_way = publication_actions(worst, facts.now)
    return (*under_way, edit) if worst.state is _P.QUEUED else under_way
