"""Reports: what came in during some days, what became of it, and how that was before.

Days are those of whoever reads, from midnight to midnight by their clock, so the day on which
clocks change has 23 or 25 hours. What is only for practice, and what is older than the desk, is no
part of it; nor is what stands in a private channel that the reader is not in. What each figure
counts is said in docs/howto/read-a-report.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import TypeVar
from zoneinfo import ZoneInfo

from bot.cards.pages import ReportPage, ReportQuery
from bot.model.account import PRACTICE_SLUG, Account
from bot.model.audience import Sight
from bot.model.ids import SECOND, Moment
from bot.model.item import ItemState
from bot.model.member import Member
from bot.model.report import Figures, Report, Span, Stretch
from bot.services.sight import sight_of
from bot.speech.speech import speech_in
from bot.store.reports import Asked, Came
from bot.store.tx import Tx

MOST = 5
"""Of the most frequent that are named."""

_OPEN = frozenset({ItemState.NEW, ItemState.OPEN, ItemState.ANSWERING})
_NOT_NEEDED = frozenset({ItemState.CLOSED, ItemState.QUIET})

T = TypeVar("T")


def page(tx: Tx, member: Member, query: ReportQuery, now: Moment) -> ReportPage:
    """For every member; an account that there is not is said."""
    speech = speech_in(member.tongue.language)
    brand = tx.accounts.brand(member.brand_id)
    zone = member.tongue.zone or brand.zone
    every = [one for one in tx.accounts.of_brand(brand.id) if one.slug != PRACTICE_SLUG]
    wanted = [one for one in every if query.account in {"", one.slug}]
    if query.account and not wanted:
        names = ", ".join(one.slug for one in every)
        says = speech.say(
            "There is no account called {name}. There are: {names}.",
            name=repr(query.account[:40]),
            names=names,
        )
        return ReportPage(None, brand.name, query.account, zone, says, speech)
    now_on, before = stretches(query.span, now, ZoneInfo(zone))
    sight = sight_of(tx, member, query.among)
    report = _report(tx, member, sight, wanted, query.span, (now_on, before), now)
    return ReportPage(report, brand.name, query.account, zone, "", speech)


def stretches(span: Span, now: Moment, zone: tzinfo) -> tuple[Stretch, Stretch]:
    """The days of the span up to now, and as many before them up to this time of the day."""
    here = datetime.fromtimestamp(now / SECOND, UTC).astimezone(zone)
    first = here.date() - timedelta(days=span.days - 1)
    earlier = timedelta(days=span.days)
    began = datetime.combine(first, time(), zone)
    began_before = datetime.combine(first - earlier, time(), zone)
    ended_before = datetime.combine(here.date() - earlier, here.time(), zone)
    return (
        Stretch(_moment(began), Moment(now + 1)),
        Stretch(_moment(began_before), Moment(_moment(ended_before) + 1)),
    )


def _moment(at: datetime) -> Moment:
    return Moment(round(at.timestamp() * SECOND))


def _report(
    tx: Tx,
    member: Member,
    sight: Sight | None,
    accounts: list[Account],
    span: Span,
    stretched: tuple[Stretch, Stretch],
    now: Moment,
) -> Report:
    ids = [one.id for one in accounts]
    asked, earlier = (Asked(member.brand_id, ids, one, sight) for one in stretched)
    came = tx.reports.came(asked)
    names = {one.id: one.name or one.slug for one in accounts}
    intents, risks = tx.reports.said(asked)
    return Report(
        span=span,
        stretch=asked.stretch,
        now=_figures(tx, asked, came, now),
        before=_figures(tx, earlier, tx.reports.came(earlier), now),
        kinds=_most((one.kind, one.many) for one in came),
        accounts=_most((names[one.account_id], one.many) for one in came),
        labels=_most((one.value.replace("_", " "), many) for one, many in intents.items()),
        own=_most(tx.reports.called(asked)),
        risks=_most((one.value, many) for one, many in risks.items()),
        busiest=tx.reports.busiest(asked),
    )


def _figures(tx: Tx, asked: Asked, came: list[Came], now: Moment) -> Figures:
    stands: Counter[ItemState] = Counter()
    for one in came:
        stands[one.state] += one.many
    in_time, late = tx.reports.goals(asked, now)
    return Figures(
        came=stands.total(),
        answered=stands[ItemState.ANSWERED],
        not_needed=sum(stands[state] for state in _NOT_NEEDED),
        open=sum(stands[state] for state in _OPEN),
        gone=stands[ItemState.GONE],
        first=tx.reports.first_replies(asked),
        posts=tx.reports.posts(asked),
        in_time=in_time,
        late=late,
    )


def _most(counted: Iterable[tuple[T, int]]) -> tuple[tuple[T, int], ...]:
    """Each once, most frequent first; what is as frequent in the order of its name."""
    sums: Counter[T] = Counter()
    for what, many in counted:
        sums[what] += many
    return tuple(sorted(sums.items(), key=lambda one: (-one[1], str(one[0])))[:MOST])
