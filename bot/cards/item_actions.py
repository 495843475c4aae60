"""What a person may do about an item now: the buttons of its card."""

from __future__ import annotations

from bot.cards.actions import ActionName
from bot.cards.card import Action, Ask, Group, Style
from bot.cards.facts import ItemFacts
from bot.cards.publication_view import publication_actions
from bot.model.approval import ApprovalPolicy
from bot.model.commands import ModerationAction
from bot.model.draft import Tone
from bot.model.item import ItemState
from bot.model.network import Capability
from bot.model.publication import UNSETTLED, PublicationState

_P = PublicationState


def item_actions(facts: ItemFacts) -> tuple[Action, ...]:
    item, publication = facts.item, facts.publication
    if publication is not None and publication.state in UNSETTLED:
        # Whatever became of the item: what may still appear is settled first.
        offered = publication_actions(publication, facts.now)
        is_gone = item.state is ItemState.GONE
        return tuple(one for one in offered if not (is_gone and one.name is ActionName.RETRY))
    if item.state is ItemState.GONE or item.state is ItemState.NEW:
        return ()
    if publication is not None and publication.state is _P.FAILED and item.state is ItemState.OPEN:
        # Retry sends the same words; Publish would be a second button for them.
        others = [one for one in _undecided(facts) if one.name is not ActionName.APPROVE]
        return (*publication_actions(publication, facts.now), *others)
    if item.state is ItemState.MUTED:
        return (*_undecided(facts), _reopen())
    if item.state in {ItemState.OPEN, ItemState.QUIET}:
        return _undecided(facts)
    if item.state is ItemState.ANSWERED:
        return (*_delete_own(facts), _reopen())
    return (_reopen(),)


def _undecided(facts: ItemFacts) -> tuple[Action, ...]:
    no_reply = Action(
        ActionName.NO_REPLY, "No reply needed", hint="Close this without answering it"
    )
    if Capability.REPLY in facts.cannot:
        return (no_reply, *_team(facts), *_snoozes())
    return (
        *_publish(facts),
        no_reply,
        Action(ActionName.EDIT, "Edit", ask=Ask.DRAFT, hint="Change the draft and publish it"),
        Action(
            ActionName.CHANGE,
            "Change…",
            ask=Ask.LINE,
            hint="Tell the drafter in one line what to change",
        ),
        Action(ActionName.AGAIN, "Another draft", group=Group.TONE),
        *(
            Action(ActionName.TONE, tone.value.title(), group=Group.TONE, argument=tone.value)
            for tone in Tone
        ),
        *_team(facts),
        *_snoozes(),
        *_moderate(facts),
    )


def publish_label(policy: ApprovalPolicy) -> str:
    """The button says what it does."""
    return "Publish" if policy.needed == 1 and not policy.four_eyes else "Approve"


def _publish(facts: ItemFacts) -> tuple[Action, ...]:
    if facts.draft is None:
        return ()
    label = publish_label(facts.policy)
    hint = f"Publish the draft on {facts.network} as {facts.account_name}"
    return (Action(ActionName.APPROVE, label, style=Style.PRIMARY, hint=hint),)


def _team(facts: ItemFacts) -> tuple[Action, ...]:
    take = () if facts.assignee else (Action(ActionName.TAKE, "Take it", group=Group.TEAM),)
    give = Action(ActionName.GIVE, "Give to…", group=Group.TEAM, ask=Ask.MEMBER)
    return (*take, give)


def _snoozes() -> tuple[Action, ...]:
    labels = {"1h": "1 hour", "4h": "4 hours", "1d": "Tomorrow", "3d": "3 days"}
    return tuple(
        Action(ActionName.SNOOZE, f"Snooze: {label}", group=Group.SNOOZE, argument=argument)
        for argument, label in labels.items()
    )


def _moderate(facts: ItemFacts) -> tuple[Action, ...]:
    item, cannot = facts.item, facts.cannot
    offered = [
        (Capability.LIKE, ModerationAction.UNLIKE if item.is_liked else ModerationAction.LIKE, ""),
        (Capability.HIDE, ModerationAction.UNHIDE if item.is_hidden else ModerationAction.HIDE, ""),
        (Capability.SPAM, ModerationAction.SPAM, "Mark this as spam and remove it from view?"),
        (Capability.DELETE, ModerationAction.DELETE, f"Delete this on {facts.network} for good?"),
    ]
    return tuple(
        Action(
            ActionName.MODERATE,
            act.value.title(),
            style=Style.DANGER if confirm else Style.PLAIN,
            group=Group.MODERATE,
            argument=act.value,
            confirm=confirm,
        )
        for capability, act, confirm in offered
        if capability not in cannot
    )


def _delete_own(facts: ItemFacts) -> tuple[Action, ...]:
    publication = facts.publication
    if Capability.DELETE_OWN in facts.cannot or publication is None or not publication.receipt:
        return ()
    return (
        Action(
            ActionName.MODERATE,
            "Delete our reply",
            style=Style.DANGER,
            group=Group.MODERATE,
            argument=ModerationAction.DELETE_OWN.value,
            confirm=f"Delete our reply on {facts.network}? It cannot be brought back.",
        ),
    )


def _reopen() -> Action:
    return Action(ActionName.REOPEN, "Reopen")
