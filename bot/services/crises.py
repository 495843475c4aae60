"""Crisis mode: proposed, started, ended, and what becomes of what it held.

It is a state of a brand with a card of its own. Whatever follows from it is read where it matters,
and nothing is copied: the last commit before the network asks `held`, the approvals ask
`policing`, work on many at once asks whether it is on.

    propose    a card shows what would be held, and asks once
    start      from this commit on no planned post enters `sending`; the answer names what had
    end        what still waits is written down, and asked about one by one
    decide     one press each; what nobody decides about stays
"""

from __future__ import annotations

from typing import Any

from bot.cards.crisis_view import shortage_words
from bot.cards.kinds import CardKind
from bot.model import commands as c
from bot.model.approval import Policies, Shortage
from bot.model.bulk import BulkVerb
from bot.model.commands import Outcome, OutcomeKind
from bot.model.crisis import Crisis, CrisisMoment, CrisisState, Level, raised
from bot.model.event import EventKind, Subject
from bot.model.ids import BrandId, CrisisId, IncidentId, MemberId
from bot.model.text import excerpt
from bot.services import bulk, stakeholder_updates
from bot.services.deciding import Deciding, ago, done, refused, taker_of
from bot.services.policing import shortages
from bot.services.routing import channel_at, land_apart
from bot.speech.speech import marked
from bot.store.cards import CardRow
from bot.store.tx import Tx

MOST_NAMED = 20
"""Of what was on its way already; the rest is counted."""
NOT_ON = marked("Crisis mode is not on.")


def propose(deciding: Deciding, command: c.ProposeCrisis) -> Outcome:
    """A card that shows what crisis mode would hold; nothing is held by it."""
    tx, brand_id = deciding.tx, deciding.member.brand_id
    running = tx.crises.on(brand_id)
    if running is not None:
        return _is_on(deciding, running)
    level, objection = _level(deciding, command.level)
    if objection is not None:
        return objection
    for old in tx.crises.in_state(brand_id, CrisisState.PROPOSED):
        tx.crises.note(old.id, state=CrisisState.DROPPED.value)
        _sign(deciding, old.id, CrisisMoment.DROPPED, "dropped this proposal")
    number = tx.crises.propose(
        brand_id, level, command.reason, _incident(tx, brand_id), deciding.member.id, deciding.now
    )
    tx.cards.add(brand_id, CardKind.CRISIS, [number], deciding.now)
    here = channel_at(tx, brand_id, command.chat, command.channel, command.topic)
    where = land_apart(tx, brand_id, CardKind.CRISIS, number, here, deciding.now)
    _sign(deciding, number, CrisisMoment.PROPOSED, "asked whether to start crisis mode")
    token = tx.cards.of(CardKind.CRISIS, number).token
    says = deciding.speech.say("Nothing is held yet: the card says what will be, and asks once.")
    if where:
        named = deciding.speech.say("It stands in {channels}.", channels=", ".join(where))
        says = f"{says} {named}"
    return done(says, note=token)


def drop(deciding: Deciding, card: CardRow) -> Outcome:
    crisis = deciding.tx.crises.get(CrisisId(card.subject_id))
    if crisis.state is not CrisisState.PROPOSED:
        return refused("This is no proposal any more. Look at the card again.")
    deciding.tx.crises.note(crisis.id, state=CrisisState.DROPPED.value)
    _sign(deciding, crisis.id, CrisisMoment.DROPPED, "dropped this proposal")
    return done("Dropped. Nothing was held.")


def start(deciding: Deciding, card: CardRow) -> Outcome:
    """No planned post of the brand enters `sending` once this has committed."""
    tx, brand_id = deciding.tx, deciding.member.brand_id
    tx.crises.lock(brand_id)
    running = tx.crises.on(brand_id)
    if running is not None:
        return _is_on(deciding, running)
    crisis = tx.crises.get(CrisisId(card.subject_id))
    if crisis.state is not CrisisState.PROPOSED:
        return refused("This proposal is over. Propose crisis mode again.")
    sums = _sums(deciding, crisis.level)
    if sums:
        return refused(" ".join(sums))
    stopped = tx.crises.bulks(brand_id, BulkVerb.ANSWER.value)
    called_off = sum(bulk.halt(deciding, one) for one in stopped)
    # touching the accounts waits for a sender that holds the lock of one
    tx.accounts.touch(brand_id)
    held, away = tx.held_posts.pending(brand_id), tx.crises.on_their_way(brand_id)
    gone = {one.publication_id for one in away}
    held = [one for one in held if not gone.issuperset(one.publications)]
    tx.crises.note(
        crisis.id,
        state=CrisisState.ON.value,
        started_by=deciding.member.id,
        started_at=deciding.now,
        lead_id=deciding.member.id,
    )
    facts = {"held": len(held), "away": len(away), "stopped": len(stopped), "off": called_off}
    _sign(deciding, crisis.id, CrisisMoment.STARTED, "started crisis mode", **facts)
    named = [f"{one.account}: “{excerpt(one.text, 60)}”" for one in away]
    return done(_started(deciding, len(held), len(stopped), called_off, named))


