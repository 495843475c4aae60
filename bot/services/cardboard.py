"""The cardboard: reads what a card shows and draws it, always from committed state."""

from __future__ import annotations

from bot.cards.card import Card, CardKind
from bot.cards.facts import ItemFacts, PostFacts
from bot.cards.post_view import post_card
from bot.cards.views import item_card
from bot.model.account import Account
from bot.model.approval import ApprovalSubject
from bot.model.draft import Draft
from bot.model.event import EventKind, Subject
from bot.model.ids import ItemId, Moment, PostId
from bot.model.item import Item, ItemState
from bot.model.member import Member
from bot.model.network import Capability
from bot.model.publication import LengthReport, OutgoingText, Publication, PublicationState
from bot.services.approvals import reply_hash
from bot.services.deciding import DeskRules
from bot.services.lines import Lines
from bot.store.cards import CardRow
from bot.store.items import WholeItem
from bot.store.tx import Tx

_SEED = b"\0" * 16


def draw(tx: Tx, card: CardRow, lines: Lines, rules: DeskRules, now: Moment) -> Card:
    if card.kind is CardKind.POST:
        return post_card(_post_facts(tx, card, lines, rules, now))
    return item_card(_item_facts(tx, card, lines, rules, now))


def _item_facts(tx: Tx, card: CardRow, lines: Lines, rules: DeskRules, now: Moment) -> ItemFacts:
    whole = tx.items.whole(ItemId(card.subject_id))
    assert whole is not None
    item = whole.item
    account = tx.accounts.get(item.account_id)
    draft = tx.drafts.latest(item.id)
    publication = tx.publications.latest_of_item(item.id)
    return ItemFacts(
        token=card.token,
        revision=card.revision,
        item=item,
        author=whole.author,
        account_name=account.name or account.slug,
        network=lines.title(account),
        thread_title=whole.thread_title,
        triage=whole.triage,
        draft=draft,
        length=_length(lines, whole, _words(item, draft, publication)),
        publication=publication,
        policy=rules.policies[ApprovalSubject.REPLY],
        approvals=_approvals(tx, item, draft),
        asked_by=_asked_by(tx, item),
        assignee=None if item.assignee_id is None else tx.people.get(item.assignee_id),
        native_reply=whole.native_reply,
        cannot=_cannot(lines, account),
        now=now,
    )


def _words(item: Item, draft: Draft | None, publication: Publication | None) -> str:
    """What the length is counted of: what is on its way or out, else the draft."""
    is_answer = item.state in {ItemState.ANSWERING, ItemState.ANSWERED}
    if is_answer and publication and publication.state is not PublicationState.CANCELLED:
        return publication.text
    return "" if draft is None else draft.text


def _length(lines: Lines, whole: WholeItem, words: str) -> LengthReport | None:
    line = lines.of(whole.item.account_id)
    if line is None or line.capabilities.why_not(Capability.REPLY) is not None:
        return None
    outgoing = OutgoingText(words, whole.item.received_at, _SEED, target=whole.reply_target)
    return line.prepare(outgoing).length


def _approvals(tx: Tx, item: Item, draft: Draft | None) -> int:
    if draft is None:
        return 0
    hash_ = reply_hash(tx, item, draft)
    return len(tx.drafts.approvals(ApprovalSubject.REPLY, item.id, draft.version, hash_))


def _asked_by(tx: Tx, item: Item) -> Member | None:
    """Who asked for approval, while nothing has happened since."""
    last = tx.events.last_about(Subject.ITEM, item.id)
    if last is None or last.kind is not EventKind.APPROVAL_ASKED or last.member_id is None:
        return None
    return tx.people.get(last.member_id)


def _cannot(lines: Lines, account: Account) -> dict[Capability, str]:
    line = lines.of(account.id)
    if line is None:
        return dict.fromkeys(Capability, "This account is not connected.")
    reasons = {capability: line.capabilities.why_not(capability) for capability in Capability}
    return {capability: reason for capability, reason in reasons.items() if reason is not None}


def _post_facts(tx: Tx, card: CardRow, lines: Lines, rules: DeskRules, now: Moment) -> PostFacts:
    post = tx.posts.get(PostId(card.subject_id))
    accounts = {
        variant.account_id: tx.accounts.get(variant.account_id) for variant in post.variants
    }
    lengths = {}
    for variant in post.variants:
        line = lines.of(variant.account_id)
        if line is not None:
            outgoing = OutgoingText(
                variant.text, post.slot or post.created_at, _SEED, media=post.media
            )
            lengths[variant.id] = line.prepare(outgoing).length
    variants = [variant.id for variant in post.variants]
    yeses = [
        len(tx.drafts.approvals(ApprovalSubject.POST, variant, post.revision))
        for variant in variants
    ]
    return PostFacts(
        token=card.token,
        revision=card.revision,
        post=post,
        author=tx.people.get(post.author_id),
        places={key: (one.name or one.slug, lines.title(one)) for key, one in accounts.items()},
        lengths=lengths,
        publications=tx.publications.latest_of_variants(variants),
        policy=rules.policies[ApprovalSubject.POST],
        approvals=min(yeses, default=0),
        now=now,
    )
