"""Whose yes a planned post waits for."""

from __future__ import annotations

from bot.model.approval import ApprovalPolicy, ApprovalSubject
from bot.model.ids import MemberId
from bot.model.member import Member
from bot.model.post import Post, PostState
from bot.store.tx import Tx


def waits_for(tx: Tx, post: Post, member: Member, policy: ApprovalPolicy) -> bool:
    """Whether this member's yes would count, and is not given yet."""
    if post.state is not PostState.WAITING or not member.role.includes(policy.role):
        return False
    return member.id not in wrote(tx, post, policy) | gave(tx, post)


def wrote(tx: Tx, post: Post, policy: ApprovalPolicy) -> set[MemberId]:
    """Whose yes does not count, since the words are theirs."""
    return {post.author_id, tx.posts.editor(post.id)} if policy.four_eyes else set()


def gave(tx: Tx, post: Post) -> set[MemberId]:
    """Who has said yes to every text of this version."""
    drafts, revision = tx.drafts, post.revision
    yeses = [
        {one.member_id for one in drafts.approvals(ApprovalSubject.POST, variant.id, revision)}
        for variant in post.variants
    ]
    return set.intersection(*yeses) if yeses else set()
