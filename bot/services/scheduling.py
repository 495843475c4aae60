"""Planned posts: composed by one, approved by another, sent at their slot.

The same promises as for replies: an approval names exact text, pictures and account by hash, an
edit of any of these voids it, and each variant leaves as a publication of its own. Moving the
slot changes no word, so it prepares the writes anew and keeps the approval.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence

from bot.cards.card import CardKind
from bot.cards.retold import retold
from bot.model import commands as c
from bot.model.approval import ApprovalSubject, approval_hash
from bot.model.commands import Outcome, OutcomeKind
from bot.model.event import EventKind, Subject
from bot.model.hold import HeldVerb
from bot.model.ids import HOUR, AccountId, ApprovalId, MediaHash, Moment, PostId, PublicationId
from bot.model.member import Role
from bot.model.network import Capability
from bot.model.post import Post, PostState, PostVariant
from bot.model.publication import (
    OutgoingText,
    Prepared,
    Publication,
    PublicationState,
)
from bot.services import direct, held, lapsing, outcomes, reminding
from bot.services.approvals import cannot_leave, counted, publish_due, too_long
from bot.services.deciding import Deciding, done, lacks_role, refused, who_can
from bot.services.routing import land_post
from bot.services.translating import translate_post_due
from bot.speech.speech import marked
from bot.store.cards import CardRow

GRACE = HOUR
"""A post that could not leave within this time (milliseconds) after its slot expires."""

_AT_ITS_TIME = marked("Approved. It leaves at its time.")
_NOW = marked("Approved. It leaves now.")

Texts = dict[AccountId, str]
_JOINT = "\n---\n"
"""Between the texts of one post in the audit."""


def compose(deciding: Deciding, command: c.ComposePost) -> Outcome:
    texts, objection = _checked(deciding, command)
    if objection is not None:
        return objection
    tx, member, now = deciding.tx, deciding.member, deciding.now
    pictures = [(picture.hash, picture.alt_text) for picture in command.pictures]
    post_id = tx.posts.add(
        member.brand_id,
        member.id,
        texts,
        pictures,
        slot=command.slot,
        expires_at=_expiry(command.slot),
        at=now,
    )
    lapsing.expect(tx, post_id, command.slot)
    trouble = _does_not_fit(deciding, tx.posts.get(post_id))
    if trouble is not None:
        tx.posts.set_state(post_id, PostState.DRAFT, requested_changes=trouble)
    tx.cards.add(member.brand_id, CardKind.POST, [post_id], now)
    land_post(tx, member.brand_id, post_id, now)
    direct.land_post(tx, member.brand_id, post_id, deciding.policy(ApprovalSubject.POST), now)
    reminding.settle(tx, post_id, deciding.rules.remind_before, now)
    card = tx.cards.of(CardKind.POST, post_id)
    if deciding.rules.translates:
        tx.due.put(translate_post_due(post_id, now))
    _tell(deciding, post_id, EventKind.POST_COMPOSED)
    deciding.audit("post_composed", card, text=_JOINT.join(texts.values()))
    if trouble is not None:
        return done(_not_yet(deciding, trouble), note=card.token)
    says = deciding.speech.say("It waits for approval by {names}.", names=_approvers(deciding))
    return done(says, note=card.token)


def edit(deciding: Deciding, card: CardRow, command: c.EditPost) -> Outcome:
    tx = deciding.tx
    post = tx.posts.get(PostId(card.subject_id))
    if post.state is PostState.CANCELLED:
        return refused("This post was cancelled. Compose a new one.")
    texts, objection = _checked(deciding, command)
    if objection is not None:
        return objection
    pictures = [(picture.hash, picture.alt_text) for picture in command.pictures]
    sent = _publications(deciding, post)
    if any(publication.state is not PublicationState.QUEUED for publication in sent):
        return Outcome(OutcomeKind.STALE, "It is on its way already and cannot be edited.")
    if post.state is PostState.APPROVED and _same_words(post, texts, pictures):
        return _move_slot(deciding, card, post, sent, command.slot)
    for publication in sent:
        trouble = f"Edited by {deciding.member.name} after approval."
        outcomes.given_up(
            tx, publication, PublicationState.CANCELLED, deciding.now, trouble=trouble
        )
    tx.posts.edit(
        post.id,
        deciding.member.id,
        texts,
        pictures,
        slot=command.slot,
        expires_at=_expiry(command.slot),
    )
    lapsing.expect(tx, post.id, command.slot)
    policy = deciding.policy(ApprovalSubject.POST)
    direct.land_post(tx, post.brand_id, post.id, policy, deciding.now)
    if deciding.rules.translates:
        tx.due.put(translate_post_due(post.id, deciding.now))
    trouble_now = _does_not_fit(deciding, tx.posts.get(post.id))
    if trouble_now is not None:
        tx.posts.set_state(post.id, PostState.DRAFT, requested_changes=trouble_now)
    _sign(deciding, card, EventKind.POST_EDITED, "edited this post", _JOINT.join(texts.values()))
    if trouble_now is not None:
        return done(_not_yet(deciding, trouble_now))
    return done(
        deciding.speech.say("Saved. It waits for approval by {names}.", names=_approvers(deciding))
    )


def approve(deciding: Deciding, card: CardRow) -> Outcome:
    """A manager's yes to every variant of this revision."""
    tx, member = deciding.tx, deciding.member
    post = tx.posts.get(PostId(card.subject_id))
    if post.state is not PostState.WAITING:
        return refused("This post does not wait for approval.")
    if post.undescribed is not None:
        return refused(_bare(deciding, post.undescribed))
    policy = deciding.policy(ApprovalSubject.POST)
    objection = lacks_role(deciding, policy.role)
    if objection is not None:
        return objection
    if policy.four_eyes and member.id in {post.author_id, tx.posts.editor(post.id)}:
        others = who_can(deciding, policy.role, but=member)
        return refused(
            deciding.speech.say(
                "You wrote this post, so somebody else must approve it: {names}.", names=others
            )
        )
    if post.slot is not None and post.slot < deciding.now:
        return refused("Its time has passed. Edit the post and choose another time.")
    trouble = _cannot_go(deciding, post) or _does_not_fit(deciding, post)
    if trouble is not None:
        return refused(trouble)
    yeses = {variant: _say_yes(deciding, post, variant) for variant in post.variants}
    _tell(deciding, post.id, EventKind.APPROVAL_GIVEN)
    words = _JOINT.join(variant.text for variant in post.variants)
    deciding.audit("approved", card, text=words, post_revision=post.revision)
    fewest = min(count for _approval, count in yeses.values())
    if fewest < policy.needed:
        tx.cards.turn(CardKind.POST, post.id, deciding.now, how="approved this", by=member.id)
        return done(counted(deciding, fewest, policy))
    return _queue(deciding, card, post, {v: approval for v, (approval, _n) in yeses.items()})


