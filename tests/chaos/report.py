"""The sum of all results, as the table of docs/reliability.md.

python -m tests.chaos.report [FILE]
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from tests.chaos.plan import IGNORES_KEYS, Chat, House, Network
from tests.chaos.results import Result, read

DEFAULT = Path("chaos-results/full.jsonl")
TITLES: Mapping[House, str] = {
    House.SQLITE: "SQLite",
    House.POSTGRES: "PostgreSQL",
    House.FLEET: "PostgreSQL and Redis, one web and two workers",
}
FAULTS: Mapping[str, str] = {
    "lost": "items or approvals lost",
    "cards_missing": "cards missing",
    "cards_doubled": "duplicate cards, not marked",
    "cards_stale": "cards that show something older",
    "published_twice": "duplicate publications",
    "unapproved": "unapproved publications",
    "decided_twice": "approved by two people",
    "parked_in_silence": "parked without a word",
    "misbehaved": "requests that the chat refused",
}


def table(results: Sequence[Result]) -> str:
    """Markdown; a column for each house that was run."""
    houses = [house for house in House if any(one.house == house for one in results)]
    of = {house: [one for one in results if one.house == house] for house in houses}
    rows: list[tuple[str, Callable[[Sequence[Result]], str]]] = [
        ("named points x kills", _named_kills),
        ("random kills", _random_kills),
        ("paused past the lease and woken", lambda r: str(sum(one.pauses for one in r))),
        ("items", lambda r: str(sum(one.items for one in r))),
        ("acknowledged approvals", lambda r: str(sum(one.approvals for one in r))),
        ("replies published", lambda r: str(sum(one.replies for one in r))),
        *[(title, _faults(name)) for name, title in FAULTS.items()],
        ("parked, of approvals, on networks that ignore keys", lambda r: _parked(r, IGNORES_KEYS)),
        ("parked where there is neither key nor look", lambda r: _parked(r, {Network.NEITHER})),
        ("cards repeated, marked, in a chat that cannot be asked", _repeated),
        ("of all there, lost again, and as old as they were posted", _left),
        ("first webhook after a kill: median, p99, worst", _back),
    ]
    lines = [
        "| | " + " | ".join(TITLES[house] for house in houses) + " |",
        "|---|" + "---|" * len(houses),
    ]
    lines += [
        f"| {title} | " + " | ".join(say(of[h]) for h in houses) + " |" for title, say in rows
    ]
    return "\n".join(lines)


def _named_kills(results: Sequence[Result]) -> str:
    reached: Counter[str] = Counter()
    for one in results:
        reached.update(one.at_point)
    missed = sum(sum(one.missed.values()) for one in results)
    said = f"{len(reached)} points, {reached.total()} kills" if reached else "-"
    return f"{said}, {missed} not reached" if missed else said


def _random_kills(results: Sequence[Result]) -> str:
    return str(sum(r.deaths - sum(r.at_point.values()) - sum(r.missed.values()) for r in results))


def _faults(name: str) -> Callable[[Sequence[Result]], str]:
    return lambda results: str(sum(one.faults.get(name, 0) for one in results))


def _parked(results: Sequence[Result], networks: Iterable[Network]) -> str:
    there = [one for one in results if one.network in set(networks)]
    if not there:
        return "-"
    parked, approvals = sum(one.parked for one in there), sum(one.approvals for one in there)
    return f"{parked} of {approvals}"


def _repeated(results: Sequence[Result]) -> str:
    there = [one for one in results if one.chat == Chat.BLIND]
    return f"{sum(r.repeated for r in there)} of {sum(r.items for r in there)}" if there else "-"


def _left(results: Sequence[Result]) -> str:
    there = [one for one in results if one.chat == Chat.BLIND]
    return str(sum(r.left for r in there)) if there else "-"


def _back(results: Sequence[Result]) -> str:
    times = sorted(ms for one in results for ms in one.back_after_ms)
    if not times:
        return "-"
    median, p99 = times[len(times) // 2], times[min(len(times) - 1, len(times) * 99 // 100)]
    return f"{median / 1000:.1f} s, {p99 / 1000:.1f} s, {times[-1] / 1000:.1f} s"


def complaints(results: Iterable[Result]) -> list[str]:
    """What was found, with what is needed to see it again."""
    said = []
    for one in results:
        if one.is_good:
            continue
        found = one.broken or one.evidence or f"not reached: {one.missed}"
        said.append(f"{one.name} (seed {one.plan_seed}, {one.network}, {one.chat} chat): {found}")
    return said


def main() -> int:
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT
    results = read(path)
    if not results:
        sys.stdout.write(f"There are no results in {path}. Run `make chaos` first.\n")
        return 1
    sys.stdout.write(table(results) + "\n")
    found = complaints(results)
    sys.stdout.writelines(f"\n{line}\n" for line in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
