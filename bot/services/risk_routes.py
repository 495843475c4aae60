"""Whom a risk is for: named on the card of whatever carries it, and asked with one press."""

from __future__ import annotations

from collections.abc import Mapping

from bot.cards.facts import Routed
from bot.model import commands as c
from bot.model.channel import Channel
from bot.model.commands import Outcome
from bot.model.item import UNDECIDED, Item
from bot.model.question import DueBy
from bot.model.risk_route import RiskRoute
from bot.model.triage import Risk, Triage
from bot.services.addressees import Addressee, addressee, name_of
from bot.services.deciding import Deciding, DeskRules, done, refused
from bot.services.handling import item_of
from bot.services.inquiring import due_moment, put_question, why_nothing_is_asked
from bot.store.cards import CardRow
from bot.store.tx import Tx


def routed(tx: Tx, rules: DeskRules, item: Item, triage: Triage | None) -> tuple[Routed, ...]:
    """For the risks of an item, in the order of gravity; who left the team is left out."""
    routes = _routes(tx, rules, item) if rules.risk_routes and triage is not None else {}
    risks = () if triage is None else triage.risks
    found = (_routed(tx, item, risk, routes[risk]) for risk in risks if risk in routes)
    return tuple(one for one in found if one.people or one.channel)


def consult(deciding: Deciding, card: CardRow, command: c.AskRoute) -> Outcome:
    """Ask all of them what may be said; whoever presses is not asked, nor who may not see it."""
    tx, item = deciding.tx, item_of(deciding, card)
    objection = why_nothing_is_asked(deciding, item)
    if objection is not None:
        return objection
    triage = tx.items.triage(item.id)
    route = _routes(tx, deciding.rules, item).get(command.risk)
    if route is None or triage is None or command.risk not in triage.risks:
        return refused("Nobody is named for this risk any more. Use Ask… and choose whom.")
    found = [addressee(deciding, card, to) for to in route.asks]
    asked: list[Addressee] = [one for one in found if not isinstance(one, Outcome)]
    if not asked:
        return next(one for one in found if isinstance(one, Outcome))
    words = deciding.speech.say("What may we say to this, and what must we not?")
    due = due_moment(deciding, item.brand_id, DueBy.HOURS)
    for one in asked:
        put_question(deciding, card, item, one, words, due)
    names = ", ".join(name_of(one) for one in asked)
    says = "Asked {names}, answer due in 4 hours. What they answer comes to this card."
    return done(deciding.speech.say(says, names=names))


def _routes(tx: Tx, rules: DeskRules, item: Item) -> Mapping[Risk, RiskRoute]:
    return rules.risk_routes.get(tx.accounts.brand(item.brand_id).slug, {})


def _routed(tx: Tx, item: Item, risk: Risk, route: RiskRoute) -> Routed:
    members = [tx.people.by_slug(item.brand_id, slug) for slug in route.people]
    people = [one for one in members if one is not None and one.is_active]
    calls = route.mention and item.state in UNDECIDED
    return Routed(
        risk,
        tuple((one, tuple(tx.people.identities(one.id)) if calls else ()) for one in people),
        _channel(tx, item, route),
        route.asks,
    )


def _channel(tx: Tx, item: Item, route: RiskRoute) -> Channel | None:
    found = (one for one in tx.channels.of_brand(item.brand_id) if one.slug == route.channel)
    return next(found, None)
