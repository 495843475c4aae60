"""What the cards of items show, read for many at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TypeVar

from bot.cards.facts import ItemFacts, PracticeFacts, Raised
from bot.model.account import Account
from bot.model.approval import ApprovalSubject, reply_policy
from bot.model.draft import Draft
from bot.model.event import Event, EventKind, Subject
from bot.model.holding import HoldingStatement
from bot.model.ids import AccountId, BrandId, ItemId, MemberId, Moment
from bot.model.incident import Escalation
from bot.model.item import UNDECIDED, Item, ItemState
from bot.model.member import ChatIdentity, Member
from bot.model.network import Capability
from bot.model.publication import LengthReport, OutgoingText, Publication, PublicationState
from bot.model.saved_reply import SavedReply
from bot.services.approvals import reply_hash
from bot.services.around import NOTHING, around
from bot.services.deciding import DeskRules
from bot.services.editing import editor_of
from bot.services.lines import Lines
from bot.services.measuring import spreading
from bot.services.member_pace import mentions_of
from bot.services.noting import noted_about
from bot.services.policing import in_force
from bot.services.promise_facts import promised_about
from bot.services.promise_rules import promised
from bot.services.question_facts import asked_about
from bot.services.risk_routes import routed
from bot.services.signing import previews
from bot.services.translating import language_of_reply
from bot.store.cards import CardRow
from bot.store.items import WholeItem
from bot.store.tx import Tx

_SEED = b"\0" * 16
_Words = TypeVar("_Words", HoldingStatement, SavedReply)


def item_facts(
    tx: Tx, cards: Sequence[CardRow], lines: Lines, rules: DeskRules, now: Moment
) -> list[ItemFacts]:
    ids = [ItemId(card.subject_id) for card in cards]
    wholes = tx.items.wholes(ids)
    accounts = {key: tx.accounts.get(key) for key in {w.item.account_id for w in wholes.values()}}
    cannot = {key: _cannot(lines, account) for key, account in accounts.items()}
    brands = {account.brand_id for account in accounts.values()}
    policies = {brand: in_force(tx, brand, rules.policies) for brand in brands}
    statements = {
        brand: tx.holding.usable(brand, now) if tx.crises.on(brand) else () for brand in brands
    }
    saved = {brand: tx.saved_replies.of_brand(brand) for brand in brands}
    assigned = _where_the_desk_assigns(tx, brands, rules)
    drafts = tx.drafts.latest_of(ids)
    signatures = (
        previews(tx, rules.signing, {key: one.item for key, one in wholes.items()}, drafts)
        if rules.signing.brands
        else {}
    )
    publications = tx.publications.latest_of_items(ids)
    approved = tx.drafts.approved(ApprovalSubject.REPLY, ids)
    last = tx.events.last_about_all(Subject.ITEM, ids)
    translations = tx.translations.of(ids) if rules.translates else {}
    practices = _practices(tx, wholes, accounts)
    said = around(tx, cards, wholes)
    spreads = spreading(tx, _measured(wholes, lines), now)
    raised = _raised(tx, wholes)
    with_asides = [key for key, one in wholes.items() if one.item.has_asides]
    asked, noted = asked_about(tx, with_asides), noted_about(tx, with_asides)
    promises = promised_about(tx, with_asides)
    found = []
    for card, item_id in zip(cards, ids, strict=True):
        whole = wholes[item_id]
        item, account = whole.item, accounts[whole.item.account_id]
        draft, publication = drafts.get(item_id), publications.get(item_id)
        signature = signatures.get(item_id, "")
        words = _words(item, draft, publication)
        found.append(
            ItemFacts(
                token=card.token,
                revision=card.revision,
                item=item,
                author=whole.author,
                account_name=account.name or account.slug,
                network=lines.title(account),
                thread_title=whole.thread_title,
                triage=whole.triage,
                draft=draft,
                length=_length(lines, whole, _signed(words, draft, signature)),
                publication=publication,
                policy=reply_policy(
                    policies[item.brand_id], whole.triage.risks if whole.triage else ()
                ),
                approvals=_approvals(tx, item, draft) if item_id in approved else 0,
                asked_by=_asked_by(tx, last.get(item_id)),
                assignee=None if item.assignee_id is None else tx.people.get(item.assignee_id),
                editor=editor_of(tx, card, now),
                native_reply=whole.native_reply,
                cannot=cannot[account.id],
                now=now,
                is_vip=rules.peaks.vips.takes(whole.author),
                translations=translations.get(item_id, {}),
                reply_language=language_of_reply(rules.language_of, words, whole.triage),
                spread=spreads.get(item_id),
                is_shadow=account.is_shadow,
                is_watch_only=account.is_watch_only,
                practice=practices.get(item_id),
                raised=raised.get(item_id),
                asked=asked.get(item_id, ()),
                routed=routed(tx, rules, item, whole.triage),
                noted=noted.get(item_id),
                signature=signature,
                promises=promises.get(item_id, ()),
                seems_promised=_seems_promised(tx, item, publication, now),
                statements=_in_language(statements[item.brand_id], whole),
                saved=_in_language(saved[item.brand_id], whole),
                before=said.get(item_id, NOTHING).before,
                above=said.get(item_id, NOTHING).above,
                contacts=said.get(item_id, NOTHING).contacts,
                called=_called(tx, item, assigns=item.brand_id in assigned),
                snoozer=_snoozer(tx, item),
                post_text=whole.post_text,
                post_link=whole.post_link,
                post_picture=whole.post_picture,
            )
        )
    return found


def _in_language(words: Sequence[_Words], whole: WholeItem) -> tuple[_Words, ...]:
    """Those that its author reads; all of them where the language is not known."""
    triage = whole.triage
    known = "und" if triage is None else triage.language
    return tuple(one for one in words if known in {"und", one.language})


def _practices(
    tx: Tx, wholes: Mapping[ItemId, WholeItem], accounts: Mapping[AccountId, Account]
) -> dict[ItemId, PracticeFacts]:
    """Nothing is asked of the store where no account is for practice."""
    ids = [key for key, one in wholes.items() if accounts[one.item.account_id].is_practice]
    yeses = tx.practices.last_yeses(ids)
    begun = tx.practices.some(ids)
    return {key: PracticeFacts(one.begun_at, yeses.get(key)) for key, one in begun.items()}


def _measured(wholes: Mapping[ItemId, WholeItem], lines: Lines) -> list[WholeItem]:
    """Those of networks that tell counts; nothing is asked of the store for the others."""
    return [one for one in wholes.values() if lines.measures(one.item.account_id)]


def _raised(tx: Tx, wholes: Mapping[ItemId, WholeItem]) -> dict[ItemId, Raised]:
    found = tx.escalations.latest([key for key, one in wholes.items() if one.item.has_asides])
    return {key: raised_of(tx, one) for key, one in found.items()}


def raised_of(tx: Tx, one: Escalation) -> Raised:
    return Raised(tx.people.get(one.member_id), one.at, one.called, one.reason, one.is_open)


def _called(tx: Tx, item: Item, *, assigns: bool) -> tuple[ChatIdentity, ...]:
    """Whoever has to see that somebody wrote again, or that they were given it."""
    is_told = assigns or item.follows_id is not None
    if not is_told or item.assignee_id is None or item.state is not ItemState.OPEN:
        return ()
    return mentions_of(tx, tx.people.get(item.assignee_id), tx.now())


def _where_the_desk_assigns(
    tx: Tx, brands: Collection[BrandId], rules: DeskRules
) -> frozenset[BrandId]:
    slugs = {slug for slug, plan in rules.duties.items() if plan.assigns}
    if not slugs:
        return frozenset()
    return frozenset(one for one in brands if tx.accounts.brand(one).slug in slugs)


def _snoozer(tx: Tx, item: Item) -> Member | None:
    is_over = item.snoozed_by is None or item.state not in UNDECIDED
    return None if is_over else tx.people.get(MemberId(item.snoozed_by or 0))


def _seems_promised(
    tx: Tx, item: Item, publication: Publication | None, now: Moment
) -> tuple[str, Moment] | None:
    """What our reply says by when, while that is to come; a person decides whether it counts."""
    is_out = publication is not None and publication.state is PublicationState.PUBLISHED
    if publication is None or not is_out or item.state is not ItemState.ANSWERED:
        return None
    zone = tx.accounts.brand(item.brand_id).zone
    named = promised(publication.text, publication.created_at, zone)
    return None if named is None or named.due_at <= now else (named.words, named.due_at)


def _words(item: Item, draft: Draft | None, publication: Publication | None) -> str:
    """What the length is counted of: what is on its way or out, else the draft."""
    is_answer = item.state in {ItemState.ANSWERING, ItemState.ANSWERED}
    if publication and publication.state is PublicationState.RECORDED:
        is_answer = is_answer or item.state is ItemState.CLOSED
    if is_answer and publication and publication.state is not PublicationState.CANCELLED:
        return publication.text
    return "" if draft is None else draft.text


def _signed(words: str, draft: Draft | None, signature: str) -> str:
    """A draft is counted with what is published behind it."""
    return words + signature if draft is not None and words == draft.text else words


def _length(lines: Lines, whole: WholeItem, words: str) -> LengthReport | None:
    line = lines.of(whole.item.account_id)
    if line is None or line.capabilities.why_not(Capability.REPLY) is not None:
        return None
    outgoing = OutgoingText(words, whole.item.received_at, _SEED, target=whole.reply_target)
    return line.prepare(outgoing).length


def _approvals(tx: Tx, item: Item, draft: Draft | None) -> int:
    if draft is None:
        return 0
    hash_ = reply_hash(item, draft)
    return len(tx.drafts.approvals(ApprovalSubject.REPLY, item.id, draft.version, hash_))


def _asked_by(tx: Tx, last: Event | None) -> Member | None:
    """Who asked for approval, while nothing has happened since."""
    if last is None or last.kind is not EventKind.APPROVAL_ASKED or last.member_id is None:
        return None
    return tx.people.get(last.member_id)


def _cannot(lines: Lines, account: Account) -> dict[Capability, str]:
    line = lines.of(account.id)
    if line is None:
        return dict.fromkeys(Capability, "This account is not connected.")
    reasons = {capability: line.capabilities.why_not(capability) for capability in Capability}
    return {capability: reason for capability, reason in reasons.items() if reason is not None}