def request_changes(deciding: Deciding, card: CardRow, reason: str) -> Outcome:
    if not reason.strip():
        return refused("Say what should change, in one line.")
    post_id = PostId(card.subject_id)
    if deciding.tx.posts.get(post_id).state is not PostState.WAITING:
        return refused("This post does not wait for approval.")
    if not deciding.tx.posts.set_state(post_id, PostState.DRAFT, requested_changes=reason[:500]):
        return refused("This post does not wait for approval.")
    _sign(deciding, card, EventKind.CHANGES_REQUESTED, "asked for changes", reason)
    return done("Sent back with your words.")


def cancel(deciding: Deciding, card: CardRow) -> Outcome:
    tx = deciding.tx
    post = tx.posts.get(PostId(card.subject_id))
    if post.author_id != deciding.member.id:
        objection = lacks_role(deciding, Role.MANAGER)
        if objection is not None:
            return objection
    sent = _publications(deciding, post)
    if any(publication.state is not PublicationState.QUEUED for publication in sent):
        return Outcome(OutcomeKind.STALE, "A part of it has left already. Delete it there.")
    for publication in sent:
        trouble = f"Cancelled by {deciding.member.name}."
        outcomes.given_up(
            tx, publication, PublicationState.CANCELLED, deciding.now, trouble=trouble
        )
    if not tx.posts.set_state(post.id, PostState.CANCELLED):
        return refused("This post is cancelled already.")
    _sign(deciding, card, EventKind.POST_CANCELLED, "cancelled this post", None)
    return done("Cancelled. Nothing will be sent.")


