"""A card's counts as SVG: bars, and a line at what is usual; no style and no script in it."""

from __future__ import annotations

from markupsafe import Markup

from bot.cards.chart import Chart

WIDE, HIGH = 288, 56
GAP = 1


def svg(chart: Chart) -> Markup:
    """As wide as its place; the title is read to whoever cannot see it."""
    most = max([*chart.counts, chart.usual, 1])
    wide = WIDE / len(chart.counts)
    bars = Markup("").join(
        Markup('<rect x="{:.2f}" y="{:.2f}" width="{:.2f}" height="{:.2f}"/>').format(
            place * wide, HIGH - HIGH * count / most, wide - GAP, HIGH * count / most
        )
        for place, count in enumerate(chart.counts)
        if count
    )
    usual = HIGH - HIGH * chart.usual / most
    return Markup(
        '<svg class="card-chart" role="img" viewBox="0 0 {0} {1}" preserveAspectRatio="none">'
        '<title>{2}</title>{3}<line x1="0" x2="{0}" y1="{4:.2f}" y2="{4:.2f}"/></svg>'
    ).format(WIDE, HIGH, chart.title, bars, usual)
