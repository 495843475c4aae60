"""What tests of the command line get."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import logs
from tests.unit.cli_case import CONFIG, Desk


@pytest.fixture
def desk(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Desk]:
    """An empty folder to run commands in; logging is as before afterwards.

    A command is a process of its own, so it knows no secret of an earlier test.
    """
    monkeypatch.setattr(logs, "_REDACTOR", logs.Redactor())
    folder = tmp_path / "desk"
    folder.mkdir()
    monkeypatch.chdir(folder)
    handlers, level = list(logging.getLogger().handlers), logging.getLogger().level
    yield Desk(folder, capsys, monkeypatch)
    logging.getLogger().handlers[:] = handlers
    logging.getLogger().setLevel(level)


@pytest.fixture
def settled(desk: Desk) -> Desk:
    """A desk that was run before: members, an account, one comment of a fan."""
    desk.write(CONFIG)
    desk.settle()
    return desk
