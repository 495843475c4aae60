"""One desk per file, across processes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bot.errors import AlreadyRunning, ConfigurationError
from bot.store.run_lock import Part, RunLock

HOLD = """
import sys
from pathlib import Path
from bot.store.run_lock import Part, RunLock
with RunLock(Path(sys.argv[1]), Part(sys.argv[2])):
    print("held", flush=True)
    sys.stdin.read()
"""


class Holder:
    """Another process that holds the lock until told or killed."""

    def __init__(self, database: Path, part: Part) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOLD, str(database), part],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "held\n"

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.mark.parametrize(
    ("held", "wanted"),
    [
        (Part.ALL, Part.ALL),
        (Part.ALL, Part.WEB),
        (Part.ALL, Part.WORKER),
        (Part.WEB, Part.ALL),
        (Part.WEB, Part.WEB),
        (Part.WORKER, Part.ALL),
        (Part.WORKER, Part.WORKER),
    ],
)
def test_a_second_desk_on_one_file_is_refused_with_who_runs(
    tmp_path: Path, held: Part, wanted: Part
) -> None:
    database = tmp_path / "desk.db"
    holder = Holder(database, held)
    try:
        with pytest.raises(AlreadyRunning) as caught, RunLock(database, wanted):
            pass
    finally:
        holder.kill()
    assert str(database) in str(caught.value)
    assert f"process {holder.process.pid}, which runs {held}" in str(caught.value)
    with RunLock(database, wanted):
        assert (tmp_path / "desk.db.lock").exists()


def test_web_and_worker_run_side_by_side(tmp_path: Path) -> None:
    database = tmp_path / "desk.db"
    web = Holder(database, Part.WEB)
    try:
        with RunLock(database, Part.WORKER):
            assert web.process.poll() is None
    finally:
        web.kill()


def test_a_lock_that_was_let_go_names_nobody(tmp_path: Path) -> None:
    database = tmp_path / "desk.db"
    with RunLock(database, Part.WEB):
        pass
    assert (tmp_path / "desk.db.lock").read_text(encoding="utf-8").strip() == ""


def test_a_folder_that_is_a_file_is_explained(tmp_path: Path) -> None:
    (tmp_path / "desk").write_text("", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="cannot be written"):
        RunLock(tmp_path / "desk" / "desk.db", Part.ALL).acquire()
