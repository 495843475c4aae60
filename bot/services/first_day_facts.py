"""What the card of an account's first day shows."""

from __future__ import annotations

from statistics import median

from bot.cards.facts import FirstDayFacts
from bot.model.ids import AccountId
from bot.model.peak import ASKS, TOLD, Peak
from bot.services.lines import Lines
from bot.store.cards import CardRow
from bot.store.tx import Tx

SHOWN = 3
"""Of those that wait, the newest."""


def first_day_facts(tx: Tx, card: CardRow, peak: Peak, lines: Lines) -> FirstDayFacts:
    account = tx.accounts.get(AccountId(peak.rolling.about))
    counts = {one.key: one.count for one in tx.peaks.clusters(peak.id)}
    times = tx.backlogs.reply_times(peak.id, TOLD)
    return FirstDayFacts(
        token=card.token,
        revision=card.revision,
        peak=peak,
        account_name=account.name or account.slug,
        network=lines.title(account),
        comments=sum(counts.values()),
        unanswered=counts.get(ASKS, 0),
        waiting=tx.backlogs.waiting(peak.id, ASKS),
        shown=tuple(tx.backlogs.first(peak.id, ASKS, SHOWN)),
        median=round(median(times)) if times else None,
        is_shadow=account.is_shadow,
        is_watch_only=account.is_watch_only,
        bulks=tuple(tx.bulks.running(peak.id)),
    )
