"""A report as people read it, line by line, the same in every chat and on its page.

(nothing)       today
SPAN            day, week or month
SPAN ACCOUNT    of one account, by its short name
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import tzinfo

from bot.cards.pages import ReportPage, ReportQuery
from bot.model.ids import DAY, HOUR, MINUTE, SECOND
from bot.model.item import ItemKind
from bot.model.report import Figures, Report, Span
from bot.speech.speech import Speech, marked
from handlers.moments import day_and_time, local_time

HOW = marked("Write: report day, report week or report month, then an account if you want one.")
SPANS = {
    Span.DAY: marked("Today, from {since} until now"),
    Span.WEEK: marked("The last 7 days, from {since} until now"),
    Span.MONTH: marked("The last 30 days, from {since} until now"),
}
BEFORE = {
    Span.DAY: marked("In brackets: yesterday until this time"),
    Span.WEEK: marked("In brackets: the 7 days before, until this time"),
    Span.MONTH: marked("In brackets: the 30 days before, until this time"),
}
_KINDS = {
    ItemKind.COMMENT: marked("comment"),
    ItemKind.MENTION: marked("mention"),
    ItemKind.REPLY: marked("reply"),
    ItemKind.REVIEW: marked("review"),
    ItemKind.MESSAGE: marked("message"),
    ItemKind.POST: marked("post"),
}
_RISKS = {
    "safety": marked("safety risk"),
    "legal": marked("legal risk"),
    "privacy": marked("privacy risk"),
    "press": marked("press risk"),
    "abuse": marked("abuse"),
}


def read(words: Sequence[str]) -> ReportQuery:
    """ValueError for what is no report."""
    if len(words) > 2:
        raise ValueError("a report takes a span and an account")
    if not words:
        return ReportQuery()
    return ReportQuery(Span(words[0].lower()), words[1] if len(words) > 1 else "")


def titled(page: ReportPage, zone: tzinfo) -> str:
    """What the report is of."""
    assert page.report is not None
    since = day_and_time(local_time(page.report.stretch.since, zone), page.speech)
    title = page.speech.say(SPANS[page.report.span], since=since)
    return f"{page.account or page.brand} · {title}"


def listed(page: ReportPage, zone: tzinfo) -> list[str]:
    """What it says; of nothing that it is nothing."""
    report, speech = page.report, page.speech
    if report is None:
        return [page.trouble]
    return [
        *_lines(report, speech, zone),
        speech.say("Times are shown for {zone}.", zone=page.zone),
    ]


def _lines(report: Report, speech: Speech, zone: tzinfo) -> Iterator[str]:
    say, number = speech.say, speech.number
    now, before = report.now, report.before
    yield say(BEFORE[report.span])
    yield say("Came in: {count} ({before})", count=number(now.came), before=number(before.came))
    if report.kinds:
        kinds = [(say(_KINDS[kind]), many) for kind, many in report.kinds]
        yield say("By kind: {list}", list=_counted(kinds, speech))
        yield say("By account: {list}", list=_counted(report.accounts, speech))
    yield from _outcomes(now, before, speech)
    yield from _replies(now, before, speech)
    yield say(
        "Posts published: {count} ({before})", count=number(now.posts), before=number(before.posts)
    )
    if report.labels:
        labels = [(say(label), many) for label, many in report.labels]
        yield say("Most about: {list}", list=_counted(labels, speech))
    if report.own:
        yield say("Labels of the team: {list}", list=_counted(report.own, speech))
    if report.risks:
        risks = [(say(_RISKS[risk]), many) for risk, many in report.risks]
        yield say("Risks: {list}", list=_counted(risks, speech))
    if report.busiest is not None:
        at = day_and_time(local_time(report.busiest[0], zone), speech)
        count = number(report.busiest[1])
        yield say("Busiest hour: from {when}, {count}", when=at, count=count)


def _outcomes(now: Figures, before: Figures, speech: Speech) -> Iterator[str]:
    pairs = (
        (marked("Answered: {count} ({before})"), now.answered, before.answered),
        (marked("No reply needed: {count} ({before})"), now.not_needed, before.not_needed),
        (marked("Still open: {count} ({before})"), now.open, before.open),
        (marked("Deleted by their authors: {count} ({before})"), now.gone, before.gone),
    )
    for words, count, earlier in pairs:
        yield speech.say(words, count=speech.number(count), before=speech.number(earlier))


def _replies(now: Figures, before: Figures, speech: Speech) -> Iterator[str]:
    say = speech.say
    if now.first.median is None or now.first.ninetieth is None:
        yield say("Nobody has a first reply yet.")
    else:
        earlier = before.first.median
        yield say(
            "Time to first reply: half within {median} ({before}), nine of ten within {most}",
            median=lasted(now.first.median, speech),
            before="–" if earlier is None else lasted(earlier, speech),
            most=lasted(now.first.ninetieth, speech),
        )
    judged = now.in_time + now.late
    if judged:
        share = round(100 * now.in_time / judged)
        yield say(
            "Within the reply goal: {share} % of {count}", share=share, count=speech.number(judged)
        )


def lasted(milliseconds: int, speech: Speech) -> str:
    """In the largest unit of which there are two, rounded down."""
    units = (
        (DAY, marked("{count} d")),
        (HOUR, marked("{count} h")),
        (MINUTE, marked("{count} min")),
    )
    for unit, words in units:
        if milliseconds >= 2 * unit:
            return speech.say(words, count=speech.number(milliseconds // unit))
    return speech.say("{count} s", count=speech.number(milliseconds // SECOND))


def _counted(pairs: Sequence[tuple[str, int]], speech: Speech) -> str:
    return ", ".join(f"{name} {speech.number(many)}" for name, many in pairs)
