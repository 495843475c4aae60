"""What a person sets: how often a week they may be wrong to hear of it.

On quiet days of five brands, with the real storms cut out, the number of times a week that a score
above z was said once (`rearm`) fell from 1.7 a week at z = 0.9 to 0.09 at 2.2, by e^2.41 for each
step of z:

    false a week = e^(2.41 * (1.2 - z))        so        z = 1.2 - ln(false a week) / 2.41

The score is in spreads of the brand's own days, so one line does for all of them; it holds for a
stream, and a brand with three streams hears a little more.
"""

from __future__ import annotations

import math

SCORE_AT_ONE_A_WEEK = 1.2
STEEPNESS = 2.41
LEAST_A_WEEK, MOST_A_WEEK = 0.02, 20.0

FALSE_PAGES_A_WEEK = 0.25
FALSE_NOTICES_A_WEEK = 1.0


def moved(asked: float, late: int, needless: int) -> float:
    """False alarms a week to bear after so many verdicts: two of a kind double or halve it, four
    or more make it four times or a quarter; never outside of what was measured.
    """
    times = 2 ** max(-2.0, min(2.0, (late - needless) / 2))
    return max(LEAST_A_WEEK, min(MOST_A_WEEK, asked * times))


def threshold(false_a_week: float) -> float:
    """The score from which to speak. ValueError outside of what was measured, about."""
    if not LEAST_A_WEEK <= false_a_week <= MOST_A_WEEK:
        raise ValueError(
            f"{false_a_week:g} a week cannot be promised: choose from {LEAST_A_WEEK:g} "
            f"(once a year) to {MOST_A_WEEK:g} (three a day)"
        )
    return SCORE_AT_ONE_A_WEEK - math.log(false_a_week) / STEEPNESS