def _started(deciding: Deciding, held: int, stopped: int, called_off: int, away: list[str]) -> str:
    say, plural = deciding.speech.say, deciding.speech.plural
    says = [
        say("Crisis mode is on."),
        plural("{count} planned post is held.", "{count} planned posts are held.", held),
    ]
    if stopped:
        answers = say("Answers to many at once were stopped.")
        off = plural(
            "{count} reply was called off.", "{count} replies were called off.", called_off
        )
        says.append(f"{answers} {off}")
    if not away:
        return " ".join((*says, say("Nothing was on its way.")))
    says.append(
        plural(
            "{count} was already on its way and is not stopped.",
            "{count} were already on their way and are not stopped.",
            len(away),
        )
    )
    more = len(away) - MOST_NAMED
    says += away[:MOST_NAMED]
    return " ".join((*says, say("and {count} more", count=more)) if more > 0 else says)


def end(deciding: Deciding, command: c.EndCrisis) -> Outcome:
    """What still waits is asked about; nothing goes out by itself."""
    tx, brand_id = deciding.tx, deciding.member.brand_id
    tx.crises.lock(brand_id)
    crisis = tx.crises.on(brand_id)
    if crisis is None:
        return refused(NOT_ON)
    card = tx.cards.of(CardKind.CRISIS, crisis.id)
    if command.token is not None and command.token != card.token:
        return refused("This one is over already. Look at the card of the one that is on.")
    stakeholder_updates.miss(tx, crisis, deciding.now)
    tx.due.drop(stakeholder_updates.due_key(crisis.id))
    tx.accounts.touch(brand_id)
    held = tx.held_posts.pending(brand_id)
    tx.held_posts.hold(card.id, [part for one in held for part in one.publications])
    tx.crises.note(
        crisis.id,
        state=CrisisState.OVER.value,
        ended_by=deciding.member.id,
        ended_at=deciding.now,
    )
    _sign(deciding, crisis.id, CrisisMoment.ENDED, "ended crisis mode", held=len(held))
    says = deciding.speech.say("Crisis mode is over.")
    rest = deciding.speech.say("Nothing was held.")
    if held:
        rest = deciding.speech.plural(
            "{count} planned post was held; its card asks what becomes of it.",
            "{count} planned posts were held; the card asks about each, and none leaves by itself.",
            len(held),
        )
    return done(f"{says} {rest}", note=card.token)


def take(deciding: Deciding, card: CardRow) -> Outcome:
    return _lead(deciding, card, deciding.member.id, deciding.member.name)


def give_to(deciding: Deciding, card: CardRow, slug: str) -> Outcome:
    taker = taker_of(deciding, slug)
    if isinstance(taker, Outcome):
        return taker
    return _lead(deciding, card, taker.id, taker.name)


def _lead(deciding: Deciding, card: CardRow, member_id: MemberId, name: str) -> Outcome:
    crisis = deciding.tx.crises.get(CrisisId(card.subject_id))
    if crisis.state is not CrisisState.ON:
        return refused(NOT_ON)
    deciding.tx.crises.note(crisis.id, lead_id=member_id)
    how = "took this" if member_id == deciding.member.id else f"gave this to {name}"
    _sign(deciding, crisis.id, CrisisMoment.LED, how, name=name)
    return done(deciding.speech.say("{name} has it now.", name=name))


# What approvals ask for meanwhile


def _level(deciding: Deciding, wanted: Level | None) -> tuple[Level, Outcome | None]:
    """The one that was asked for, else the strictest that the team can satisfy."""
    if wanted is None:
        levels = (level for level in Level if not _sums(deciding, level))
        return next(levels, Level.SAME), None
    sums = _sums(deciding, wanted)
    return wanted, refused(" ".join(sums)) if sums else None


def _sums(deciding: Deciding, level: Level) -> list[str]:
    tx, brand_id = deciding.tx, deciding.member.brand_id
    if level is Level.SAME:
        return []
    short = shortages_of(tx, brand_id, deciding.rules.policies, level)
    return [shortage_words(one, deciding.speech) for one in short]


def shortages_of(tx: Tx, brand_id: BrandId, policies: Policies, level: Level) -> list[Shortage]:
    """Where these members cannot satisfy the raised policies; empty if they can."""
    lifted = {subject: raised(policy, level) for subject, policy in policies.items()}
    return shortages(lifted, tx.people.of_brand(brand_id))


def _is_on(deciding: Deciding, crisis: Crisis) -> Outcome:
    assert crisis.started_by is not None
    assert crisis.started_at is not None
    seconds = max(0, deciding.now - crisis.started_at) // 1000
    says = deciding.speech.say(
        "{name} started crisis mode {ago}; it is on. Its card ends it.",
        name=deciding.tx.people.get(crisis.started_by).name,
        ago=ago(seconds, deciding.speech),
    )
    return Outcome(OutcomeKind.STALE, says)


def _incident(tx: Tx, brand_id: BrandId) -> IncidentId | None:
    """The gravest that is open, the latest of them."""
    opened = tx.incidents.open_in(brand_id)
    return min(opened, key=lambda one: (one.severity, -one.id)).id if opened else None


def _sign(
    deciding: Deciding, crisis_id: CrisisId, what: CrisisMoment, how: str, **facts: Any
) -> None:
    tx, member, now = deciding.tx, deciding.member, deciding.now
    tx.crises.happened(crisis_id, what, now, member.id, **facts)
    tx.cards.turn(CardKind.CRISIS, crisis_id, now, how=how, by=member.id)
    tx.events.add(
        EventKind.CRISIS_CHANGED,
        member.brand_id,
        Subject.CRISIS,
        crisis_id,
        now,
        member_id=member.id,
        how=how,
    )
    deciding.audit(f"crisis_{what.value}", tx.cards.of(CardKind.CRISIS, crisis_id), **facts)
