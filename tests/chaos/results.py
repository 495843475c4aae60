"""Results of slices as lines of JSON: appended one by one, so that sittings add up."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tests.chaos.book import Told
from tests.chaos.plan import Slice
from tests.chaos.stage import Played

KEPT_EVIDENCE = 5


@dataclass(frozen=True, slots=True)
class Result:
    """One slice. `broken` says why it could not be judged at all; it is run again."""

    form: str
    plan_seed: int
    name: str
    house: str
    network: str
    chat: str
    seed: int
    broken: str = ""
    items: int = 0
    approvals: int = 0
    unanswered: int = 0
    """Presses of people who never learned what became of them."""
    replies: int = 0
    deaths: int = 0
    at_point: dict[str, int] = field(default_factory=dict)
    missed: dict[str, int] = field(default_factory=dict)
    pauses: int = 0
    parked: int = 0
    repeated: int = 0
    left: int = 0
    faults: dict[str, int] = field(default_factory=dict)
    evidence: dict[str, list[str]] = field(default_factory=dict)
    back_after_ms: list[int] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def is_good(self) -> bool:
        return not (self.broken or self.faults or self.missed)


def result_of(form: str, plan_seed: int, slice_: Slice, played: Played) -> Result:
    toll, faults = played.toll, played.verdict.faults
    return Result(
        **_named(form, plan_seed, slice_),
        items=len(played.book.written),
        approvals=played.answered,
        unanswered=len(played.book.told(Told.NOTHING)),
        replies=played.replies,
        deaths=toll.deaths,
        at_point=dict(toll.at_point),
        missed=dict(toll.missed),
        pauses=toll.pauses,
        parked=len(played.verdict.parked),
        repeated=len(played.verdict.cards_repeated),
        left=len(played.verdict.cards_left),
        faults={name: len(said) for name, said in faults.items()},
        evidence={name: said[:KEPT_EVIDENCE] for name, said in faults.items()},
        back_after_ms=toll.back_after_ms,
        seconds=round(played.seconds, 1),
    )


def broken(form: str, plan_seed: int, slice_: Slice, why: str) -> Result:
    return Result(**_named(form, plan_seed, slice_), broken=why)


def _named(form: str, plan_seed: int, slice_: Slice) -> dict[str, Any]:
    return {
        "form": form,
        "plan_seed": plan_seed,
        "name": slice_.name,
        "house": slice_.house.value,
        "network": slice_.network.value,
        "chat": slice_.chat.value,
        "seed": slice_.seed,
    }


def append(path: Path, result: Result) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(result), ensure_ascii=False) + "\n")


def read(path: Path) -> list[Result]:
    """The last result of each slice; none when there is no such file."""
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").splitlines()
    found = [Result(**json.loads(line)) for line in lines if line]
    return list({(one.form, one.plan_seed, one.name): one for one in found}.values())


def left(slices: Sequence[Slice], done: Sequence[Result], form: str, seed: int) -> list[Slice]:
    """Slices of a plan that have no result yet, or were broken."""
    names = {
        one.name for one in done if (one.form, one.plan_seed) == (form, seed) and not one.broken
    }
    return [one for one in slices if one.name not in names]
