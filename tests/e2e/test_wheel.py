"""The wheel in a fresh environment: what people without a checkout get."""

import asyncio
import os
import re
import signal
import subprocess
import sys
import sysconfig
from pathlib import Path

import aiohttp
import pytest

from scripts.check_wheel import PACKAGES, build_wheel
from tests.patience import PATIENCE

BIN = "Scripts" if sys.platform == "win32" else "bin"
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")
STARTED = (".__main__", ".migrations.env")  # run when imported
IMPORT_EVERYTHING = f"""
import importlib, pathlib, pkgutil, sys
for package in {PACKAGES!r}:
    found = importlib.import_module(package)
    for module in pkgutil.walk_packages(found.__path__, package + "."):
        if not module.name.endswith({STARTED}):
            importlib.import_module(module.name)
    print(pathlib.Path(list(found.__path__)[0]).parent)
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel in it and our locked dependencies beside it, no checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    wheel = build_wheel(folder)
    environment = folder / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    python = environment / BIN / "python"
    paths = {"base": str(environment), "platbase": str(environment)}
    packages = Path(sysconfig.get_path("purelib", vars=paths))
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"]
    subprocess.run([*pip, "--no-deps", "--no-index", "--force-reinstall", str(wheel)], check=True)
    return environment


def test_every_module_of_the_wheel_imports_without_a_checkout(
    installed: Path, tmp_path: Path
) -> None:
    said = subprocess.run(
        [installed / BIN / "python", "-c", IMPORT_EVERYTHING],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert said.returncode == 0, said.stderr
    places = {Path(line) for line in said.stdout.splitlines()}
    assert all(place.is_relative_to(installed) for place in places)


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent as a signal")
async def test_the_wheel_runs_the_demo_and_stops_at_ctrl_c(installed: Path, tmp_path: Path) -> None:
    demo = await asyncio.create_subprocess_exec(
        installed / BIN / "replydesk",
        "demo",
        cwd=tmp_path,
        env={**os.environ, "BROWSER": "true"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        address = await asyncio.wait_for(_address_printed_by(demo), PATIENCE)
        timeout = aiohttp.ClientTimeout(total=5)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            async with session.get(f"{address}/healthz") as answer:
                assert answer.status == 200
            async with session.get(address) as page:
                assert page.status == 200
        demo.send_signal(signal.SIGINT)
        rest, _ = await asyncio.wait_for(demo.communicate(), PATIENCE)
    finally:
        if demo.returncode is None:
            demo.kill()
            await demo.wait()
    assert b"Traceback" not in rest
    assert demo.returncode in {0, 130}
    assert {path.name for path in tmp_path.iterdir()} == {".replydesk"}


async def _address_printed_by(demo: asyncio.subprocess.Process) -> str:
    assert demo.stdout is not None
    said = []
    async for line in demo.stdout:
        said.append(line.decode(errors="replace"))
        found = ADDRESS.search(said[-1])
        if found:
            return found.group()
    raise AssertionError(f"The demo ended without an address: {''.join(said)}")
