"""What the card of an incident shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from bot.cards.facts import IncidentFacts
from bot.model.ids import IncidentId, MemberId, Moment
from bot.model.incident import AlertKind, Escalation, Incident, IncidentState
from bot.model.member import ChatIdentity, Member
from bot.model.oncall import OnCall
from bot.model.paging import Page, PageState
from bot.model.signal import WatchRule
from bot.services.escalating import next_step
from bot.services.heeding import borne
from bot.services.item_facts import raised_of
from bot.services.lines import Lines
from bot.services.raising import managers
from bot.services.rising import clusters, curve
from bot.store.cards import CardRow
from bot.store.tx import Tx


def incident_facts(
    tx: Tx, card: CardRow, lines: Lines, oncall: OnCall, watch: WatchRule, now: Moment
) -> IncidentFacts:
    incident = tx.incidents.get(IncidentId(card.subject_id))
    pages = [
        one for one in tx.pages.of_incident(incident.id) if one.created_at >= incident.fired_at
    ]
    escalation = tx.escalations.of_incident(incident.id) if _is_by_hand(incident) else None
    return IncidentFacts(
        token=card.token,
        revision=card.revision,
        incident=incident,
        account=_account(tx, incident),
        samples=tx.incidents.samples(incident.id),
        networks=_networks(tx, incident, lines),
        on_call=tuple(dict.fromkeys(_name(tx, one) for one in pages if _wakes_somebody(one))),
        next_names=_next_names(tx, oncall, incident),
        delivered=tuple(
            dict.fromkeys(
                (_name(tx, one), one.routes[one.route])
                for one in pages
                if one.state is PageState.DELIVERED and one.role is None
            )
        ),
        undelivered=_undelivered(tx, incident, pages),
        now=now,
        clusters=clusters(tx, incident.id),
        borne=None if incident.verdict is None else borne(tx, watch, incident, now),
        curve=tuple(curve(tx, incident, now)),
        lead=_member(tx, incident.lead_id),
        comms=_member(tx, incident.comms_id),
        scribe=_member(tx, incident.scribe_id),
        acknowledged_by=_member(tx, incident.acknowledged_by),
        resolved_by=_member(tx, incident.resolved_by),
        raised=None if escalation is None else raised_of(tx, escalation),
        called=_called(tx, incident, escalation),
    )


def _called(
    tx: Tx, incident: Incident, escalation: Escalation | None
) -> tuple[tuple[Member, tuple[ChatIdentity, ...]], ...]:
    """The managers, while an item that was escalated waits and nobody is paged for it."""
    if escalation is None or incident.policy or incident.state is not IncidentState.FIRING:
        return ()
    called = managers(tx, incident, _member(tx, escalation.member_id))
    return tuple((one, tuple(tx.people.identities(one.id))) for one in called)


def _wakes_somebody(page: Page) -> bool:
    return page.member_id is not None and page.role is None


def _is_by_hand(incident: Incident) -> bool:
    return incident.kind is AlertKind.ESCALATED


def _networks(tx: Tx, incident: Incident, lines: Lines) -> tuple[tuple[str, int], ...]:
    found: Counter[str] = Counter()
    for account_id, count in tx.incidents.accounts(incident.id):
        found[lines.title(tx.accounts.get(account_id))] += count
    return tuple(found.most_common())


def _account(tx: Tx, incident: Incident) -> str:
    if incident.account_id is None:
        return ""
    account = tx.accounts.get(incident.account_id)
    return account.name or account.slug


def _next_names(tx: Tx, oncall: OnCall, incident: Incident) -> tuple[str, ...] | None:
    if incident.state is not IncidentState.FIRING or incident.next_at is None:
        return None
    step = next_step(tx, oncall, incident, incident.next_at)
    return None if step is None else tuple(one.name for one in step.members)


def _undelivered(tx: Tx, incident: Incident, pages: Sequence[Page]) -> tuple[tuple[str, str], ...]:
    """While it fires; afterwards nobody waits for them any more."""
    if incident.state is not IncidentState.FIRING:
        return ()
    return tuple((_name(tx, one), one.says) for one in pages if one.is_undelivered)


def _name(tx: Tx, page: Page) -> str:
    member = _member(tx, page.member_id)
    return "" if member is None else member.name


def _member(tx: Tx, member_id: MemberId | None) -> Member | None:
    return None if member_id is None else tx.people.get(member_id)
