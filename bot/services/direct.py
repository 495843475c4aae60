"""Direct messages: what waits for one approver's yes, as cards in their own conversation with us.

    asked for        a channel that is theirs alone; what waits for them already lands in it
    named            the same, where the configuration says so; no word in a chat ends it
    a post waits     its card lands there too, for as many as it waits for
    a reply waits    the same, once somebody asked for approval or one yes was not enough
    decided          the card is redrawn wherever it stands; the first decision wins

Such a channel takes nothing by routes and counts for nobody's sight: it is where a message stands,
and no place that people read. Its address is the member's own id in the chat; the conversation is
asked for when something is written there.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.cards.card import CardKind
from bot.model import commands as c
from bot.model.approval import ApprovalPolicy, ApprovalSubject
from bot.model.channel import Channel
from bot.model.commands import Outcome
from bot.model.draft import Draft
from bot.model.ids import DAY, BrandId, MemberId, Moment, PostId
from bot.model.item import Item
from bot.services.awaiting import waits_for
from bot.services.deciding import Deciding, done, refused
from bot.services.direct_channel import direct_slug, save_direct
from bot.services.policing import in_force
from bot.services.sight import sees, sight_of
from bot.speech.speech import marked
from bot.store.cards import CardRow
from bot.store.tx import Tx

_NAMED = marked(
    "The configuration says that it comes to you. Whoever keeps the file takes direct out of your "
    "[[brands.members]], then restarts the desk."
)
AHEAD = 31 * DAY
"""Milliseconds within which posts leave that wait already when somebody asks for them."""


def write_to_me(deciding: Deciding, command: c.WriteToMe) -> Outcome:
    """What waits for their yes comes to them alone from now on, in the chat where they ask."""
    tx, member, identity = deciding.tx, deciding.member, deciding.identity
    if identity.chat == "console":
        return refused("Say this in Slack or Telegram, where you want to have them.")
    slug = direct_slug(identity)
    is_named = any(
        one.slug == slug and one.from_file for one in tx.channels.direct(member.brand_id)
    )
    if not command.wanted and is_named:
        return refused(_NAMED)
    if not command.wanted:
        tx.channels.end_direct(member.brand_id, slug)
        return done("What waits for your yes does not come to you alone any more.")
    save_direct(tx, member, identity, from_file=is_named)
    policy = in_force(tx, member.brand_id, deciding.rules.policies)[ApprovalSubject.POST]
    for place_ in tx.posts.waiting(member.brand_id, Moment(deciding.now + AHEAD)):
        land_post(tx, member.brand_id, place_.post, policy, deciding.now)
    return done("Posts and replies that wait for your yes come to you here too.")


def land_post(
    tx: Tx, brand_id: BrandId, post_id: PostId, policy: ApprovalPolicy, now: Moment
) -> None:
    """With each approver whom it waits for and who wants it; where it stands already it stays."""
    channels = tx.channels.direct(brand_id)
    if channels:
        post = tx.posts.get(post_id)
        wanted = [
            one for one in channels if waits_for(tx, post, tx.people.get(_whose(one)), policy)
        ]
        _land(tx, tx.cards.of(CardKind.POST, post_id), wanted, now)


def land_reply(tx: Tx, item: Item, draft: Draft, policy: ApprovalPolicy, now: Moment) -> None:
    """As `land_post`, with those who may see the item."""
    channels = tx.channels.direct(item.brand_id)
    if channels:
        card = tx.cards.of(CardKind.ITEM, item.id)
        _land(tx, card, [one for one in channels if _waits(tx, card, draft, one, policy)], now)


def _waits(tx: Tx, card: CardRow, draft: Draft, channel: Channel, policy: ApprovalPolicy) -> bool:
    member = tx.people.get(_whose(channel))
    is_theirs = policy.four_eyes and draft.author_id == member.id
    may = member.is_active and member.role.includes(policy.role) and not is_theirs
    return may and sees(tx, sight_of(tx, member), card)


def _land(tx: Tx, card: CardRow, channels: Iterable[Channel], now: Moment) -> None:
    tx.due.add(tx.card_refs.add([(card.id, one.id) for one in channels], now))


def _whose(channel: Channel) -> MemberId:
    assert channel.member_id is not None
    return channel.member_id
