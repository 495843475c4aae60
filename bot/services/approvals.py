"""Approvals of replies: a yes to exactly these words, and what follows when there are enough.

An approval names account, target, revision, text and mentions by hash. When the policy is
satisfied, the publication is queued with its write frozen (`Connector.prepare`), in the same
transaction, and leaves after the undo window.
"""

from __future__ import annotations

import secrets
from dataclasses import replace

from bot.cards.card import CardKind
from bot.cards.labels import WRITTEN_BY
from bot.model.account import Account, AccountState
from bot.model.approval import ApprovalPolicy, ApprovalSubject, approval_hash
from bot.model.commands import Outcome, OutcomeKind
from bot.model.draft import Draft, DraftOrigin, normalised
from bot.model.due import NEVER_DEAD, Lane, NewDue
from bot.model.event import EventKind, Subject
from bot.model.ids import ApprovalId, ItemId, Moment, PublicationId
from bot.model.item import UNDECIDED, Item
from bot.model.network import Capability
from bot.model.publication import (
    LengthReport,
    OutgoingText,
    Prepared,
    Publication,
    PublicationState,
)
from bot.model.signature import signed, unsigned
from bot.model.translation import wording
from bot.ports import Connector
from bot.services.deciding import Deciding, done, refused, stands_otherwise, who_can
from bot.services.direct import land_reply
from bot.services.policing import policy_of_reply
from bot.services.signing import signed_by, signs
from bot.services.translating import translate_due
from bot.store.cards import CardRow
from bot.store.items import WholeItem
from bot.store.tx import Tx


def approve(deciding: Deciding, card: CardRow, text: str | None = None) -> Outcome:
    """Yes to the version shown, or to `text` as the next version."""
    item_id = ItemId(card.subject_id)
    whole = deciding.tx.items.wholes([item_id])[item_id]
    item = whole.item
    if item.state not in UNDECIDED:
        return stands_otherwise(item)
    account = deciding.tx.accounts.get(item.account_id)
    line = deciding.lines.of(account.id)
    trouble = cannot_leave(deciding, account, line, Capability.REPLY)
    if trouble is not None or line is None:
        return trouble or refused("This account is not connected.")
    draft = _version(deciding, item, text)
    if draft is None:
        return refused("There is no text to publish yet. Edit the draft first.")
    prepared = line.prepare(_outgoing(whole, draft, deciding.now))
    if not prepared.length.fits:
        return refused(too_long(prepared.length))
    return _count(deciding, card, whole, account, draft, prepared)


def save_draft(deciding: Deciding, card: CardRow, text: str) -> Outcome:
    """A member's next version, for somebody to approve."""
    return save_words(deciding, card, text)


def save_words(deciding: Deciding, card: CardRow, text: str, *, note: str = "") -> Outcome:
    """`note` says where the words come from; empty is the member."""
    item = deciding.tx.items.get(ItemId(card.subject_id))
    if item.state not in UNDECIDED:
        return stands_otherwise(item)
    draft = _version(deciding, item, text, note)
    if draft is None:
        return refused("The draft is empty. Write something, or choose No reply needed.")
    _abandon_failed(deciding.tx, item)
    deciding.tx.cards.turn(
        CardKind.ITEM, item.id, deciding.now, how="edited the draft", by=deciding.member.id
    )
    return done(deciding.speech.say("Saved as version {version}.", version=draft.version))


def _version(deciding: Deciding, item: Item, text: str | None, note: str = "") -> Draft | None:
    """The version that is meant: the latest, or a new one when the words differ."""
    latest = deciding.tx.drafts.latest(item.id)
    if text is None:
        return None if latest is None else _signed(deciding, item, latest)
    words = _own_words(deciding, item, text)
    if not words:
        return None
    if latest is not None and normalised(latest.text) == words:
        return latest
    draft = deciding.tx.drafts.add(
        item.id,
        item.revision,
        words,
        origin=DraftOrigin.MEMBER,
        author_id=deciding.member.id,
        note=note or f"{WRITTEN_BY}{deciding.member.name}",
        at=deciding.now,
        mentions=deciding.mentions,
    )
    _tell(deciding, item, EventKind.DRAFT_SAVED, version=draft.version)
    if deciding.rules.translates:
        deciding.tx.due.put(translate_due(item.id, deciding.now))
    return draft


def _own_words(deciding: Deciding, item: Item, text: str) -> str:
    """With the initials of whoever wrote them, where the brand wants any; empty without words."""
    words, signing = normalised(text), deciding.rules.signing
    if not signs(deciding.tx, signing, item.brand_id):
        return words
    return normalised(signed(words, signing.of(deciding.member))) if unsigned(words) else ""


