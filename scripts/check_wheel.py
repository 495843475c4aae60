"""Build the wheel and check that it is whole: every file of the packages, nothing else.

A page that names a stylesheet, a script or a picture that is not there is found here too, because
an installed console has no source tree to fall back to.
"""

import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("bot", "handlers", "integrations", "prompts")
NOT_SHIPPED = ("__pycache__", ".DS_Store")
STATIC_IN_PAGE = re.compile(r"""(?:src|href)\s*=\s*["'][^"'{}#?]*?\bstatic/([^"'{}#?]+)""")
IMPORT_IN_SCRIPT = re.compile(
    r"""^\s*(?:import|export)\s(?:[^"';]*?\sfrom\s+)?["'](\.[^"']+)["']""", re.MULTILINE
)


def files_of(root: Path, packages: Iterable[str] = PACKAGES) -> set[str]:
    """Every file that the packages under `root` must ship, as paths with forward slashes."""
    return {
        path.relative_to(root).as_posix()
        for package in packages
        for path in (root / package).rglob("*")
        if path.is_file() and not any(part in NOT_SHIPPED for part in path.parts)
    }


def contents_of(wheel: Path) -> set[str]:
    """What the wheel holds, without its own metadata."""
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if not name.endswith("/")}
    return {name for name in names if not PurePosixPath(name).parts[0].endswith(".dist-info")}


def differences(expected: set[str], shipped: set[str]) -> list[str]:
    missing = [f"not in the wheel: {name}" for name in sorted(expected - shipped)]
    foreign = [f"does not belong in the wheel: {name}" for name in sorted(shipped - expected)]
    return missing + foreign


def dangling_references(root: Path, shipped: set[str]) -> list[str]:
    """Pages and scripts among `shipped` that name a static file which is not there."""
    static = {name.split("/static/", 1)[1] for name in shipped if "/static/" in name}
    return [
        *(
            f"{page} names static/{name}, which does not exist"
            for page in sorted(shipped)
            if page.endswith((".html", ".html.j2", ".jinja"))
            for name in STATIC_IN_PAGE.findall(_text(root, page))
            if name not in static
        ),
        *(
            f"{script} imports {name}, which does not exist"
            for script in sorted(shipped)
            if script.endswith((".js", ".mjs"))
            for name in _imports_outside(root, script, shipped)
        ),
    ]


def _imports_outside(root: Path, script: str, shipped: set[str]) -> Iterator[str]:
    folder = (root / script).parent
    for name in IMPORT_IN_SCRIPT.findall(_text(root, script)):
        target = (folder / name).resolve()
        if not target.is_relative_to(root) or target.relative_to(root).as_posix() not in shipped:
            yield name


def _text(root: Path, name: str) -> str:
    return (root / name).read_text(encoding="utf-8")


def build_wheel(folder: Path) -> Path:
    """Build with the locked build tools, without asking any registry."""
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    made = subprocess.run(
        [*command, str(ROOT)], capture_output=True, text=True, timeout=300, check=False
    )
    if made.returncode != 0:
        raise SystemExit(f"The wheel cannot be built:\n{made.stdout}{made.stderr}")
    return next(folder.glob("*.whl"))


def main() -> int:
    expected = files_of(ROOT)
    with tempfile.TemporaryDirectory() as folder:
        shipped = contents_of(build_wheel(Path(folder)))
    found = differences(expected, shipped) + dangling_references(ROOT, expected)
    for sentence in found:
        print(sentence)
    if not found:
        print(f"The wheel is whole: {len(shipped)} files.")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
