"""`python -m tests.benchmarks.compare OLD NEW`: what became better or worse, and what is noise.

A measure changed when the rounds of one result lie entirely beside those of the other and the
medians are more than five per cent apart; otherwise the difference is within noise.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tests.benchmarks.result import Measure, broken, load

SMALLEST = 0.05


def verdict(old: Measure, new: Measure) -> str:
    """`better`, `worse` or `within noise`."""
    apart = max(old.rounds) < min(new.rounds) or max(new.rounds) < min(old.rounds)
    larger = max(abs(old.value), abs(new.value))
    if not apart or larger == 0 or abs(new.value - old.value) <= SMALLEST * larger:
        return "within noise"
    is_up = new.value > old.value
    return "better" if is_up == (new.better == "higher") else "worse"


def bounds(measure: Measure) -> str:
    for bound, said in ((measure.goal, "goal met"), (measure.gate, "gate met")):
        if measure.meets(bound):
            return said
    return "" if measure.gate is None else "gate missed"


def lines(old: Mapping[str, Measure], new: Mapping[str, Measure]) -> Iterator[str]:
    for name in sorted(old.keys() | new.keys()):
        if name not in old or name not in new:
            yield f"{name:40} only in {'the old' if name in old else 'the new'} result"
            continue
        before, after = old[name], new[name]
        yield (
            f"{name:40} {before.value:>10.4g} -> {after.value:<10.4g} {after.unit:8} "
            f"{verdict(before, after):13} {bounds(after)}"
        ).rstrip()


def main(arguments: Sequence[str]) -> int:
    if len(arguments) != 2:
        sys.stderr.write("Name two results: python -m tests.benchmarks.compare OLD NEW\n")
        return 2
    old, new = (load(Path(argument)) for argument in arguments)
    sys.stdout.writelines(f"{line}\n" for line in lines(old, new))
    for argument in arguments:
        for name in broken(Path(argument)):
            sys.stdout.write(f"Broke in {argument}: {name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