def _signed(deciding: Deciding, item: Item, latest: Draft) -> Draft:
    """The latest version, or the next one with the initials that the card showed under it."""
    tx = deciding.tx
    words = signed_by(tx, deciding.rules.signing, item, latest, deciding.member)
    if words == latest.text:
        return latest
    draft = tx.drafts.add(
        item.id,
        item.revision,
        words,
        origin=latest.origin,
        author_id=latest.author_id,
        note=latest.note,
        at=deciding.now,
        mentions=latest.mentions,
    )
    _tell(deciding, item, EventKind.DRAFT_SAVED, version=draft.version)
    return draft


def _count(
    deciding: Deciding,
    card: CardRow,
    whole: WholeItem,
    account: Account,
    draft: Draft,
    prepared: Prepared,
) -> Outcome:
    """Count this yes under the policy; the last one needed queues the publication."""
    item = whole.item
    policy = policy_of_reply(deciding.tx, item.brand_id, whole.triage, deciding.rules.policies)
    objection = _objection(deciding, policy, draft)
    if objection is not None:
        return _ask(deciding, card, item, draft, policy, objection)
    hash_ = reply_hash(item, draft)
    given = deciding.tx.drafts.approvals(ApprovalSubject.REPLY, item.id, draft.version, hash_)
    approval = deciding.tx.drafts.approve(
        item.brand_id,
        ApprovalSubject.REPLY,
        item.id,
        draft.version,
        hash_,
        deciding.member.id,
        deciding.now,
        given,
    )
    _tell(deciding, item, EventKind.APPROVAL_GIVEN, version=draft.version)
    deciding.audit(
        "approved",
        card,
        text=draft.text,
        hash=hash_,
        version=draft.version,
        item_revision=item.revision,
        **_told_in(deciding, item, draft),
    )
    others = [one.member_id for one in given if one.member_id != deciding.member.id]
    roles = [deciding.member.role, *(deciding.tx.people.get(one).role for one in others)]
    if not policy.is_satisfied(roles):
        deciding.tx.cards.turn(
            CardKind.ITEM, item.id, deciding.now, how="approved this", by=deciding.member.id
        )
        land_reply(deciding.tx, item, draft, policy, deciding.now)
        return done(counted(deciding, policy.counted(roles), policy))
    return _queue(deciding, card, item, account, draft, prepared, approval)


def _told_in(deciding: Deciding, item: Item, draft: Draft) -> dict[str, str]:
    """For the audit: the words that were approved had a translation for whoever approved them."""
    language = deciding.member.tongue.language
    found = deciding.tx.translations.of([item.id]) if deciding.rules.translates else {}
    is_told = wording(draft.text, language) in found.get(item.id, {})
    return {"machine_translation": language} if is_told else {}


def _objection(deciding: Deciding, policy: ApprovalPolicy, draft: Draft) -> str | None:
    """Why this member's yes does not count, as a sentence that says whose would."""
    say = deciding.speech.say
    if not deciding.member.role.includes(policy.role):
        return say("It waits for {names} to approve it.", names=who_can(deciding, policy.role))
    if policy.four_eyes and draft.author_id == deciding.member.id:
        others = who_can(deciding, policy.role, but=deciding.member)
        return say(
            "You wrote this version, so somebody else must approve it: {names}.", names=others
        )
    return None


def counted(deciding: Deciding, given: int, policy: ApprovalPolicy) -> str:
    say = deciding.speech.say
    says = say("Counted: {given} of {needed} approvals.", given=given, needed=policy.needed)
    if policy.alone is None:
        return says
    names = who_can(deciding, policy.alone)
    return f"{says} {say('{names} would be enough alone.', names=names)}"


def _ask(
    deciding: Deciding,
    card: CardRow,
    item: Item,
    draft: Draft,
    policy: ApprovalPolicy,
    objection: str,
) -> Outcome:
    """A yes that does not count is a request for one that does."""
    deciding.tx.cards.turn(
        CardKind.ITEM, item.id, deciding.now, how="asked for approval", by=deciding.member.id
    )
    land_reply(deciding.tx, item, draft, policy, deciding.now)
    _tell(deciding, item, EventKind.APPROVAL_ASKED, version=draft.version)
    deciding.audit("asked_for_approval", card, text=draft.text, version=draft.version)
    says = deciding.speech.say("Asked for approval. {why}", why=objection)
    return done(says, note="asked")


