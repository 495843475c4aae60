"""What the card of a hand-over shows, as it is now."""

from __future__ import annotations

from bot.cards.facts import HandedOver, HandOverFacts, Promised
from bot.cards.hand_over_view import MOST_POSTS, MOST_PROMISES, ON_PAGE
from bot.cards.kinds import CardKind
from bot.cards.pages import LeftLine
from bot.model.ids import Moment
from bot.model.member import Member
from bot.model.peak import Peak
from bot.model.text import excerpt
from bot.services.duties import on_duty
from bot.services.handing_over import seen_there, to_leave, waits_for_approval
from bot.services.promise_facts import promised_of
from bot.services.sight import sight_of
from bot.speech.speech import Speech
from bot.store.cards import CardRow
from bot.store.tx import Tx

MOST_CALLED = 10
MOST_LINES = 20
"""Of each kind, on the Desk page."""
MOST_LOOKED_AT = 50


def hand_over_facts(tx: Tx, card: CardRow, peak: Peak, now: Moment) -> HandOverFacts:
    left = tx.duties.leaves.left(peak.id)
    pages = max(1, -(-len(left) // ON_PAGE))
    page = min(peak.page, pages)
    shown = left[(page - 1) * ON_PAGE : page * ON_PAGE]
    asked = waits_for_approval(tx, [one.item_id for one in shown])
    crew = on_duty(tx, peak.brand_id, now)[:MOST_CALLED]
    return HandOverFacts(
        token=card.token,
        revision=card.revision,
        peak=peak,
        shown=tuple(
            HandedOver(
                one.item_id,
                one.author,
                one.text,
                one.permalink,
                one.due_at,
                None if one.assignee_id is None else tx.people.get(one.assignee_id),
                one.item_id in asked,
            )
            for one in shown
        ),
        total=len(left),
        page=page,
        pages=pages,
        promises=_promises(tx, peak),
        posts=tuple(tx.duties.leaves.waiting_posts(peak.brand_id, MOST_POSTS)),
        called=tuple((one.member, tuple(tx.people.identities(one.member.id))) for one in crew),
        is_over=peak.ended_at is not None,
    )


def lines_for(tx: Tx, member: Member, speech: Speech) -> tuple[LeftLine, ...]:
    """What somebody would leave now, and may see: open items, promises, posts that wait."""
    sight, brand_id, say = sight_of(tx, member), member.brand_id, speech.say
    ids = to_leave(tx, brand_id, [member.id])[:MOST_LINES]
    made = tx.promises.open_in(brand_id, MOST_LINES)
    about = {*ids, *(one.item_id for one in made)}
    seen = about if sight is None else tx.audiences.items(about, sight)
    wholes, cards = tx.items.wholes(seen), tx.cards.of_all(CardKind.ITEM, list(seen))
    found = []
    for number in (one for one in ids if one in seen):
        item, author = wholes[number].item, wholes[number].author
        name = author.display_name or author.handle
        says = f"#{number} {excerpt(name, 40)}: {excerpt(item.text, 80)}"
        due = None if item.clock is None else item.clock.due_at
        found.append(LeftLine(cards[number].token, says, due))
    for one in (one for one in made if one.item_id in seen):
        says = say("Promised, #{number}: {text}", number=one.item_id, text=excerpt(one.text, 80))
        found.append(LeftLine(cards[one.item_id].token, says, one.due_at))
    for post, slot in tx.duties.leaves.waiting_posts(brand_id, MOST_LINES):
        says = say("Post #{number} waits for approval", number=post)
        found.append(LeftLine(tx.cards.of(CardKind.POST, post).token, says, slot))
    return tuple(found)


def _promises(tx: Tx, peak: Peak) -> tuple[Promised, ...]:
    """Those about what may be seen where the card stands."""
    found = tx.promises.open_in(peak.brand_id, MOST_LOOKED_AT)
    assert peak.channel_id is not None, "a hand-over stands in a channel"
    channel = tx.channels.get(peak.channel_id)
    seen = seen_there(tx, channel, list({one.item_id for one in found}))
    shown = [one for one in found if one.item_id in seen][:MOST_PROMISES]
    return tuple(promised_of(tx, one) for one in shown)
