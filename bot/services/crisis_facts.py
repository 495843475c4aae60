"""What the card of a crisis shows: counted anew whenever it is drawn."""

from __future__ import annotations

from bot.cards.facts import CrisisFacts, UpdateFacts
from bot.model.approval import Shortage, demands
from bot.model.bulk import BulkVerb
from bot.model.crisis import Crisis, CrisisState, Level, raised
from bot.model.ids import CrisisId, MemberId, Moment, UpdateId
from bot.model.member import Member
from bot.services.crises import shortages_of
from bot.services.deciding import DeskRules
from bot.store.cards import CardRow
from bot.store.tx import Tx


def crisis_facts(tx: Tx, card: CardRow, rules: DeskRules, now: Moment) -> CrisisFacts:
    crisis = tx.crises.get(CrisisId(card.subject_id))
    is_live = crisis.state in {CrisisState.PROPOSED, CrisisState.ON}
    held, brand_id = tx.held_posts, crisis.brand_id
    posts = held.pending(brand_id) if is_live else held.undecided(brand_id, card.id)
    answers = tx.crises.bulks(crisis.brand_id, BulkVerb.ANSWER.value) if is_live else []
    return CrisisFacts(
        token=card.token,
        revision=card.revision,
        crisis=crisis,
        brand=tx.accounts.brand(crisis.brand_id).name,
        posts=tuple(posts),
        away=len(tx.crises.on_their_way(crisis.brand_id)) if is_live else 0,
        answers=len(answers),
        approvals=tuple(
            (usual, raised(usual.policy, crisis.level))
            for usual in demands(rules.policies)
            if len(usual.risks) < 2
        ),
        statements=tuple(tx.holding.usable(crisis.brand_id, now)) if is_live else (),
        sums=_too_strict(tx, crisis, rules),
        proposed_by=tx.people.get(crisis.proposed_by),
        lead=_member(tx, crisis.lead_id),
        started_by=_member(tx, crisis.started_by),
        ended_by=_member(tx, crisis.ended_by),
    )


def update_facts(tx: Tx, card: CardRow) -> UpdateFacts:
    update = tx.stakeholder_updates.get(UpdateId(card.subject_id))
    crisis = tx.crises.get(update.crisis_id)
    lead = _member(tx, crisis.lead_id)
    return UpdateFacts(
        token=card.token,
        revision=card.revision,
        update=update,
        brand=tx.accounts.brand(crisis.brand_id).name,
        lead=lead,
        called=() if lead is None else tuple(tx.people.identities(lead.id)),
        sent_by=_member(tx, update.sent_by),
    )


def _too_strict(tx: Tx, crisis: Crisis, rules: DeskRules) -> tuple[Shortage, ...]:
    """Why approvals are not raised by one approver, while that is asked."""
    if crisis.state is not CrisisState.PROPOSED or crisis.level is Level.ONE_MORE:
        return ()
    return tuple(shortages_of(tx, crisis.brand_id, rules.policies, Level.ONE_MORE))


def _member(tx: Tx, member_id: MemberId | None) -> Member | None:
    return None if member_id is None else tx.people.get(member_id)