def _queue(
    deciding: Deciding,
    card: CardRow,
    item: Item,
    account: Account,
    draft: Draft,
    prepared: Prepared,
    approval: ApprovalId,
) -> Outcome:
    tx, now = deciding.tx, deciding.now
    _abandon_failed(tx, item)
    leaves = Moment(now + deciding.rules.undo_window)
    queued = Publication(
        id=PublicationId(0),
        account_id=account.id,
        approval_id=approval,
        item_id=item.id,
        item_revision=item.revision,
        variant_id=None,
        text=draft.text,
        prepared=prepared,
        state=PublicationState.QUEUED,
        created_at=now,
        not_before=leaves,
        expires_at=None,
        is_shadow=account.is_shadow,
    )
    number = tx.publications.add(item.brand_id, queued)
    if number is None:
        return Outcome(OutcomeKind.STALE, "A reply to this comment is already on its way.")
    tx.items.begin_answer(item.id)
    tx.due.add([publish_due(number, leaves, replace(queued, id=number))])
    tx.due.drop(f"draft:{item.id}")
    how = "approved this" if account.is_shadow else "published this reply"
    tx.cards.turn(CardKind.ITEM, item.id, now, how=how, by=deciding.member.id)
    shadow = {"how": "queued_in_shadow"} if account.is_shadow else {}
    _tell(deciding, item, EventKind.PUBLICATION_QUEUED, publication=number, **shadow)
    deciding.audit("publication_queued", card, publication=number, key=prepared.key)
    seconds = deciding.rules.undo_window // 1000
    if account.is_shadow:
        return done(
            deciding.speech.say(
                "{account} is in shadow: this is recorded, and nothing leaves.",
                account=account.slug,
            )
        )
    if not seconds:
        return done("Publishing.")
    return done(
        deciding.speech.say("Publishing in {seconds} s. Stop it on the card.", seconds=seconds)
    )


def publish_due(number: PublicationId, at: Moment, at_hand: Publication | None = None) -> NewDue:
    """A publication is never a dead letter: its own states say how it ended.

    One that is `at_hand` leaves without being read again when no undo window holds it.
    """
    return NewDue(
        "publish",
        f"publish:{number}",
        Lane.PUBLISH,
        at,
        {"publication": number},
        max_attempts=NEVER_DEAD,
        at_hand=at_hand,
    )


def _abandon_failed(tx: Tx, item: Item) -> None:
    """An earlier try that failed must not be retried beside the new words."""
    earlier = tx.publications.latest_of_item(item.id)
    if earlier is not None and earlier.state is PublicationState.FAILED:
        tx.publications.move(
            earlier.id,
            PublicationState.FAILED,
            PublicationState.CANCELLED,
            trouble="Not sent: another version was written instead.",
        )
        tx.drafts.void_approvals(earlier.approval_id)


def _outgoing(whole: WholeItem, draft: Draft, now: Moment) -> OutgoingText:
    return OutgoingText(
        text=draft.text,
        at=now,
        seed=secrets.token_bytes(16),
        language=whole.triage.language if whole.triage else "",
        target=whole.reply_target,
        mentions=draft.mentions,
    )


def reply_hash(item: Item, draft: Draft) -> str:
    return approval_hash(
        account_id=item.account_id,
        target=f"item:{item.id}",
        revision=item.revision,
        text=draft.text,
        mentions=draft.mentions,
    )


def cannot_leave(
    deciding: Deciding, account: Account, line: Connector | None, capability: Capability
) -> Outcome | None:
    """Why nothing can leave through this account now, or None."""
    if line is None or account.state is AccountState.SUSPENDED:
        return refused(
            deciding.speech.say(
                "{account} is not in the configuration any more.", account=account.slug
            )
        )
    reason = line.capabilities.why_not(capability)
    if reason is not None:
        return refused(reason)
    if account.is_watch_only:
        return refused(
            deciding.speech.say(
                "{account} is watch-only, so nothing can leave. An admin can press Go live on the "
                "Desk page.",
                account=account.slug,
            )
        )
    return None


def too_long(length: LengthReport) -> str:
    if length.problem:
        return length.problem
    over = length.used - length.limit
    return f"Too long: {length.used} of {length.limit} {length.unit}. Shorten it by {over}."


def _tell(deciding: Deciding, item: Item, kind: EventKind, **facts: object) -> None:
    deciding.tx.events.add(
        kind,
        item.brand_id,
        Subject.ITEM,
        item.id,
        deciding.now,
        member_id=deciding.member.id,
        **facts,
    )