def _checked(
    deciding: Deciding, command: c.ComposePost | c.EditPost
) -> tuple[Texts, Outcome | None]:
    """The texts by account, or why this cannot be a post."""
    tx, texts, say = deciding.tx, Texts(), deciding.speech.say
    if not command.variants:
        return texts, refused("Choose at least one account to post to.")
    if command.slot is not None and command.slot < deciding.now:
        return texts, refused("That time has passed. Choose a later one, or leave it empty.")
    for variant in command.variants:
        account = tx.accounts.by_slug(deciding.member.brand_id, variant.account)
        if account is None:
            return texts, refused(no_account(deciding, variant.account))
        line = deciding.lines.of(account.id)
        reason = (
            say("it is not connected")
            if line is None
            else line.capabilities.why_not(Capability.POST)
        )
        if reason is not None:
            says = say("{account} cannot take posts: {why}", account=account.slug, why=reason)
            return texts, refused(says)
        if not variant.text.strip() and not command.pictures:
            says = say("The text for {account} is empty.", account=account.slug)
            return texts, refused(says)
        texts[account.id] = variant.text.strip()
    for picture in command.pictures:
        if tx.media.get(picture.hash) is None:
            return texts, refused("A picture was not uploaded. Add it again.")
    return texts, None


def _bare(deciding: Deciding, number: int) -> str:
    says = "Picture {number} has no description yet, so nobody can approve this. Describe it first."
    return deciding.speech.say(says, number=number)


def _not_yet(deciding: Deciding, trouble: str) -> str:
    speech = deciding.speech
    why = retold(speech, trouble)
    return speech.say("Saved, but it cannot be approved yet: {why}", why=why)


def no_account(deciding: Deciding, slug: str) -> str:
    return deciding.speech.say("There is no account called {name}.", name=repr(slug[:40]))


def _does_not_fit(deciding: Deciding, post: Post) -> str | None:
    for variant in post.variants:
        prepared = _prepare(deciding, post, variant)
        if prepared is not None and not prepared.length.fits:
            account = deciding.tx.accounts.get(variant.account_id)
            return f"{account.slug}: {too_long(prepared.length)}"
    return None


def _cannot_go(deciding: Deciding, post: Post) -> str | None:
    for variant in post.variants:
        account = deciding.tx.accounts.get(variant.account_id)
        line = deciding.lines.of(account.id)
        trouble = cannot_leave(deciding, account, line, Capability.POST)
        if trouble is not None:
            return trouble.says
    return None


def _prepare(deciding: Deciding, post: Post, variant: PostVariant) -> Prepared | None:
    line = deciding.lines.of(variant.account_id)
    if line is None:
        return None
    outgoing = OutgoingText(
        text=variant.text,
        at=post.slot or deciding.now,
        seed=secrets.token_bytes(16),
        media=post.media,
    )
    return line.prepare(outgoing)


def _say_yes(deciding: Deciding, post: Post, variant: PostVariant) -> tuple[ApprovalId, int]:
    hash_ = approval_hash(
        account_id=variant.account_id,
        target=f"post:{post.id}",
        revision=0,
        text=variant.text,
        media=post.media,
    )
    drafts, subject = deciding.tx.drafts, ApprovalSubject.POST
    approval = drafts.approve(
        post.brand_id, subject, variant.id, post.revision, hash_, deciding.member.id, deciding.now
    )
    return approval, len(drafts.approvals(subject, variant.id, post.revision, hash_))


