"""What the benchmarks conclude from their numbers."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks.__main__ import BENCHMARKS
from tests.benchmarks.compare import lines, main, verdict
from tests.benchmarks.result import Better, Measure, load, percentile, save
from tests.e2e.process import ROOT


def measure(*rounds: float, better: Better = "higher", name: str = "accept.sqlite") -> Measure:
    return Measure(name, "accepted", "ratio", better, 0.6, 0.75, rounds)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (measure(0.5, 0.52, 0.51), measure(0.7, 0.72, 0.71), "better"),
        (measure(0.7, 0.72, 0.71), measure(0.5, 0.52, 0.51), "worse"),
        (measure(2.0, 2.2, better="lower"), measure(3.0, 3.2, better="lower"), "worse"),
        (measure(2.0, 2.2, better="lower"), measure(1.0, 1.2, better="lower"), "better"),
        (measure(0.5, 0.8), measure(0.7, 0.9), "within noise"),
        (measure(1.00, 1.01), measure(1.02, 1.03), "within noise"),
    ],
)
def test_a_difference_counts_only_when_no_round_overlaps_and_it_is_not_small(
    old: Measure, new: Measure, said: str
) -> None:
    assert verdict(old, new) == said


def test_a_bound_is_met_from_its_own_side() -> None:
    assert measure(0.6).meets(0.6) is True
    assert measure(0.59).meets(0.6) is False
    assert measure(2.0, better="lower").meets(2.0) is True
    assert measure(2.1, better="lower").meets(2.0) is False
    assert measure(1.0).meets(None) is None


def test_a_percentile_is_a_value_that_was_measured() -> None:
    hundred = [float(number) for number in range(1, 101)]
    assert percentile(hundred, 0.5) == 50
    assert percentile(hundred, 0.99) == 99
    assert percentile([7.0], 0.99) == 7
    assert percentile(list(reversed(hundred)), 1.0) == 100


def test_what_is_saved_is_compared_by_name(tmp_path: Path) -> None:
    save(tmp_path / "old.json", [measure(0.5), measure(0.5, name="gone")], {"machine": {}})
    save(tmp_path / "new.json", [measure(0.8), measure(0.8, name="fresh")], {"machine": {}})
    said = list(lines(load(tmp_path / "old.json"), load(tmp_path / "new.json")))
    assert len(said) == 3
    assert "better" in said[0]
    assert "goal met" in said[0]
    assert said[1].endswith("only in the new result")
    assert said[2].endswith("only in the old result")


def test_every_line_of_the_bench_stands_in_the_documentation() -> None:
    said = (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")
    assert [name for name in BENCHMARKS if f"| `{name}` |" not in said] == []


def test_a_line_that_broke_in_one_run_is_named_by_the_comparison(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    save(old, [measure(0.5), measure(5.0, name="drain.postgres")], {"broken": []})
    save(new, [measure(0.5)], {"broken": ["drain"]})
    assert main([str(old), str(new)]) == 0
    said = capsys.readouterr().out
    assert "drain.postgres" in said
    assert "only in the old result" in said
    assert f"Broke in {new}: drain" in said
