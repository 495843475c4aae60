"""What a person may do about an item now: the buttons of its card."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache, lru_cache

from bot.cards.actions import ActionName
from bot.cards.card import Action, Ask, Group, Style
from bot.cards.facts import ItemFacts
from bot.cards.promise_view import kept_actions, promise_actions
from bot.cards.publication_view import publication_actions
from bot.cards.risk_view import consults, first_asked
from bot.model.approval import ApprovalPolicy
from bot.model.commands import ModerationAction
from bot.model.draft import Tone
from bot.model.item import ItemState
from bot.model.member import Role
from bot.model.network import Capability
from bot.model.publication import UNSETTLED, Publication, PublicationState
from bot.model.text import excerpt
from bot.speech.speech import Speech, marked

_P = PublicationState
_TONES = {
    Tone.FRIENDLY: marked("Friendly"),
    Tone.FORMAL: marked("Formal"),
    Tone.SHORT: marked("Short"),
}
_SNOOZES = {
    "1h": marked("1 hour"),
    "4h": marked("4 hours"),
    "1d": marked("Tomorrow"),
    "3d": marked("3 days"),
}
_MODERATION = {
    ModerationAction.LIKE: marked("Like"),
    ModerationAction.UNLIKE: marked("Unlike"),
    ModerationAction.HIDE: marked("Hide"),
    ModerationAction.UNHIDE: marked("Unhide"),
    ModerationAction.SPAM: marked("Spam"),
    ModerationAction.DELETE: marked("Delete"),
}

MOST_STATEMENTS = 3
MOST_SAVED = 12
"""Saved replies that a card offers; a list holds them all."""


@dataclass(frozen=True, slots=True)
class _Standing:
    """The buttons that say the same on every card of a language."""

    no_reply: Action
    write: tuple[Action, ...]
    take: Action
    give: Action
    question: Action
    note: Action
    label: Action
    escalate: Action
    snoozes: tuple[Action, ...]
    reopen: Action


@cache
def _standing(speech: Speech) -> _Standing:
    say = speech.say
    hint = say("Tell the drafter in one line what to change")
    return _Standing(
        no_reply=Action(
            ActionName.NO_REPLY, say("No reply needed"), hint=say("Close this without answering it")
        ),
        write=(
            Action(
                ActionName.EDIT,
                say("Edit"),
                ask=Ask.DRAFT,
                hint=say("Change the draft and publish it"),
            ),
            Action(ActionName.CHANGE, say("Change…"), ask=Ask.LINE, hint=hint),
            Action(ActionName.AGAIN, say("Another draft"), group=Group.TONE),
            *(
                Action(ActionName.TONE, say(label), group=Group.TONE, argument=tone.value)
                for tone, label in _TONES.items()
            ),
        ),
        take=Action(ActionName.TAKE, say("Take it"), group=Group.TEAM),
        give=Action(ActionName.GIVE, say("Give to…"), group=Group.TEAM, ask=Ask.MEMBER),
        question=Action(
            ActionName.QUESTION,
            say("Ask…"),
            group=Group.TEAM,
            ask=Ask.QUESTION,
            hint=say("Ask a colleague or a channel; the answer comes back as a private note"),
        ),
        note=Action(
            ActionName.NOTE,
            say("Note…"),
            group=Group.TEAM,
            ask=Ask.LINE,
            hint=say("A private note for the team; nothing of it is published"),
        ),
        label=Action(
            ActionName.LABEL,
            say("Label…"),
            group=Group.TEAM,
            ask=Ask.LABELS,
            hint=say("Say what it is about: topics, urgency, labels of the team"),
        ),
        escalate=Action(
            ActionName.RAISE,
            say("Escalate…"),
            group=Group.TEAM,
            ask=Ask.REASON,
            hint=say("Call whoever is on call, else the managers. You may say why"),
        ),
        snoozes=tuple(_snooze(key, say(how), speech) for key, how in _SNOOZES.items()),
        reopen=Action(ActionName.REOPEN, say("Reopen")),
    )


def _snooze(argument: str, how_long: str, speech: Speech) -> Action:
    label = speech.say("Snooze: {how_long}", how_long=how_long)
    return Action(ActionName.SNOOZE, label, group=Group.SNOOZE, argument=argument, in_menu=how_long)


def item_actions(facts: ItemFacts) -> tuple[Action, ...]:
    item, publication = facts.item, facts.publication
    if publication is not None and publication.state in UNSETTLED:
        # Whatever became of the item: what may still appear is settled first.
        return _under_way(facts, publication, may_retry=item.state is not ItemState.GONE)
    if item.state is ItemState.GONE or item.state is ItemState.NEW:
        return ()
    if publication is not None and publication.state is _P.FAILED and item.state is ItemState.OPEN:
        under_way = _under_way(facts, publication)
        # Retry sends the same words; Publish would be a second button for them.
        sends = any(one.name is ActionName.RETRY for one in under_way)
        others = [
            one for one in _undecided(facts) if not (sends and one.name is ActionName.APPROVE)
        ]
        return (*under_way, *others)
    if item.state is ItemState.MUTED:
        return (*_undecided(facts), _standing(facts.speech).reopen)
    if item.state in {ItemState.OPEN, ItemState.QUIET}:
        return _undecided(facts)
    reopen = _standing(facts.speech).reopen
    if item.state is ItemState.ANSWERED:
        return (*_delete_own(facts), reopen, *promise_actions(facts))
    if publication is not None and publication.state is _P.RECORDED:
        # Nobody outside has read it, so nothing was promised in it.
        return (reopen, *kept_actions(facts))
    return (reopen, *promise_actions(facts))


def _under_way(
    facts: ItemFacts, publication: Publication, *, may_retry: bool = True
) -> tuple[Action, ...]:
    """Nothing is sent again where nothing leaves."""
    offered = publication_actions(publication, facts.speech)
    may_retry = may_retry and not facts.lets_nothing_leave
    return tuple(one for one in offered if may_retry or one.name is not ActionName.RETRY)


def _undecided(facts: ItemFacts) -> tuple[Action, ...]:
    same = _standing(facts.speech)
    if Capability.REPLY in facts.cannot:
        return (same.no_reply, *_team(facts), *same.snoozes)
    return (
        *_publish(facts),
        *_statements(facts),
        same.no_reply,
        *(one for one in same.write if not (facts.is_watch_only and one.name is ActionName.EDIT)),
        *_saved(facts),
        *_team(facts),
        *same.snoozes,
        *_moderate(facts),
    )


def _statements(facts: ItemFacts) -> tuple[Action, ...]:
    """The words that the team agreed on before; one press makes them the draft."""
    say = facts.speech.say
    return tuple(
        Action(
            ActionName.STATEMENT,
            say("Use “{name}”", name=excerpt(one.name, 30)),
            argument=str(one.id),
            hint=say("Make the holding statement “{name}” the draft", name=one.name),
        )
        for one in facts.statements[:MOST_STATEMENTS]
    )


def _saved(facts: ItemFacts) -> tuple[Action, ...]:
    """The team's own words in the author's language, and keeping what is shown among them."""
    say = facts.speech.say
    use = tuple(
        Action(
            ActionName.REPLY,
            say("Use “{name}”", name=excerpt(one.name, 30)),
            group=Group.SAVED,
            argument=str(one.id),
            hint=say("Make the saved reply “{name}” the draft", name=one.name),
            in_menu=excerpt(one.name, 40),
        )
        for one in facts.saved[:MOST_SAVED]
    )
    if facts.draft is None:
        return use
    hint = say("Give this draft a name, and cards in its language offer it")
    keep = Action(
        ActionName.KEEP, say("Keep as saved reply…"), group=Group.SAVED, ask=Ask.LINE, hint=hint
    )
    return (*use, keep)


def publish_label(policy: ApprovalPolicy, speech: Speech) -> str:
    """The button says what it does."""
    is_enough = policy.needed == 1 and not policy.four_eyes
    return speech.say("Publish") if is_enough else speech.say("Approve")


def editor_label(
    policy: ApprovalPolicy, role: Role, speech: Speech, *, is_shadow: bool = False
) -> str:
    """What the editor's button does for a person of this role, who is then the words' author."""
    if policy.four_eyes or not role.includes(policy.role):
        return speech.say("Ask for approval")
    if is_shadow:
        return speech.say("Approve")
    if policy.alone is not None and role.includes(policy.alone):
        return speech.say("Publish")
    return publish_label(policy, speech)


def _publish(facts: ItemFacts) -> tuple[Action, ...]:
    if facts.draft is None or facts.is_watch_only:
        return ()
    if facts.is_shadow:
        label = facts.speech.say("Approve")
        hint = facts.speech.say("Record the draft as it would be published; nothing leaves")
        return (Action(ActionName.APPROVE, label, style=Style.PRIMARY, hint=hint),)
    label = publish_label(facts.policy, facts.speech)
    hint = facts.speech.say(
        "Publish the draft on {network} as {account}",
        network=facts.network,
        account=facts.account_name,
    )
    return (Action(ActionName.APPROVE, label, style=Style.PRIMARY, hint=hint),)


def _team(facts: ItemFacts) -> tuple[Action, ...]:
    same = _standing(facts.speech)
    is_raised = facts.raised is not None and facts.raised.is_open
    take = () if facts.assignee else (same.take,)
    question = () if facts.practice else (*consults(facts), _question(facts))
    escalate = () if is_raised or facts.practice else (same.escalate,)
    kept = promise_actions(facts)
    return (*take, same.give, *question, *kept, same.note, same.label, *escalate)


def _question(facts: ItemFacts) -> Action:
    first, same = first_asked(facts), _standing(facts.speech).question
    return replace(same, first=first) if first else same


def _moderate(facts: ItemFacts) -> tuple[Action, ...]:
    if facts.lets_nothing_leave:
        return ()
    item = facts.item
    return _moderation(
        facts.network,
        frozenset(facts.cannot),
        facts.speech,
        is_liked=item.is_liked,
        is_hidden=item.is_hidden,
    )


@lru_cache(256)
def _moderation(
    network: str,
    cannot: frozenset[Capability],
    speech: Speech,
    *,
    is_liked: bool,
    is_hidden: bool,
) -> tuple[Action, ...]:
    """The same on most cards of a network in one language."""
    say = speech.say
    offered = [
        (Capability.LIKE, ModerationAction.UNLIKE if is_liked else ModerationAction.LIKE, ""),
        (Capability.HIDE, ModerationAction.UNHIDE if is_hidden else ModerationAction.HIDE, ""),
        (Capability.SPAM, ModerationAction.SPAM, say("Mark this as spam and remove it from view?")),
        (
            Capability.DELETE,
            ModerationAction.DELETE,
            say("Delete this on {network} for good?", network=network),
        ),
    ]
    return tuple(
        Action(
            ActionName.MODERATE,
            say(_MODERATION[act]),
            style=Style.DANGER if confirm else Style.PLAIN,
            group=Group.MODERATE,
            argument=act.value,
            confirm=confirm,
        )
        for capability, act, confirm in offered
        if capability not in cannot
    )


def _delete_own(facts: ItemFacts) -> tuple[Action, ...]:
    publication, say = facts.publication, facts.speech.say
    if facts.lets_nothing_leave or Capability.DELETE_OWN in facts.cannot:
        return ()
    if publication is None or not publication.receipt:
        return ()
    return (
        Action(
            ActionName.MODERATE,
            say("Delete our reply"),
            style=Style.DANGER,
            group=Group.MODERATE,
            argument=ModerationAction.DELETE_OWN.value,
            confirm=say(
                "Delete our reply on {network}? It cannot be brought back.",
                network=facts.network,
            ),
        ),
    )
