"""Random lives of the desk: whatever happens to it, it keeps its promises.

`make test-servers` goes through 48 of them and `make model` through 200, always the same ones, as
`make test-slow` does. `make model FULL=1` goes through 10,000
longer ones in slices, each with a seed of its own; a slice is gone through again with
`REPLYDESK_MODEL_SEED=<seed>`. A failure prints its life as a program, made as short as possible.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.chaos.kth_extent import IS_WHOLE
from tests.chaos.model import template
from tests.chaos.model.machine import DeskMachine

EXTENT = os.environ.get("REPLYDESK_MODEL") or ("whole" if IS_WHOLE else "sample")
IS_FULL = EXTENT == "full"
ONE = os.environ.get("REPLYDESK_MODEL_SEED")
SLICES = 40 if IS_FULL else 4
LIVES = {"full": 250, "whole": 50, "sample": 12}[EXTENT]
"""In each slice."""
STEPS = 40 if IS_FULL else 20
SEEDS = [int(ONE)] if ONE else list(range(SLICES))


@pytest.fixture
def file() -> Iterator[Path]:
    with template.folder() as place:
        yield Path(place) / "desk.db"


@pytest.mark.sampled
@pytest.mark.parametrize("slice_", SEEDS)
def test_whatever_happens_the_promises_hold(file: Path, slice_: int) -> None:
    machine = type("Desk", (DeskMachine,), {"file": file})
    run_state_machine_as_test(
        seed(slice_)(machine),
        settings=settings(
            max_examples=LIVES,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            derandomize=False,
            print_blob=False,
            suppress_health_check=list(HealthCheck),
        ),
    )
