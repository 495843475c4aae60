"""Standing by: what a start sees to, so that nobody is forgotten on call."""

from __future__ import annotations

from collections.abc import Sequence

from bot.model.due import NEVER_DEAD, Lane, NewDue
from bot.model.ids import MINUTE, Moment
from bot.services.alarms import escalate_due
from bot.store.tx import Tx

BEAT = "beat"
HEALTH = "health"


def set_on_call(tx: Tx, commands: Sequence[int | None]) -> list[None]:
    """`commands`: milliseconds between two heartbeats, or None without.

    The timer of every incident that waits is put where the incident says: a row that a clock set
    back left far away, or that somebody discarded, is there again.
    """
    now = tx.now()
    for every in commands:
        for incident in tx.incidents.waiting():
            policy_wait = incident.next_at if incident.next_at is not None else now
            tx.due.add([escalate_due(incident.id, policy_wait)])
        tx.due.drop_unlisted(BEAT, [] if every is None else [BEAT])
        if every is not None:
            tx.due.add([NewDue(BEAT, BEAT, Lane.PAGES, Moment(now), {}, every, NEVER_DEAD)])
            tx.due.retime(BEAT, every)
    return [None] * len(commands)


def set_on_guard(tx: Tx, commands: Sequence[None]) -> list[None]:
    """The one row that looks for silence, once a minute from now on."""
    now = tx.now()
    tx.due.add([NewDue(HEALTH, HEALTH, Lane.PAGES, now, {}, MINUTE, NEVER_DEAD)])
    tx.due.hurry(HEALTH, now)
    return [None] * len(commands)
