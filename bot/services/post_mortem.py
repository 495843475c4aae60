"""The post-mortem of an incident as Markdown: what the desk knows, and room for what people know.

What others wrote is quoted with every sign of Markdown disarmed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from bot.cards.card import plain
from bot.cards.incident_view import SEVERITIES, TITLES, VERDICTS
from bot.model.ids import SECOND, IncidentId, MemberId, Moment
from bot.model.incident import Incident
from bot.model.oncall import local
from bot.model.text import excerpt
from bot.services import timeline
from bot.speech.speech import ENGLISH
from bot.store.tx import Tx

_SIGNS = re.compile(r"([\\`*_{}\[\]<>()#+\-.!|~&])")
LONGEST = 600
"""Characters of one quoted item."""


def markdown(tx: Tx, incident_id: IncidentId) -> str | None:
    """None when there is no such incident."""
    incident = tx.incidents.maybe(incident_id)
    if incident is None:
        return None
    return "\n".join(_lines(tx, incident, tx.accounts.brand(incident.brand_id).zone)) + "\n"


def _lines(tx: Tx, incident: Incident, zone: str) -> Iterator[str]:
    yield f"# Incident {incident.id}: {TITLES[incident.kind]}"
    yield ""
    yield from _facts(tx, incident, zone)
    yield from ("", "## What was said first", "")
    for sample in tx.incidents.samples(incident.id):
        told = " ".join(excerpt(sample.text, LONGEST).split())
        yield f"> {inert(told)}"
        link = f" <{sample.permalink}>" if _is_link(sample.permalink) else ""
        yield f"> — {inert(excerpt(sample.author, 60))}{link}"
        yield ""
    yield from ("## Timeline", "", f"Times are of {zone}.", "")
    for line in timeline.lines(tx, incident.id, ENGLISH):
        yield f"* {_stamp(line.at, zone):%Y-%m-%d %H:%M:%S} {inert(plain(line.spans))}"
    yield from ("", "## Pages", "", "| who | route | tries | arrived after |", "|---|---|---|---|")
    for page in tx.pages.of_incident(incident.id):
        who = "" if page.member_id is None else tx.people.get(page.member_id).name
        arrived = "not delivered"
        if page.delivered_at is not None:
            arrived = f"{(page.delivered_at - page.created_at) / SECOND:.1f} s"
        route = page.routes[page.route] if page.routes else ""
        yield f"| {inert(who)} | {inert(route)} | {page.tries} | {arrived} |"
    for title in ("What happened", "What went well", "What to change, who, until when"):
        yield from ("", f"## {title}", "", "…")


def _facts(tx: Tx, incident: Incident, zone: str) -> Iterator[str]:
    def named(member_id: MemberId | None) -> str:
        return "nobody" if member_id is None else inert(tx.people.get(member_id).name)

    def when(at: Moment | None) -> str:
        return "never" if at is None else f"{_stamp(at, zone):%Y-%m-%d %H:%M:%S}"

    verdict = "not said" if incident.verdict is None else VERDICTS[incident.verdict]
    rows = {
        "severity": SEVERITIES[incident.severity].removeprefix("severity "),
        "opened": when(incident.opened_at),
        "acknowledged": f"{when(incident.acknowledged_at)}, by {named(incident.acknowledged_by)}",
        "resolved": f"{when(incident.resolved_at)}, by {named(incident.resolved_by)}",
        "lead": named(incident.lead_id),
        "communications": named(incident.comms_id),
        "scribe": named(incident.scribe_id),
        "how many": str(incident.count),
        "reach": str(incident.reach or "not known"),
        "right to wake us": verdict,
    }
    yield from ("| | |", "|---|---|")
    yield from (f"| {key} | {value} |" for key, value in rows.items())


def _stamp(at: Moment, zone: str) -> datetime:
    return local(at, zone)


def inert(text: str) -> str:
    """Nothing in it is Markdown or HTML any more."""
    return _SIGNS.sub(r"\\\1", text)


def _is_link(url: str) -> bool:
    return re.fullmatch(r"https?://[^\s<>]+", url) is not None