def _queue(
    deciding: Deciding, card: CardRow, post: Post, approvals: dict[PostVariant, ApprovalId]
) -> Outcome:
    tx, now = deciding.tx, deciding.now
    leaves = post.slot or Moment(now + deciding.rules.undo_window)
    tx.posts.set_state(post.id, PostState.APPROVED)
    lapsing.expect(tx, post.id, None)
    for variant, approval in approvals.items():
        prepared = _prepare(deciding, post, variant)
        assert prepared is not None
        number = tx.publications.add(
            post.brand_id,
            Publication(
                id=PublicationId(0),
                account_id=variant.account_id,
                approval_id=approval,
                item_id=None,
                item_revision=None,
                variant_id=variant.id,
                text=variant.text,
                prepared=prepared,
                state=PublicationState.QUEUED,
                created_at=now,
                not_before=leaves,
                expires_at=post.expires_at,
                is_shadow=tx.accounts.get(variant.account_id).is_shadow,
            ),
        )
        if number is not None:
            tx.due.add([publish_due(number, leaves)])
    _sign(deciding, card, EventKind.PUBLICATION_QUEUED, "approved this post", None)
    return done(" ".join(_what_follows(deciding, post)))


def _what_follows(deciding: Deciding, post: Post) -> Iterator[str]:
    """When it leaves, and from where it does not."""
    say = deciding.speech.say
    accounts = [deciding.tx.accounts.get(one.account_id) for one in post.variants]
    silent = [one.slug for one in accounts if one.is_shadow]
    if len(silent) < len(accounts):
        yield say(_AT_ITS_TIME if post.slot else _NOW)
    if silent:
        says = "{account} is in shadow: this is recorded, and nothing leaves."
        yield say(says, account=", ".join(silent))


def _move_slot(
    deciding: Deciding,
    card: CardRow,
    post: Post,
    sent: Sequence[Publication],
    slot: Moment | None,
) -> Outcome:
    """Same words at another time: prepared anew, the approval stands."""
    rearrange(deciding, post.id, sent, slot)
    parts = [one.id for one in sent]
    held.release(deciding.tx, parts, HeldVerb.MOVED, deciding.member.id, deciding.now)
    _sign(deciding, card, EventKind.POST_EDITED, "moved this post", None)
    return done("Moved. The approval stands, because no word changed.")


def rearrange(
    deciding: Deciding, post_id: PostId, sent: Sequence[Publication], slot: Moment | None
) -> None:
    """Have these parts of a post leave at another time; None is now."""
    tx = deciding.tx
    leaves = slot or deciding.now
    tx.posts.move(post_id, slot, _expiry(slot))
    moved = tx.posts.get(post_id)
    for variant in moved.variants:
        prepared = _prepare(deciding, moved, variant)
        for publication in sent:
            if publication.variant_id == variant.id and prepared is not None:
                tx.publications.note(
                    publication.id,
                    prepared=prepared.to_json(),
                    not_before=leaves,
                    expires_at=moved.expires_at,
                    staged=None,
                    trouble="",
                )
                tx.due.hurry(f"publish:{publication.id}", leaves)


def _publications(deciding: Deciding, post: Post) -> list[Publication]:
    """Those of its latest that were not called off."""
    variants = [variant.id for variant in post.variants]
    found = deciding.tx.publications.latest_of_variants(variants)
    return [p for p in found.values() if p.state is not PublicationState.CANCELLED]


def _same_words(post: Post, texts: Texts, pictures: Sequence[tuple[MediaHash, str]]) -> bool:
    before = {variant.account_id: variant.text for variant in post.variants}
    return before == texts and [(m.hash, m.alt_text) for m in post.media] == list(pictures)


def _expiry(slot: Moment | None) -> Moment | None:
    return None if slot is None else Moment(slot + GRACE)


def _approvers(deciding: Deciding) -> str:
    policy = deciding.policy(ApprovalSubject.POST)
    return who_can(deciding, policy.role, but=deciding.member if policy.four_eyes else None)


def _sign(deciding: Deciding, card: CardRow, kind: EventKind, how: str, text: str | None) -> None:
    tx, now, number = deciding.tx, deciding.now, PostId(card.subject_id)
    tx.cards.turn(CardKind.POST, number, now, how=how, by=deciding.member.id)
    reminding.settle(tx, number, deciding.rules.remind_before, now)
    _tell(deciding, number, kind)
    deciding.audit(kind.value, card, text=text)


def _tell(deciding: Deciding, post_id: PostId, kind: EventKind) -> None:
    member = deciding.member
    deciding.tx.events.add(
        kind, member.brand_id, Subject.POST, post_id, deciding.now, member_id=member.id
    )
